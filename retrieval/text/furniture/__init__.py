"""Which lines are furniture: what sites set around the paragraphs of a story. It imports nothing but word lists."""

from retrieval.text.furniture.judge import (
    furniture,
    is_about_author,
    is_caption,
    is_credit,
    is_list_label,
    is_sentence,
    leads_elsewhere,
)
from retrieval.text.furniture.kinds import FurnitureKind

__all__ = [
    "FurnitureKind",
    "furniture",
    "is_about_author",
    "is_caption",
    "is_credit",
    "is_list_label",
    "is_sentence",
    "leads_elsewhere",
]
