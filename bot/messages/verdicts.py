"""The verdict on a quotation in a sentence, for the terminal and for Discord."""

from __future__ import annotations

from retrieval.quotes.checker import CheckedQuotation, Verdict


def verdict_sentence(checked: CheckedQuotation) -> str:
    """The verdict in a sentence."""
    speaker = next((match.statement.speaker for match in checked.matches if match.statement), None)
    if checked.verdict is Verdict.NOT_FOUND:
        return "Not found: no article contains these words or anything close to them."
    if checked.verdict is Verdict.ALTERED:
        return "Altered: the wording in the articles is different."
    if checked.verdict is Verdict.MISATTRIBUTED:
        return f"Misattributed: the words are real, but the articles say {speaker} said them, not {checked.speaker}."
    if speaker is None:
        ending = f", and nothing shows that {checked.speaker} said them." if checked.speaker else "."
        return f"Verbatim: the articles contain these words, but not as said by anyone they name{ending}"
    return f"Verbatim: {speaker} said it, word for word."
