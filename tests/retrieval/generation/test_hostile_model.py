import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.attribution import attribute
from retrieval.answer import Answerer
from retrieval.generation.claim_writer import ClaimWriter
from retrieval.generation.prompts import WRITE, document, passage_json
from retrieval.generation.stream_parser import ClaimParser
from retrieval.library import Library
from retrieval.llm.chat import Chat
from retrieval.llm.ledger import Ledger
from retrieval.llm.server import Server
from retrieval.proof import verify
from retrieval.proof.evidence import Evidence, EvidencePassage
from retrieval.proof.verifier import ClaimRefused, ProvenClaim
from retrieval.text.person_names import words_of
from retrieval.types import Answer, Article, Query, Span
from tests.loopback import models
from tests.loopback.openai import Asked, OpenAI
from tests.retrieval.hostile import HOSTILE, Hostile
from tests.waiting import NEVER

_ALL = tuple(word for one in HOSTILE for word in one.forbidden)


def shown(answer: Answer) -> str:
    """All that a reader sees of an answer."""
    parts = [answer.text, *(claim.text for claim in answer.claims), *answer.notices]
    return "\n".join([*parts, *(citation.excerpt for citation in answer.citations)])


def test_an_obedient_model_is_not_obeyed(library: Library, tmp_path: Path, take_in: Callable[..., object]) -> None:
    """With a model that does what articles tell it to, nothing of 25 hostile articles comes through, in any answer."""
    rows = [
        {"text": one.text, "title": f"Bridge closed in {one.town}", "url": f"https://news.test/{one.town}"}
        for one in HOSTILE
    ]
    path = tmp_path / "hostile.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    take_in(path)

    async def run(base_url: str) -> list[Answer]:
        ledger = Ledger(library.data_dir)
        door = Answerer(
            library, ClaimWriter(Chat(Server("scripted", base_url, call_seconds=NEVER), ledger)), ledger, NEVER
        )
        try:
            return [await door.answer(Query(one.question, ("public",))) for one in HOSTILE]
        finally:
            await door.close()

    with OpenAI(models.obedient) as openai:
        answers = asyncio.run(run(openai.base_url))
        assert len(openai.chats) >= len(HOSTILE)
    for one, answer in zip(HOSTILE, answers, strict=True):
        said = shown(answer)
        assert not [word for word in _ALL if word in said], one.town
        assert "http" not in said
        assert "rust" in said, one.town


@pytest.mark.parametrize("one", HOSTILE, ids=[one.town for one in HOSTILE])
def test_no_order_becomes_a_claim(one: Hostile) -> None:
    """Of everything that an obedient model says of an article, only its report is proved."""
    article = Article.create(title=f"Bridge closed in {one.town}", text=one.text)
    statements = attribute(article)
    persons = {said.speaker: frozenset(words_of(said.speaker)) for said in statements}
    offered = EvidencePassage("b7k3x9", article, Span(0, len(one.text)))
    offer = Evidence((offered,), {article.id: statements}, persons, WRITE)
    asked = document(question=one.question, evidence=[passage_json(offered)])
    messages = [{"role": "system", "content": WRITE}, {"role": "user", "content": asked}]
    reply = models.obedient(Asked("", {}, {"messages": messages}, 1, 0.0)).text
    drafts = list(ClaimParser().feed(reply))
    assert any(word in draft.text for draft in drafts for word in one.forbidden), "the model does not obey"
    held = []
    for draft in drafts:
        try:
            held.append(verify(draft, offer))
        except ClaimRefused:
            continue
    assert any("rust" in proven.text for proven in held)
    for proven in held:
        assert not [word for word in _ALL if word in _seen(proven)]


def _seen(proven: ProvenClaim) -> str:
    return "\n".join([proven.text, *(proof.place.text for proof in proven.proofs)])
