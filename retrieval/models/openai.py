"""Text to vectors by OpenAI's embeddings, or a server's that speaks their wire.

Requests are batched and run side by side; one that is told to wait makes all of them wait. What fails for good is
raised, and as an ingest stores its articles a batch at a time, a second run pays for what is missing alone.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retrieval.errors import KeyRefused, ModelUnavailable
from retrieval.models.fallback import Hasty
from retrieval.models.local import ArrayEmbeddings
from retrieval.models.remote import passes, retry_after
from retrieval.text.token_count import Counter, estimate

if TYPE_CHECKING:
    import openai
    from langchain_openai import OpenAIEmbeddings

_DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}
_TEXTS = 256
_TOKENS = 50_000
"""Texts and tokens of one request; the service takes 2,048 and 300,000."""

_LONGEST = 8_000
"""Tokens of one text; the service takes 8,191."""

_AT_ONCE = 4
_TRIES = 6
_ASKING = 2
"""Tries for a text that comes alone, such as a question: somebody is waiting."""

_PAUSE = 0.5
_SECONDS = 30.0
_HASTE = 6.0


class RemoteEmbeddings(ArrayEmbeddings):
    """Vectors of unit length from a service. Safe to use from several threads.

    `name` tells one embedding from another. `per_minute`: tokens that may be sent in a minute (None: as many as the
    service takes). `seconds`: of silence that fail a request. `tries`: of each. `haste`: seconds
    that the vectors of a question may take. Methods raise KeyRefused, and ModelUnavailable where the service stays
    away.
    """

    def __init__(
        self,
        model: str,
        key: str | None,
        base_url: str | None = None,
        *,
        per_minute: int | None = None,
        count: Counter = estimate,
        seconds: float = _SECONDS,
        tries: int = _TRIES,
        haste: float = _HASTE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model
        self.name = f"openai:{model}"
        self._key, self._base_url, self._count = key, base_url, count
        self._pace = _Pace(per_minute, clock, sleep)
        self._seconds, self._tries, self._haste = seconds, tries, haste
        self._making = threading.Lock()
        self._made: OpenAIEmbeddings | None = None

    @cached_property
    def dimension(self) -> int:
        """Length of a vector: known, or found out by one request."""
        return _DIMENSIONS.get(self.model) or self.embed_array(["dimension"]).shape[1]

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of the texts in order, as an array of shape (len(texts), dimension)."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        batches = list(self._batches(texts))
        with ThreadPoolExecutor(min(_AT_ONCE, len(batches)), "embed") as pool:
            parts = list(pool.map(self._batch, batches))
        vectors = np.concatenate(parts).astype(np.float32)
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float32)

    def tokens(self, texts: Sequence[str]) -> int:
        """What would be sent for these, counted or estimated."""
        return sum(min(self._count(text), _LONGEST) for text in texts)

    def hasty(self) -> Hasty:
        """The same embedding for the vectors of a question, which somebody waits for; see `outage`."""
        return self._hasty

    @cached_property
    def _hasty(self) -> Hasty:
        half = self._haste / _ASKING
        own = RemoteEmbeddings(self.model, self._key, self._base_url, count=self._count, seconds=half, tries=_ASKING)
        return Hasty(own, self._haste)

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[list[str], int]]:
        batch: list[str] = []
        spent = 0
        for text in texts:
            text = self._cut(text)
            tokens = self._count(text)
            if batch and (len(batch) == _TEXTS or spent + tokens > _TOKENS):
                yield batch, spent
                batch, spent = [], 0
            batch.append(text)
            spent += tokens
        yield batch, spent

    def _cut(self, text: str) -> str:
        """A text that the service takes: of one too long its beginning, of nothing a space."""
        while (tokens := self._count(text)) > _LONGEST:
            text = text[: int(len(text) * 0.95 * _LONGEST / tokens)]
        return text.encode("utf-8", "replace").decode() if text.strip() else "-"

    def _batch(self, batch: tuple[list[str], int]) -> npt.NDArray[np.float32]:
        import openai

        texts, tokens = batch
        for tried in range(min(self._tries, _TRIES if len(texts) > 1 else _ASKING)):
            self._pace.wait(tokens)
            try:
                return np.asarray(self._client().embed_documents(texts), np.float32)
            except openai.APIStatusError as error:
                pause = _passing(error, self.model)
            except (openai.APIError, OSError):
                pause = 0.0
            self._pace.hold(max(pause, _PAUSE * 2**tried * random.uniform(0.5, 1)))  # noqa: S311
        raise ModelUnavailable("the embeddings' service stays away: what was reported is stored; run it again later")

    def _client(self) -> OpenAIEmbeddings:
        with self._making:
            if self._made is None:
                from langchain_openai import OpenAIEmbeddings
                from pydantic import SecretStr

                self._made = OpenAIEmbeddings(
                    model=self.model,
                    api_key=SecretStr(self._key or "none"),
                    base_url=self._base_url,
                    # Batches are cut here; its own cutting would fetch a table of tokens over the network.
                    check_embedding_ctx_length=False,
                    chunk_size=_TEXTS,
                    max_retries=0,
                    timeout=self._seconds,
                )
            return self._made


def _passing(error: openai.APIStatusError, model: str) -> float:
    """Seconds that a service asks to wait. Raises KeyRefused for what does not pass."""
    code = error.status_code
    if code in (401, 403) or (code == 429 and error.code == "insufficient_quota"):
        raise KeyRefused(f"the embeddings' service refuses the key ({code}): check OPENAI_API_KEY") from error
    if passes(code):
        return retry_after(error.response.headers) or 0.0
    raise KeyRefused(f"the embeddings' service refuses {model} ({code}): check ONRECORD_EMBEDDINGS") from error


class _Pace:
    """When a request may go out: not while a service wants to be left alone, and not more tokens than it takes."""

    def __init__(self, per_minute: int | None, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._second = 60 / per_minute if per_minute else 0.0
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, tokens: int) -> None:
        """Wait for the turn of a request of so many tokens."""
        with self._lock:
            turn = max(self._next, self._clock())
            self._next = turn + tokens * self._second
        if (pause := turn - self._clock()) > 0:
            self._sleep(pause)

    def hold(self, seconds: float) -> None:
        """Let nothing go out for so long."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
