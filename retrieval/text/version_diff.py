"""The changed words between two versions of an article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from retrieval.text.sentences import sentences

_MAX_COMPARED_WORDS = 1_500
"""Maximum number of words on either side of a changed run that is compared word by word; the time grows with the
product of both sides."""

_MAX_MERGED_GAP = 2
"""Maximum number of equal words between two changes that are shown as one, which reads better."""


@dataclass(frozen=True, slots=True)
class Change:
    """Replaced words: `before` is empty if words were inserted, `after` if they were removed."""

    before: str
    after: str


def find_changes(before: str, after: str) -> list[Change]:
    """The changed words in the order of the text, ignoring white space. Sentences are matched first, then words."""
    old, new = _sentence_texts(before), _sentence_texts(after)
    out: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            out += _word_changes(" ".join(old[a:b]).split(), " ".join(new[c:d]).split())
    return out


def _sentence_texts(text: str) -> list[str]:
    """The sentences of a text with single spaces."""
    return [" ".join(span.of(text).split()) for span in sentences(text)]


def _word_changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """The changes from one run of words to another."""
    if not old or not new or max(len(old), len(new)) > _MAX_COMPARED_WORDS:
        yield Change(" ".join(old), " ".join(new))
        return
    runs: list[tuple[int, int, int, int]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if runs and a - runs[-1][1] <= _MAX_MERGED_GAP:
            runs[-1] = (runs[-1][0], b, runs[-1][2], d)
        else:
            runs.append((a, b, c, d))
    yield from (Change(" ".join(old[a:b]), " ".join(new[c:d])) for a, b, c, d in runs)
