"""Verifies what a model writes, and is the only place that makes citations.

Everything in a claim that can be checked is checked: each of its supports must be found in the passage it names, and
becomes a citation of the whole sentence; its quotations must be in an article and by the speaker it names; its numbers,
dates and names must be those of its evidence. A claim that fails is refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from retrieval.english.negations import negates
from retrieval.errors import CitationError, SpanError
from retrieval.proof.evidence import Evidence, EvidencePassage, Place, headings, sentences_before, whole_sentences
from retrieval.proof.grounding import find_ungrounded
from retrieval.proof.injection import is_list, unsafe_reason, unsayable_reason
from retrieval.proof.names import spans_with_names, unsupported_names
from retrieval.proof.said_by import find_misattribution, shorten
from retrieval.text.dates import blank_dates, find_unsupported_date
from retrieval.text.normalize import normalized_words
from retrieval.text.numbers import find_unsupported_number
from retrieval.text.quote_marks import MASK, QuotedSpans, find_quotations, mask_quotations
from retrieval.types import Article, Citation, Span

_MAX_CLAIM_CHARACTERS = 600
"""Maximum number of characters of a claim."""

_MIN_SUPPORT_WORDS = 3
"""Minimum number of words of a support that is not a whole sentence: fewer could be found anywhere."""

_MAX_SUPPORT_SENTENCES = 4
"""Maximum number of sentences that one support may span."""

_MAX_SENTENCES_BACK = 3
"""Maximum number of sentences before a cited one in which the name for its pronoun is looked for."""

_REFERENCE = re.compile(r"\s*(?:\[([^\[\]]{0,60})\]|【([^【】]{0,60})】|\((?:keys?|sources?):?([^()]{0,60})\))")
_LEANS = re.compile(r"(?i)\b(?:he|she|it|they|his|her|its|their|him|them|this|these|who)\b|^\W*the\s")
_EDGES = " \t\n,.;:…"


class ClaimRefused(Exception):
    """Raised for a claim that fails a check: `kind` (one word) and `reason`, as shown to the model and the operator."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Support:
    """The words of a passage, named by its key, that support a claim."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class ProposedClaim:
    """A claim as a model wrote it."""

    text: str
    supports: tuple[Support, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A sentence that proves a claim, and who speaks in it according to the statement index."""

    place: Place
    speaker: str | None


@dataclass(frozen=True, slots=True)
class ProvenClaim:
    """A verified claim, with its proofs in the order of its supports and its quotations as printed in the article."""

    text: str
    proofs: tuple[Proof, ...]


def cite(article: Article, span: Span, number: int, speaker: str | None = None) -> Citation:
    """A citation of `span` of the article. Raises CitationError if the span lies outside the text or is blank."""
    try:
        excerpt = span.of(article.text)
    except SpanError as error:
        raise CitationError(f"article {article.id} has no span {span.start}..{span.end}") from error
    if not excerpt.strip():
        raise CitationError(f"article {article.id} has nothing at {span.start}..{span.end}")
    return Citation(article, span, number, excerpt, speaker)


def verify(proposed: ProposedClaim, evidence: Evidence) -> ProvenClaim:
    """The claim with its proofs. Raises ClaimRefused if any part of it fails a check."""
    claim = _clean_claim(proposed.text, evidence)
    marked = find_quotations(claim)
    if marked.unclosed:
        raise ClaimRefused("quote", "a quotation mark is not closed")
    proofs = _find_supports(proposed, evidence)
    places = {span: _find_quotation(evidence, claim[span.start : span.end], proofs) for span in marked.inner}
    for span, found in places.items():
        _check_negation(claim, span, found)
    if reason := find_misattribution(evidence, claim, marked, places, proofs):
        raise ClaimRefused("speaker", reason)
    proofs = _add_quoted_sentences(proofs, places)
    proofs = _check_facts(evidence, claim, marked, proofs)
    proven = tuple(Proof(place, _single_speaker(evidence, place)) for place in proofs)
    return ProvenClaim(_restore_quotations(claim, marked, places), proven)


def _clean_claim(text: str, evidence: Evidence) -> str:
    """The claim in one line, without references to its evidence. Raises ClaimRefused for what no answer may say."""
    if is_list(text):
        raise ClaimRefused("order", "it is written as a list or with headings")
    claim = " ".join(_REFERENCE.sub(lambda match: _drop_reference(match, evidence), text).split())
    if not any(char.isalpha() for char in claim):
        raise ClaimRefused("form", "it says nothing")
    if len(claim) > _MAX_CLAIM_CHARACTERS:
        raise ClaimRefused("form", f"it is longer than {_MAX_CLAIM_CHARACTERS} characters: write shorter claims")
    if any(word in evidence.by_key for word in re.findall(r"\w+", claim.lower())):
        raise ClaimRefused("key", "it shows a key: keys are never part of the text")
    if reason := unsayable_reason(claim):
        raise ClaimRefused("order", reason)
    if evidence.repeats_instructions(claim):
        raise ClaimRefused("order", "it repeats what the model was told")
    return claim


def _drop_reference(match: re.Match[str], evidence: Evidence) -> str:
    """The replacement for a bracket: nothing for a reference to evidence, else the bracket itself."""
    words = re.findall(r"\w+", next(group for group in match.groups() if group is not None))
    return "" if all(word.isdigit() or word.lower() in evidence.by_key for word in words) else match[0]


def _find_supports(proposed: ProposedClaim, evidence: Evidence) -> list[Place]:
    """The sentences of the supports. Raises ClaimRefused for an unknown key, or words that are not in its passage."""
    if not proposed.supports:
        raise ClaimRefused("key", "it names no passage: give a key and the words it rests on")
    out: dict[tuple[str, Span], Place] = {}
    for support in proposed.supports:
        passage = evidence.by_key.get(support.key.strip())
        if passage is None:
            raise ClaimRefused("key", "it names a key that was not given")
        for place in _support_sentences(evidence, passage, support.words):
            if reason := unsafe_reason(place.text):
                raise ClaimRefused("order", f"a sentence it rests on is no report: {reason}")
            out[place.article.id, place.span] = place
    return list(out.values())


def _support_sentences(evidence: Evidence, passage: EvidencePassage, words: str) -> list[Place]:
    """The sentences of the passage that contain a support's words. Raises ClaimRefused if there are none."""
    text, bare = passage.article.text, words.strip()
    # A model may put its support in quotation marks that are not in the passage.
    quoted = len(bare) >= 2 and bare[0] in "\"“'‘" and bare[-1] in "\"”'’"
    forms = [bare, bare[1:-1]] if quoted else [bare]
    at = next((span for form in forms for span in evidence.find(passage.article, form, passage.span)), None)
    if at is None:
        raise ClaimRefused("support", f"the words “{shorten(bare)}” do not stand in the passage that it names")
    whole = [sentence for sentence in whole_sentences(text, at) if passage.span.overlaps(sentence)]
    if len(whole) > _MAX_SUPPORT_SENTENCES:
        raise ClaimRefused(
            "support", f"its words reach over more than {_MAX_SUPPORT_SENTENCES} sentences: take the ones that prove it"
        )
    if len(bare.split()) < _MIN_SUPPORT_WORDS and not any(at.holds(sentence) for sentence in whole):
        raise ClaimRefused("support", f"the words “{shorten(bare)}” are too few to prove anything")
    return [Place(passage.article, sentence) for sentence in whole]


def _find_quotation(evidence: Evidence, quoted: str, proofs: Sequence[Place]) -> list[Place]:
    """Where a quotation is, word for word, in the cited sentences, or else anywhere in the cited articles."""
    bare = quoted.strip(_EDGES)
    articles = {place.article.id: place.article for place in proofs}
    out = [Place(article, span) for article in articles.values() for span in evidence.find(article, bare)]
    if not out:
        raise ClaimRefused(
            "quote", f"the words “{shorten(quoted)}” in quotation marks stand in no article that it cites"
        )
    cited = [place for place in out if any(_holds(proof, place) for proof in proofs)]
    return cited or out


def _check_negation(claim: str, quoted: Span, places: Sequence[Place]) -> None:
    """Raise ClaimRefused if the negation right before a quotation was left out."""
    if any(map(negates, normalized_words(claim, max(0, quoted.start - 40), quoted.start)[-3:])):
        return
    for place in places:
        text = place.article.text
        line = re.split(r"[.!?;,:\n“”\"—–]", text[max(0, place.span.start - 40) : place.span.start])[-1]
        if not any(map(negates, normalized_words(line, 0, len(line))[-2:])):
            return
    raise ClaimRefused("quote", f"before “{shorten(claim[quoted.start : quoted.end])}” a negation was left out")


def _add_quoted_sentences(proofs: Sequence[Place], places: dict[Span, list[Place]]) -> list[Place]:
    """The proofs, with the sentences of quotations that none of the proofs contains added."""
    out = list(proofs)
    for found in places.values():
        if any(_holds(proof, place) for place in found for proof in out):
            continue
        first = found[0]
        for span in whole_sentences(first.article.text, first.span):
            place = Place(first.article, span)
            if reason := unsafe_reason(place.text):
                raise ClaimRefused("order", f"a sentence it rests on is no report: {reason}")
            if place not in out:
                out.append(place)
    return out


def _check_facts(evidence: Evidence, claim: str, marked: QuotedSpans, proofs: list[Place]) -> list[Place]:
    """The proofs, with the sentences added that name whom their pronouns stand for.

    Raises ClaimRefused if a name, a date, a number or most of the claim's other words are not those of its evidence.
    """
    prose = mask_quotations(claim, marked).replace(MASK, " ")
    undated_prose = blank_dates(prose)
    articles = list({place.article.id: place.article for place in proofs}.values())
    known = [*headings(articles), *_speaker_descriptions(evidence, proofs)]
    texts = [place.text for place in proofs]
    missing = list(unsupported_names(undated_prose, [*texts, *known], evidence.is_name))
    if missing:
        proofs = proofs + list(_naming_sentences(evidence, proofs, missing))
        texts = [place.text for place in proofs]
        known += _speaker_descriptions(evidence, proofs)
        missing = list(unsupported_names(undated_prose, [*texts, *known], evidence.is_name))
        if missing:
            raise ClaimRefused("name", f"the name “{missing[0]}” does not stand in the words it rests on")
    dated = [(place.text, _published_day(place.article), _said_on(evidence, place)) for place in proofs]
    if reason := find_unsupported_date(prose, dated):
        raise ClaimRefused("date", reason)
    if reason := find_unsupported_number(prose, [*texts, *(article.title for article in articles)]):
        raise ClaimRefused("number", reason)
    if reason := find_ungrounded(undated_prose, texts, " ".join(known)):
        raise ClaimRefused("words", reason)
    return proofs


def _naming_sentences(evidence: Evidence, proofs: Sequence[Place], missing: Sequence[str]) -> Iterator[Place]:
    """Sentences shortly before the cited ones, in the same passage, with a missing name that these may refer to."""
    for place in proofs:
        passage = next((passage for passage in evidence.passages if _lies_within(passage, place)), None)
        if passage is None:
            continue
        text, leans = place.article.text, _LEANS.search(place.text)
        # A sentence without a pronoun may still be about the person named right before it in the paragraph.
        earlier = sentences_before(text, place.span, passage.span, _MAX_SENTENCES_BACK if leans else 1)
        earlier = [sentence for sentence in earlier if leans or _is_same_paragraph(text, sentence, place.span)]
        for span in spans_with_names(missing, text, earlier)[-1:]:
            if not unsafe_reason(span.of(text)):
                yield Place(place.article, span)


def _is_same_paragraph(text: str, before: Span, after: Span) -> bool:
    return "\n" not in text[before.end : after.start]


def _lies_within(passage: EvidencePassage, place: Place) -> bool:
    return passage.article.id == place.article.id and passage.span.holds(place.span)


def _speaker_descriptions(evidence: Evidence, proofs: Sequence[Place]) -> list[str]:
    """Names and roles of those who speak in the proofs."""
    statements = [statement for place in proofs for statement in evidence.statements_at(place)]
    return [" · ".join([statement.speaker, statement.role or "", *statement.aliases]) for statement in statements]


def _single_speaker(evidence: Evidence, place: Place) -> str | None:
    """The speaker in a sentence, if it has exactly one."""
    speakers = {statement.speaker for statement in evidence.statements_at(place)}
    return next(iter(speakers)) if len(speakers) == 1 else None


def _restore_quotations(claim: str, marked: QuotedSpans, places: dict[Span, list[Place]]) -> str:
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


def _said_on(evidence: Evidence, place: Place) -> list[date]:
    return [statement.said_on for statement in evidence.statements_at(place) if statement.said_on]


def _published_day(article: Article) -> date | None:
    return article.published.date() if article.published else None
