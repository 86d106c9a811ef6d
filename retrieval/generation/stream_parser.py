"""Parses claims from a model's JSON while it streams in: each claim as soon as its last brace has arrived."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from retrieval.proof.verifier import ProposedClaim, Support

_MAX_REPLY_CHARACTERS = 200_000
"""Maximum number of characters read of a reply."""

_ARRAY_START = re.compile(r'"claims"\s*:\s*\[|^\s*(?:```\w*\s*)?\[')
_SEPARATOR = re.compile(r"[\s,]*")
_REASONING = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_decode = json.JSONDecoder(strict=False).raw_decode


class ClaimParser:
    """Parses a reply piece by piece. `complete`: the list of claims has been closed."""

    def __init__(self) -> None:
        self._text = ""
        self._at: int | None = None
        self.complete = False

    @property
    def text(self) -> str:
        """All text that has arrived so far."""
        return self._text

    def feed(self, piece: str) -> Iterator[ProposedClaim]:
        """Yield the claims that this piece completes, in order."""
        if self.complete or len(self._text) > _MAX_REPLY_CHARACTERS:
            return
        self._text += piece
        if "}" not in piece and "]" not in piece:
            return
        if self._at is None:
            text = _REASONING.sub(lambda match: " " * len(match[0]), self._text)
            opened = _ARRAY_START.search(text)
            if opened is None:
                return
            self._at = opened.end()
        yield from self._parse_complete()

    def _parse_complete(self) -> Iterator[ProposedClaim]:
        while self._at is not None:
            gap = _SEPARATOR.match(self._text, self._at)
            at = gap.end() if gap else self._at
            if self._text[at : at + 1] == "]":
                self.complete = True
                return
            try:
                value, self._at = _decode(self._text, at)
            except ValueError:
                return
            yield parse_claim(value)


def parse_claim(value: Any) -> ProposedClaim:
    """A claim from a model's JSON value; a value of another shape becomes a claim without text or support."""
    if not isinstance(value, dict):
        return ProposedClaim(value if isinstance(value, str) else "", ())
    evidence = value.get("evidence")
    supports_given = (
        [support for support in evidence if isinstance(support, dict)] if isinstance(evidence, list) else []
    )
    supports = tuple(Support(str(support.get("key", "")), str(support.get("words", ""))) for support in supports_given)
    return ProposedClaim(str(value.get("text", "")), supports)


def parse_question(text: str) -> str | None:
    """The rewritten question in a reply; None where there is none."""
    bare = _REASONING.sub("", text)
    at = bare.find("{")
    try:
        value = _decode(bare, at)[0] if at >= 0 else None
    except ValueError:
        return None
    question = value.get("question") if isinstance(value, dict) else None
    return question if isinstance(question, str) else None
