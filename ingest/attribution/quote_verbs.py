"""The verb that governs a quotation, whatever verb it is."""

from __future__ import annotations

from bisect import bisect_right

from ingest.attribution.clauses import subject
from ingest.attribution.document import Reading
from ingest.attribution.draft import Draft, Run
from ingest.attribution.grammar import Tree
from ingest.attribution.report import Report
from ingest.attribution.sentence_reports import draft_of
from retrieval.english.verbs import NOUNS, Sort
from retrieval.types import Span

Trees = list[tuple[Span, Tree]]

_NOBODY = frozenset("it that this which there what these those one i we you".split())


def governed(reading: Reading, trees: Trees, quote: Run) -> Draft | None:
    """The verb that governs a quotation, whatever verb it is, with its subject as the source."""
    first, last = quote
    words = [at for at in range(first, last + 1) if reading.is_word(at)]
    if len(words) < 3 or sum(reading.capital(at) for at in words) > 0.6 * len(words):
        return None
    found = _verb_of(reading, trees, quote)
    if found is None:
        return None
    tree, verb, begin = found
    source, via = _source_of(tree, verb)
    if source is None or tree.low[source] in _NOBODY:
        return None
    at = reading.word_at(tree.start[verb])
    if reading.quoted[at] >= 0:
        return None
    report = Report(tree, verb, (verb, verb), tree.low[verb], Sort.SPEECH, source, via=via, rule="governs")
    draft = draft_of(reading, report)
    if draft is None or draft.mention is None:
        return None
    begin = first if begin is None else min(first, reading.word_at(tree.start[begin]))
    if draft.reach[1] >= begin > draft.reach[0]:
        begin = first
    draft.content = [(begin, last)]
    return draft


def _verb_of(reading: Reading, trees: Trees, quote: Run) -> tuple[Tree, int, int | None] | None:
    """(tree, verb, first token of the part that holds the quotation) of the sentence a quotation stands in."""
    start, end = reading.start[quote[0]], reading.end[quote[1]]
    colon = quote[0] > 0 and reading.word[quote[0] - 1] == ":"
    number = bisect_right(trees, reading.start[quote[0] - colon], key=lambda one: one[0].start) - 1
    if number < 0 or trees[number][0].end <= reading.start[quote[0] - colon]:
        return None
    tree = trees[number][1]
    inside = [k for k in range(len(tree.low)) if tree.start[k] >= start and tree.end[k] <= end]
    tops = [k for k in inside if tree.head[k] not in inside and tree.dep[k] != "punct"]
    if colon or not tops:
        before = [k for k in range(len(tree.low)) if tree.end[k] <= start and tree.tag[k].startswith("VB")]
        roots = [k for k in before if tree.head[k] == k or tree.dep[k] in ("conj", "ccomp")]
        return (tree, roots[-1], None) if roots else None
    part = tops[0]
    while tree.head[part] != part and not tree.tag[tree.head[part]].startswith("VB"):
        part = tree.head[part]
    verb = tree.head[part]
    if verb == part or tree.dep[part] in ("nsubj", "nsubjpass", "advcl"):
        return None
    if tree.dep[part] == "prep" and tree.low[part] in ("in", "on", "at", "during", "after", "by", "before"):
        return None
    return tree, verb, tree.left[part]


def _source_of(tree: Tree, verb: int) -> tuple[int | None, int | None]:
    """Who does what a verb says; of "his answer was" the one who answers."""
    source, via = subject(tree, verb)
    if tree.low[verb] in ("is", "was", "be", "were", "are", "been"):
        if source is None or tree.low[source] not in NOUNS:
            return None, None
        return tree.child(source, "poss"), None
    return source, via
