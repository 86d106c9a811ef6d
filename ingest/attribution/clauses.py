"""What the verbs of a sentence report: cue, source and content, read off its grammar.

Content may be empty: "Mara Wendt said." waits for the quotation beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.english.verb_sets import AS_SAYING, CITES, CITING, FINDINGS
from ingest.attribution.frames import around, content, passive_content
from ingest.attribution.grammar import Tree
from ingest.attribution.report import Report, Run
from retrieval.english.verbs import Sort, Word, verbs

_RELATIVE = frozenset("who which that whom".split())


def verb_reports(tree: Tree) -> Iterator[Report]:
    """The reports of every cue verb, in order."""
    known = verbs()
    for at, tag in enumerate(tree.tag):
        if tag.startswith("VB") and (entries := known.get(tree.low[at])):
            report = _as_saying(tree, at) or _verb(tree, at, entries)
            if report is not None and not (report.base in CITES and _says_after(tree, at)):
                _listener(report, entries)
                yield report


def _listener(report: Report, entries: tuple[Word, ...]) -> None:
    """Whom it was said to, where nothing else has shown it: "told reporters"."""
    if report.addressee is not None or not any(entry.frames & {"l"} for entry in entries):
        return
    who = next(
        (k for k in report.tree.below[report.at] if report.tree.dep[k] in ("dobj", "dative") and k > report.at), None
    )
    if who is not None and not any(first <= who <= last for first, last in report.content):
        report.addressee = (report.tree.left[who], report.tree.right[who])


def _says_after(tree: Tree, at: int) -> bool:
    return any(
        tree.low[k] == "as" and tree.low[k + 1] in AS_SAYING for k in range(at + 1, min(at + 15, len(tree.low) - 1))
    )


def _as_saying(tree: Tree, at: int) -> Report | None:
    """ "The agency quoted Lind as saying …", "Lind was quoted as saying …": the words are Lind's."""
    if tree.low[at] not in AS_SAYING or at < 2 or tree.low[at - 1] != "as":
        return None
    cites = next((k for k in range(at - 2, max(-1, at - 16), -1) if tree.low[k] in CITING), None)
    if cites is None:
        return None
    source = tree.child(cites, "nsubjpass") if tree.child(cites, "auxpass") is not None else tree.child(cites, "dobj")
    if source is None:
        return None
    report = Report(tree, at, (at - 1, at), "say", Sort.SPEECH, source, rule="bare")
    clause = next((k for k in tree.below[at] if k > at and tree.dep[k] == "ccomp"), None)
    if clause is not None:
        report.content = [(tree.left[clause], tree.right[clause])]
        report.rule = "that:SPEECH"
    return report


def _verb(tree: Tree, at: int, entries: tuple[Word, ...]) -> Report | None:
    if tree.dep[at] in ("amod", "compound") or (tree.dep[at] == "aux"):
        return None
    helper = tree.child(at, "auxpass")
    passive = (
        tree.child(at, "nsubjpass") is not None
        or helper is not None
        or (tree.tag[at] == "VBN" and tree.dep[at] == "acl" and not _is_active(tree, at))
    ) and not (helper is not None and tree.low[helper] == "'s")
    source, via = passive_source(tree, at) if passive else subject(tree, at)
    for entry in entries:
        report = Report(tree, at, _cue_run(tree, at), entry.base, entry.sort, source, via=via)
        if passive:
            passive_content(report, entry)
        else:
            content(report, entry)
        if report.content:
            return report
    entry = entries[0]
    finding = any(one.base in FINDINGS for one in entries) and not passive and source is not None
    if (passive and source is None) or not (finding or entry.frames & {"t", "l", "x"}):
        return None
    report = Report(tree, at, _cue_run(tree, at), entry.base, entry.sort, source, via=via, rule="bare")
    around(report)
    report.takes_quotation = entry.sort is Sort.SPEECH
    if "l" in entry.frames and (who := tree.child(at, "dobj", "dative")) is not None:
        report.addressee = (tree.left[who], tree.right[who])
    return report


def _is_active(tree: Tree, at: int) -> bool:
    """ "Kelli Ward called for": a name before the verb that grammar takes for a participle of it."""
    return (
        tree.head[at] == at - 1
        and tree.tag[at - 1].startswith("NNP")
        and tree.child(at, "agent") is None
        and tree.child(at, "prep", "ccomp") is not None
    )


def _cue_run(tree: Tree, at: int) -> Run:
    first = last = at
    while (
        first > 0
        and tree.head[first - 1] == at
        and (tree.dep[first - 1] in ("aux", "auxpass", "neg") or tree.tag[first - 1].startswith("RB"))
        and tree.tag[first - 1] not in ("NNP", "NN")
    ):
        first -= 1
    if (particle := tree.child(at, "prt")) == at + 1:
        last = particle
    return first, last


def subject(tree: Tree, at: int) -> tuple[int | None, int | None]:
    """(head token of who does what verb `at` says, the relative pronoun that stands for it)."""
    for _ in range(8):
        all_own = [k for k in tree.below[at] if tree.dep[k] in ("nsubj", "nsubjpass", "csubj")]
        own = next((k for k in reversed(all_own) if k < at), all_own[0] if all_own else None)
        if own is not None:
            if tree.low[own] in _RELATIVE and tree.dep[at] == "relcl":
                return tree.head[at], own
            return own, None
        dep, up = tree.dep[at], tree.head[at]
        if dep == "acl" and tree.tag[at] in ("VBG", "VBN") and tree.tag[up].startswith(("NN", "PR")):
            return up, None
        if dep == "acl" and tree.tag[up].startswith("NN") and (own := tree.child(up, "poss")) is not None:
            return own, None
        if dep == "relcl":
            return up, None
        if (
            dep not in ("conj", "xcomp", "advcl", "pcomp", "prep", "acomp", "dep", "ccomp", "acl", "parataxis")
            or up == at
        ):
            return None, None
        at = up
    return None, None


def passive_source(tree: Tree, at: int) -> tuple[int | None, int | None]:
    """The one by whom something is said."""
    by = tree.child(at, "agent")
    return (tree.child(by, "pobj"), None) if by is not None else (None, None)
