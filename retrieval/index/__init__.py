"""Chroma segments over the stored vectors."""
