"""A question to passages."""

from retrieval.search.hybrid import search, search_text

__all__ = ["search", "search_text"]
