"""Which model writes, where, and what it may take; and what a service says that it has."""

from __future__ import annotations

from dataclasses import dataclass, field

from retrieval.errors import KeyRefused, ModelUnavailable
from retrieval.llm.ledger import Budget, Cost
from retrieval.llm.prices import Price
from retrieval.text.token_count import Counter, estimate

_LOOKING = 10.0
"""Seconds that asking for the models may take."""


@dataclass(frozen=True, slots=True)
class Server:
    """Which model, where, and what it may take: seconds for a call, its price, the budget of each scope and day."""

    model: str
    base_url: str | None = None
    key: str | None = field(default=None, repr=False)
    call_seconds: float = 12
    price: Price | None = None
    budget: Budget = field(default_factory=Budget)
    count: Counter = estimate

    def cost(self, read: int, written: int) -> Cost:
        """What so many tokens cost."""
        return Cost(read + written, self.price.micros(read, written) if self.price else 0)


def models(server: Server) -> set[str]:
    """The models that a server offers to its key; none where it does not say.

    Raises KeyRefused, ModelUnavailable.
    """
    import openai

    try:
        with openai.OpenAI(
            api_key=server.key or "none", base_url=server.base_url, timeout=_LOOKING, max_retries=0
        ) as client:
            return {one.id for one in client.models.list().data}
    except openai.APIStatusError as error:
        if error.status_code in (401, 403):
            raise KeyRefused(refusal(error.status_code)) from error
        if error.status_code in (404, 405, 501):
            return set()
        raise ModelUnavailable(f"the service answers {error.status_code}") from error
    except (openai.APIError, OSError, ValueError) as error:
        raise ModelUnavailable("the service cannot be reached") from error


def refusal(code: int) -> str:
    """What a refused key means, for operators."""
    return f"the service refuses the key ({code}): check OPENAI_API_KEY and OPENAI_BASE_URL"
