"""Whether what a claim reports was said by whom it says, by the statement index and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from retrieval.english.calendar import WEEKDAYS
from retrieval.english.function_words import NAME_OPENERS
from retrieval.english.negations import negates
from retrieval.english.speaker_words import PHRASE_TITLES
from retrieval.english.verb_sets import CLAIM_REPORTS
from retrieval.proof.evidence import Evidence, Place, quoted_at
from retrieval.proof.reports import Saying, names, sayings
from retrieval.text import stems
from retrieval.text.person_names import proper_words, words_of
from retrieval.text.quote_marks import Marked, outside
from retrieval.text.stems import STOPWORDS
from retrieval.types import Kind, Span, Statement

_HIS = 0.8
"""Share of quoted words that must lie in a statement for them to be its speaker's."""

_TIGHT = 1.1
"""How many times longer than the shortest a statement may be that words belong to as well."""

_BEHIND = re.compile(
    r"\b(?:in|at|from|of|to|on|for|near|outside|after|before|with|about|over|against|by)\s+(?:the\s+)?$", re.I
)
_PASSIVE = re.compile(r"\b(?:was|were|is|are|been|being|be)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(he|she|they|we|i|it)\b(?:\s+\w+){0,2}\s*$", re.IGNORECASE)
_OWNED = re.compile(r"\b(?:his|her|its|their|our|my|your)\s", re.IGNORECASE)
_BEHIND_HEAD = re.compile(r"\b(?:for|of|from|at|in|with|on|to)\b", re.IGNORECASE)
"""What follows the noun of a role."""

_T = TypeVar("_T")
_LIGHT = STOPWORDS.union(
    WEEKDAYS,
    """reporters reporter journalists later earlier yesterday today statement interview conference court parliament
    meanwhile""".split(),
)

_INDEFINITE = frozenset("many some most others several few both all everybody everyone one people those these".split())
"""Words for somebody or other, who must be the article's as well."""

_REPORTING = CLAIM_REPORTS | {"according to"}
"""Words that report what somebody said, and hardly mean anything else."""


@dataclass(frozen=True, slots=True)
class _Named:
    """Whom a report names: known speakers, a name that is nobody's of these, or words for a role."""

    speakers: frozenset[str] = frozenset()
    name: tuple[str, ...] = ()
    role: frozenset[str] = frozenset()
    head: str = ""
    """The noun of the role: "spokesman" of "a spokesman for the port"."""
    unclear: bool = False
    unsaid: bool = False
    """That a report in the passive leaves out who speaks, as it may."""

    @property
    def somebody(self) -> bool:
        return bool(self.speakers or self.name or self.role)


def misattributed(
    offer: Evidence, claim: str, marked: Marked, places: Mapping[Span, Sequence[Place]], proofs: Sequence[Place]
) -> str | None:
    """Why the claim gives words to somebody whose they are not; None where it does not.

    `places`: where each quotation of the claim stands in the cited articles; `proofs`: the sentences it rests on.
    """
    articles = {place.article.id for place in proofs} | {one.article.id for found in places.values() for one in found}
    known = offer.speakers(articles)
    masked = outside(claim, marked)
    found, loose = sayings(claim, marked)
    for one in found:
        named = _subject(one, masked, known)
        if not (named.somebody or named.unclear or named.unsaid):
            loose += one.quoted
        for span in one.quoted:
            if reason := _quoted(offer, named, places[span], claim[span.start : span.end]):
                return reason
        reports = not one.quoted and masked[one.cue.start : one.cue.end].lower() in _REPORTING
        if reports and (reason := _reported(offer, named, _content(masked, one, found), proofs)):
            return reason
    for span in loose:
        first = _first_known(masked, Span(0, len(masked)), known, possessive=True)
        if first and not any(_is_his(offer, place, first) for place in places[span]):
            return f"the words “{_short(claim[span.start : span.end])}” are not said by whom the claim names"
    return None


def holders(offer: Evidence, place: Place) -> list[Statement]:
    """The statements that words belong to: those that hold most of them, and least besides."""
    held: dict[str, list[tuple[int, Statement]]] = {}
    for one in offer.said_at(place):
        held.setdefault(one.speaker, []).append((sum(_shared(content, place.span) for content in one.content), one))
    size = place.span.end - place.span.start
    found = [
        max(his, key=lambda part: part[0])[1]
        for his in held.values()
        if sum(inside for inside, _ in his) >= _HIS * size
    ]
    # "The paper reports that he said …": the words are his, and only what the paper reports is the paper's.
    direct = [one for one in found if one.kind in (Kind.DIRECT, Kind.MIXED)] or found
    return _tightest(direct)


def _tightest(found: Sequence[Statement]) -> list[Statement]:
    """Of statements one inside the other, the inner ones."""
    sizes = [sum(content.end - content.start for content in one.content) for one in found]
    return [one for one, its in zip(found, sizes, strict=True) if its <= _TIGHT * min(sizes)]


def _quoted(offer: Evidence, named: _Named, places: Sequence[Place], words_: str) -> str | None:
    if named.unclear:
        return "it does not name who speaks: name the speaker in each claim"
    if not named.somebody:
        return None
    marked = [place for place in places if quoted_at(place.article.text, place.span)]
    if not marked:
        return (
            f"the words “{_short(words_)}” are the article's own, not a quotation: report them without quotation marks"
        )
    for place in marked:
        for one in holders(offer, place):
            if _fits(offer, named, one):
                return None
    return f"the words “{_short(words_)}” are not said by whom the claim names"


def _reported(offer: Evidence, named: _Named, content: str, proofs: Sequence[Place]) -> str | None:
    """The same for what is reported in other words: the sentences that hold most of it must be that speaker's."""
    if named.unclear:
        return "it does not name who speaks: name the speaker in each claim"
    if not named.somebody:
        return None
    wanted = set(stems.content(content))
    best = _most(wanted, [(place.text, place) for place in proofs])
    said = [one for place in best for one in offer.said_at(place)]
    texts = {place.article.id: place.article.text for place in best}
    closest = _tightest(_most(wanted, [(one.quote(texts[one.article_id]), one) for one in said]))
    if any(_fits(offer, named, one) for one in closest):
        return None
    if not said and any(_stands_in(named, offer, place.text) for place in best):
        return None
    return "what it reports is not said by whom the claim names"


def _most(wanted: set[str], among: Sequence[tuple[str, _T]]) -> list[_T]:
    """Those whose text holds most of the words that are wanted."""
    scored = [(len(wanted & set(stems.stems(text))), one) for text, one in among]
    best = max((score for score, _ in scored), default=0)
    return [one for score, one in scored if score == best]


def _stands_in(named: _Named, offer: Evidence, text: str) -> bool:
    """Whether the sentence itself has the name, where the index knows no speaker for it."""
    there = set(words_of(text))
    if named.speakers:
        return any(offer.words_of_speaker(name) & there - PHRASE_TITLES for name in named.speakers)
    return set(named.name) <= there if named.name else bool(named.role & there)


def _fits(offer: Evidence, named: _Named, one: Statement) -> bool:
    if named.speakers:
        return one.speaker in named.speakers or offer.words_of_speaker(one.speaker) in {
            offer.words_of_speaker(name) for name in named.speakers
        }
    mention = one.mention.of(offer.texts[one.article_id]) if one.mention else ""
    his = set(words_of(" ".join([one.speaker, one.role or "", mention, *one.aliases])))
    if named.name:
        return set(named.name) <= his
    # "A party of councillors from Nottingham" is not whoever is called a Nottingham councillor.
    return bool(named.role) and 2 * len(named.role & his) >= len(named.role) and (not named.head or named.head in his)


def _is_his(offer: Evidence, place: Place, speakers: Collection[str]) -> bool:
    named = _Named(frozenset(speakers))
    return any(_fits(offer, named, one) for one in holders(offer, place))


def _subject(one: Saying, masked: str, known: Mapping[str, frozenset[str]]) -> _Named:
    region = one.subject
    text = masked[region.start : region.end]
    active = masked[one.cue.start : one.cue.end].endswith("ing")
    if region.end <= one.cue.start and not active and _PASSIVE.search(text):
        by = re.search(r"\bby\s", masked[one.cue.end :])
        if by is None:
            return _Named(unsaid=True)
        region = Span(one.cue.end + by.end(), max(len(masked), one.cue.end + by.end() + 1))
        text = masked[region.start : region.end]
    if first := _first_known(masked, region, known):
        return _Named(first)
    if leaning := _PRONOUN.search(text):
        stands = region.start + leaning.start()
        earlier = _first_known(masked, Span(0, stands), known, last=True) if stands else None
        return _Named(earlier or frozenset(), unclear=not earlier)
    for run, span, possessive in names(masked, region):
        bare = _bare(run)
        if bare and not possessive and not _BEHIND.search(masked[: span.start]):
            return _Named(name=bare)
    # Whose report "her report" is, the claim leaves open.
    if _OWNED.search(text) or any(map(negates, words_of(text))):
        return _Named(unclear=True)
    # "Wendt's lawyers" are lawyers, and not Wendt.
    owners = _owners(text)
    its = [word for word in words_of(text) if word not in owners]
    role = frozenset(word for word in its if word not in _LIGHT and len(word) > 2) or frozenset(its) & _INDEFINITE
    head = next((word for word in reversed(words_of(_BEHIND_HEAD.split(text, 1)[0])) if word in role), "")
    return _Named(role=role, head=head, unclear=bool(its) and not role)


def _first_known(
    masked: str, region: Span, known: Mapping[str, frozenset[str]], *, possessive: bool = False, last: bool = False
) -> frozenset[str]:
    """The known speakers whom the first name of a region that is one stands for (`last`: the last such name)."""
    out: frozenset[str] = frozenset()
    for run, span, owned in names(masked, region):
        if (owned and not possessive) or (not possessive and _BEHIND.search(masked[region.start : span.start])):
            continue
        bare = _bare(run)
        fitting = frozenset(name for name, its in known.items() if bare and set(bare) <= its - _owners(name))
        if fitting:
            out = fitting
            if not last:
                break
    return out


@lru_cache(maxsize=1_000)
def _owners(text: str) -> frozenset[str]:
    """The words of the names in a text that are possessive: "Wendt's lawyers" are not Wendt."""
    return frozenset(word for run, _, owned in names(text, Span(0, len(text))) if owned for word in words_of(run))


def _bare(run: str) -> tuple[str, ...]:
    """The words of a name proper, without titles and what begins a sentence ("US" and "IT" are no pronouns)."""
    parts = run.split()
    while parts and parts[0].lower() in NAME_OPENERS and (not parts[0].isupper() or len(parts[0]) == 1):
        parts = parts[1:]
    its = proper_words(" ".join(parts))
    return tuple(word for word in its if word not in PHRASE_TITLES) or its


def _content(masked: str, one: Saying, found: Sequence[Saying]) -> str:
    """What a report is about: the words after it up to the next report, or those before where none follow."""
    after = min((other.cue.start for other in found if other.cue.start > one.cue.start), default=len(masked))
    text = masked[one.cue.end : after]
    return text if len(stems.content(text)) > 2 else masked


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _short(quoted: str) -> str:
    return quoted if len(quoted) <= 60 else f"{quoted[:57]}…"
