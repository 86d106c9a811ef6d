"""Who said what: an article to its statements."""

from ingest.attribution.rules import attribute, attribute_all

__all__ = ["attribute", "attribute_all"]
