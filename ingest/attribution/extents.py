"""The extent of reported content: extends or cuts what the parse tree gives."""

from __future__ import annotations

from ingest.attribution.document import AnnotatedText
from ingest.attribution.draft import MARKS, CuedDraft, WordRun, trim
from ingest.attribution.mentions import word_run
from retrieval.english.verb_sets import FINDINGS, PLAIN_CUES

_MEDIA = frozenset("in on at during to".split())

_NO_CLAUSE = frozenset(
    "and but or in on at by for from with about of after before during as when while while to so no nothing".split()
)

_STAGE = frozenset("on at during after before when while amid".split())

_CARRY_ON = frozenset(
    "because since if unless which who whose including especially particularly or nor even so".split()
)

_STILL_TOLD = frozenset("that whether not there it they".split())
_MEDIUMS = frozenset(
    """tweet tweets twitter facebook interview interviews statement speech article show channel debate rally email
    conference post blog radio television tv program programme briefing memo letter op-ed column podcast hearing
    instagram youtube text message broadcast editorial essay press""".split()
)

_LONG_DASHES = frozenset("–—―")


def complete_content(text: AnnotatedText, draft: CuedDraft, drafts: list[CuedDraft]) -> None:
    """Correct the content of a draft: the parser may lose the rest of a long sentence, or include a day or place."""
    report = draft.report
    start, end = word_run(text, report.tree, (0, len(report.tree.lower) - 1))
    rule = report.rule.split(":")[0]
    if rule == "bare" and not draft.content:
        _take_rest_of_sentence(text, draft, start, end)
        if not draft.content:
            _take_words_before_cue(text, draft, start, end)
    elif rule == "that" and draft.content:
        last = draft.content[-1][1]
        later_cues = [other.anchor for other in drafts if other is not draft and other.anchor > last]
        if not later_cues and _continues_clause(text, last + 1, end):
            draft.content[-1] = trim(text, draft.content[-1][0], end) or draft.content[-1]
    elif rule in ("object", "prep", "governs", "fronted") and draft.content:
        draft.content[-1] = _cut_time_and_place(text, draft.content[-1])
    if rule in ("object", "prep", "that", "to") and draft.content:
        draft.content[-1] = _cut_at_dash(text, draft.content[-1])
        draft.content[-1] = _cut_medium(text, draft.content[-1])


def _continues_clause(text: AnnotatedText, at: int, end: int) -> bool:
    """Whether the words from `at`, after a comma or not, continue the clause before them."""
    at += at < end and text.word[at] == ","
    if at >= end or text.quoted[at] >= 0:
        return False
    lower = text.lower
    if lower[at] == ":":
        return text.quoted[at + 1] < 0
    if lower[at] in ("was", "is", "were", "are", "will", "would", "had", "has"):
        return text.word[at - 1] != ","
    return lower[at] in _CARRY_ON or (lower[at] in ("and", "but") and lower[at + 1] in _STILL_TOLD)


def _take_rest_of_sentence(text: AnnotatedText, draft: CuedDraft, start: int, end: int) -> None:
    """Where the parser finds no content, take what follows the cue: "Obama said the words lump …"."""
    report = draft.report
    if draft.phrase is None or draft.phrase.first > draft.anchor:
        return
    if report.base not in PLAIN_CUES and (report.base not in FINDINGS or draft.phrase.pronoun):
        return
    before = draft.reporting_clause[0] - 1
    if before >= start and text.quoted[before] >= 0:
        return
    at = max(draft.cue_run[1], draft.reporting_clause[1] if draft.addressee else 0) + 1
    while at in text.time_starting:
        at = text.time_starting[at] + 1
    if at + 2 <= end and text.lower[at] in _MEDIA:
        at = next((k for k in range(at + 1, min(end, at + 25)) if text.lower[k] in ("that", ":")), end)
    if at + 2 > end or not text.is_word(at) or text.lower[at] in _NO_CLAUSE:
        return
    if any(text.word[k] == ":" for k in range(at, min(end, at + 12))):
        return
    if (run := trim(text, at, end)) is not None:
        draft.content = [run]
        draft.rule = "rest"


def _take_words_before_cue(text: AnnotatedText, draft: CuedDraft, start: int, end: int) -> None:
    """Where the parser finds no content, take what stands before the comma: "…, a new poll indicates."."""
    clause_start, clause_end = draft.reporting_clause
    if draft.report.base not in PLAIN_CUES | FINDINGS | {"think", "believe"}:
        return
    if (
        draft.phrase is None
        or clause_start - 4 < start
        or text.word[clause_start - 1] != ","
        or text.quoted[clause_start - 2] >= 0
    ):
        return
    words_after = [k for k in range(clause_end + 1, end + 1) if text.is_word(k) and k not in text.time_starting]
    if len(words_after) > 6 or any(text.word[k] == "," for k in range(clause_end + 1, end)):
        return
    if (run := trim(text, start, clause_start - 2)) is not None and run[1] - run[0] >= 3:
        draft.content = [run]
        draft.rule = "before"


def _cut_at_dash(text: AnnotatedText, run: WordRun) -> WordRun:
    """The run up to an unpaired dash: what follows it are the reporter's words."""
    first, last = run
    dashes = [
        at
        for at in range(first + 3, last)
        if text.quoted[at] < 0
        and (text.word[at] in _LONG_DASHES or (text.word[at] == "-" and _has_space_around(text, at)))
    ]
    if len(dashes) == 1 and text.lower[dashes[0] + 1] not in ("and", "or"):
        return first, dashes[0] - 1
    return run


def _has_space_around(text: AnnotatedText, at: int) -> bool:
    """Whether there is white space before and after a word."""
    return text.end[at - 1] < text.start[at] and text.end[at] < text.start[at + 1]


def _cut_medium(text: AnnotatedText, run: WordRun) -> WordRun:
    """The run without "in a tweet" or "on the show" at its end, which tell where it was said."""
    first, last = run
    for at in range(last - 1, max(first + 1, last - 8), -1):
        if text.quoted[at] >= 0 or text.word[at] in MARKS:
            return run
        if text.lower[at] in ("in", "on", "at", "during", "via", "through"):
            return (first, at - 1) if any(text.lower[k] in _MEDIUMS for k in range(at, last + 1)) else run
    return run


def _cut_time_and_place(text: AnnotatedText, run: WordRun) -> WordRun:
    """The run without the time or place that follows a closing quotation mark."""
    for at in range(run[0], run[1]):
        if text.quoted[at] >= 0 and text.quoted[at + 1] < 0:
            after = at + 1
            if after in text.time_starting or text.lower[after] in _STAGE:
                return run[0], at
    return run
