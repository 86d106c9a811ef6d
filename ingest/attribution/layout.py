"""Speakers named by layout rather than by a verb: transcripts, headlines, signatures."""

from __future__ import annotations

from bisect import bisect_right

from ingest.attribution.document import AnnotatedText, Unit
from ingest.attribution.draft import MARKS, Draft, WordRun, trim
from ingest.attribution.phrases import Phrase, build_phrase, opening_name
from retrieval.english.verbs import Sort, verbs

_DASHES = frozenset("-–—―")

_WITNESSES = frozenset(
    "poll polls report reports study source sources police insiders expert experts survey officials official analyst "
    "analysts camp campaign lawyer lawyers aide aides minister spokesman spokeswoman scientists".split()
)

_MAX_SIGNATURE_WORDS = 12
"""Words of a signature at most."""

_MAX_LABEL_WORDS = 8
"""Words before the colon of a label at most."""

_NO_LABEL = frozenset(
    "update updated photo photos video videos watch read more related note editor live breaking exclusive opinion "
    "analysis review correction source by q a email subject date time where when what who why how".split()
)


def signature_draft(text: AnnotatedText, quote: WordRun) -> Draft | None:
    """The draft of a quotation that is signed with its speaker's name: "“…” — Mara Wendt"."""
    at = quote[1] + 1
    if at + 1 >= len(text.word) or text.word[at] not in _DASHES or text.quoted[at] >= 0:
        return None
    unit = text.unit_of(at)
    if unit.last > at + _MAX_SIGNATURE_WORDS or text.paragraph_of(at) - text.paragraph_of(quote[1]) > 1:
        return None
    phrase = opening_name(text, at + 1)
    if phrase is None or any(text.lower[k] in verbs() for k in range(phrase.last + 1, unit.last)):
        return None
    mention = text.span(phrase.first, phrase.last)
    return Draft(at + 1, Sort.SPEECH, [quote], mention=mention, phrase=phrase, rule="signed")


def label_drafts(text: AnnotatedText) -> list[Draft]:
    """Drafts of paragraphs that open with their speaker's name: "WENDT: The crane is safe."."""
    candidates: list[tuple[Phrase, Unit, int]] = []
    drafts = []
    last_paragraph = -1
    for unit in text.units:
        opens_paragraph, last_paragraph = unit.paragraph != last_paragraph, unit.paragraph
        first = unit.first + (text.word[unit.first] in MARKS)
        if not opens_paragraph or first >= unit.last:
            continue
        colon = next(
            (k for k in range(first + 1, min(unit.last, first + 1 + _MAX_LABEL_WORDS)) if text.word[k] == ":"), None
        )
        phrase = _label_phrase(text, first, colon - 1) if colon is not None else None
        if phrase is not None and colon is not None:
            candidates.append((phrase, unit, colon))
    names = [text.substring(phrase.first, phrase.last) for phrase, _, _ in candidates]
    # If any label occurs twice, the text is a transcript or interview, and all of them are labels.
    is_transcript = len(set(names)) < len(names)
    for (phrase, unit, colon), name in zip(candidates, names, strict=True):
        is_headline = unit.paragraph == 0
        is_in_capitals = name.isupper() and len(name) > 2
        if is_headline or is_in_capitals or is_transcript:
            end = unit.last if is_headline else _paragraph_end(text, unit)
            run = trim(text, colon + 1, end)
            if run is not None and run[1] > run[0] + 1:
                drafts.append(_label_draft(text, phrase, run))
    return drafts


def _label_draft(text: AnnotatedText, phrase: Phrase, run: WordRun) -> Draft:
    draft = Draft(phrase.last + 1, Sort.SPEECH, [run], phrase=phrase, rule="label", takes_quotation=False)
    draft.mention = text.span(phrase.first, phrase.last)
    draft.cue = text.span(phrase.last + 1, phrase.last + 1)
    return draft


def _label_phrase(text: AnnotatedText, first: int, last: int) -> Phrase | None:
    """The words before a colon as a phrase; None if they do not name somebody who speaks."""
    if any(text.quoted[k] >= 0 and not text.word[k].isupper() for k in range(first, last + 1)):
        return None
    words = [text.word[k] for k in range(first, last + 1)]
    looks_like_name = all(word[0].isupper() or word in (".", "of", "the", "for") for word in words)
    if not looks_like_name and text.lower[last] not in _WITNESSES:
        return None
    if text.lower[last] in _NO_LABEL or text.lower[first] in _NO_LABEL:
        return None
    return build_phrase(text, first, last, last, None)


def _paragraph_end(text: AnnotatedText, unit: Unit) -> int:
    """The last word of the paragraph that a unit belongs to."""
    units = text.units
    number = bisect_right(units, unit.first, key=lambda other: other.first)
    while number < len(units) and units[number].paragraph == unit.paragraph:
        number += 1
    return units[number - 1].last
