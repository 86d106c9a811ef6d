"""What the verbs of a sentence report: cue, source and content, read off its grammar.

A `Report` is one cue with what it reports, in tokens of its `Tree`. Content may be empty: "Mara Wendt said." waits for
the quotation beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.grammar import Tree
from ingest.lexicon import Sort, Word, verbs

Run = tuple[int, int]
"""First and last token."""

_CLAUSES = ("ccomp", "xcomp")
_NOT_TOLD = frozenset("ensure make require happen seem appear turn help let keep get cause prevent allow".split())
_KEEP_AFTER = frozenset("as for of to with over from into against about on than like in".split())
_STAGE = frozenset("in on at during after before by from through via with when while since until amid".split())
"""Prepositions that open where and when something was said, rather than what."""
_FINDINGS = frozenset("show find suggest indicate reveal conclude".split())
_SELDOM_APART = frozenset("begin go relate maintain promise sing".split())
_OPINES = frozenset("think believe hope fear suspect feel reckon guess suppose imagine".split())
_SAYING = frozenset("saying telling".split())
_CITES = frozenset("quote cite".split())
_CITING = frozenset("quoted quotes quoting cited cites citing quote".split())
_REASONS = frozenset("because since if unless so".split())
_RELATIVE = frozenset("who which that whom".split())
_MARKS = frozenset(",:;-–—\"'()[]...``''")


@dataclass(slots=True)
class Report:
    """A cue (token `at`, words `cue`), the head token of its source, and what it reports."""

    tree: Tree
    at: int
    cue: Run
    base: str
    sort: Sort
    source: int | None
    content: list[Run] = field(default_factory=list)
    addressee: Run | None = None
    rule: str = ""
    takes_quotation: bool = True
    via: int | None = None
    """The relative pronoun that stands for the source: "the mayor, who said"."""

    @property
    def first(self) -> int:
        """The first token of cue and content."""
        return min([self.cue[0], *(run[0] for run in self.content)])


def verb_reports(tree: Tree) -> Iterator[Report]:
    """The reports of every cue verb, in order."""
    known = verbs()
    for at, tag in enumerate(tree.tag):
        if tag.startswith("VB") and (entries := known.get(tree.low[at])):
            report = _as_saying(tree, at) or _verb(tree, at, entries)
            if report is not None and not (report.base in _CITES and _says_after(tree, at)):
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
        tree.low[k] == "as" and tree.low[k + 1] in _SAYING for k in range(at + 1, min(at + 15, len(tree.low) - 1))
    )


def _as_saying(tree: Tree, at: int) -> Report | None:
    """ "The agency quoted Lind as saying …", "Lind was quoted as saying …": the words are Lind's."""
    if tree.low[at] not in _SAYING or at < 2 or tree.low[at - 1] != "as":
        return None
    cites = next((k for k in range(at - 2, max(-1, at - 16), -1) if tree.low[k] in _CITING), None)
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
            _passive_content(report, entry)
        else:
            _content(report, entry)
        if report.content:
            return report
    entry = entries[0]
    finding = any(one.base in _FINDINGS for one in entries) and not passive and source is not None
    if (passive and source is None) or not (finding or entry.frames & {"t", "l", "x"}):
        return None
    report = Report(tree, at, _cue_run(tree, at), entry.base, entry.sort, source, via=via, rule="bare")
    _around(report)
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


def _passive_content(report: Report, entry: Word) -> None:
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


def _content(report: Report, entry: Word) -> None:
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
            if inner is None:
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
    if "o" not in entry.frames:
        return False
    what = next((k for k in tree.below[at] if k > at and tree.dep[k] in ("dobj", "oprd", "attr")), None)
    small = next((k for k in tree.below[at] if k > at and tree.dep[k] in ("ccomp", "xcomp")), None)
    if what is None and small is not None and not _is_infinitive(tree, small):
        what = small
    if what is None:
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
    if not entry.frames & {"t", "l"} or (entry.sort is Sort.PROOF and report.base not in _FINDINGS):
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


def _around(report: Report) -> None:
    """ "The crane, she said, is safe": the verb hangs on the clause that it reports."""
    tree, at = report.tree, report.at
    up = tree.head[at]
    if (
        report.sort is Sort.PROOF
        or report.base in _SELDOM_APART
        or (report.sort is Sort.THOUGHT and report.base not in _OPINES)
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
