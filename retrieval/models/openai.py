"""Text to vectors by OpenAI's embeddings API, or another server of the same API.

Requests are batched and run side by side; when the service asks one to wait, all of them wait. Permanent failures are
raised; since an ingest stores its articles batch by batch, a second run pays only for what is missing.
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
from retrieval.models.fallback import TimeLimitedEmbedder
from retrieval.models.local import ArrayEmbeddings
from retrieval.models.remote import is_transient, retry_after
from retrieval.text.token_count import TokenCounter, estimate_tokens

if TYPE_CHECKING:
    import openai
    from langchain_openai import OpenAIEmbeddings

_KNOWN_DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}
_MAX_TEXTS_PER_REQUEST = 256
_MAX_TOKENS_PER_REQUEST = 50_000
"""Maximum number of texts and of tokens in one request; the service takes 2,048 and 300,000."""

_MAX_TOKENS_PER_TEXT = 8_000
"""Maximum number of tokens sent of one text; the service takes 8,191."""

_MAX_REQUESTS_AT_ONCE = 4
_MAX_TRIES = 6
_MAX_TRIES_FOR_QUESTION = 2
"""Maximum number of tries for a single text, such as a question, whose asker is waiting."""

_FIRST_PAUSE_SECONDS = 0.5
_REQUEST_SECONDS = 30.0
_QUESTION_SECONDS = 6.0


class RemoteEmbeddings(ArrayEmbeddings):
    """Unit vectors from a service. Safe to use from several threads.

    `name` identifies the embedding. `per_minute`: maximum number of tokens sent per minute (None: no limit).
    `seconds`: silence after which a request fails. `tries`: maximum number of tries of a request. `haste`: maximum
    number of seconds for the vector of a question. Methods raise KeyRefused, and ModelUnavailable where the service
    cannot be reached.
    """

    def __init__(
        self,
        model: str,
        key: str | None,
        base_url: str | None = None,
        *,
        per_minute: int | None = None,
        count: TokenCounter = estimate_tokens,
        seconds: float = _REQUEST_SECONDS,
        tries: int = _MAX_TRIES,
        haste: float = _QUESTION_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model
        self.name = f"openai:{model}"
        self._key, self._base_url, self._count = key, base_url, count
        self._pace = _RateLimiter(per_minute, clock, sleep)
        self._seconds, self._tries, self._haste = seconds, tries, haste
        self._making = threading.Lock()
        self._made: OpenAIEmbeddings | None = None

    @cached_property
    def dimension(self) -> int:
        """Length of a vector; one request finds it out where it is not known."""
        return _KNOWN_DIMENSIONS.get(self.model) or self.embed_array(["dimension"]).shape[1]

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of the texts in order, as an array of shape (len(texts), dimension)."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        batches = list(self._batches(texts))
        with ThreadPoolExecutor(min(_MAX_REQUESTS_AT_ONCE, len(batches)), "embed") as pool:
            parts = list(pool.map(self._embed_batch, batches))
        vectors = np.concatenate(parts).astype(np.float32)
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float32)

    def count_tokens(self, texts: Sequence[str]) -> int:
        """The number of tokens that would be sent for these texts, counted or estimated."""
        return sum(min(self._count(text), _MAX_TOKENS_PER_TEXT) for text in texts)

    def time_limited(self) -> TimeLimitedEmbedder:
        """The same embedder with a time limit, for questions; see `retrieval.search.words_only`."""
        return self._time_limited

    @cached_property
    def _time_limited(self) -> TimeLimitedEmbedder:
        half = self._haste / _MAX_TRIES_FOR_QUESTION
        own = RemoteEmbeddings(
            self.model, self._key, self._base_url, count=self._count, seconds=half, tries=_MAX_TRIES_FOR_QUESTION
        )
        return TimeLimitedEmbedder(own, self._haste)

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[list[str], int]]:
        batch: list[str] = []
        spent = 0
        for text in texts:
            text = self._clip_text(text)
            tokens = self._count(text)
            if batch and (len(batch) == _MAX_TEXTS_PER_REQUEST or spent + tokens > _MAX_TOKENS_PER_REQUEST):
                yield batch, spent
                batch, spent = [], 0
            batch.append(text)
            spent += tokens
        yield batch, spent

    def _clip_text(self, text: str) -> str:
        """A text that the service accepts: the beginning of one that is too long, a dash for an empty one."""
        while (tokens := self._count(text)) > _MAX_TOKENS_PER_TEXT:
            text = text[: int(len(text) * 0.95 * _MAX_TOKENS_PER_TEXT / tokens)]
        return text.encode("utf-8", "replace").decode() if text.strip() else "-"

    def _embed_batch(self, batch: tuple[list[str], int]) -> npt.NDArray[np.float32]:
        import openai

        texts, tokens = batch
        for tried in range(min(self._tries, _MAX_TRIES if len(texts) > 1 else _MAX_TRIES_FOR_QUESTION)):
            self._pace.wait(tokens)
            try:
                return np.asarray(self._client().embed_documents(texts), np.float32)
            except openai.APIStatusError as error:
                pause = _seconds_to_wait(error, self.model)
            except (openai.APIError, OSError):
                pause = 0.0
            self._pace.hold(max(pause, _FIRST_PAUSE_SECONDS * 2**tried * random.uniform(0.5, 1)))  # noqa: S311
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
                    # Batches are made here; LangChain's own check would fetch tiktoken's table over the network.
                    check_embedding_ctx_length=False,
                    chunk_size=_MAX_TEXTS_PER_REQUEST,
                    max_retries=0,
                    timeout=self._seconds,
                )
            return self._made


def _seconds_to_wait(error: openai.APIStatusError, model: str) -> float:
    """Seconds that a service asks to wait. Raises KeyRefused for a permanent failure."""
    code = error.status_code
    if code in (401, 403) or (code == 429 and error.code == "insufficient_quota"):
        raise KeyRefused(f"the embeddings' service refuses the key ({code}): check OPENAI_API_KEY") from error
    if is_transient(code):
        return retry_after(error.response.headers) or 0.0
    raise KeyRefused(f"the embeddings' service refuses {model} ({code}): check ONRECORD_EMBEDDINGS") from error


class _RateLimiter:
    """Delays requests while the service asks to wait, and to keep within the tokens per minute."""

    def __init__(self, per_minute: int | None, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._second = 60 / per_minute if per_minute else 0.0
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, tokens: int) -> None:
        """Wait until a request of this many tokens may be sent."""
        with self._lock:
            turn = max(self._next, self._clock())
            self._next = turn + tokens * self._second
        if (pause := turn - self._clock()) > 0:
            self._sleep(pause)

    def hold(self, seconds: float) -> None:
        """Send nothing for this many seconds."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
