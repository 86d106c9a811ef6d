"""Attribution: finds who said what in an article. May import `retrieval.english` and `retrieval`, no other room."""

from ingest.attribution.rules import attribute, attribute_all

__all__ = ["attribute", "attribute_all"]
