"""The only maker of citations, and the judge of what a model writes.

A claim stands where every word of it that can be checked is: each of its supports is found in the passage that it names
and becomes a citation of the whole sentence; its quotations are an article's, said by whom it says; its numbers, dates
and names are those of its evidence. One that does not hold is refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.english.negations import negates
from retrieval.errors import CitationError, SpanError
from retrieval.proof.evidence import Evidence, EvidencePassage, Place, before, headings, whole_sentences
from retrieval.proof.grounding import ungrounded
from retrieval.proof.injection import is_list, is_unsafe, is_unsayable
from retrieval.proof.names import holding, unnamed
from retrieval.proof.said_by import misattributed
from retrieval.text.dates import undated, without
from retrieval.text.normalize import words_alone
from retrieval.text.numbers import unproven
from retrieval.text.quote_marks import HIDDEN, Marked, outside, quotations
from retrieval.types import Article, Citation, Span

_LONGEST = 600
"""Characters of a claim."""

_LEAST = 3
"""Words of a support, below which it must be a whole sentence: less stands anywhere."""

_MOST = 4
"""Sentences that one support may reach over."""

_BACK = 3
"""Sentences before a cited one among which the name that its pronoun stands for is looked for."""

_REFERENCE = re.compile(r"\s*(?:\[([^\[\]]{0,60})\]|【([^【】]{0,60})】|\((?:keys?|sources?):?([^()]{0,60})\))")
_LEANS = re.compile(r"(?i)\b(?:he|she|it|they|his|her|its|their|him|them|this|these|who)\b|^\W*the\s")
_EDGES = " \t\n,.;:…"


class ClaimRefused(Exception):
    """A claim that does not hold: `kind` (one word) and the reason, as it is told to the model and the operator."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Support:
    """The words of a passage, by its key, that a claim rests on."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class ProposedClaim:
    """A claim as a model wrote it."""

    text: str
    supports: tuple[Support, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A sentence that carries a claim, and whose words it reports by the statement index."""

    place: Place
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Proven:
    """A claim that holds, with its proofs in the order of its supports; its quotations are as the article has them."""

    text: str
    proofs: tuple[Proof, ...]


def cite(article: Article, span: Span, number: int, speaker: str | None = None) -> Citation:
    """Proof that `span` of the article reads as it does. Raises CitationError where it lies outside or is blank."""
    try:
        excerpt = span.of(article.text)
    except SpanError as error:
        raise CitationError(f"article {article.id} has no span {span.start}..{span.end}") from error
    if not excerpt.strip():
        raise CitationError(f"article {article.id} has nothing at {span.start}..{span.end}")
    return Citation(article, span, number, excerpt, speaker)


def verify(draft: ProposedClaim, offer: Evidence) -> Proven:
    """The claim with its proofs. Raises Refused where any of it does not hold."""
    claim = _sayable(draft.text, offer)
    marked = quotations(claim)
    if marked.unclosed:
        raise ClaimRefused("quote", "a quotation mark is not closed")
    proofs = _supported(draft, offer)
    places = {span: _stands(offer, claim[span.start : span.end], proofs) for span in marked.inner}
    for span, among in places.items():
        _uncut(claim, span, among)
    if reason := misattributed(offer, claim, marked, places, proofs):
        raise ClaimRefused("speaker", reason)
    proofs = _with_quotations(proofs, places)
    proofs = _checked(offer, claim, marked, proofs)
    proven = tuple(Proof(place, _speaker(offer, place)) for place in proofs)
    return Proven(_as_printed(claim, marked, places), proven)


def _sayable(text: str, offer: Evidence) -> str:
    """The claim in one line, without references to its evidence. Raises Refused for what no answer may say."""
    if is_list(text):
        raise ClaimRefused("order", "it is written as a list or with headings")
    claim = " ".join(_REFERENCE.sub(lambda match: _unreferred(match, offer), text).split())
    if not any(char.isalpha() for char in claim):
        raise ClaimRefused("form", "it says nothing")
    if len(claim) > _LONGEST:
        raise ClaimRefused("form", f"it is longer than {_LONGEST} characters: write shorter claims")
    if any(word in offer.by_key for word in re.findall(r"\w+", claim.lower())):
        raise ClaimRefused("key", "it shows a key: keys are never part of the text")
    if reason := is_unsayable(claim):
        raise ClaimRefused("order", reason)
    if offer.repeats(claim):
        raise ClaimRefused("order", "it repeats what the model was told")
    return claim


def _unreferred(match: re.Match[str], offer: Evidence) -> str:
    """Nothing in the place of a reference to evidence; brackets with words of their own stay."""
    words = re.findall(r"\w+", next(group for group in match.groups() if group is not None))
    return "" if all(word.isdigit() or word.lower() in offer.by_key for word in words) else match[0]


def _supported(draft: ProposedClaim, offer: Evidence) -> list[Place]:
    """The sentences of the supports. Raises Refused where a key was not given or its words do not stand there."""
    if not draft.supports:
        raise ClaimRefused("key", "it names no passage: give a key and the words it rests on")
    out: dict[tuple[str, Span], Place] = {}
    for support in draft.supports:
        passage = offer.by_key.get(support.key.strip())
        if passage is None:
            raise ClaimRefused("key", "it names a key that was not given")
        for place in _sentences(offer, passage, support.words):
            if reason := is_unsafe(place.text):
                raise ClaimRefused("order", f"a sentence it rests on is no report: {reason}")
            out[place.article.id, place.span] = place
    return list(out.values())


def _sentences(offer: Evidence, passage: EvidencePassage, words: str) -> list[Place]:
    text, bare = passage.article.text, words.strip()
    # A model may quote its support; the marks are its own where the passage has none there.
    own = len(bare) >= 2 and bare[0] in "\"“'‘" and bare[-1] in "\"”'’"
    tried = [bare, bare[1:-1]] if own else [bare]
    at = next((span for one in tried for span in offer.find(passage.article, one, passage.span)), None)
    if at is None:
        raise ClaimRefused("support", f"the words “{_short(bare)}” do not stand in the passage that it names")
    whole = [one for one in whole_sentences(text, at) if passage.span.overlaps(one)]
    if len(whole) > _MOST:
        raise ClaimRefused("support", f"its words reach over more than {_MOST} sentences: take the ones that prove it")
    if len(bare.split()) < _LEAST and not any(at.holds(one) for one in whole):
        raise ClaimRefused("support", f"the words “{_short(bare)}” are too few to prove anything")
    return [Place(passage.article, one) for one in whole]


def _stands(offer: Evidence, quoted: str, proofs: Sequence[Place]) -> list[Place]:
    """Where a quotation stands word for word in the cited articles: first in the cited sentences."""
    bare = quoted.strip(_EDGES)
    articles = {place.article.id: place.article for place in proofs}
    out = [Place(one, span) for one in articles.values() for span in offer.find(one, bare)]
    if not out:
        raise ClaimRefused(
            "quote", f"the words “{_short(quoted)}” in quotation marks stand in no article that it cites"
        )
    cited = [place for place in out if any(_holds(proof, place) for proof in proofs)]
    return cited or out


def _uncut(claim: str, quoted: Span, places: Sequence[Place]) -> None:
    """Raise Refused where the negation right before a quotation was left out."""
    if any(map(negates, words_alone(claim, max(0, quoted.start - 40), quoted.start)[-3:])):
        return
    for place in places:
        text = place.article.text
        line = re.split(r"[.!?;,:\n“”\"—–]", text[max(0, place.span.start - 40) : place.span.start])[-1]
        if not any(map(negates, words_alone(line, 0, len(line))[-2:])):
            return
    raise ClaimRefused("quote", f"before “{_short(claim[quoted.start : quoted.end])}” a negation was left out")


def _with_quotations(proofs: Sequence[Place], places: dict[Span, list[Place]]) -> list[Place]:
    """The proofs with the sentences that hold the quotations, where none of them does."""
    out = list(proofs)
    for among in places.values():
        if any(_holds(proof, place) for place in among for proof in out):
            continue
        first = among[0]
        for span in whole_sentences(first.article.text, first.span):
            place = Place(first.article, span)
            if reason := is_unsafe(place.text):
                raise ClaimRefused("order", f"a sentence it rests on is no report: {reason}")
            if place not in out:
                out.append(place)
    return out


def _checked(offer: Evidence, claim: str, marked: Marked, proofs: list[Place]) -> list[Place]:
    """The proofs, with those sentences that give the names their pronouns stand for.

    Raises Refused where a name, a date, a number or most of the claim's other words are not those of its evidence.
    """
    prose = outside(claim, marked).replace(HIDDEN, " ")
    undated_prose = without(prose)
    articles = list({place.article.id: place.article for place in proofs}.values())
    known = [*headings(articles), *_who(offer, proofs)]
    texts = [place.text for place in proofs]
    missing = list(unnamed(undated_prose, [*texts, *known], offer.is_name))
    if missing:
        proofs = proofs + list(_naming(offer, proofs, missing))
        texts = [place.text for place in proofs]
        known += _who(offer, proofs)
        missing = list(unnamed(undated_prose, [*texts, *known], offer.is_name))
        if missing:
            raise ClaimRefused("name", f"the name “{missing[0]}” does not stand in the words it rests on")
    dated = [
        (place.text, _day(place.article), [s.said_on for s in offer.said_at(place) if s.said_on]) for place in proofs
    ]
    if reason := undated(prose, dated):
        raise ClaimRefused("date", reason)
    if reason := unproven(prose, [*texts, *(article.title for article in articles)]):
        raise ClaimRefused("number", reason)
    if reason := ungrounded(undated_prose, texts, " ".join(known)):
        raise ClaimRefused("words", reason)
    return proofs


def _naming(offer: Evidence, proofs: Sequence[Place], missing: Sequence[str]) -> Iterator[Place]:
    """Sentences shortly before the cited ones, in the same passage, that hold a name which these refer to."""
    for place in proofs:
        passage = next((one for one in offer.passages if _within(one, place)), None)
        if passage is None:
            continue
        # What names nobody goes on about whom the sentence before it names.
        earlier = before(place.article.text, place.span, passage.span, _BACK if _LEANS.search(place.text) else 1)
        earlier = [one for one in earlier if _LEANS.search(place.text) or _goes_on(place.article.text, one, place.span)]
        for span in holding(missing, place.article.text, earlier)[-1:]:
            if not is_unsafe(span.of(place.article.text)):
                yield Place(place.article, span)


def _goes_on(text: str, before: Span, after: Span) -> bool:
    return "\n" not in text[before.end : after.start]


def _within(passage: EvidencePassage, place: Place) -> bool:
    return passage.article.id == place.article.id and passage.span.holds(place.span)


def _who(offer: Evidence, proofs: Sequence[Place]) -> list[str]:
    """Names and roles of those who speak in the proofs."""
    said = [one for place in proofs for one in offer.said_at(place)]
    return [" · ".join([one.speaker, one.role or "", *one.aliases]) for one in said]


def _speaker(offer: Evidence, place: Place) -> str | None:
    """Who speaks in a sentence, where it is one."""
    speakers = {one.speaker for one in offer.said_at(place)}
    return next(iter(speakers)) if len(speakers) == 1 else None


def _as_printed(claim: str, marked: Marked, places: dict[Span, list[Place]]) -> str:
    """The claim with each quotation in the article's own characters."""
    out, at = [], 0
    for span in marked.inner:
        quoted = claim[span.start : span.end]
        bare = quoted.strip(_EDGES)
        start = span.start + quoted.index(bare)
        out += [claim[at:start], " ".join(places[span][0].text.split())]
        at = start + len(bare)
    return "".join([*out, claim[at:]])


def _holds(proof: Place, place: Place) -> bool:
    return proof.article.id == place.article.id and proof.span.holds(place.span)


def _said_on(offer: Evidence, place: Place) -> list[date]:
    return [one.said_on for one in offer.said_at(place) if one.said_on]


def _day(article: Article) -> date | None:
    return article.published.date() if article.published else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
