"""Checks whether a quotation is real, and whose words it is."""

from retrieval.quotes.checker import check

__all__ = ["check"]
