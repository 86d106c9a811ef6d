"""The vector index: Chroma segments built from the vectors in the catalog."""
