"""A question in words to a Query: what is asked for, of whom, about what.

Questions are matched by their form; who is meant is settled by the speakers that the articles know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from retrieval import words
from retrieval.catalog import Reader
from retrieval.dates import days_of
from retrieval.directory import TITLES, kind_of, near, proper_words
from retrieval.errors import QuestionError
from retrieval.rows import words_of
from retrieval.types import Intent, Query

LONGEST = 2_000
"""Characters of a question; Discord sends no more."""

_REMEMBERED = 300
"""Characters of an answer before that a follow-up leans on."""

_RECENT = 9
"""Days before that of asking whose reports are new to whoever asks: what a weekly question is about, and a margin."""

_DATED = 200
"""Chunks that are looked at to tell whether articles have dates."""

_SAY = (
    r"(?:say|says|said|saying|tell|tells|told|claim|claims|claimed|think|thinks|thought|call|calls|called|state|states"
    r"|stated|announce|announces|announced|promise|promises|promised|argue|argues|argued|warn|warns|warned|respond"
    r"|responded|reply|replied|react|reacted|comment|commented|describe|described|suggest|suggested|explain|explained"
    r"|insist|insisted|demand|demanded|criticise|criticised|criticize|criticized|deny|denied|want|ask|asked|predict"
    r"|predicted|mention|mentioned|admit|admitted|add|added|write|wrote|vow|vowed|denies|disputes?|disputed|rejects?"
    r"|rejected|insists|explains|demands|suggests|admits|replies|responds|predicts|adds|writes|promises|vows)"
)
_NOUN = (
    r"(?:statements?|comments?|quotes?|remarks?|words|reaction|response|reply|opinion|view|views|take|stance|position"
    r"|message|explanation|verdict|line|claims?)"
)
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
    re.compile(
        r"^(?!(?:what|whats|who|how|why|when|where|which|any|anything|is|are|do|does|did|news)\b)"
        r"(?P<speaker>[\w .'’-]{3,60}?) (?:on|about|re|regarding) (?P<topic>.+)$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:and |so |but )?(?P<speaker>[\w .&'’-]{3,60}?)(?:,| [-–—]|:) (?:what|how|why)\b.*?\b(?:he|she|they)\b"
        rf"(?: {_SAY}| make of)?(?P<topic>.+)$",
        re.IGNORECASE,
    ),
)
"""Questions that open with somebody's name: "Norman Mineta on the delays", "Shotwell, what did she promise?"."""

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

_NAMESAKES = 100
"""Speakers taken into account where they share only a first name or a role: those who say most."""


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
    query = _dated(replace(base, text=text, context=_leans_on(text, history)), db)
    plain = text.rstrip("?!. ")
    who_said = _WHO_SAID.match(plain)
    if who_said:
        return replace(query, intent=Intent.WHO_SAID, topic=_topic(who_said["topic"]))
    for form in _SAID:
        found = form.match(plain)
        if found:
            named = _named(found["speaker"], history, db)
            if named:
                return replace(
                    query,
                    intent=Intent.SAID,
                    speaker=found["speaker"].strip(),
                    speakers=named,
                    topic=_topic(found["topic"]),
                )
    for form in _OPENED:
        found = form.match(plain)
        if (
            found
            and not _SEVERAL.search(found["speaker"])
            and (named := speakers_called(found["speaker"], db, names_only=True))
        ):
            return replace(
                query,
                intent=Intent.SAID,
                speaker=found["speaker"].strip(),
                speakers=named,
                topic=_topic(found["topic"]),
            )
    return replace(query, intent=Intent.LATEST if _LATEST.search(text) else Intent.GENERAL)


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
    return topic if words.content(topic) else None


def _leans_on(text: str, history: Sequence[Turn]) -> str:
    """The words of the last turns, where the question cannot stand without them: a pronoun, or nothing of its own."""
    if not history or not (_PRONOUN.search(text) or len(words.content(text)) < 2):
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


def speakers_called(phrase: str, db: Reader, *, names_only: bool = False) -> tuple[str, ...]:
    """Speakers whom a phrase names ("Kirby", "bob neill", "the North Korean official"), in alphabetical order.

    A last name stands for all its bearers; a longer name for those who bear all of it, or all that the articles give.
    """
    whose = re.split(r"['’]s (?=\S)", phrase)
    if len(whose) > 1 and set(words_of(whose[-1])) <= TITLES:
        # "Vindman's boss" is not Vindman, and who that is the articles tell in their own words.
        return ()
    asked = words_of(phrase)
    core = [word for word in asked if word not in TITLES] or asked
    if not core:
        return ()
    found = db.speakers_by_word([*core, *asked])
    if " " in phrase.strip() and (head := _head(phrase)) != phrase and (named := _bearing(words_of(head), found)):
        return _in_full(named, words_of(head), words_of(head), db)
    by_name: list[str] = []
    by_role: list[str] = []
    for speaker, fitting in found.items():
        own = words_of(speaker)
        proper = [word for word in own if word not in TITLES] or own
        if set(core) <= set(own) and (len(core) > 1 or core[0] == proper[-1] or len(proper) == 1):
            by_name.append(speaker)
        elif core[-1] == proper[-1] and set(proper) <= set(core):
            by_name.append(speaker)
        elif len(asked) > 1 and set(asked) - {"the", "a", "an", "of", "for"} <= fitting:
            by_role.append(speaker)
    if not by_name and len(core) == 1:
        # A first name may be that of thousands.
        by_name = db.foremost((speaker for speaker in found if core[0] in words_of(speaker)), _NAMESAKES)
    if not by_name and not by_role and core[-1].endswith("s") and phrase.rstrip().endswith("s"):
        # "Sturgeons reaction": an apostrophe that was not typed.
        return speakers_called(phrase.rstrip()[:-1], db, names_only=True)
    if (
        not names_only
        and all(kind_of(one) == "unnamed" for one in by_name)
        and (named := _bearing(_own(phrase), found))
    ):
        # "Lerach the Enron lawyer": the name goes before what he is called.
        return _in_full(named, [], [], db)
    if not by_name and not names_only:
        by_name = db.foremost(by_role, _NAMESAKES)
    return _in_full(by_name, core, asked, db)


def _head(phrase: str) -> str:
    """A phrase without what follows a name to tell whose it is: "Rob McIvor of the FSA", "Oza from Kotak"."""
    return re.split(r" (?:of|from|at|for) |, ", phrase.strip(), maxsplit=1)[0]


def _own(phrase: str) -> list[str]:
    """The words of a phrase for somebody without those that say whose he is: "SpaceX's Shotwell" is Shotwell."""
    return words_of(re.split(r"['’]s ", _head(phrase))[-1])


def _bearing(asked: Sequence[str], found: Mapping[str, set[str]]) -> list[str]:
    """Persons whose last name is one of the words asked for, those of whom most of the words are known."""
    fitting: dict[str, float] = {}
    for speaker, known in found.items():
        proper = proper_words(speaker)
        if kind_of(speaker) == "person" and proper and proper[-1] in set(asked) - TITLES - words.STOPWORDS:
            misspelt = sum(bool(near(word) & set(proper[:-1])) for word in asked if word not in known and len(word) > 3)
            fitting[speaker] = len(known & set(asked)) + 0.5 * misspelt
    most = max(fitting.values(), default=0)
    return [speaker for speaker, number in fitting.items() if number == most]


def _in_full(speakers: Sequence[str], core: Sequence[str], asked: Sequence[str], db: Reader) -> tuple[str, ...]:
    """All names of the persons whom these names stand for; of several, those who bear what was asked for."""
    if not speakers:
        return ()
    persons = db.persons(speakers)
    bearing = [one for one in persons if any(set(core) <= set(words_of(name)) for name in one.names)]
    if not set(core) <= TITLES:
        # "Gordon Brown's closest ally" bears the name and is somebody else.
        exact = [one for one in bearing if any(set(words_of(name)) == set(asked) for name in one.names)]
        bearing = [one for one in bearing if one.kind != "unnamed" or one in exact] or bearing
    return tuple(sorted({name for one in bearing or persons for name in one.names}))
