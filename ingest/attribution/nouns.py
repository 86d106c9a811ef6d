"""What nouns, adjectives and "according to" report: "the claim that", "confident that", "according to the poll"."""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.english.verb_sets import GIVES
from ingest.attribution.clauses import subject
from ingest.attribution.grammar import Tree
from ingest.attribution.report import Report
from retrieval.english.verbs import ADJECTIVES, MENTAL_NOUNS, NOUNS, SPOKEN_ADJECTIVES, Sort

_ABOUT = {
    base: frozenset(preps.split())
    for bases, preps in (
        ("criticism praise support contempt disdain view opinion", "of for on about"),
        ("opposition objection commitment", "to"),
        (
            "concern doubt comment remark statement question complaint claim worry feeling thought idea theory",
            "about on over",
        ),
        ("call demand hope desire plan proposal wish preference plea request push support sympathy", "for"),
        ("fear expectation description assessment prediction accusation vision understanding denial admission", "of"),
        ("warning allegation argument threat vow", "about of against"),
        ("attack", "on"),
    )
    for base in bases.split()
}
"""Nouns that report what stands after a preposition: "her criticism of the plan"."""


def nominal_reports(tree: Tree) -> Iterator[Report]:
    """The reports of every noun, adjective and "according to" of a sentence, in order."""
    for at, low in enumerate(tree.low):
        tag = tree.tag[at]
        if low == "according":
            report = _according(tree, at)
        elif tag in ("NN", "NNS"):
            singular = low if low in NOUNS else low[:-1] if low[:-1] in NOUNS else low[:-3] + "y"
            report = _noun(tree, at, singular) if singular in NOUNS else None
        elif low in ADJECTIVES and tree.dep[at] in ("acomp", "ROOT", "conj", "oprd", "advcl", "amod", "ccomp", "relcl"):
            report = _adjective(tree, at, low)
        else:
            report = None
        if report is not None:
            yield report


def _according(tree: Tree, at: int) -> Report | None:
    to = tree.child(at, "prep")
    if to is None and at + 1 < len(tree.low) and tree.low[at + 1] == "to":
        to = at + 1
    source = tree.child(to, "pobj") if to is not None else tree.child(at, "pobj")
    if to is None or source is None:
        return None
    report = Report(tree, at, (at, to), "according", Sort.SPEECH, source, rule="according")
    end = tree.right[source]
    end -= tree.low[end] == ","
    last = len(tree.low) - 1
    if end >= last - 1 and at <= 2:
        end = next((k - 1 for k in range(source + 1, last) if tree.low[k] == ","), end)
    if at > 1:
        report.content.append((0, at - 1))
    if end + 2 < last and tree.low[end + 1] == ",":
        report.content.append((end + 2, last))
    return report


def _noun(tree: Tree, at: int, base: str) -> Report | None:
    clause = next(
        (k for k in tree.below[at] if k > at and tree.dep[k] in ("acl", "ccomp", "relcl") and _reports(tree, k)), None
    )
    about = next((k for k in tree.below[at] if k > at and tree.low[k] in _ABOUT.get(base, ())), None)
    if clause is None and (about is None or (tree.child(about, "pobj", "pcomp") or 0) < about):
        return None
    source, via = _source_of_noun(tree, at)
    if source is None:
        return None
    sort = Sort.THOUGHT if base in MENTAL_NOUNS else Sort.SPEECH
    if clause is not None:
        run = (tree.left[clause], tree.right[clause])
        return Report(tree, at, (at, at), base, sort, source, [run], via=via, rule=f"noun:{sort.name}")
    if about is None or source >= about:
        return None
    run = (about + 1, tree.right[about])
    return Report(tree, at, (at, about), base, sort, source, [run], via=via, rule="noun about")


def _reports(tree: Tree, clause: int) -> bool:
    marks = [tree.low[k] for k in tree.below[clause] if tree.dep[k] == "mark"]
    if "that" in marks:
        return True
    return tree.dep[clause] == "acl" and any(tree.dep[k] == "aux" and tree.low[k] == "to" for k in tree.below[clause])


def _source_of_noun(tree: Tree, at: int) -> tuple[int | None, int | None]:
    if (own := tree.child(at, "poss")) is not None:
        return own, None
    for k in tree.below[at]:
        if tree.low[k] in ("by", "from", "of", "among") and tree.dep[k] in ("prep", "agent"):
            who = tree.child(k, "pobj")
            if who is not None and (tree.low[k] != "of" or tree.tag[who].startswith("NNP")):
                return who, None
    up = tree.head[at]
    if tree.dep[at] in ("dobj", "attr") and tree.low[up] in GIVES:
        return subject(tree, up)
    return None, None


def _adjective(tree: Tree, at: int, base: str) -> Report | None:
    clause = next((k for k in tree.below[at] if k > at and tree.dep[k] in ("ccomp", "xcomp", "prep", "advcl")), None)
    if clause is None:
        return None
    if tree.dep[clause] == "prep" and tree.low[clause] not in (
        "about",
        "of",
        "with",
        "by",
        "for",
        "over",
        "to",
        "at",
        "on",
    ):
        return None
    first = tree.left[clause] + (tree.dep[clause] == "prep")
    if first > tree.right[clause]:
        return None
    source, via = subject(tree, at)
    if source is None:
        return None
    sort = Sort.SPEECH if base in SPOKEN_ADJECTIVES else Sort.THOUGHT
    report = Report(tree, at, (at, at), base, sort, source, [(first, tree.right[clause])], via=via)
    report.rule = "adjective"
    return report
