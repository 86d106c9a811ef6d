"""What changed from one version of an article to the next, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from retrieval.text.sentences import sentences

_MOST = 1_500
"""Words on one side of a changed run that are compared one by one; the time grows with their product."""

_SHORT = 2
"""Equal words between two changes that do not part them: "four" → "six" reads better with what stands between."""


@dataclass(frozen=True, slots=True)
class Change:
    """Words that were replaced: `before` is empty where words were put in, `after` where they were taken out."""

    before: str
    after: str


def changes(before: str, after: str) -> list[Change]:
    """The changed words in the order of the text, white space aside. Sentences are matched first, then their words."""
    old, new = _lines(before), _lines(after)
    out: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            out += _in_words(" ".join(old[a:b]).split(), " ".join(new[c:d]).split())
    return out


def _lines(text: str) -> list[str]:
    return [" ".join(span.of(text).split()) for span in sentences(text)]


def _in_words(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    if not old or not new or max(len(old), len(new)) > _MOST:
        yield Change(" ".join(old), " ".join(new))
        return
    runs: list[tuple[int, int, int, int]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if runs and a - runs[-1][1] <= _SHORT:
            runs[-1] = (runs[-1][0], b, runs[-1][2], d)
        else:
            runs.append((a, b, c, d))
    yield from (Change(" ".join(old[a:b]), " ".join(new[c:d])) for a, b, c, d in runs)
