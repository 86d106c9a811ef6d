"""A question in words to a Query: what is asked for, of whom, about what.

Questions are matched by their form; who is meant is settled by the speakers that the articles know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from retrieval.english.verb_sets import QUESTION_NOUNS, QUESTION_VERBS, pattern
from retrieval.errors import QuestionError
from retrieval.search.outlets import outlets
from retrieval.search.speakers import speakers_called
from retrieval.store.reader import Reader
from retrieval.text import stems
from retrieval.text.date_ranges import days_of
from retrieval.text.dates import without
from retrieval.text.person_names import kind_of
from retrieval.types import Intent, Query

LONGEST = 2_000
"""Characters of a question; Discord sends no more."""

_REMEMBERED = 300
"""Characters of an answer before that a follow-up leans on."""

_RECENT = 9
"""Days before that of asking whose reports are new to whoever asks: what a weekly question is about, and a margin."""

_DATED = 200
"""Chunks that are looked at to tell whether articles have dates."""

_SAY = rf"(?:{pattern(QUESTION_VERBS)})"
_NOUN = rf"(?:{pattern(QUESTION_NOUNS)})"
_ABOUT = r"(?:about|on|regarding|concerning|of|to|after|when|that|as|in|at|over|for)"
_SAID = (
    re.compile(
        rf"^(?:and |so |but )?(?:whats?|how|why|anything|something|everything)\b(?: else| exactly)?(?:'s|’s)?"
        rf"(?: did| does| do| has| have| had| was| is| that| by| from)* (?P<speaker>.{{2,80}}?)"
        rf"(?: quoted as| cited as| recently| ever| also| then| really| exactly| actually)* {_SAY}\b(?P<topic>.*)$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?:what (?:was|is|were|are)|what['’]s|how was|show(?: me)?|list|give(?: me)?|any|find)"
        rf"(?: all)?(?: of)?(?: the)? "
        rf"(?P<speaker>.{{2,80}}?)(?:['’]s?)? {_NOUN}\b(?P<topic>.*)$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?:.{{0,40}}\b)?{_NOUN} (?:by|from|of) (?P<speaker>.{{2,60}}?)(?P<topic>(?: {_ABOUT} .*)?)$", re.IGNORECASE
    ),
    re.compile(
        rf"^(?:any(?:thing)?|something|everything|news|quotes?|word) (?:from|by) "
        rf"(?P<speaker>.{{2,60}}?)(?P<topic>(?: {_ABOUT} .*)?)$",
        re.IGNORECASE,
    ),
)
_OPENED = (
    (
        re.compile(
            r"^(?!(?:what|whats|who|how|why|when|where|which|any|anything|is|are|do|does|did|news)\b)"
            r"(?P<speaker>[\w .'’-]{3,60}?) (?:on|about|re|regarding) (?P<topic>.+)$",
            re.IGNORECASE,
        ),
        True,
    ),
    (
        re.compile(
            r"^(?:and |so |but )?(?P<speaker>[\w .&'’-]{3,60}?)(?:,| [-–—]|:) (?:what|how|why)\b.*?\b(?:he|she|they)\b"
            rf"(?: {_SAY}| make of)?(?P<topic>.+)$",
            re.IGNORECASE,
        ),
        False,
    ),
)
"""Questions that open with somebody's name: "Norman Mineta on the delays", "Shotwell, what did she promise?"; and
whether by a name alone: who is asked after by a pronoun may be called by what he is."""

_SEVERAL = re.compile(r"\b(?:vs|versus|and|or)\b", re.IGNORECASE)

_WHO_SAID = re.compile(
    rf"^(?:and |so |but )?(?:who(?:ever|m)?|which (?:(?!\b(?:did|does|do|is|was|has|will)\b)[\w' -]){{2,60}}?"
    rf"|what (?:person|official|politician|[\w-]+ ?(?:minister|leader)))"
    rf"(?: was it that| is it that| has| have| had| also| first)* {_SAY}\b(?P<topic>.*)$",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"\b(?:latest|newest|most recent|any news|any update|so far|right now|currently|still|yet)\b", re.IGNORECASE
)
_PRONOUN = re.compile(
    r"\b(?:he|she|they|him|her|them|his|hers|theirs?|its?|these|those|(?:this|that|there|then)(?=\W*$|\W+(?:is|was|did|has|had|mean)\b))\b"
    r"|^(?:and|but|so|what about|how about)\b",
    re.IGNORECASE,
)
"""What leans on the question before it."""

_THROUGHOUT = re.compile(
    r"[\s,]*\b(?:(?:back )?then and (?:now|later)|(?:at )?first and later|before and after"
    r"|over (?:time|the years))\W*$",
    re.I,
)
"""What asks for changes over time: every answer to what somebody said goes from the oldest to the newest."""

_PERSON = re.compile(r"^(?:he|she|they|him|her)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question asked before, and what was answered."""

    question: str
    answer: str


def understand(base: Query, history: Sequence[Turn], db: Reader) -> Query:
    """The query that `base.text` asks for, its scopes, dates and sources kept.

    Raises QuestionError for a question that is empty or too long.
    """
    text = " ".join(base.text.split())
    if not any(char.isalnum() for char in text):
        raise QuestionError("the question is empty: ask something, such as: what did Kirby say?")
    if len(text) > LONGEST:
        raise QuestionError(f"the question has {len(text)} characters: ask in at most {LONGEST}")
    sources = base.sources or outlets(text, db)
    query = _dated(replace(base, text=text, context=_leans_on(text, history), sources=sources), db)
    plain = text.rstrip("?!. ")
    if who_said := _WHO_SAID.match(plain):
        return replace(query, intent=Intent.WHO_SAID, topic=_topic(who_said["topic"]))
    for form in _SAID:
        if (found := form.match(plain)) and (named := _named(found["speaker"], history, db)):
            return _said_by(query, found, named)
    for form, names_only in _OPENED:
        found = form.match(plain)
        speaker = found["speaker"] if found else ""
        named = speakers_called(speaker, db, names_only=names_only) if not _SEVERAL.search(speaker) else ()
        if found and named:
            return _said_by(query, found, named)
    return replace(query, intent=Intent.LATEST if _LATEST.search(text) else Intent.GENERAL)


def _said_by(query: Query, found: re.Match[str], named: tuple[str, ...]) -> Query:
    """The query for what these said, about what the form of the question holds."""
    speaker = found["speaker"].strip()
    # Days that the search is narrowed to are no topic besides.
    topic = without(found["topic"]) if query.since or query.until else found["topic"]
    return replace(query, intent=Intent.SAID, speaker=speaker, speakers=named, topic=_topic(topic))


def _dated(query: Query, db: Reader) -> Query:
    """The query narrowed to the days of whose reports it asks, or with the days that it names favoured.

    Days are narrowed to where any article is of them, or most have a date: in a library without dates they say nothing.
    Whoever says from which day he asks is taken to mean what was then new.
    """
    if query.since or query.until:
        return query
    now = query.now or datetime.now(UTC).date()
    days = days_of(query.text, now)
    if days is None:
        recent = (now - timedelta(days=_RECENT), now + timedelta(days=1)) if query.now else None
        return replace(query, favoured=recent)
    if days.reported:
        narrowed = replace(query, since=days.since, until=days.until)
        dated = db.selected(replace(query, since=date.min), _DATED)
        if db.selected(narrowed, 1) or len(dated) >= min(_DATED, db.counts()["chunks"] / 2):
            return narrowed
    return replace(query, favoured=(days.since or date.min, days.until or now))


def _topic(rest: str) -> str | None:
    rest = _THROUGHOUT.sub("", rest)
    topic = re.sub(rf"^[\s,:]*(?:{_ABOUT}\b)?", "", rest, flags=re.IGNORECASE).strip()
    return topic if stems.content(topic) else None


def _leans_on(text: str, history: Sequence[Turn]) -> str:
    """The words of the last turns, where the question cannot stand without them: a pronoun, or nothing of its own."""
    if not history or not (_PRONOUN.search(text) or len(stems.content(text)) < 2):
        return ""
    last = [turn for turn in history if turn.question or turn.answer][-2:]
    return " ".join(f"{turn.question} {turn.answer[:_REMEMBERED]}" for turn in last)[:LONGEST]


def _named(phrase: str, history: Sequence[Turn], db: Reader) -> tuple[str, ...]:
    """The speakers of the articles whom a phrase means; a pronoun is looked up in the conversation."""
    if not _PERSON.match(phrase.strip()):
        return speakers_called(phrase, db)
    for turn in reversed(history):
        for part in _names_in(f"{turn.answer} {turn.question}"):
            named = speakers_called(part, db, names_only=True)
            if any(kind_of(one) == "person" for one in named):
                return named
    return ()


def _names_in(text: str) -> list[str]:
    """What may be names of persons, those of several words first: of "Labour MP Oona King" also the last two."""
    parts = re.findall(r"[A-Z][\w'’-]+(?: (?:[A-Z][\w'’-]+))*", text)
    long = [part for part in parts if " " in part]
    return [*long, *(" ".join(part.split()[-2:]) for part in long if part.count(" ") > 1), *parts]
