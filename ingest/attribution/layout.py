"""Speakers named beside their words by layout alone: transcripts, headlines, signatures."""

from __future__ import annotations

from bisect import bisect_right

from ingest.attribution.document import Reading, Unit
from ingest.attribution.draft import MARKS, Draft, Run, trimmed
from ingest.attribution.phrases import Phrase, described, opening_name
from retrieval.english.verbs import Sort, verbs

_DASHES = frozenset("-–—―")

_WITNESSES = frozenset(
    "poll polls report reports study source sources police insiders expert experts survey officials official analyst "
    "analysts camp campaign lawyer lawyers aide aides minister spokesman spokeswoman scientists".split()
)

_NO_LABEL = frozenset(
    "update updated photo photos video videos watch read more related note editor live breaking exclusive opinion "
    "analysis review correction source by q a email subject date time where when what who why how".split()
)


def signed(reading: Reading, quote: Run) -> Draft | None:
    """ "“…” — Mara Wendt": a quotation with its speaker's name after a dash, to the end of the line."""
    at = quote[1] + 1
    if at + 1 >= len(reading.word) or reading.word[at] not in _DASHES or reading.quoted[at] >= 0:
        return None
    unit = reading.unit_of(at)
    end = min(unit.last, at + 12)
    if unit.last > end or reading.paragraph_of(at) - reading.paragraph_of(quote[1]) > 1:
        return None
    phrase = opening_name(reading, at + 1)
    if phrase is None or any(reading.low[k] in verbs() for k in range(phrase.last + 1, unit.last)):
        return None
    mention = reading.span(phrase.first, phrase.last)
    return Draft(at + 1, Sort.SPEECH, [quote], mention=mention, phrase=phrase, rule="signed")


def labels(reading: Reading) -> list[Draft]:
    """ "WENDT: The crane is safe.": transcripts, interviews, and headlines that open with who speaks."""
    found: list[tuple[Phrase, Unit, int]] = []
    out = []
    seen = -1
    for unit in reading.units:
        opens, seen = unit.paragraph != seen, unit.paragraph
        first = unit.first + (reading.word[unit.first] in MARKS)
        if not opens or first >= unit.last:
            continue
        colon = next((k for k in range(first + 1, min(unit.last, first + 9)) if reading.word[k] == ":"), None)
        phrase = _label(reading, first, colon - 1) if colon is not None else None
        if phrase is not None and colon is not None:
            found.append((phrase, unit, colon))
    names = [reading.words(phrase.first, phrase.last) for phrase, _, _ in found]
    # Where one label comes again, the text is a talk, and the others are labels too.
    talk = len(set(names)) < len(names)
    for (phrase, unit, colon), name in zip(found, names, strict=True):
        headline = unit.paragraph == 0
        shouted = name.isupper() and len(name) > 2
        if headline or shouted or talk:
            end = unit.last if headline else _paragraph_end(reading, unit)
            run = trimmed(reading, colon + 1, end)
            if run is not None and run[1] > run[0] + 1:
                out.append(_labelled(reading, phrase, run))
    return out


def _labelled(reading: Reading, phrase: Phrase, run: Run) -> Draft:
    draft = Draft(phrase.last + 1, Sort.SPEECH, [run], phrase=phrase, rule="label", takes_quotation=False)
    draft.mention = reading.span(phrase.first, phrase.last)
    draft.cue = reading.span(phrase.last + 1, phrase.last + 1)
    return draft


def _label(reading: Reading, first: int, last: int) -> Phrase | None:
    if any(reading.quoted[k] >= 0 and not reading.word[k].isupper() for k in range(first, last + 1)):
        return None
    words = [reading.word[k] for k in range(first, last + 1)]
    named = all(word[0].isupper() or word in (".", "of", "the", "for") for word in words)
    if not named and reading.low[last] not in _WITNESSES:
        return None
    if reading.low[last] in _NO_LABEL or reading.low[first] in _NO_LABEL:
        return None
    return described(reading, first, last, last, None)


def _paragraph_end(reading: Reading, unit: Unit) -> int:
    units = reading.units
    number = bisect_right(units, unit.first, key=lambda one: one.first)
    while number < len(units) and units[number].paragraph == unit.paragraph:
        number += 1
    return units[number - 1].last
