"""Who is named as the source of a report: its words, and the phrase that the cast resolves."""

from __future__ import annotations

from ingest.attribution.document import Reading
from ingest.attribution.draft import Reported, Run
from ingest.attribution.grammar import Tree
from ingest.attribution.phrases import Phrase, described, phrase_after, phrase_before
from ingest.attribution.report import Report
from retrieval.english.function_words import DETERMINERS, PRONOUNS
from retrieval.english.name_words import TITLES
from retrieval.types import Span

_POSSESSIVE = {"his": "he", "her": "she", "their": "they", "its": "it", "him": "he", "them": "they"}
_NAMELESS = frozenset("i we you that this which there what".split())
_SURE_OF_PLACE = frozenset("bare fronted that object according".split())
"""Rules of reports whose source always stands beside the cue."""
_NICKNAME = 40
"""Characters of a quotation that may be a name."""


def words_of(reading: Reading, tree: Tree, run: Run) -> Run:
    """The words of the reading that tokens of a tree stand for."""
    first = reading.word_at(tree.start[run[0]])
    return first, max(first, reading.word_at(tree.end[run[1]] - 1))


def name(reading: Reading, draft: Reported, report: Report) -> None:
    """Give a draft its mention and phrase: what grammar shows as the source, else the name beside the cue."""
    if report.source is not None:
        _by_grammar(reading, draft, report, report.source)
    if draft.mention is None and report.rule.split(":")[0] in _SURE_OF_PLACE:
        _by_place(reading, draft, report)


def _by_grammar(reading: Reading, draft: Reported, report: Report, source: int) -> None:
    tree = report.tree
    first, last, named = _core(tree, source)
    head = reading.word_at(tree.start[named])
    if reading.quoted[head] >= 0:
        quotation = reading.quotes[reading.quoted[head]].span
        whole = quotation.start <= tree.start[first] + 1 and tree.end[last] <= quotation.end
        # A nickname stands inside a name; a name that is all in marks is a title.
        if whole or quotation.end - quotation.start > _NICKNAME:
            return
    low = _POSSESSIVE.get(tree.low[source], tree.low[source])
    end = tree.end[last]
    if report.via is not None and report.via > last:
        end = tree.end[report.via]
    if end <= tree.start[first]:
        return
    draft.mention = Span(tree.start[first], end)
    if low in PRONOUNS:
        draft.phrase = Phrase(head, head, head, pronoun=low)
    elif low not in _NAMELESS:
        begin, stop = words_of(reading, tree, (first, last))
        if reading.time_ending.get(stop, 0) > head:
            # "The 52-year-old on Tuesday said": the day is none of hers.
            stop = reading.time_ending[stop] - 1
            draft.mention = reading.span(begin, stop)
        several = tree.child(source, "conj") is not None and stop > head + 1
        beside = None if several else _name_beside(reading, tree, source, begin)
        if several:
            draft.phrase = _together(reading, tree, source, begin, stop)
            draft.mention = reading.span(draft.phrase.first, draft.phrase.last)
        else:
            draft.phrase = beside or described(reading, begin, stop, head, None)


def _together(reading: Reading, tree: Tree, source: int, begin: int, stop: int) -> Phrase:
    """ "Wendt and Lindqvist", without what is told of the last; of "he and Lindqvist" the one who is named."""
    last = source
    while (other := tree.child(last, "conj")) is not None and other > last:
        last = other
    end = reading.word_at(tree.start[last])
    stop = next((at - 1 for at in range(end + 1, stop + 1) if reading.word[at] in ",("), stop)
    if tree.low[source] in PRONOUNS and stop >= end:
        first = reading.word_at(tree.start[tree.left[last]])
        return described(reading, first, stop, end, None)
    return Phrase(begin, stop, stop)


def _name_beside(reading: Reading, tree: Tree, source: int, begin: int) -> Phrase | None:
    """ "Its leader, Roger Knapman, said": the name that stands beside a description between commas."""
    name = tree.child(source, "appos")
    if name is None or name < source or not tree.tag[name].startswith("NNP") or tree.low[name] in TITLES:
        return None
    # "The Lord Chief Justice, Lord Woolf, said": an office, for all its capitals.
    office = tree.low[source] in TITLES and reading.low[begin] == "the"
    if tree.tag[source].startswith("NNP") and not office:
        return None
    first, last = reading.word_at(tree.start[tree.left[name]]), reading.word_at(tree.start[name])
    if reading.word[first - 1] != "," or first == last or not all(map(reading.capital, range(first, last + 1))):
        return None
    begin += reading.low[begin] in DETERMINERS
    role = reading.words(begin, first - 2) if begin <= first - 2 else None
    return Phrase(first, last, last, name=range(first, last + 1), role=role)


def _by_place(reading: Reading, draft: Reported, report: Report) -> None:
    first, last = draft.cue_run
    unit, before = reading.unit_of(first), first - 1
    if report.tree.tag[report.at] in ("VBG", "VB"):
        return
    inverted = before < unit.first or reading.quoted[before] >= 0 or reading.word[before] in (",", "—", "–")
    phrase = phrase_after(reading, last + 1, unit.last) if inverted else phrase_before(reading, before, unit.first)
    if phrase is not None:
        draft.phrase, draft.mention = phrase, reading.span(phrase.first, phrase.last)


def with_whom(reading: Reading, draft: Reported) -> tuple[int, Phrase] | None:
    """(where it begins, who) of "…, with an official calling it absurd"."""
    before = draft.at - 1
    if before in reading.time_ending:
        before = reading.time_ending[before] - 1
    phrase = phrase_before(reading, before, reading.unit_of(draft.at).first)
    if phrase is None or phrase.first < 2 or reading.low[phrase.first - 1] != "with":
        return None
    return phrase.first - 1, phrase


def _core(tree: Tree, source: int) -> tuple[int, int, int]:
    """The words of a name or description, and the last of its naming part.

    Without what is set off by commas or tells more of it in a clause.
    """
    first = last = head = source
    dash = max((k for k in range(source) if tree.low[k] in ("–", "—", "--", ":", '"')), default=-1)
    for k in tree.below[source]:
        if k < source and tree.dep[k] not in ("punct", "prep", "advmod", "cc", "relcl", "mark", "appos"):
            first = min(first, max(tree.left[k], dash + 1))
        elif k > source:
            if tree.dep[k] == "appos" and tree.left[k] == last + 1 and tree.tag[k].startswith("NNP"):
                # "the engineer Mara Wendt": the name is what the description leads to.
                last = head = k
                continue
            if tree.dep[k] in ("appos", "relcl", "acl", "punct", "advcl", "case"):
                break
            last = max(last, tree.right[k])
    return first, last, head
