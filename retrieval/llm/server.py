"""The chat model's server: its address, key, price and limits, and the models that it offers."""

from __future__ import annotations

from dataclasses import dataclass, field

from retrieval.errors import KeyRefused, ModelUnavailable
from retrieval.llm.ledger import Budget, Cost
from retrieval.llm.prices import Price
from retrieval.text.token_count import TokenCounter, estimate_tokens

_MAX_LISTING_SECONDS = 10.0
"""Maximum number of seconds for listing the models."""


@dataclass(frozen=True, slots=True)
class Server:
    """A model at an address: seconds allowed for a call, its price, and the budget of each scope per day."""

    model: str
    base_url: str | None = None
    key: str | None = field(default=None, repr=False)
    call_seconds: float = 12
    price: Price | None = None
    budget: Budget = field(default_factory=Budget)
    count: TokenCounter = estimate_tokens

    def cost(self, read: int, written: int) -> Cost:
        """The cost of this many tokens."""
        return Cost(read + written, self.price.micros(read, written) if self.price else 0)


def list_models(server: Server) -> set[str]:
    """The models that a server offers to this key; empty where it does not list them.

    Raises KeyRefused, ModelUnavailable.
    """
    import openai

    try:
        with openai.OpenAI(
            api_key=server.key or "none", base_url=server.base_url, timeout=_MAX_LISTING_SECONDS, max_retries=0
        ) as client:
            return {model.id for model in client.models.list().data}
    except openai.APIStatusError as error:
        if error.status_code in (401, 403):
            raise KeyRefused(key_refusal(error.status_code)) from error
        if error.status_code in (404, 405, 501):
            return set()
        raise ModelUnavailable(f"the service answers {error.status_code}") from error
    except (openai.APIError, OSError, ValueError) as error:
        raise ModelUnavailable("the service cannot be reached") from error


def key_refusal(code: int) -> str:
    """The message for operators about a refused key."""
    return f"the service refuses the key ({code}): check OPENAI_API_KEY and OPENAI_BASE_URL"
