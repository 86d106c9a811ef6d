"""Drafts for quotations governed by any verb, not only by those known to report."""

from __future__ import annotations

from bisect import bisect_right

from ingest.attribution.clauses import subject
from ingest.attribution.document import AnnotatedText
from ingest.attribution.draft import Draft, WordRun
from ingest.attribution.grammar import Tree
from ingest.attribution.report import ReportedSpeech
from ingest.attribution.sentence_reports import draft_of
from retrieval.english.verbs import NOUNS, Sort
from retrieval.types import Span

Trees = list[tuple[Span, Tree]]
"""The parsed sentences of a text, in order, each with its span."""

_NOBODY = frozenset("it that this which there what these those one i we you".split())


def governing_verb_draft(text: AnnotatedText, trees: Trees, quote: WordRun) -> Draft | None:
    """The draft of a quotation by the verb that governs it, whose subject is the source."""
    first, last = quote
    words = [at for at in range(first, last + 1) if text.is_word(at)]
    if len(words) < 3 or sum(text.is_capitalized(at) for at in words) > 0.6 * len(words):
        return None
    governing = _governing_verb(text, trees, quote)
    if governing is None:
        return None
    tree, verb, begin = governing
    source, relative = _source_of(tree, verb)
    if source is None or tree.lower[source] in _NOBODY:
        return None
    at = text.word_at(tree.start[verb])
    if text.quoted[at] >= 0:
        return None
    report = ReportedSpeech(
        tree, verb, (verb, verb), tree.lower[verb], Sort.SPEECH, source, relative=relative, rule="governs"
    )
    draft = draft_of(text, report)
    if draft is None or draft.mention is None:
        return None
    begin = first if begin is None else min(first, text.word_at(tree.start[begin]))
    if draft.reporting_clause[1] >= begin > draft.reporting_clause[0]:
        begin = first
    draft.content = [(begin, last)]
    return draft


def _governing_verb(text: AnnotatedText, trees: Trees, quote: WordRun) -> tuple[Tree, int, int | None] | None:
    """(Tree, verb, first token of the phrase that contains the quotation) of a quotation's sentence."""
    start, end = text.start[quote[0]], text.end[quote[1]]
    colon = quote[0] > 0 and text.word[quote[0] - 1] == ":"
    number = bisect_right(trees, text.start[quote[0] - colon], key=lambda entry: entry[0].start) - 1
    if number < 0 or trees[number][0].end <= text.start[quote[0] - colon]:
        return None
    tree = trees[number][1]
    inside = [token for token in range(len(tree.lower)) if tree.start[token] >= start and tree.end[token] <= end]
    heads = [token for token in inside if tree.head[token] not in inside and tree.dep[token] != "punct"]
    if colon or not heads:
        before = [
            token for token in range(len(tree.lower)) if tree.end[token] <= start and tree.tag[token].startswith("VB")
        ]
        roots = [token for token in before if tree.head[token] == token or tree.dep[token] in ("conj", "ccomp")]
        return (tree, roots[-1], None) if roots else None
    part = heads[0]
    while tree.head[part] != part and not tree.tag[tree.head[part]].startswith("VB"):
        part = tree.head[part]
    verb = tree.head[part]
    if verb == part or tree.dep[part] in ("nsubj", "nsubjpass", "advcl"):
        return None
    if tree.dep[part] == "prep" and tree.lower[part] in ("in", "on", "at", "during", "after", "by", "before"):
        return None
    return tree, verb, tree.left[part]


def _source_of(tree: Tree, verb: int) -> tuple[int | None, int | None]:
    """The subject of a verb, in the form that `subject` returns; for "his answer was" the owner of the answer."""
    source, relative = subject(tree, verb)
    if tree.lower[verb] in ("is", "was", "be", "were", "are", "been"):
        if source is None or tree.lower[source] not in NOUNS:
            return None, None
        return tree.child(source, "poss"), None
    return source, relative
