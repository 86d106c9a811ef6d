"""What tests of the web need besides a site: a fetcher that may reach it, articles from simple pages, quick vectors."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pytest
import xxhash

from ingest.article.build import ArticleMetadata
from ingest.feeds.discover import text_of_html
from ingest.sources.follow import articles_of
from ingest.web import Fetcher, politeness
from ingest.web.addresses import networks
from ingest.web.fetcher import NO_VALIDATORS, FetchLimits
from ingest.web.politeness import Pace
from ingest.web.responses import Fetched, Validators
from retrieval.errors import SourceError
from retrieval.index.build import CATALOG_FILE
from retrieval.library import Library, open_library
from retrieval.store.database import Catalog
from retrieval.types import Article
from tests.waiting import NEVER

LOOPBACK = networks("127.0.0.0/8")
TLS = ssl.create_default_context()


async def local(host: str, port: int) -> list[str]:
    """The names of the tests lie on loopback; numeric hosts are what they are."""
    return ["127.0.0.1"] if host.endswith(".test") else [host.strip("[]")]


class Clock:
    """The time by which hosts are left alone, in seconds. Nobody waits: to sleep moves it on.

    `pauses`: how long each sleep would have taken.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        self.pauses.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    @classmethod
    def of_turns(cls, monkeypatch: pytest.MonkeyPatch) -> Self:
        """One by which every fetcher takes its turns from now on."""
        clock = cls()
        monkeypatch.setattr(politeness, "_now", lambda: clock.now)
        monkeypatch.setattr(politeness, "asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": clock.sleep}))
        return clock


class Hasty(Fetcher):
    """Gives up soon what never ends, pages called /slow; waits for all others."""

    async def get(self, url: str, known: Validators = NO_VALIDATORS) -> Fetched:
        """The page, as of any fetcher."""
        if not url.endswith("/slow"):
            return await super().get(url, known)
        async with fetcher(limits=FetchLimits(seconds=0.2)) as hasty:
            return await hasty.get(url, known)


def fetcher(kind: type[Fetcher] = Fetcher, **options: Any) -> Fetcher:
    """One that may reach sites on loopback and waits for nobody."""
    settings: dict[str, Any] = {
        "allowed": LOOPBACK, "pace": Pace(delay=0), "limits": FetchLimits(seconds=NEVER), "resolver": local, "tls": TLS,
    }  # fmt: skip
    return kind("onrecord/test", **(settings | options))


def placeholder(body: bytes, address: str, content_type: str, given: ArticleMetadata) -> list[Article]:
    """HTML as its paragraphs, so that tests are about fetching; everything else as the real thing takes it."""
    if "html" not in content_type:
        return articles_of(body, address, content_type, given)
    title, _, text = text_of_html(body.decode("utf-8", "replace")).partition("\n\n")
    if not text:
        raise SourceError("no article text in it")
    return [Article.create(title=title, text=text, scope=given.scope, url=given.url or address, source=given.source)]


def page(name: object) -> str:
    """The page of a story of its own."""
    words = " ".join(xxhash.xxh64_hexdigest(f"{name} {place}".encode()) for place in range(60))
    return f"<h1>Bridge {name}</h1><p>The town of {words} has a bridge. “It holds,” Mara Wendt said.</p>"


@contextmanager
def quick_library(folder: Path) -> Iterator[Library]:
    """A library that embeds nothing in earnest and spares itself the index, which few articles do not need."""
    open_library(folder, QuickEmbedder()).close()
    with closing(_Unsealed(folder, Catalog(folder / CATALOG_FILE), QuickEmbedder())) as library:
        yield library


class _Unsealed(Library):
    def seal(self, least: int = 0) -> None:
        pass


class QuickEmbedder:
    """Vectors of no meaning, one for each text."""

    name = "quick/1"
    dimension = 8

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors that differ from text to text."""
        seeds = [xxhash.xxh32_intdigest(text.encode()) for text in texts]
        rows = np.array([np.random.default_rng(seed).normal(size=self.dimension) for seed in seeds], np.float32)
        unit: npt.NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit
