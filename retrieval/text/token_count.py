"""Counts the tokens of a text without network access: with tiktoken's table if it is on disk, else by an estimate.

tiktoken would download its tables at first use. Here a table is used only if it is in `TIKTOKEN_CACHE_DIR`. The
estimate counts one token for every seven letters of a word, one for every three digits, and one for each other
character and each letter outside ASCII: usually more than the tables do, so that a limit holds either way.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

log = logging.getLogger(__name__)

_ESTIMATED = re.compile(r"[A-Za-z]{1,7}|\d{1,3}|[^\sA-Za-z\d]")
_O200K = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""SHA-256 of the table o200k_base, used by models from gpt-4o on."""

_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_LETTERS = (f"{_UPPER}*{_LOWER}+", f"{_UPPER}+{_LOWER}*")
_PARTS = "|".join(
    [
        *(rf"[^\r\n\p{{L}}\p{{N}}]?{letters}(?i:'s|'t|'re|'ve|'m|'ll|'d)?" for letters in _LETTERS),
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
"""How o200k_base splits a text into parts before they are looked up in the table, as defined by tiktoken."""

_MAX_TABLE_BYTES = 10_000_000
"""Size limit in bytes: a file this large or larger is not a table."""

TokenCounter = Callable[[str], int]


def estimate_tokens(text: str) -> int:
    """Estimated number of tokens of a text."""
    return len(_ESTIMATED.findall(text))


@cache
def token_counter(folder: Path | None, sha256: str = _O200K) -> TokenCounter:
    """A function that counts tokens: tiktoken with the table in this folder that has the hash, or the estimate."""
    table = _load_table(folder, sha256) if folder else None
    if table is None:
        return estimate_tokens
    import tiktoken

    encoding = tiktoken.Encoding("o200k_base", pat_str=_PARTS, mergeable_ranks=_parse_ranks(table), special_tokens={})
    return lambda text: len(encoding.encode_ordinary(text))


def _load_table(folder: Path, sha256: str) -> bytes | None:
    """The content of the file in a folder that has the hash; None if there is none."""
    try:
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.stat().st_size < _MAX_TABLE_BYTES:
                table = path.read_bytes()
                if hashlib.sha256(table).hexdigest() == sha256:
                    return table
    except OSError as error:
        log.warning("TIKTOKEN_CACHE_DIR cannot be read (%s): tokens are estimated", type(error).__name__)
    return None


def _parse_ranks(table: bytes) -> dict[bytes, int]:
    """Parse a tiktoken table: one token in base64 and its rank per line. tiktoken's own reader would write a copy."""
    pairs = (line.split() for line in table.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


def count_last_within(texts: Sequence[str], limit: int, count: TokenCounter) -> int:
    """How many of the last texts have at most `limit` tokens together."""
    total = 0
    for number, text in enumerate(reversed(texts)):
        total += count(text)
        if total > limit:
            return number
    return len(texts)
