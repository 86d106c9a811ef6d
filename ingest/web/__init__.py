"""HTTP; the only code that opens outside addresses."""

from ingest.web.fetcher import Fetcher

__all__ = ["Fetcher"]
