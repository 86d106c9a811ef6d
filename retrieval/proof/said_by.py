"""Checks that words which a claim attributes to a speaker are theirs, according to the statement index alone."""

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
from retrieval.proof.evidence import Evidence, Place, is_quoted
from retrieval.proof.reports import ReportedSpeech, find_names, find_reports
from retrieval.text import stems
from retrieval.text.person_names import proper_words, words_of
from retrieval.text.quote_marks import QuotedSpans, mask_quotations
from retrieval.text.stems import STOPWORDS
from retrieval.types import Kind, Span, Statement

_MIN_SPEAKER_SHARE = 0.8
"""Minimum share of a quotation's characters that must lie in a speaker's statements for the quotation to be theirs."""

_MAX_TIGHT_RATIO = 1.1
"""Maximum length of a statement that contains the words, as a multiple of the shortest such statement."""

_BEHIND = re.compile(
    r"\b(?:in|at|from|of|to|on|for|near|outside|after|before|with|about|over|against|by)\s+(?:the\s+)?$", re.I
)
_PASSIVE = re.compile(r"\b(?:was|were|is|are|been|being|be)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(he|she|they|we|i|it)\b(?:\s+\w+){0,2}\s*$", re.IGNORECASE)
_OWNED = re.compile(r"\b(?:his|her|its|their|our|my|your)\s", re.IGNORECASE)
_BEHIND_HEAD = re.compile(r"\b(?:for|of|from|at|in|with|on|to)\b", re.IGNORECASE)
"""Prepositions that follow the noun of a role."""

_T = TypeVar("_T")
_LIGHT = STOPWORDS.union(
    WEEKDAYS,
    """reporters reporter journalists later earlier yesterday today statement interview conference court parliament
    meanwhile""".split(),
)

_INDEFINITE = frozenset("many some most others several few both all everybody everyone one people those these".split())
"""Words for an indefinite speaker, which the article must use as well."""

_REPORTING = CLAIM_REPORTS | {"according to"}
"""Reporting words that have hardly any other meaning."""


@dataclass(frozen=True, slots=True)
class _NamedSpeaker:
    """The speaker that a report names: known speakers, an unknown name, or words for a role."""

    speakers: frozenset[str] = frozenset()
    name: tuple[str, ...] = ()
    role: frozenset[str] = frozenset()
    head: str = ""
    """The noun of the role: "spokesman" of "a spokesman for the port"."""
    unclear: bool = False
    omits_speaker: bool = False
    """Whether a report in the passive leaves out the speaker, which is allowed."""

    @property
    def has_speaker(self) -> bool:
        return bool(self.speakers or self.name or self.role)


def find_misattribution(
    evidence: Evidence, claim: str, marked: QuotedSpans, places: Mapping[Span, Sequence[Place]], proofs: Sequence[Place]
) -> str | None:
    """The reason why the claim attributes words to the wrong speaker; None if it does not.

    `places`: where each quotation of the claim is in the cited articles; `proofs`: the sentences it cites.
    """
    quoted_in = {place.article.id for among in places.values() for place in among}
    known = evidence.speakers({place.article.id for place in proofs} | quoted_in)
    masked = mask_quotations(claim, marked)
    reports, loose = find_reports(claim, marked)
    for report in reports:
        named = _find_speaker(report, masked, known)
        if not (named.has_speaker or named.unclear or named.omits_speaker):
            loose += report.quotations
        for span in report.quotations:
            if reason := _check_quotation(evidence, named, places[span], claim[span.start : span.end]):
                return reason
        if report.quotations or masked[report.cue.start : report.cue.end].lower() not in _REPORTING:
            continue
        if reason := _check_report(evidence, named, _report_content(masked, report, reports), proofs):
            return reason
    for span in loose:
        first = _first_known_speaker(masked, Span(0, len(masked)), known, possessive=True)
        if first and not any(_is_said_by(evidence, place, first) for place in places[span]):
            return f"the words “{shorten(claim[span.start : span.end])}” are not said by whom the claim names"
    return None


def statements_containing(evidence: Evidence, place: Place) -> list[Statement]:
    """The statements that words belong to: the shortest of those that contain most of the words, one per speaker."""
    by_speaker: dict[str, list[tuple[int, Statement]]] = {}
    for statement in evidence.statements_at(place):
        inside = sum(_shared_characters(content, place.span) for content in statement.content)
        by_speaker.setdefault(statement.speaker, []).append((inside, statement))
    size = place.span.end - place.span.start
    containing = [
        max(spoken, key=lambda part: part[0])[1]
        for spoken in by_speaker.values()
        if sum(inside for inside, _ in spoken) >= _MIN_SPEAKER_SHARE * size
    ]
    # "The paper reports that he said …": the quoted words are his, not the paper's.
    direct = [statement for statement in containing if statement.kind in (Kind.DIRECT, Kind.MIXED)] or containing
    return _innermost(direct)


def _innermost(statements: Sequence[Statement]) -> list[Statement]:
    """The inner ones of nested statements: those not much longer than the shortest."""
    sizes = [sum(content.end - content.start for content in statement.content) for statement in statements]
    return [
        statement for statement, size in zip(statements, sizes, strict=True) if size <= _MAX_TIGHT_RATIO * min(sizes)
    ]


def _check_quotation(evidence: Evidence, named: _NamedSpeaker, places: Sequence[Place], quotation: str) -> str | None:
    """The reason why a quotation at these places is not the named speaker's; None if it is."""
    if named.unclear:
        return "it does not name who speaks: name the speaker in each claim"
    if not named.has_speaker:
        return None
    marked = [place for place in places if is_quoted(place.article.text, place.span)]
    if not marked:
        words = f"the words “{shorten(quotation)}”"
        return f"{words} are the article's own, not a quotation: report them without quotation marks"
    for place in marked:
        if any(_matches_speaker(evidence, named, statement) for statement in statements_containing(evidence, place)):
            return None
    return f"the words “{shorten(quotation)}” are not said by whom the claim names"


def _check_report(evidence: Evidence, named: _NamedSpeaker, content: str, proofs: Sequence[Place]) -> str | None:
    """The reason why indirect speech is not the named speaker's; None if it is.

    The cited sentences with the most of its words must be that speaker's.
    """
    if named.unclear:
        return "it does not name who speaks: name the speaker in each claim"
    if not named.has_speaker:
        return None
    wanted = set(stems.content_stems(content))
    best = _best_matches(wanted, [(place.text, place) for place in proofs])
    statements = [statement for place in best for statement in evidence.statements_at(place)]
    texts = {place.article.id: place.article.text for place in best}
    quotes = [(statement.quote(texts[statement.article_id]), statement) for statement in statements]
    if any(_matches_speaker(evidence, named, statement) for statement in _innermost(_best_matches(wanted, quotes))):
        return None
    if not statements and any(_text_names_speaker(named, evidence, place.text) for place in best):
        return None
    return "what it reports is not said by whom the claim names"


def _best_matches(wanted: set[str], items: Sequence[tuple[str, _T]]) -> list[_T]:
    """The items whose text contains the most of the wanted stems."""
    scored = [(len(wanted & set(stems.stems(text))), item) for text, item in items]
    best = max((score for score, _ in scored), default=0)
    return [item for score, item in scored if score == best]


def _text_names_speaker(named: _NamedSpeaker, evidence: Evidence, text: str) -> bool:
    """Whether a sentence itself contains the named speaker, for sentences without a statement in the index."""
    words = set(words_of(text))
    if named.speakers:
        return any(evidence.words_of_speaker(name) & words - PHRASE_TITLES for name in named.speakers)
    return set(named.name) <= words if named.name else bool(named.role & words)


def _matches_speaker(evidence: Evidence, named: _NamedSpeaker, statement: Statement) -> bool:
    """Whether the named speaker is the statement's."""
    if named.speakers:
        return statement.speaker in named.speakers or evidence.words_of_speaker(statement.speaker) in {
            evidence.words_of_speaker(name) for name in named.speakers
        }
    mention = statement.mention.of(evidence.texts[statement.article_id]) if statement.mention else ""
    words = set(words_of(" ".join([statement.speaker, statement.role or "", mention, *statement.aliases])))
    if named.name:
        return set(named.name) <= words
    # "A party of councillors from Nottingham" is not the speaker called a Nottingham councillor.
    head_fits = not named.head or named.head in words
    return bool(named.role) and 2 * len(named.role & words) >= len(named.role) and head_fits


def _is_said_by(evidence: Evidence, place: Place, speakers: Collection[str]) -> bool:
    """Whether the words at a place belong to one of these speakers."""
    named = _NamedSpeaker(frozenset(speakers))
    return any(_matches_speaker(evidence, named, statement) for statement in statements_containing(evidence, place))


def _find_speaker(report: ReportedSpeech, masked: str, known: Mapping[str, frozenset[str]]) -> _NamedSpeaker:
    """The speaker that a report names."""
    region, cue = report.subject, report.cue
    text = masked[region.start : region.end]
    active = masked[cue.start : cue.end].endswith("ing")
    if region.end <= cue.start and not active and _PASSIVE.search(text):
        by = re.search(r"\bby\s", masked[cue.end :])
        if by is None:
            return _NamedSpeaker(omits_speaker=True)
        region = Span(cue.end + by.end(), max(len(masked), cue.end + by.end() + 1))
        text = masked[region.start : region.end]
    if first := _first_known_speaker(masked, region, known):
        return _NamedSpeaker(first)
    if pronoun := _PRONOUN.search(text):
        start = region.start + pronoun.start()
        earlier = _first_known_speaker(masked, Span(0, start), known, last=True) if start else None
        return _NamedSpeaker(earlier or frozenset(), unclear=not earlier)
    for run, span, possessive in find_names(masked, region):
        bare = _strip_titles(run)
        if bare and not possessive and not _BEHIND.search(masked[: span.start]):
            return _NamedSpeaker(name=bare)
    # "Her report said" leaves open whose report it is.
    if _OWNED.search(text) or any(map(negates, words_of(text))):
        return _NamedSpeaker(unclear=True)
    # "Wendt's lawyers" are lawyers, not Wendt.
    owners = _possessive_words(text)
    words = [word for word in words_of(text) if word not in owners]
    role = frozenset(word for word in words if word not in _LIGHT and len(word) > 2) or frozenset(words) & _INDEFINITE
    head = next((word for word in reversed(words_of(_BEHIND_HEAD.split(text, 1)[0])) if word in role), "")
    return _NamedSpeaker(role=role, head=head, unclear=bool(words) and not role)


def _first_known_speaker(
    masked: str, region: Span, known: Mapping[str, frozenset[str]], *, possessive: bool = False, last: bool = False
) -> frozenset[str]:
    """The known speakers that the first (`last`: the last) speaker's name in a region may stand for."""
    out: frozenset[str] = frozenset()
    for run, span, owned in find_names(masked, region):
        if (owned and not possessive) or (not possessive and _BEHIND.search(masked[region.start : span.start])):
            continue
        bare = _strip_titles(run)
        fitting = frozenset(
            name for name, words in known.items() if bare and set(bare) <= words - _possessive_words(name)
        )
        if fitting:
            out = fitting
            if not last:
                break
    return out


@lru_cache(maxsize=1_000)
def _possessive_words(text: str) -> frozenset[str]:
    """The words of the possessive names in a text: "Wendt's lawyers" are not Wendt."""
    return frozenset(word for run, _, owned in find_names(text, Span(0, len(text))) if owned for word in words_of(run))


def _strip_titles(run: str) -> tuple[str, ...]:
    """The words of a name without titles and words that begin a sentence ("US" and "IT" are not pronouns)."""
    parts = run.split()
    while parts and parts[0].lower() in NAME_OPENERS and (not parts[0].isupper() or len(parts[0]) == 1):
        parts = parts[1:]
    words = proper_words(" ".join(parts))
    return tuple(word for word in words if word not in PHRASE_TITLES) or words


def _report_content(masked: str, report: ReportedSpeech, reports: Sequence[ReportedSpeech]) -> str:
    """The words that a report is about: those up to the next report, or the whole claim if these are too few."""
    after = min((other.cue.start for other in reports if other.cue.start > report.cue.start), default=len(masked))
    text = masked[report.cue.end : after]
    return text if len(stems.content_stems(text)) > 2 else masked


def _shared_characters(first: Span, second: Span) -> int:
    """Number of characters that two spans share."""
    return max(0, min(first.end, second.end) - max(first.start, second.start))


def shorten(quoted: str) -> str:
    """A text cut to 60 characters for a message."""
    return quoted if len(quoted) <= 60 else f"{quoted[:57]}…"
