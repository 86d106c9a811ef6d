"""Verdicts on quotations in words, for the terminal and for Discord alike."""

from __future__ import annotations

from retrieval.quotes.checker import Checked, Verdict


def verdict_sentence(one: Checked) -> str:
    """The verdict in a sentence."""
    said_by = next((match.statement.speaker for match in one.matches if match.statement), None)
    if one.verdict is Verdict.NOT_FOUND:
        return "Not found: no article holds these words or words close to them."
    if one.verdict is Verdict.ALTERED:
        return "Altered: the articles have other words."
    if one.verdict is Verdict.MISATTRIBUTED:
        return f"Misattributed: the words are real, but by the articles {said_by} said them, not {one.speaker}."
    if said_by is None:
        nobody = "the articles' own, or of nobody they name"
        return f"Verbatim: the words stand in the articles, but as {nobody}" + (
            f": nothing shows that {one.speaker} said them." if one.speaker else "."
        )
    return f"Verbatim: {said_by} said it, word for word."
