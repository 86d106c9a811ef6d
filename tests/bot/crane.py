"""A story, a question of it and a wrong claim, for answers that a scripted model writes."""

from tests.loopback.openai import OpenAI
from tests.waiting import NEVER

STORY = """Crane falls at the quay

A harbour crane fell on two trucks on Tuesday, and four dock workers were hurt.

“It was checked in May,” Mara Wendt, the harbour spokeswoman, told reporters. She said the quay would stay shut.
"""
QUESTION = "How many dock workers were hurt?"
WRONG = ("Nine dock workers were hurt.", "four dock workers were hurt")


def by_model(openai: OpenAI) -> dict[str, str]:
    """Settings by which the model behind this server writes the answers."""
    return {
        "OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": "right", "ONRECORD_CHAT_MODEL": "scripted",
        "ONRECORD_ANSWER_SECONDS": str(NEVER), "ONRECORD_CALL_SECONDS": str(NEVER),
    }  # fmt: skip
