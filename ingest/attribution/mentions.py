"""Mentions: the words that name the source of a report, and the phrase that coreference resolves."""

from __future__ import annotations

from ingest.attribution.document import AnnotatedText
from ingest.attribution.draft import CuedDraft, WordRun
from ingest.attribution.grammar import Tree
from ingest.attribution.phrases import Phrase, build_phrase, phrase_after, phrase_before
from ingest.attribution.report import ReportedSpeech, TokenRun
from retrieval.english.function_words import DETERMINERS, PRONOUNS
from retrieval.english.name_words import TITLES
from retrieval.types import Span

_POSSESSIVE = {"his": "he", "her": "she", "their": "they", "its": "it", "him": "he", "them": "they"}
_NAMELESS = frozenset("i we you that this which there what".split())
_RULES_WITH_ADJACENT_SOURCE = frozenset("bare fronted that object according".split())
"""Rules of reports whose source always stands next to the cue."""
_MAX_NICKNAME_CHARS = 40
"""Characters of a quotation that may be a nickname, at most."""


def word_run(text: AnnotatedText, tree: Tree, run: TokenRun) -> WordRun:
    """The words of the text that a run of tokens of a tree covers."""
    first = text.word_at(tree.start[run[0]])
    return first, max(first, text.word_at(tree.end[run[1]] - 1))


def name_source(text: AnnotatedText, draft: CuedDraft, report: ReportedSpeech) -> None:
    """Set the mention and phrase of a draft: the source in the parse tree, else the name next to the cue."""
    if report.source is not None:
        _name_by_grammar(text, draft, report, report.source)
    if draft.mention is None and report.rule.split(":")[0] in _RULES_WITH_ADJACENT_SOURCE:
        _name_by_position(text, draft, report)


def _name_by_grammar(text: AnnotatedText, draft: CuedDraft, report: ReportedSpeech, source: int) -> None:
    """Set mention and phrase from the source's head token; "I", "this" and the like get a mention but no phrase."""
    tree = report.tree
    first, last, name_head = _core_run(tree, source)
    head = text.word_at(tree.start[name_head])
    if text.quoted[head] >= 0:
        quotation = text.quotes[text.quoted[head]].span
        is_wholly_quoted = quotation.start <= tree.start[first] + 1 and tree.end[last] <= quotation.end
        # A nickname is quoted inside a name; a name that is quoted as a whole is a title.
        if is_wholly_quoted or quotation.end - quotation.start > _MAX_NICKNAME_CHARS:
            return
    pronoun = _POSSESSIVE.get(tree.lower[source], tree.lower[source])
    end = tree.end[last]
    if report.relative is not None and report.relative > last:
        end = tree.end[report.relative]
    if end <= tree.start[first]:
        return
    draft.mention = Span(tree.start[first], end)
    if pronoun in PRONOUNS:
        draft.phrase = Phrase(head, head, head, pronoun=pronoun)
    elif pronoun not in _NAMELESS:
        begin, stop = word_run(text, tree, (first, last))
        if text.time_ending.get(stop, 0) > head:
            # "The 52-year-old on Tuesday said": the day is not part of the description.
            stop = text.time_ending[stop] - 1
            draft.mention = text.span(begin, stop)
        is_joint = tree.child(source, "conj") is not None and stop > head + 1
        apposed = None if is_joint else _name_in_apposition(text, tree, source, begin)
        if is_joint:
            draft.phrase = _joint_phrase(text, tree, source, begin, stop)
            draft.mention = text.span(draft.phrase.first, draft.phrase.last)
        else:
            draft.phrase = apposed or build_phrase(text, begin, stop, head, None)


def _joint_phrase(text: AnnotatedText, tree: Tree, source: int, begin: int, stop: int) -> Phrase:
    """A phrase for several people ("Wendt and Lindqvist"); for "he and Lindqvist" the named one alone."""
    last = source
    while (other := tree.child(last, "conj")) is not None and other > last:
        last = other
    end = text.word_at(tree.start[last])
    stop = next((at - 1 for at in range(end + 1, stop + 1) if text.word[at] in ",("), stop)
    if tree.lower[source] in PRONOUNS and stop >= end:
        first = text.word_at(tree.start[tree.left[last]])
        return build_phrase(text, first, stop, end, None)
    return Phrase(begin, stop, stop)


def _name_in_apposition(text: AnnotatedText, tree: Tree, source: int, begin: int) -> Phrase | None:
    """The name between commas after a description, which is its role: "Its leader, Roger Knapman, said"."""
    name = tree.child(source, "appos")
    if name is None or name < source or not tree.tag[name].startswith("NNP") or tree.lower[name] in TITLES:
        return None
    # "The Lord Chief Justice, Lord Woolf, said": an office, although it is capitalized.
    is_office = tree.lower[source] in TITLES and text.lower[begin] == "the"
    if tree.tag[source].startswith("NNP") and not is_office:
        return None
    first, last = text.word_at(tree.start[tree.left[name]]), text.word_at(tree.start[name])
    if text.word[first - 1] != "," or first == last or not all(map(text.is_capitalized, range(first, last + 1))):
        return None
    begin += text.lower[begin] in DETERMINERS
    role = text.substring(begin, first - 2) if begin <= first - 2 else None
    return Phrase(first, last, last, name=range(first, last + 1), role=role)


def _name_by_position(text: AnnotatedText, draft: CuedDraft, report: ReportedSpeech) -> None:
    """Set mention and phrase to the phrase before the cue or, in inverted order ("…," said Wendt), after it."""
    first, last = draft.cue_run
    unit, before = text.unit_of(first), first - 1
    if report.tree.tag[report.cue_head] in ("VBG", "VB"):
        return
    is_inverted = before < unit.first or text.quoted[before] >= 0 or text.word[before] in (",", "—", "–")
    phrase = phrase_after(text, last + 1, unit.last) if is_inverted else phrase_before(text, before, unit.first)
    if phrase is not None:
        draft.phrase, draft.mention = phrase, text.span(phrase.first, phrase.last)


def speaker_after_with(text: AnnotatedText, draft: CuedDraft) -> tuple[int, Phrase] | None:
    """(First word, speaker) of the phrase in "…, with an official calling it absurd"."""
    before = draft.anchor - 1
    if before in text.time_ending:
        before = text.time_ending[before] - 1
    phrase = phrase_before(text, before, text.unit_of(draft.anchor).first)
    if phrase is None or phrase.first < 2 or text.lower[phrase.first - 1] != "with":
        return None
    return phrase.first - 1, phrase


def _core_run(tree: Tree, source: int) -> tuple[int, int, int]:
    """(First token, last token, head token) of a name or description.

    Leaves out what is set off by commas and clauses that describe it further.
    """
    first = last = head = source
    dash = max((token for token in range(source) if tree.lower[token] in ("–", "—", "--", ":", '"')), default=-1)
    for child in tree.children[source]:
        if child < source and tree.dep[child] not in ("punct", "prep", "advmod", "cc", "relcl", "mark", "appos"):
            first = min(first, max(tree.left[child], dash + 1))
        elif child > source:
            if tree.dep[child] == "appos" and tree.left[child] == last + 1 and tree.tag[child].startswith("NNP"):
                # "the engineer Mara Wendt": the description leads to the name.
                last = head = child
                continue
            if tree.dep[child] in ("appos", "relcl", "acl", "punct", "advcl", "case"):
                break
            last = max(last, tree.right[child])
    return first, last, head
