"""Turns a question into a Query: what is asked for, about whose words, on what topic.

Questions are matched by their form; who is meant is decided by the speakers that the articles have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from retrieval.english.normal_form import plain_marks
from retrieval.english.verb_sets import QUESTION_NOUNS, QUESTION_VERBS, SPEECH_ALONE, STATEMENT_NOUNS, pattern
from retrieval.english.verbs import MENTAL_NOUNS, NOUNS, Sort, verbs
from retrieval.errors import QuestionError
from retrieval.search.outlets import outlets
from retrieval.search.search_limits import DATED_CHUNKS_SAMPLED, MAX_PREVIOUS_ANSWER_CHARACTERS, RECENT_DAYS
from retrieval.search.speakers import find_speakers
from retrieval.store.reader import CatalogReader
from retrieval.text import stems
from retrieval.text.date_ranges import find_date_range
from retrieval.text.dates import blank_dates
from retrieval.text.person_names import kind_of
from retrieval.types import Intent, Query

MAX_SPEAKER_CHARACTERS = 80
"""Maximum number of characters of a question, from the speaker on, in which the verb is looked for."""

_WORD = re.compile(r"[^\W\d_][\w'-]*")

MAX_QUESTION_CHARACTERS = 2_000
"""Maximum length of a question in characters; Discord sends no longer one."""

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
            rf"(?: (?:{pattern(frozenset(verbs()))})\b| make of)?(?P<topic>.*)$",
            re.IGNORECASE,
        ),
        False,
    ),
)
"""Questions that open with the speaker: "Norman Mineta on the delays", "Shotwell, what did she promise?". Each form
comes with whether the speaker must be called by name: where a pronoun refers back to them, a description will do."""

_ASKED = re.compile(
    r"^(?:and |so |but )?(?:whats?|how|why|anything|something|everything)\b(?: else| exactly)?(?:'s)?"
    r"(?: did| does| do| has| have| had| was| is| that| by| from)* (?P<rest>.+)$",
    re.IGNORECASE,
)
"""The beginning of a question for what somebody said, before the speaker and the verb."""

_ADVERBS = re.compile(
    r"(?: quoted as| cited as| recently| ever| also| then| really| exactly| actually| been| just| not)*$", re.IGNORECASE
)
_ON_TOPIC = re.compile(r"^ (?:about|regarding|concerning)\b", re.IGNORECASE)
_SPEECH_ABOUT = re.compile(
    rf"^(?:.{{0,40}}\b)?(?P<speaker>[^\W\d_][\w .&'-]{{1,60}}?)(?:'s?) (?:{pattern(NOUNS - MENTAL_NOUNS)})s?"
    r"(?P<topic> (?:about|regarding|concerning|that|on|over)\b.*)$",
    re.IGNORECASE,
)
"""A possessive before a noun of the lexicon: "Caldera's warning about the inquiry"."""

_STATEMENT_BY = re.compile(
    rf"^(?:.{{0,40}}\b)?(?:{pattern(STATEMENT_NOUNS)})s? (?:by|from) (?P<speaker>.{{2,60}}?)"
    rf"(?P<topic>(?: {_ABOUT} .*)?)$",
    re.IGNORECASE,
)
"""A noun for what was said before the speaker: "the warning by Caldera about the inquiry"."""

_WHO_SAYS = re.compile(
    r"^(?:and |so |but )?who(?:ever)?(?: has| have| had| also| first)* (?P<verb>[\w'-]+)"
    r"(?P<topic> (?:that|about|regarding|concerning)\b.*)$",
    re.IGNORECASE,
)
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
"""Words by which a question depends on the one before it."""

_THROUGHOUT = re.compile(
    r"[\s,]*\b(?:(?:back )?then and (?:now|later)|(?:at )?first and later|before and after"
    r"|over (?:time|the years))\W*$",
    re.I,
)
"""Words that ask for changes over time. They are no topic: statements are listed from the oldest to the newest anyway.
"""

_PERSON = re.compile(r"^(?:he|she|they|him|her)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Turn:
    """A previous question of a conversation, and its answer."""

    question: str
    answer: str


def understand(base: Query, history: Sequence[Turn], db: CatalogReader) -> Query:
    """The query that `base.text` asks for; scopes, and dates and sources where `base` has any, stay as they are.

    Raises QuestionError for a question that is empty or too long.
    """
    text = " ".join(base.text.split())
    if not any(char.isalnum() for char in text):
        raise QuestionError("the question is empty: ask something, such as: what did Kirby say?")
    if len(text) > MAX_QUESTION_CHARACTERS:
        raise QuestionError(f"the question has {len(text)} characters: ask in at most {MAX_QUESTION_CHARACTERS}")
    sources = base.sources or outlets(text, db)
    query = _with_days(replace(base, text=text, context=_context(text, history), sources=sources), db)
    plain = plain_marks(text).rstrip("?!. ")
    if who_said := _WHO_SAID.match(plain) or _who_says(plain):
        return replace(query, intent=Intent.WHO_SAID, topic=_topic(who_said["topic"]))
    for form in _SAID:
        if (match := form.match(plain)) and (names := _find_speakers(match["speaker"], history, db)):
            return _said_query(query, match["speaker"], match["topic"], names)
    for form, names_only in _OPENED:
        match = form.match(plain)
        speaker = match["speaker"] if match else ""
        names = find_speakers(speaker, db, names_only=names_only) if not _SEVERAL.search(speaker) else ()
        if match and names:
            return _said_query(query, speaker, match["topic"], names)
    for speaker, topic in _lexicon_readings(plain):
        if names := _find_speakers(speaker, history, db):
            return _said_query(query, speaker, topic, names)
    return replace(query, intent=Intent.LATEST if _LATEST.search(text) else Intent.GENERAL)


def _who_says(plain: str) -> re.Match[str] | None:
    """The match of a question such as "Who stressed that …?", by any verb of speech of the lexicon."""
    match = _WHO_SAYS.match(plain)
    return (
        match if match and any(entry.sort is Sort.SPEECH for entry in verbs().get(match["verb"].lower(), ())) else None
    )


def _lexicon_readings(plain: str) -> Iterator[tuple[str, str]]:
    """(speaker, topic) for each reporting verb or noun of the lexicon by which the question may ask for words.

    Most of these verbs are also actions ("What did the council veto in March?"). So a verb counts only before words
    such as "about", unless it hardly means anything but speech.
    """
    if asked := _ASKED.match(plain):
        rest = asked["rest"]
        for word in _WORD.finditer(rest, 2, MAX_SPEAKER_CHARACTERS):
            entries, topic = verbs().get(word[0].lower(), ()), rest[word.end() :]
            speech = any(entry.base in SPEECH_ALONE for entry in entries)
            if entries and (_ON_TOPIC.match(topic) or speech):
                yield _ADVERBS.sub("", rest[: word.start()].rstrip()), topic
    for form in (_SPEECH_ABOUT, _STATEMENT_BY):
        if noun := form.match(plain):
            yield noun["speaker"], noun["topic"]


def _said_query(query: Query, speaker: str, topic: str, names: tuple[str, ...]) -> Query:
    """The query for what the speakers of these names said, on the topic that the question's form has matched."""
    # Days that the search is narrowed to are not part of the topic.
    topic = blank_dates(topic) if query.since or query.until else topic
    return replace(query, intent=Intent.SAID, speaker=speaker.strip(), speakers=names, topic=_topic(topic))


def _with_days(query: Query, db: CatalogReader) -> Query:
    """The query narrowed to the days whose reports it asks for, or with the days that it names favoured.

    It is narrowed only where some article is of these days, or most articles have a date: in a library without dates,
    days tell nothing. Where it names no days but has the day on which it is asked, it is taken to mean what was new
    then.
    """
    if query.since or query.until:
        return query
    now = query.now or datetime.now(UTC).date()
    days = find_date_range(query.text, now)
    if days is None:
        recent = (now - timedelta(days=RECENT_DAYS), now + timedelta(days=1)) if query.now else None
        return replace(query, favoured=recent)
    if days.reported:
        narrowed = replace(query, since=days.since, until=days.until)
        dated = db.select_chunks(replace(query, since=date.min), DATED_CHUNKS_SAMPLED)
        if db.select_chunks(narrowed, 1) or len(dated) >= min(DATED_CHUNKS_SAMPLED, db.counts()["chunks"] / 2):
            return narrowed
    return replace(query, favoured=(days.since or date.min, days.until or now))


def _topic(rest: str) -> str | None:
    """The topic in the rest of a question; None where it has none."""
    rest = _THROUGHOUT.sub("", rest)
    topic = re.sub(rf"^[\s,:]*(?:{_ABOUT}\b)?", "", rest, flags=re.IGNORECASE).strip()
    return topic if stems.content_stems(topic) else None


def _context(text: str, history: Sequence[Turn]) -> str:
    """The words of the last turns where a question depends on them: it has a pronoun, or hardly a word of its own."""
    if not history or not (_PRONOUN.search(text) or len(stems.content_stems(text)) < 2):
        return ""
    last = [turn for turn in history if turn.question or turn.answer][-2:]
    return " ".join(f"{turn.question} {turn.answer[:MAX_PREVIOUS_ANSWER_CHARACTERS]}" for turn in last)[
        :MAX_QUESTION_CHARACTERS
    ]


def _find_speakers(phrase: str, history: Sequence[Turn], db: CatalogReader) -> tuple[str, ...]:
    """The names of the speakers whom a phrase means; whom a pronoun means is looked up in the conversation."""
    if not _PERSON.match(phrase.strip()):
        return find_speakers(phrase, db)
    for turn in reversed(history):
        for name in _possible_names(f"{turn.answer} {turn.question}"):
            names = find_speakers(name, db, names_only=True)
            if any(kind_of(speaker) == "person" for speaker in names):
                return names
    return ()


def _possible_names(text: str) -> list[str]:
    """Possible names of persons, those of several words first: of "Labour MP Oona King" also the last two words."""
    runs = re.findall(r"[A-Z][\w'’-]+(?: (?:[A-Z][\w'’-]+))*", text)
    long = [run for run in runs if " " in run]
    return [*long, *(" ".join(run.split()[-2:]) for run in long if run.count(" ") > 1), *runs]
