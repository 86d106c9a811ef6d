"""The verdict on a quotation in a sentence, for the terminal and for Discord."""

from __future__ import annotations

from retrieval.quotes.checker import CheckedQuotation, Verdict


def verdict_sentence(checked: CheckedQuotation) -> str:
    """The verdict in a sentence."""
    speaker = next((match.statement.speaker for match in checked.matches if match.statement), None)
    if checked.verdict is Verdict.NOT_FOUND:
        return "Not found: no article holds these words or words close to them."
    if checked.verdict is Verdict.ALTERED:
        return "Altered: the articles have other words."
    if checked.verdict is Verdict.MISATTRIBUTED:
        return f"Misattributed: the words are real, but by the articles {speaker} said them, not {checked.speaker}."
    if speaker is None:
        unattributed = "not as the words of anybody they name"
        return f"Verbatim: the words stand in the articles, but {unattributed}" + (
            f": nothing shows that {checked.speaker} said them." if checked.speaker else "."
        )
    return f"Verbatim: {speaker} said it, word for word."
