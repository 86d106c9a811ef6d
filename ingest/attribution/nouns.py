"""Speech reported by nouns, adjectives and "according to": "the claim that", "confident that", "according to polls"."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.attribution.clauses import subject
from ingest.attribution.grammar import Tree
from ingest.attribution.report import ReportedSpeech
from retrieval.english.verb_sets import GIVES
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
"""Prepositions that introduce what a noun reports: "her criticism of the plan"."""


_ADJECTIVE_PREPOSITIONS = frozenset("about of with by for over to at on".split())
"""Prepositions that introduce what an adjective reports: "critical of the plan"."""

_ADJECTIVE_RELATIONS = frozenset("acomp ROOT conj oprd advcl amod ccomp relcl".split())
"""Relations in which an adjective may report."""


def nominal_reports(tree: Tree) -> Iterator[ReportedSpeech]:
    """The speech reported by each noun, adjective and "according to" of a sentence, in order."""
    for token, lower in enumerate(tree.lower):
        tag = tree.tag[token]
        if lower == "according":
            report = _according_to_report(tree, token)
        elif tag in ("NN", "NNS"):
            singular = lower if lower in NOUNS else lower[:-1] if lower[:-1] in NOUNS else lower[:-3] + "y"
            report = _noun_report(tree, token, singular) if singular in NOUNS else None
        elif lower in ADJECTIVES and tree.dep[token] in _ADJECTIVE_RELATIONS:
            report = _adjective_report(tree, token, lower)
        else:
            report = None
        if report is not None:
            yield report


def _according_to_report(tree: Tree, according: int) -> ReportedSpeech | None:
    """The report of "according to": its content is the rest of the sentence on both sides."""
    to = tree.child(according, "prep")
    if to is None and according + 1 < len(tree.lower) and tree.lower[according + 1] == "to":
        to = according + 1
    source = tree.child(to, "pobj") if to is not None else tree.child(according, "pobj")
    if to is None or source is None:
        return None
    report = ReportedSpeech(tree, according, (according, to), "according", Sort.SPEECH, source, rule="according")
    end = tree.right[source]
    end -= tree.lower[end] == ","
    last = len(tree.lower) - 1
    if end >= last - 1 and according <= 2:
        end = next((k - 1 for k in range(source + 1, last) if tree.lower[k] == ","), end)
    if according > 1:
        report.content.append((0, according - 1))
    if end + 2 < last and tree.lower[end + 1] == ",":
        report.content.append((end + 2, last))
    return report


def _noun_report(tree: Tree, noun: int, base: str) -> ReportedSpeech | None:
    """The report of a noun that governs a clause ("the claim that …") or preposition ("criticism of …")."""
    clause = next(
        (
            child
            for child in tree.children[noun]
            if child > noun and tree.dep[child] in ("acl", "ccomp", "relcl") and _is_reported_clause(tree, child)
        ),
        None,
    )
    preposition = next(
        (child for child in tree.children[noun] if child > noun and tree.lower[child] in _ABOUT.get(base, ())), None
    )
    if clause is None and (preposition is None or (tree.child(preposition, "pobj", "pcomp") or 0) < preposition):
        return None
    source, relative = _source_of_noun(tree, noun)
    if source is None:
        return None
    sort = Sort.THOUGHT if base in MENTAL_NOUNS else Sort.SPEECH
    if clause is not None:
        run = (tree.left[clause], tree.right[clause])
        return ReportedSpeech(
            tree, noun, (noun, noun), base, sort, source, [run], relative=relative, rule=f"noun:{sort.name}"
        )
    if preposition is None or source >= preposition:
        return None
    run = (preposition + 1, tree.right[preposition])
    return ReportedSpeech(
        tree, noun, (noun, preposition), base, sort, source, [run], relative=relative, rule="noun about"
    )


def _is_reported_clause(tree: Tree, clause: int) -> bool:
    """Whether a clause after a noun is its content: one with "that", or an infinitive."""
    marks = [tree.lower[child] for child in tree.children[clause] if tree.dep[child] == "mark"]
    if "that" in marks:
        return True
    return tree.dep[clause] == "acl" and any(
        tree.dep[child] == "aux" and tree.lower[child] == "to" for child in tree.children[clause]
    )


def _source_of_noun(tree: Tree, noun: int) -> tuple[int | None, int | None]:
    """Whose claim a noun is, in the form that `subject` returns: "her claim", "a claim by", "they made the claim"."""
    if (owner := tree.child(noun, "poss")) is not None:
        return owner, None
    for child in tree.children[noun]:
        if tree.lower[child] in ("by", "from", "of", "among") and tree.dep[child] in ("prep", "agent"):
            source = tree.child(child, "pobj")
            if source is not None and (tree.lower[child] != "of" or tree.tag[source].startswith("NNP")):
                return source, None
    governor = tree.head[noun]
    if tree.dep[noun] in ("dobj", "attr") and tree.lower[governor] in GIVES:
        return subject(tree, governor)
    return None, None


def _adjective_report(tree: Tree, adjective: int, base: str) -> ReportedSpeech | None:
    """The report of an adjective that governs a clause or preposition: "confident that …", "critical of …"."""
    clause = tree.child(adjective, "ccomp", "xcomp", "prep", "advcl", after=adjective)
    if clause is None:
        return None
    if tree.dep[clause] == "prep" and tree.lower[clause] not in _ADJECTIVE_PREPOSITIONS:
        return None
    first = tree.left[clause] + (tree.dep[clause] == "prep")
    if first > tree.right[clause]:
        return None
    source, relative = subject(tree, adjective)
    if source is None:
        return None
    sort = Sort.SPEECH if base in SPOKEN_ADJECTIVES else Sort.THOUGHT
    report = ReportedSpeech(
        tree, adjective, (adjective, adjective), base, sort, source, [(first, tree.right[clause])], relative=relative
    )
    report.rule = "adjective"
    return report
