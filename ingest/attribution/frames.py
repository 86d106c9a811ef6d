"""Frames: finds the content that a verb reports, by what it may govern: a clause, infinitive, object or preposition."""

from __future__ import annotations

from ingest.attribution.grammar import Tree
from ingest.attribution.report import ReportedSpeech
from retrieval.english.verb_sets import FINDINGS, OPINES, SEEN_AS, SELDOM_APART
from retrieval.english.verbs import Sort, Word

_CLAUSES = ("ccomp", "xcomp")
_KEEP_AFTER = frozenset("as for of to with over from into against about on than like in".split())
_STAGE = frozenset("in on at during after before by from through via with when while since until amid".split())
"""Words that introduce where or when something was said, rather than what."""
_REASONS = frozenset("because since if unless so".split())
_MARKS = frozenset(",:;-–—\"'()[]...``''")


def find_passive_content(report: ReportedSpeech, entry: Word) -> None:
    """Set the content of a passive verb: "was told that …", "was called a fool by …"."""
    tree, verb = report.tree, report.cue_head
    clause = tree.child(verb, *_CLAUSES, after=verb)
    if clause is not None and entry.frames & {"l", "x", "t"}:
        report.content = [(tree.left[clause], tree.right[clause])]
        if entry.frames & {"l", "x"} and (listener := tree.child(verb, "nsubjpass")) is not None:
            report.addressee = (tree.left[listener], tree.right[listener])
        report.rule = "passive clause"
        return
    if report.source is None or not entry.frames & {"o"}:
        return
    topic = tree.child(verb, "nsubjpass")
    if topic is None and tree.dep[verb] == "acl":
        topic = tree.head[verb]
    by_phrase = tree.child(verb, "agent")
    if topic is None or by_phrase is None:
        return
    if tree.dep[verb] == "acl":
        report.content = [(tree.left[topic], max(topic, report.cue[0] - 1))]
    else:
        report.content = [(tree.left[topic], tree.right[topic])]
    complements = [
        child
        for child in tree.children[verb]
        if child > verb and child != by_phrase and tree.dep[child] in ("oprd", "prep", "xcomp")
    ]
    report.content += [
        (tree.left[child], tree.right[child]) for child in complements if tree.lower[child] not in _STAGE
    ]
    report.rule = "passive object"


def find_content(report: ReportedSpeech, entry: Word) -> None:
    """Set the content of an active verb by the first frame that fits, the most reliable frame first."""
    tree, verb = report.tree, report.cue_head
    clause = next(
        (
            child
            for child in tree.children[verb]
            if tree.dep[child] == "ccomp" and child > verb and not _is_coordinated(tree, child)
        ),
        None,
    )
    infinitive = clause is not None and _is_infinitive(tree, clause)
    if clause is not None and not infinitive and (entry.frames & {"t", "l"} or _has_that(tree, clause)):
        if entry.sort is Sort.PROOF and not _has_that(tree, clause) and entry.base not in ("show", "find"):
            return
        _take_clause(report, entry, clause)
        report.rule = f"that:{entry.sort.name}"
    elif clause is not None and infinitive and entry.frames & {"x", "i"}:
        report.content = [(tree.left[clause], tree.right[clause])]
        report.rule = f"to-clause:{entry.sort.name}"
    elif _try_infinitive(report, entry) or _try_preposition(report, entry) or _try_object(report, entry):
        pass
    else:
        _try_fronted(report, entry)


def _is_coordinated(tree: Tree, clause: int) -> bool:
    """Whether a clause follows ", and" or ", but": it is then the reporter's own."""
    before = tree.left[clause] - 1
    return before > 0 and tree.dep[before] == "cc" and tree.lower[before - 1] == ","


def _has_that(tree: Tree, clause: int) -> bool:
    """Whether a clause is introduced by "that", "whether" or "if"."""
    return any(
        tree.dep[child] == "mark" and tree.lower[child] in ("that", "whether", "if") for child in tree.children[clause]
    )


def _is_infinitive(tree: Tree, clause: int) -> bool:
    """Whether a clause is an infinitive with "to"."""
    return any(tree.dep[child] == "aux" and tree.lower[child] == "to" for child in tree.children[clause])


def _take_clause(report: ReportedSpeech, entry: Word, clause: int) -> None:
    """Make a clause the content, with a reason that follows it; an object before it is addressee or content."""
    tree, verb = report.tree, report.cue_head
    first = tree.left[clause]
    listener = tree.child(verb, "dobj", "dative", after=verb, before=clause)
    if listener is not None:
        if "l" in entry.frames:
            report.addressee = (tree.left[listener], tree.right[listener])
        elif "o" in entry.frames and "t" not in entry.frames:
            first = tree.left[listener]
    last = tree.right[clause]
    for child in tree.children[verb]:
        if (
            child > clause
            and tree.dep[child] == "advcl"
            and tree.lower[tree.left[child]] in _REASONS
            and tree.left[child] == last + 1
        ):
            last = tree.right[child]
    report.content = [(max(first, report.cue[1] + 1), last)]


def _try_infinitive(report: ReportedSpeech, entry: Word) -> bool:
    """Set the content if it is an infinitive: "urged them to leave", "threatened to leave"."""
    tree, verb = report.tree, report.cue_head
    clause = tree.child(verb, "xcomp", "advcl", after=verb)
    if clause is None or not _is_infinitive(tree, clause):
        return False
    listener = tree.child(verb, "dobj", "dative", after=verb, before=clause)
    if listener is not None and "x" in entry.frames:
        report.content = [(tree.left[listener], tree.right[clause])]
        report.addressee = (tree.left[listener], tree.right[listener])
    elif listener is None and "i" in entry.frames:
        report.content = [(tree.left[clause], tree.right[clause])]
    else:
        return False
    report.rule = f"to:{entry.sort.name}"
    return True


def _try_preposition(report: ReportedSpeech, entry: Word) -> bool:
    """Set the content if it follows a preposition: "called for peace", "accused them of lying"."""
    tree, verb = report.tree, report.cue_head
    if not entry.preps:
        return False
    for child in tree.children[verb]:
        if child > verb and tree.lower[child] in entry.preps and tree.dep[child] in ("prep", "prt", "agent"):
            prep_object = tree.child(child, "pobj", "pcomp")
            last = tree.right[child]
            # "What everyone's talking about": the object stands before the preposition, and no content is given.
            if prep_object is None or prep_object < child:
                continue
            clause = tree.child(verb, "xcomp", after=child)
            if clause is not None:
                last = tree.right[clause]
            report.content = [(child if entry.base == "accuse" else child + 1, last)]
            report.cue = (report.cue[0], max(report.cue[1], child if child == report.cue[1] + 1 else report.cue[1]))
            if entry.base == "accuse" and (accused := tree.child(verb, "dobj")) is not None and accused < child:
                report.content = [(tree.left[accused], last)]
            report.rule = f"prep:{entry.sort.name}"
            return True
    return False


def _try_object(report: ReportedSpeech, entry: Word) -> bool:
    """Set the content if it is an object: "criticised the plan", "called the plan a joke"."""
    tree, verb = report.tree, report.cue_head
    is_inverted = report.source is None and report.cue[0] > 0 and tree.lower[report.cue[0] - 1] in ('"', "'")
    # “…,” warned the engineer Mara Wendt: she is the subject, whatever the parser says.
    if "o" not in entry.frames or is_inverted:
        return False
    object_head = tree.child(verb, "dobj", "oprd", "attr", after=verb)
    small_clause = tree.child(verb, *_CLAUSES, after=verb)
    if object_head is None and small_clause is not None and not _is_infinitive(tree, small_clause):
        object_head = small_clause
    if object_head is None or (
        entry.base in SEEN_AS
        and not any(tree.lower[tree.left[child]] == "as" for child in tree.children[verb] if child > verb)
    ):
        return False
    last = tree.right[object_head]
    for child in tree.children[verb]:
        is_reason = (
            tree.dep[child] == "advcl" and tree.lower[tree.left[child]] in _REASONS and tree.left[child] == last + 1
        )
        if child > object_head and (
            is_reason or tree.dep[child] in ("oprd", "xcomp", "ccomp") or _goes_with_object(tree, child, last)
        ):
            last = max(last, tree.right[child])
    report.content = [(tree.left[object_head], last)]
    report.rule = f"object:{entry.sort.name}"
    return True


def _goes_with_object(tree: Tree, child: int, last: int) -> bool:
    """Whether a phrase right after the object, which ends at token `last`, is part of the content."""
    if tree.lower[tree.left[child]] == "as" or (
        tree.lower[child] == "with" and tree.lower[tree.head[child]] in ("show", "shows", "showed")
    ):
        return tree.left[child] == last + 1
    return (
        tree.dep[child] in ("prep", "dative")
        and tree.lower[child] in _KEEP_AFTER - _STAGE
        and tree.left[child] == last + 1
    )


def _try_fronted(report: ReportedSpeech, entry: Word) -> None:
    """Set the content if it is a clause before the verb: "The crane is safe, she said"."""
    tree, verb = report.tree, report.cue_head
    if not entry.frames & {"t", "l"} or (entry.sort is Sort.PROOF and report.base not in FINDINGS):
        return
    clause = tree.child(verb, "ccomp", "dobj", "nsubj", "parataxis", before=verb)
    if clause is None or tree.dep[clause] == "nsubj":
        return
    after = tree.right[clause] + 1
    if tree.lower[clause] in ("what", "which", "that", "whom"):
        return
    if after < len(tree.lower) and tree.lower[after] in (",", '"', "''", "”", "-", "–", "—"):
        report.content = [(min(tree.left[clause], _fronted_start(tree, verb)), tree.right[clause])]
        report.rule = f"fronted:{entry.sort.name}"
        _add_resumed_clause(report)


def _fronted_start(tree: Tree, verb: int) -> int:
    """The first token of a sentence whose root is the verb: "But" or "In all," belong to the fronted clause."""
    return 0 if tree.head[verb] == verb else len(tree.lower)


def _add_resumed_clause(report: ReportedSpeech) -> None:
    """Add the rest of a fronted clause after the cue: "The crane was safe, she said, until it fell"."""
    tree, verb = report.tree, report.cue_head
    parts = [
        child
        for child in tree.children[verb]
        if tree.dep[child] in ("nsubj", "dobj", "dative", "prt") and child > report.content[0][1]
    ]
    comma = max([verb, *(tree.right[child] for child in parts)]) + 1
    after = comma + 1
    if after >= len(tree.lower) or tree.lower[comma] != ",":
        return
    if tree.tag[after] in ("VBG", "WP", "WDT") or tree.lower[after] in ("according", "and", "but", "as", '"', "'"):
        return
    report.content.append((after, len(tree.lower) - 1))


def find_parenthetical_content(report: ReportedSpeech) -> None:
    """Set the content of a verb that interrupts the clause it reports: "The crane, she said, is safe"."""
    tree, verb = report.tree, report.cue_head
    governor = tree.head[verb]
    if (
        report.sort is Sort.PROOF
        or report.base in SELDOM_APART
        or (report.sort is Sort.THOUGHT and report.base not in OPINES)
    ):
        return
    if governor == verb or tree.dep[verb] not in ("parataxis", "ccomp", "dep", "advcl") or report.source is None:
        return
    own_subject = tree.child(verb, "nsubj")
    if own_subject is None or not tree.is_under(report.source, governor):
        return
    if tree.dep[verb] == "advcl" and not any(tree.lower[child] == "as" for child in tree.children[verb]):
        return
    first, last = tree.left[verb], tree.right[verb]
    before, after = (tree.left[governor], first - 1), (last + 1, tree.right[governor])
    if before[0] > before[1] and after[0] > after[1]:
        return
    is_set_off_before = (
        first == 0 or tree.lower[first - 1] in _MARKS or tree.lower[first] in _MARKS or tree.lower[first] == "as"
    )
    is_set_off_after = last + 1 >= len(tree.lower) or tree.lower[last + 1] in _MARKS or tree.lower[last] in _MARKS
    if is_set_off_before and is_set_off_after:
        report.content = [run for run in (before, after) if run[0] <= run[1]]
        report.rule = "around"
