"""Claims out of a model's JSON while it is still coming in: each as soon as its last brace is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from retrieval.proof.verifier import Draft, Support

_LONGEST = 200_000
"""Characters of a reply that are read."""

_ARRAY = re.compile(r'"claims"\s*:\s*\[|^\s*(?:```\w*\s*)?\[')
_BETWEEN = re.compile(r"[\s,]*")
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_decode = json.JSONDecoder(strict=False).raw_decode


class Drafts:
    """Reads a reply piece by piece. `complete`: the list of claims was closed; `heard`: any text has come."""

    def __init__(self) -> None:
        self._text = ""
        self._at: int | None = None
        self.complete = False

    @property
    def heard(self) -> str:
        """All that has come so far."""
        return self._text

    def feed(self, piece: str) -> Iterator[Draft]:
        """The claims that this piece completes, in order."""
        if self.complete or len(self._text) > _LONGEST:
            return
        self._text += piece
        if "}" not in piece and "]" not in piece:
            return
        if self._at is None:
            text = _THOUGHT.sub(lambda match: " " * len(match[0]), self._text)
            opened = _ARRAY.search(text)
            if opened is None:
                return
            self._at = opened.end()
        yield from self._completed()

    def _completed(self) -> Iterator[Draft]:
        while self._at is not None:
            gap = _BETWEEN.match(self._text, self._at)
            at = gap.end() if gap else self._at
            if self._text[at : at + 1] == "]":
                self.complete = True
                return
            try:
                value, self._at = _decode(self._text, at)
            except ValueError:
                return
            yield draft(value)


def draft(value: Any) -> Draft:
    """A claim as a model may have written it; what has another shape is a claim without text or support."""
    if not isinstance(value, dict):
        return Draft(value if isinstance(value, str) else "", ())
    given = value.get("evidence")
    found = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    supports = tuple(Support(str(one.get("key", "")), str(one.get("words", ""))) for one in found)
    return Draft(str(value.get("text", "")), supports)


def question_in(text: str) -> str | None:
    """The rewritten question of a reply; None where there is none."""
    bare = _THOUGHT.sub("", text)
    at = bare.find("{")
    try:
        value = _decode(bare, at)[0] if at >= 0 else None
    except ValueError:
        return None
    question = value.get("question") if isinstance(value, dict) else None
    return question if isinstance(question, str) else None
