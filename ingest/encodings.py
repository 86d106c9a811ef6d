"""The characters of a file whose encoding nobody has told."""

from __future__ import annotations

import codecs

from retrieval.errors import SourceError

_WESTERN = 0.05
"""Share of bytes past ASCII up to which an unlabelled old text is taken for Windows-1252, which web pages default to
(WHATWG Encoding Standard); guessing by statistics errs on texts with a few pound signs."""


def decode(data: bytes) -> str:
    """The text of some bytes. Raises SourceError where they are no text."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if not data.strip():
        raise SourceError("the file is empty")
    control = sum(data.count(byte) for byte in (*range(9), *range(14, 27), *range(28, 32)))
    if b"\0" in data[:4096] or control > len(data) / 100:
        raise SourceError("a binary file, not text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if sum(byte > 127 for byte in data[:100_000]) <= _WESTERN * min(len(data), 100_000):
        return data.decode("cp1252", "replace")
    import charset_normalizer

    best = charset_normalizer.from_bytes(data[:1_000_000]).best()
    if best is None:
        raise SourceError("the text's encoding is not known: save it as UTF-8")
    return data.decode(best.encoding, "replace")
