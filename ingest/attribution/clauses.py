"""Speech reported by verbs: finds each reporting verb of a parsed sentence with its source and content.

The content may be empty: the verb of "Mara Wendt said." is completed by the quotation beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.attribution.frames import find_content, find_parenthetical_content, find_passive_content
from ingest.attribution.grammar import Tree
from ingest.attribution.report import ReportedSpeech, TokenRun
from retrieval.english.verb_sets import AS_SAYING, CITES, CITING, FINDINGS
from retrieval.english.verbs import Sort, Word, verbs

_RELATIVE = frozenset("who which that whom".split())

_MAX_CLAUSES_CLIMBED = 8
"""Governing clauses searched for the subject of a verb that has none of its own."""


def verb_reports(tree: Tree) -> Iterator[ReportedSpeech]:
    """The speech reported by each reporting verb of a sentence, in order."""
    known_verbs = verbs()
    for token, tag in enumerate(tree.tag):
        if tag.startswith("VB") and (entries := known_verbs.get(tree.lower[token])):
            report = _as_saying_report(tree, token) or _verb_report(tree, token, entries)
            if report is not None and not (report.base in CITES and _is_followed_by_as_saying(tree, token)):
                _set_addressee(report, entries)
                yield report


def _set_addressee(report: ReportedSpeech, entries: tuple[Word, ...]) -> None:
    """Set the addressee to the verb's object ("told reporters") unless it has been found already."""
    if report.addressee is not None or not any(entry.frames & {"l"} for entry in entries):
        return
    listener = report.tree.child(report.cue_head, "dobj", "dative", after=report.cue_head)
    if listener is not None and not any(first <= listener <= last for first, last in report.content):
        report.addressee = (report.tree.left[listener], report.tree.right[listener])


def _is_followed_by_as_saying(tree: Tree, verb: int) -> bool:
    """Whether "as saying" follows within a few words, which has a report of its own."""
    return any(
        tree.lower[token] == "as" and tree.lower[token + 1] in AS_SAYING
        for token in range(verb + 1, min(verb + 15, len(tree.lower) - 1))
    )


def _as_saying_report(tree: Tree, verb: int) -> ReportedSpeech | None:
    """The report of "The agency quoted Lind as saying …" or "Lind was quoted as saying …": its source is Lind."""
    if tree.lower[verb] not in AS_SAYING or verb < 2 or tree.lower[verb - 1] != "as":
        return None
    citing_verb = next((k for k in range(verb - 2, max(-1, verb - 16), -1) if tree.lower[k] in CITING), None)
    if citing_verb is None:
        return None
    source = (
        tree.child(citing_verb, "nsubjpass")
        if tree.child(citing_verb, "auxpass") is not None
        else tree.child(citing_verb, "dobj")
    )
    if source is None:
        return None
    report = ReportedSpeech(tree, verb, (verb - 1, verb), "say", Sort.SPEECH, source, rule="bare")
    clause = tree.child(verb, "ccomp", after=verb)
    if clause is not None:
        report.content = [(tree.left[clause], tree.right[clause])]
        report.rule = "that:SPEECH"
    return report


def _verb_report(tree: Tree, verb: int, entries: tuple[Word, ...]) -> ReportedSpeech | None:
    """The report of a verb by the first of its dictionary entries that fits the sentence; None if none does."""
    if tree.dep[verb] in ("amod", "compound") or (tree.dep[verb] == "aux"):
        return None
    auxiliary = tree.child(verb, "auxpass")
    is_passive = (
        tree.child(verb, "nsubjpass") is not None
        or auxiliary is not None
        or (tree.tag[verb] == "VBN" and tree.dep[verb] == "acl" and not _is_active(tree, verb))
    ) and not (auxiliary is not None and tree.lower[auxiliary] == "'s")
    source, relative = _passive_source(tree, verb) if is_passive else subject(tree, verb)
    for entry in entries:
        report = ReportedSpeech(tree, verb, _cue_run(tree, verb), entry.base, entry.sort, source, relative=relative)
        if is_passive:
            find_passive_content(report, entry)
        else:
            find_content(report, entry)
        if report.content:
            return report
    entry = entries[0]
    is_finding = any(word.base in FINDINGS for word in entries) and not is_passive and source is not None
    if (is_passive and source is None) or not (is_finding or entry.frames & {"t", "l", "x"}):
        return None
    report = ReportedSpeech(
        tree, verb, _cue_run(tree, verb), entry.base, entry.sort, source, relative=relative, rule="bare"
    )
    find_parenthetical_content(report)
    report.takes_quotation = entry.sort is Sort.SPEECH
    if "l" in entry.frames and (listener := tree.child(verb, "dobj", "dative")) is not None:
        report.addressee = (tree.left[listener], tree.right[listener])
    return report


def _is_active(tree: Tree, verb: int) -> bool:
    """Whether a supposed participle is a finite verb: in "Kelli Ward called for" the parser attaches it to the name."""
    return (
        tree.head[verb] == verb - 1
        and tree.tag[verb - 1].startswith("NNP")
        and tree.child(verb, "agent") is None
        and tree.child(verb, "prep", "ccomp") is not None
    )


def _cue_run(tree: Tree, verb: int) -> TokenRun:
    """The verb with its auxiliaries, negation and adverbs before it and its particle after it."""
    first = last = verb
    while (
        first > 0
        and tree.head[first - 1] == verb
        and (tree.dep[first - 1] in ("aux", "auxpass", "neg") or tree.tag[first - 1].startswith("RB"))
        and tree.tag[first - 1] not in ("NNP", "NN")
    ):
        first -= 1
    if (particle := tree.child(verb, "prt")) == verb + 1:
        last = particle
    return first, last


def subject(tree: Tree, verb: int) -> tuple[int | None, int | None]:
    """(Head token of a verb's subject, the relative pronoun that stands for it); climbs to governing clauses."""
    for _ in range(_MAX_CLAUSES_CLIMBED):
        own_subjects = [child for child in tree.children[verb] if tree.dep[child] in ("nsubj", "nsubjpass", "csubj")]
        own = next(
            (child for child in reversed(own_subjects) if child < verb), own_subjects[0] if own_subjects else None
        )
        if own is not None:
            if tree.lower[own] in _RELATIVE and tree.dep[verb] == "relcl":
                return tree.head[verb], own
            return own, None
        dep, governor = tree.dep[verb], tree.head[verb]
        if dep == "acl" and tree.tag[verb] in ("VBG", "VBN") and tree.tag[governor].startswith(("NN", "PR")):
            return governor, None
        if dep == "acl" and tree.tag[governor].startswith("NN") and (owner := tree.child(governor, "poss")) is not None:
            return owner, None
        if dep == "relcl":
            return governor, None
        if (
            dep not in ("conj", "xcomp", "advcl", "pcomp", "prep", "acomp", "dep", "ccomp", "acl", "parataxis")
            or governor == verb
        ):
            return None, None
        verb = governor
    return None, None


def _passive_source(tree: Tree, verb: int) -> tuple[int | None, int | None]:
    """The agent of a passive verb ("by the minister"), in the form that `subject` returns."""
    by_phrase = tree.child(verb, "agent")
    return (tree.child(by_phrase, "pobj"), None) if by_phrase is not None else (None, None)
