"""Written answers, measured: what of right claims is kept, what of lies is shown, and what proving costs.

Run with `PYTHONPATH=. python tests/bench/writing.py [QUESTIONS]`. Over BBC articles of the shared data: for each of 200
questions (the headline of an article) evidence is retrieved as for any question; a good reporter's claims on it, and a
liar's, are judged. A few are asked over a real connection for the time until the first claim is shown.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from data import Absent, unpack_bbc
from measure import Figure, table

from ingest.attribution import attribute
from ingest.chunker import chunk
from ingest.pipeline import embed_entries
from retrieval.answer import Answerer
from retrieval.answer.answerer import CitedClaim
from retrieval.answer.quoting import answer_question
from retrieval.generation.claim_writer import ClaimWriter
from retrieval.generation.context import EvidenceCollector
from retrieval.library import Library, open_library
from retrieval.llm.chat import Chat
from retrieval.llm.ledger import Ledger
from retrieval.llm.server import Server
from retrieval.proof import verify
from retrieval.proof.evidence import Evidence, EvidencePassage
from retrieval.proof.verifier import ClaimRefused, ProposedClaim, Support
from retrieval.store.dedup import Entry
from retrieval.types import Article, Query, Statement
from tests.loopback import models
from tests.loopback.openai import OpenAI
from tests.loopback.reporter import Written, lies, right
from tests.retrieval.fakes import HashEmbedder

_PUBLIC = ("public",)
_CLAIMS = 6
_ASKED = 12
"""Questions asked over a connection."""


def made(folder: Path, number: int) -> tuple[Library, list[Article]]:
    """A library of so many BBC articles, found by their words."""
    paths = sorted(unpack_bbc(folder).rglob("*.txt"))
    random.Random(5).shuffle(paths)
    library = open_library(folder / "library", HashEmbedder())
    entries = []
    for path in paths[:number]:
        title, _, body = path.read_text("utf-8", "replace").partition("\n")
        article = Article.create(
            title=title.strip(), text=body.strip(), url=f"https://bbc.test/{path.stem}-{path.parent.name}"
        )
        statements = attribute(article)
        entries.append(Entry.of(article))
        entries[-1] = Entry(
            article, chunk(article, statements), statements, entries[-1].vectors, None, entries[-1].text_signature
        )
    stored = [
        outcome.article
        for at in range(0, number, 50)
        for outcome in library.put_entries(embed_entries(library, entries[at : at + 50]))
    ]
    return library, stored


def offers(library: Library, articles: Sequence[Article]) -> list[tuple[str, Evidence]]:
    """For each article its headline as a question, with what is retrieved for it."""
    out = []
    for article in articles:
        watch = EvidenceCollector()
        answer_question(library, Query(article.title, _PUBLIC), (), watch)
        if watch.collected:
            out.append((article.title, watch.collected.offer))
    return out


def told(offer: Evidence, draw: random.Random) -> list[tuple[EvidencePassage, Written]]:
    """What a good reporter writes from an offer."""
    found: list[tuple[EvidencePassage, Written]] = []
    for one in offer.passages:
        statements: Sequence[Statement] = offer.statements.get(one.article.id, ())
        found += [(one, claim) for claim in right(one.article, statements, one.span, draw)]
    return draw.sample(found, min(_CLAIMS, len(found)))


def judge(asked: Sequence[tuple[str, Evidence]]) -> tuple[Counter[str], Counter[str], list[float], list[str]]:
    """(counts of claims, lies shown by kind, CPU milliseconds of each answer, what went wrong in words)."""
    draw = random.Random(11)
    counts: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    spent, odd = [], []
    for _, offer in asked:
        claims = told(offer, draw)
        begun = time.process_time()
        outcomes = [_judged(offer, one.key, claim) for one, claim in claims]
        spent.append((time.process_time() - begun) * 1000)
        counts["right"] += len(claims)
        counts["kept"] += sum(outcome is None for outcome in outcomes)
        odd += [
            f"refused ({why.reason}): {claim.text}" for (_, claim), why in zip(claims, outcomes, strict=True) if why
        ]
        for one, claim in claims:
            his = offer.words_of_speaker(claim.speaker)
            # By another name of the same person a claim is no lie.
            names = {said.speaker for said in offer.statements.get(one.article.id, ())}
            speakers = sorted(name for name in names if name[0].isupper() and offer.words_of_speaker(name) != his)
            for lie in lies(claim, draw.sample(speakers, min(3, len(speakers))), draw):
                counts["lies"] += 1
                if _judged(offer, one.key, lie) is None:
                    shown[lie.lie] += 1
                    odd.append(f"shown ({lie.lie}): {lie.text} | {claim.text}")
    return counts, shown, spent, odd


def _judged(offer: Evidence, key: str, claim: Written) -> ClaimRefused | None:
    try:
        verify(ProposedClaim(claim.text, (Support(key, claim.words),)), offer)
    except ClaimRefused as refused:
        return refused
    return None


async def first_claims(library: Library, asked: Sequence[tuple[str, Evidence]]) -> list[float]:
    """Of each question: the time until the first claim is shown as a share of what the model took to produce it."""
    draw = random.Random(3)
    out = []
    for question, offer in asked:
        claims = [(claim.text, claim.words) for _, claim in told(offer, draw)]
        with OpenAI(models.slow(models.says(*claims), 0.02)) as openai:
            door = Answerer(
                library, ClaimWriter(Chat(Server("scripted", openai.base_url), Ledger(library.data_dir))), seconds=60
            )
            shown = None
            async for part in door.stream(Query(question, _PUBLIC)):
                if isinstance(part, CitedClaim) and shown is None:
                    shown = time.monotonic()
            if shown is not None:
                chat = openai.chats[0]
                written = models.says(*claims)(chat).text.index("}]}") + 3
                # The first delta carries the role alone.
                sent = next(at for characters, at in openai.sent if characters >= written + 12)
                out.append((shown - chat.at) / (sent - chat.at))
    return out


def main() -> None:
    """Measure and print."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        try:
            library, articles = made(Path(folder), number)
        except Absent as absent:
            print(f"skipped: {absent}")
            return
        asked = offers(library, articles)
        counts, shown, spent, odd = judge(asked)
        firsts = sorted(asyncio.run(first_claims(library, asked[:_ASKED])))
        library.close()
    spent.sort()
    figures = [
        Figure("questions", len(asked)),
        Figure("right claims", counts["right"]),
        Figure("right claims kept", counts["kept"] / counts["right"], 0.98, floor=True),
        Figure("lies", counts["lies"]),
        Figure(
            "lies shown: quotes",
            sum(shown[kind] for kind in shown if "word" in kind or "quote" in kind or "negation" in kind),
            0,
        ),
        Figure("lies shown: speakers", shown["swapped speaker"] + shown["invented speaker"], 0),
        Figure("lies shown: numbers", shown["changed number"] + shown["swapped numbers"], 0),
        Figure("lies shown: supports and names", shown["invented support"] + shown["invented name"], 0),
        Figure("proving an answer, median", spent[len(spent) // 2], 10, "ms"),
        Figure("proving an answer, 95th percentile", spent[int(len(spent) * 0.95)], None, "ms"),
        Figure("first claim shown, of the model's time", firsts[len(firsts) // 2] if firsts else 0, 1.3),
    ]
    print(table(("written answers", "measured", "limit", ""), [figure.row() for figure in figures]))
    for line in odd[:40] if "-v" in sys.argv else ():
        print(line)


if __name__ == "__main__":
    main()
