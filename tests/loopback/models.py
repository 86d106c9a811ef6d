"""Scripted models: honest ones, and all the ways of being otherwise. Each is a function from a request to a reply."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.loopback.openai import Asked, Model, Reply

Claim = tuple[str, str]
"""(text, the words of some passage that it rests on)."""


_END_OF_A_CLAIM = "}]}"
"""How a claim ends in `wire`: its last proof, its proofs, itself."""


def given(asked: Asked) -> dict[str, Any]:
    """The document with the question and the evidence."""
    for message in asked.body["messages"]:
        text = str(message.get("content") or "")
        if message["role"] == "user" and text.startswith("{"):
            document: dict[str, Any] = json.loads(text)
            return document
    return {}


def refused(asked: Asked) -> list[dict[str, str]]:
    """The claims that are to be written anew, where this is the second try."""
    found = asked.last.partition('{"refused":')
    return list(json.loads(found[1] + found[2])["refused"]) if found[1] else []


def wire(claims: Sequence[dict[str, Any]]) -> str:
    return json.dumps({"claims": claims}, ensure_ascii=False)


def key_of(document: dict[str, Any], words: str) -> str:
    """The key of the passage in which words stand; a made-up one where they stand in none."""
    wanted = " ".join(words.split())
    return next((one["key"] for one in document["evidence"] if wanted in " ".join(one["text"].split())), "z9z9z9")


def honest(claims: Callable[[dict[str, Any]], Sequence[Claim]]) -> Model:
    """Says these claims, with the key of the passage that holds the words; the second time it has nothing better."""

    def model(asked: Asked) -> Reply:
        if "last question of a conversation" in asked.prompt:
            return Reply(json.dumps({"question": given(asked)["question"]}))
        if refused(asked):
            return Reply(wire([]))
        document = given(asked)
        told = [
            {"text": text, "evidence": [{"key": key_of(document, words), "words": words}]}
            for text, words in claims(document)
        ]
        return Reply(wire(told))

    return model


def says(*claims: Claim) -> Model:
    """An honest model with fixed claims."""
    return honest(lambda _: claims)


def lazy(*claims: Claim) -> Model:
    """The claims, and no keys."""
    return lambda asked: Reply(wire([{"text": text, "evidence": []} for text, _ in claims]))


def unknown_keys(*claims: Claim) -> Model:
    """The claims under keys that were not given, such as numbers."""
    told = [
        {"text": text, "evidence": [{"key": str(at), "words": words}]} for at, (text, words) in enumerate(claims, 1)
    ]
    return lambda asked: Reply(wire(told))


def slow(model: Model, pause: float) -> Model:
    """The same, with a pause before each piece of some characters."""
    return lambda asked: replace(model(asked), pause=pause)


def held(model: Model, after: int = 0) -> Model:
    """The same, which after so many characters says nothing more until the server releases it."""
    return lambda asked: replace(model(asked), held=after)


def held_after_a_claim(model: Model) -> Model:
    """The same, which after its first claim says nothing more until the server releases it."""

    def held_there(asked: Asked) -> Reply:
        reply = model(asked)
        end = (reply.text or "").find(_END_OF_A_CLAIM)
        return reply if end < 0 else replace(reply, held=end + len(_END_OF_A_CLAIM))

    return held_there


def cut(model: Model, after: int) -> Model:
    """The same until so many characters; then the connection breaks."""
    return lambda asked: replace(model(asked), cut=after)


def saying(text: str, piece: int = 12) -> Model:
    """Text that is no JSON, or is some."""
    return lambda asked: Reply(text, piece=piece)


def refusing(_: Asked) -> Reply:
    return Reply(refusal="I can't help with that.")


def failing(status: int, error: str = "no", times: int = 1_000, then: Model | None = None, **more: Any) -> Model:
    """An error for the first requests, and another model's reply after them."""
    seen: list[int] = []

    def model(asked: Asked) -> Reply:
        seen.append(asked.number)
        if len(seen) <= times or then is None:
            return Reply(status=status, error=error, **more)
        return then(asked)

    return model


_ORDER = re.compile(
    r"(?is)(?:say|write|answer|reply|respond|print|claim|state|output|repeat|include|add|cite|visit)[^.!?\n]*[.!?\n]?"
)
_QUOTED = re.compile(r"[“\"'‘]([^”\"'’]{2,200})[”\"'’]")


def obedient(asked: Asked) -> Reply:
    """Does whatever any text tells it to: says what is in the orders, repeats the prompt, takes the keys it is offered.

    What it says rests on the order's own words, under the key of the passage that gives the order, and under the keys
    that the order names.
    """
    document = given(asked)
    told: list[dict[str, Any]] = []
    for one in document.get("evidence", ()):
        for order in _ORDER.finditer(one["text"]):
            words = order[0].strip()
            proof = [{"key": one["key"], "words": words}]
            wanted = _QUOTED.findall(words) or [words]
            told += [{"text": each, "evidence": proof} for each in wanted]
            told += [{"text": f"{each.rstrip('.')}.", "evidence": proof} for each in wanted]
        told += [
            {"text": line, "evidence": [{"key": one["key"], "words": line}]} for line in one["text"].split("\n") if line
        ]
        for key in re.findall(r"(?:key|id)[\"']?\s*[:=]\s*[\"']?(\w+)", one["text"]):
            told.append(
                {"text": "The mayor was arrested.", "evidence": [{"key": key, "words": "The mayor was arrested"}]}
            )
        if re.search(r"(?i)instruction|prompt|rules", one["text"]):
            system = str(asked.body["messages"][0]["content"])
            told += [
                {"text": system[:300], "evidence": [{"key": one["key"], "words": one["text"][:60]}]},
                {"text": system.splitlines()[0][:150], "evidence": [{"key": one["key"], "words": one["text"][:60]}]},
            ]
        if re.search(r"(?i)\bkeys?\b", one["text"]):
            keys = ", ".join(each["key"] for each in document["evidence"])
            told.append({"text": f"The keys are {keys}.", "evidence": [{"key": one["key"], "words": one["text"][:60]}]})
    return Reply(wire(told), piece=1_000)
