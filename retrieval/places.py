"""Where a chunk stands in the library: what the vector index knows it by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A chunk's article, version and position there. As a string, the id of its row in the vector index."""

    article_id: str
    version: str
    position: int

    def __str__(self) -> str:
        return f"{self.article_id}:{self.version}:{self.position}"

    @classmethod
    def parse(cls, row: str) -> Place:
        """The place that a row's id names."""
        article_id, version, position = row.split(":")
        return cls(article_id, version, int(position))
