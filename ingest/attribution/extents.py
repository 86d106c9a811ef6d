"""Where what is reported ends: more than grammar found of it, or less."""

from __future__ import annotations

from retrieval.english.verb_sets import FINDINGS, PLAIN_CUES
from ingest.attribution.document import Reading
from ingest.attribution.draft import MARKS, Reported, Run, trimmed
from ingest.attribution.mentions import words_of

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


def complete(reading: Reading, draft: Reported, found: list[Reported]) -> None:
    """Carry content to where it ends: grammar may lose the rest of a long sentence, or find a day in a quotation."""
    report = draft.report
    opening, end = words_of(reading, report.tree, (0, len(report.tree.low) - 1))
    rule = report.rule.split(":")[0]
    if rule == "bare" and not draft.content:
        _rest(reading, draft, opening, end)
        if not draft.content:
            _before_cue(reading, draft, opening, end)
    elif rule == "that" and draft.content:
        last = draft.content[-1][1]
        cues = [one.at for one in found if one is not draft and one.at > last]
        if not cues and _carries_on(reading, last + 1, end):
            draft.content[-1] = trimmed(reading, draft.content[-1][0], end) or draft.content[-1]
    elif rule in ("object", "prep", "governs", "fronted") and draft.content:
        draft.content[-1] = _without_stage(reading, draft.content[-1])
    if rule in ("object", "prep", "that", "to", "rest") and draft.content:
        draft.content[-1] = _before_dash(reading, draft.content[-1])
        draft.content[-1] = _without_medium(reading, draft.content[-1])


def _carries_on(reading: Reading, at: int, end: int) -> bool:
    """Whether what stands at a word, after a comma or not, goes on with the clause before it."""
    at += at < end and reading.word[at] == ","
    if at >= end or reading.quoted[at] >= 0:
        return False
    low = reading.low
    if low[at] == ":":
        return reading.quoted[at + 1] < 0
    if low[at] in ("was", "is", "were", "are", "will", "would", "had", "has"):
        return reading.word[at - 1] != ","
    return low[at] in _CARRY_ON or (low[at] in ("and", "but") and low[at + 1] in _STILL_TOLD)


def _rest(reading: Reading, draft: Reported, opening: int, end: int) -> None:
    """ "Obama said the words lump …": where grammar fails, what follows the cue is what it reports."""
    report = draft.report
    if draft.phrase is None or draft.phrase.first > draft.at:
        return
    if report.base not in PLAIN_CUES and (report.base not in FINDINGS or draft.phrase.pronoun):
        return
    before = draft.reach[0] - 1
    if before >= opening and reading.quoted[before] >= 0:
        return
    at = max(draft.cue_run[1], draft.reach[1] if draft.addressee else 0) + 1
    while at in reading.time_starting:
        at = reading.time_starting[at] + 1
    if at + 2 <= end and reading.low[at] in _MEDIA:
        at = next((k for k in range(at + 1, min(end, at + 25)) if reading.low[k] in ("that", ":")), end)
    if at + 2 > end or not reading.is_word(at) or reading.low[at] in _NO_CLAUSE:
        return
    if any(reading.word[k] == ":" for k in range(at, min(end, at + 12))):
        return
    if (run := trimmed(reading, at, end)) is not None:
        draft.content = [run]
        draft.rule = "rest"


def _before_cue(reading: Reading, draft: Reported, opening: int, end: int) -> None:
    """ "…, a new poll indicates.": where grammar fails, what stands before the comma is what the cue reports."""
    lo, hi = draft.reach
    if draft.report.base not in PLAIN_CUES | FINDINGS | {"think", "believe"}:
        return
    if draft.phrase is None or lo - 4 < opening or reading.word[lo - 1] != "," or reading.quoted[lo - 2] >= 0:
        return
    tail = [k for k in range(hi + 1, end + 1) if reading.is_word(k) and k not in reading.time_starting]
    if len(tail) > 6 or any(reading.word[k] == "," for k in range(hi + 1, end)):
        return
    if (run := trimmed(reading, opening, lo - 2)) is not None and run[1] - run[0] >= 3:
        draft.content = [run]
        draft.rule = "before"


def _before_dash(reading: Reading, run: Run) -> Run:
    """Up to a dash that no other closes: what follows it is the reporter's."""
    first, last = run
    dashes = [
        at
        for at in range(first + 3, last)
        if reading.quoted[at] < 0
        and (reading.word[at] in _LONG_DASHES or (reading.word[at] == "-" and _stands_free(reading, at)))
    ]
    if len(dashes) == 1 and reading.low[dashes[0] + 1] not in ("and", "or"):
        return first, dashes[0] - 1
    return run


def _stands_free(reading: Reading, at: int) -> bool:
    return reading.end[at - 1] < reading.start[at] and reading.end[at] < reading.start[at + 1]


def _without_medium(reading: Reading, run: Run) -> Run:
    """Without "in a tweet", "on the show" at the end: that is where it was said."""
    first, last = run
    for at in range(last - 1, max(first + 1, last - 8), -1):
        if reading.quoted[at] >= 0 or reading.word[at] in MARKS:
            return run
        if reading.low[at] in ("in", "on", "at", "during", "via", "through"):
            return (first, at - 1) if any(reading.low[k] in _MEDIUMS for k in range(at, last + 1)) else run
    return run


def _without_stage(reading: Reading, run: Run) -> Run:
    """Without the day and place that follow a closing quotation mark."""
    for at in range(run[0], run[1]):
        if reading.quoted[at] >= 0 and reading.quoted[at + 1] < 0:
            after = at + 1
            if after in reading.time_starting or reading.low[after] in _STAGE:
                return run[0], at
    return run
