"""What may follow a verb of saying, and where in the sentence it stands: clause, infinitive, object, preposition."""

from __future__ import annotations

from retrieval.english.verb_sets import FINDINGS, OPINES, SEEN_AS, SELDOM_APART
from ingest.attribution.grammar import Tree
from ingest.attribution.report import Report
from retrieval.english.verbs import Sort, Word

_CLAUSES = ("ccomp", "xcomp")
_KEEP_AFTER = frozenset("as for of to with over from into against about on than like in".split())
_STAGE = frozenset("in on at during after before by from through via with when while since until amid".split())
"""Prepositions that open where and when something was said, rather than what."""
_REASONS = frozenset("because since if unless so".split())
_MARKS = frozenset(",:;-–—\"'()[]...``''")


def passive_content(report: Report, entry: Word) -> None:
    """Find what a passive verb reports: "was told that", "was called a fool by"."""
    tree, at = report.tree, report.at
    clause = next((k for k in tree.below[at] if tree.dep[k] in _CLAUSES and k > at), None)
    if clause is not None and entry.frames & {"l", "x", "t"}:
        report.content = [(tree.left[clause], tree.right[clause])]
        if entry.frames & {"l", "x"} and (told := tree.child(at, "nsubjpass")) is not None:
            report.addressee = (tree.left[told], tree.right[told])
        report.rule = "passive clause"
        return
    if report.source is None or not entry.frames & {"o"}:
        return
    about = tree.child(at, "nsubjpass")
    if about is None and tree.dep[at] == "acl":
        about = tree.head[at]
    by = tree.child(at, "agent")
    if about is None or by is None:
        return
    if tree.dep[at] == "acl":
        report.content = [(tree.left[about], max(about, report.cue[0] - 1))]
    else:
        report.content = [(tree.left[about], tree.right[about])]
    rest = [k for k in tree.below[at] if k > at and k != by and tree.dep[k] in ("oprd", "prep", "xcomp")]
    report.content += [(tree.left[k], tree.right[k]) for k in rest if tree.low[k] not in _STAGE]
    report.rule = "passive object"


def content(report: Report, entry: Word) -> None:
    """Try each frame of the verb in turn, the surest first."""
    tree, at = report.tree, report.at
    clause = next((k for k in tree.below[at] if tree.dep[k] == "ccomp" and k > at and not _is_joined(tree, k)), None)
    infinitive = clause is not None and _is_infinitive(tree, clause)
    if clause is not None and not infinitive and (entry.frames & {"t", "l"} or _has_that(tree, clause)):
        if entry.sort is Sort.PROOF and not _has_that(tree, clause) and entry.base not in ("show", "find"):
            return
        _clause(report, entry, clause)
        report.rule = f"that:{entry.sort.name}"
    elif clause is not None and infinitive and entry.frames & {"x", "i"}:
        report.content = [(tree.left[clause], tree.right[clause])]
        report.rule = f"to-clause:{entry.sort.name}"
    elif _try_infinitive(report, entry) or _try_prep(report, entry) or _try_object(report, entry):
        pass
    else:
        _try_fronted(report, entry)


def _is_joined(tree: Tree, clause: int) -> bool:
    """Whether a clause goes on after "and" or "but", and so is the reporter's."""
    before = tree.left[clause] - 1
    return before > 0 and tree.dep[before] == "cc" and tree.low[before - 1] == ","


def _has_that(tree: Tree, clause: int) -> bool:
    return any(tree.dep[k] == "mark" and tree.low[k] in ("that", "whether", "if") for k in tree.below[clause])


def _is_infinitive(tree: Tree, clause: int) -> bool:
    return any(tree.dep[k] == "aux" and tree.low[k] == "to" for k in tree.below[clause])


def _clause(report: Report, entry: Word, clause: int) -> None:
    tree, at = report.tree, report.at
    first = tree.left[clause]
    who = next((k for k in tree.below[at] if tree.dep[k] in ("dobj", "dative") and at < k < clause), None)
    if who is not None:
        if "l" in entry.frames:
            report.addressee = (tree.left[who], tree.right[who])
        elif "o" in entry.frames and "t" not in entry.frames:
            first = tree.left[who]
    last = tree.right[clause]
    for k in tree.below[at]:
        if k > clause and tree.dep[k] == "advcl" and tree.low[tree.left[k]] in _REASONS and tree.left[k] == last + 1:
            last = tree.right[k]
    report.content = [(max(first, report.cue[1] + 1), last)]


def _try_infinitive(report: Report, entry: Word) -> bool:
    tree, at = report.tree, report.at
    clause = next((k for k in tree.below[at] if tree.dep[k] in ("xcomp", "advcl") and k > at), None)
    if clause is None or not _is_infinitive(tree, clause):
        return False
    who = next((k for k in tree.below[at] if tree.dep[k] in ("dobj", "dative") and at < k < clause), None)
    if who is not None and "x" in entry.frames:
        report.content = [(tree.left[who], tree.right[clause])]
        report.addressee = (tree.left[who], tree.right[who])
    elif who is None and "i" in entry.frames:
        report.content = [(tree.left[clause], tree.right[clause])]
    else:
        return False
    report.rule = f"to:{entry.sort.name}"
    return True


def _try_prep(report: Report, entry: Word) -> bool:
    tree, at = report.tree, report.at
    if not entry.preps:
        return False
    for k in tree.below[at]:
        if k > at and tree.low[k] in entry.preps and tree.dep[k] in ("prep", "prt", "agent"):
            inner = tree.child(k, "pobj", "pcomp")
            last = tree.right[k]
            # "What everyone's talking about": what it is stands before, and is not told.
            if inner is None or inner < k:
                continue
            clause = next((c for c in tree.below[at] if c > k and tree.dep[c] == "xcomp"), None)
            if clause is not None:
                last = tree.right[clause]
            report.content = [(k if entry.base == "accuse" else k + 1, last)]
            report.cue = (report.cue[0], max(report.cue[1], k if k == report.cue[1] + 1 else report.cue[1]))
            if entry.base == "accuse" and (who := tree.child(at, "dobj")) is not None and who < k:
                report.content = [(tree.left[who], last)]
            report.rule = f"prep:{entry.sort.name}"
            return True
    return False


def _try_object(report: Report, entry: Word) -> bool:
    tree, at = report.tree, report.at
    inverted = report.source is None and report.cue[0] > 0 and tree.low[report.cue[0] - 1] in ('"', "'")
    # “…,” warned the engineer Mara Wendt: she is no object.
    if "o" not in entry.frames or inverted:
        return False
    what = next((k for k in tree.below[at] if k > at and tree.dep[k] in ("dobj", "oprd", "attr")), None)
    small = next((k for k in tree.below[at] if k > at and tree.dep[k] in ("ccomp", "xcomp")), None)
    if what is None and small is not None and not _is_infinitive(tree, small):
        what = small
    if what is None or (
        entry.base in SEEN_AS and not any(tree.low[tree.left[k]] == "as" for k in tree.below[at] if k > at)
    ):
        return False
    last = tree.right[what]
    for k in tree.below[at]:
        reason = tree.dep[k] == "advcl" and tree.low[tree.left[k]] in _REASONS and tree.left[k] == last + 1
        if k > what and (reason or tree.dep[k] in ("oprd", "xcomp", "ccomp") or _goes_with_object(tree, k, last)):
            last = max(last, tree.right[k])
    report.content = [(tree.left[what], last)]
    report.rule = f"object:{entry.sort.name}"
    return True


def _goes_with_object(tree: Tree, k: int, last: int) -> bool:
    if tree.low[tree.left[k]] == "as" or (
        tree.low[k] == "with" and tree.low[tree.head[k]] in ("show", "shows", "showed")
    ):
        return tree.left[k] == last + 1
    return tree.dep[k] in ("prep", "dative") and tree.low[k] in _KEEP_AFTER - _STAGE and tree.left[k] == last + 1


def _try_fronted(report: Report, entry: Word) -> None:
    """ "The crane is safe, she said": the clause stands before the verb."""
    tree, at = report.tree, report.at
    if not entry.frames & {"t", "l"} or (entry.sort is Sort.PROOF and report.base not in FINDINGS):
        return
    clause = next(
        (k for k in tree.below[at] if tree.dep[k] in ("ccomp", "dobj", "nsubj", "parataxis") and k < at), None
    )
    if clause is None or tree.dep[clause] == "nsubj":
        return
    after = tree.right[clause] + 1
    if tree.low[clause] in ("what", "which", "that", "whom"):
        return
    if after < len(tree.low) and tree.low[after] in (",", '"', "''", "”", "-", "–", "—"):
        report.content = [(min(tree.left[clause], _opening(tree, at)), tree.right[clause])]
        report.rule = f"fronted:{entry.sort.name}"
        _resumed(report)


def _opening(tree: Tree, at: int) -> int:
    """The sentence's first token where the words before a fronted clause belong to it: "But", "In all,"."""
    return 0 if tree.head[at] == at else len(tree.low)


def _resumed(report: Report) -> None:
    """ "The crane was safe, she said, until it fell": the clause goes on after the comma that closes the cue."""
    tree, at = report.tree, report.at
    own = [k for k in tree.below[at] if tree.dep[k] in ("nsubj", "dobj", "dative", "prt") and k > report.content[0][1]]
    close = max([at, *(tree.right[k] for k in own)]) + 1
    after = close + 1
    if after >= len(tree.low) or tree.low[close] != ",":
        return
    if tree.tag[after] in ("VBG", "WP", "WDT") or tree.low[after] in ("according", "and", "but", "as", '"', "'"):
        return
    report.content.append((after, len(tree.low) - 1))


def around(report: Report) -> None:
    """ "The crane, she said, is safe": the verb hangs on the clause that it reports."""
    tree, at = report.tree, report.at
    up = tree.head[at]
    if (
        report.sort is Sort.PROOF
        or report.base in SELDOM_APART
        or (report.sort is Sort.THOUGHT and report.base not in OPINES)
    ):
        return
    if up == at or tree.dep[at] not in ("parataxis", "ccomp", "dep", "advcl") or report.source is None:
        return
    own = tree.child(at, "nsubj")
    if own is None or tree.under(report.source, up) is False:
        return
    if tree.dep[at] == "advcl" and not any(tree.low[k] == "as" for k in tree.below[at]):
        return
    first, last = tree.left[at], tree.right[at]
    before, after = (tree.left[up], first - 1), (last + 1, tree.right[up])
    if before[0] > before[1] and after[0] > after[1]:
        return
    open_ok = first == 0 or tree.low[first - 1] in _MARKS or tree.low[first] in _MARKS or tree.low[first] == "as"
    close_ok = last + 1 >= len(tree.low) or tree.low[last + 1] in _MARKS or tree.low[last] in _MARKS
    if open_ok and close_ok:
        report.content = [run for run in (before, after) if run[0] <= run[1]]
        report.rule = "around"
