"""Whether a quotation is real."""

from retrieval.quotes.checker import check

__all__ = ["check"]
