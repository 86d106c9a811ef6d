"""The vocabulary: each fact about English in one place."""
