"""How many tokens a text is, without asking anybody: by tiktoken's table where it is on disk, else by an estimate.

tiktoken would fetch its tables over the network at first use. Here a table is only used where `TIKTOKEN_CACHE_DIR` has
it. The estimate counts a token for every seven letters of a word, one for every three digits, and one for each other
sign or letter outside of ASCII: rather more than the tables do, so that a limit holds either way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

_ESTIMATED = re.compile(r"[A-Za-z]{1,7}|\d{1,3}|[^\sA-Za-z\d]")
_O200K = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""SHA-256 of the table o200k_base, which the models from gpt-4o on use."""

_PARTS = r"""[^\r\n\p{L}\p{N}]?\p{L}+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"""
_PARTS += r"""|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
"""How a text is cut before its parts are looked up: near enough for counting."""

Counter = Callable[[str], int]


def estimate(text: str) -> int:
    """Tokens of a text, by its words and signs."""
    return len(_ESTIMATED.findall(text))


@cache
def counter(folder: Path | None) -> Counter:
    """What counts tokens: tiktoken with a table of this folder, or the estimate."""
    found = _table(folder) if folder else None
    if found is None:
        return estimate
    import tiktoken
    from tiktoken.load import load_tiktoken_bpe

    encoding = tiktoken.Encoding(
        "o200k_base", pat_str=_PARTS, mergeable_ranks=load_tiktoken_bpe(str(found)), special_tokens={}
    )
    return lambda text: len(encoding.encode_ordinary(text))


def _table(folder: Path) -> Path | None:
    if not folder.is_dir():
        return None
    for path in sorted(folder.iterdir()):
        if path.is_file() and 1_000_000 < path.stat().st_size < 10_000_000:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == _O200K:
                    return path
    return None


def last_within(texts: Sequence[str], limit: int, count: Counter) -> int:
    """How many of the last texts are together at most `limit` tokens."""
    spent = 0
    for number, text in enumerate(reversed(texts)):
        spent += count(text)
        if spent > limit:
            return number
    return len(texts)
