"""Embeddings, the reranker and what runs them."""
