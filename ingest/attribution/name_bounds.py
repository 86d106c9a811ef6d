"""Where names begin and end in runs of capitalized words."""

from __future__ import annotations

from ingest.attribution.document import AnnotatedText
from retrieval.english.name_words import PARTICLES, TITLES


def name_start_after_office(text: AnnotatedText, first: int, last: int) -> int:
    """The first word of the name in a run of capitals: in "Secretary of State Mike Pompeo", State is not part of it."""
    of = first - 1 - (first > 1 and text.lower[first - 1] == "the")
    is_office = of > 0 and text.lower[of] == "of" and text.lower[of - 1] in TITLES
    return last - 1 if is_office and last - first > 1 else first


def name_run_end(text: AnnotatedText, at: int, total: int) -> int:
    """The last word of the run of capitalized words that begins at `at`, in a text of `total` words."""
    last = at
    while last + 1 < total and last - at < 9:
        following = last + 1
        if text.word[last].endswith(("'s", "’s")):
            break
        if text.is_capitalized(following):
            last = following
        elif text.lower[following] in PARTICLES and following + 1 < total and text.is_capitalized(following + 1):
            last = following + 1
        else:
            break
    return last
