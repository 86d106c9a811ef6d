"""The characters of a text, made uniform."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f]")


def plain(raw: str) -> str:
    """Text without invisible characters, composed as Unicode's NFC, lines ended by a line feed and stripped."""
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    text = _INVISIBLE.sub("", text)
    return "\n".join(line.strip() for line in text.split("\n"))


def one_line(text: str | None) -> str:
    """A title or a name as it is kept."""
    return " ".join(plain(text or "").split())
