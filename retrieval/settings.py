"""The settings. No other module reads the environment or `.env`."""

from __future__ import annotations

import os
from importlib.metadata import version
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Self

import platformdirs
from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from retrieval.errors import SettingsError
from retrieval.llm.prices import Price, price_of, read_prices
from retrieval.models.factory import split_choice

PREFIX = "ONRECORD_"
_ENV_FILE = Path(".env")


class Settings(BaseSettings):
    """All settings with their defaults; `.env.example` explains each. Use `load`, which gives readable errors."""

    model_config = SettingsConfigDict(env_file=_ENV_FILE, extra="ignore", env_ignore_empty=True, frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("onrecord", appauthor=False)),
        validation_alias="ONRECORD_DATA_DIR",
    )
    embeddings: str = Field(default="local", validation_alias="ONRECORD_EMBEDDINGS")
    embeddings_per_minute: int | None = Field(default=None, validation_alias="ONRECORD_EMBEDDINGS_PER_MINUTE", gt=0)
    model_dir: Path | None = Field(default=None, validation_alias="ONRECORD_MODEL_DIR")
    attribute: str = Field(default="offline", validation_alias="ONRECORD_ATTRIBUTE", pattern=r"^(offline|model)$")
    answer: str = Field(default="auto", validation_alias="ONRECORD_ANSWER", pattern=r"^(auto|quote|write)$")
    chat_model: str = Field(default="gpt-4.1-mini", validation_alias="ONRECORD_CHAT_MODEL", min_length=1)
    answer_seconds: float = Field(default=15, validation_alias="ONRECORD_ANSWER_SECONDS", gt=0, le=600)
    answer_processes: int = Field(default=1, validation_alias="ONRECORD_ANSWER_PROCESSES", ge=1, le=64)
    call_seconds: float = Field(default=12, validation_alias="ONRECORD_CALL_SECONDS", gt=0, le=600)
    budget_tokens: int | None = Field(default=None, validation_alias="ONRECORD_BUDGET_TOKENS", ge=0)
    budget_usd: float | None = Field(default=None, validation_alias="ONRECORD_BUDGET_USD", ge=0)
    prices: Annotated[dict[str, Price], NoDecode] = Field(default_factory=dict, validation_alias="ONRECORD_PRICES")
    history_tokens: int = Field(default=1_000, validation_alias="ONRECORD_HISTORY_TOKENS", ge=0)
    tiktoken_dir: Path | None = Field(default=None, validation_alias="TIKTOKEN_CACHE_DIR")
    admin_roles: str | None = Field(default=None, validation_alias="ONRECORD_ADMIN_ROLES")
    log_level: str = Field(default="WARNING", validation_alias="ONRECORD_LOG_LEVEL")
    user_agent: str = Field(
        default_factory=lambda: f"onrecord/{version('onrecord')}",
        validation_alias="ONRECORD_USER_AGENT",
        pattern=r"^[!-~][ -~]{0,255}$",
    )
    fetch_allow: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(), validation_alias="ONRECORD_FETCH_ALLOW"
    )
    message_content: bool = Field(default=False, validation_alias="ONRECORD_MESSAGE_CONTENT")
    discord_token: SecretStr | None = Field(default=None, validation_alias="DISCORD_TOKEN")
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    chroma_url: str | None = Field(default=None, validation_alias="CHROMA_URL")
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")

    @field_validator("data_dir", "model_dir", "tiktoken_dir")
    @classmethod
    def _expand_path(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path else path

    @field_validator("embeddings")
    @classmethod
    def _embedder(cls, choice: str) -> str:
        split_choice(choice)
        return choice

    @field_validator("log_level")
    @classmethod
    def _check_level(cls, level: str) -> str:
        if level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return level.upper()

    @field_validator("fetch_allow", mode="before")
    @classmethod
    def _parse_networks(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        try:
            return tuple(ip_network(part) for part in given.replace(",", " ").split())
        except ValueError as error:
            raise ValueError("use networks such as 10.1.2.0/24, parted by commas") from error

    @field_validator("prices", mode="before")
    @classmethod
    def _parse_prices(cls, given: object) -> object:
        return read_prices(given) if isinstance(given, str) else given

    @model_validator(mode="after")
    def _require_price(self) -> Self:
        uses_model = self.writes or (self.attribute == "model" and self.has_model)
        if uses_model and self.budget_usd is not None and price_of(self.chat_model, self.prices) is None:
            raise ValueError(f"ONRECORD_BUDGET_USD needs the price of {self.chat_model}: add it to ONRECORD_PRICES")
        return self

    @property
    def writes(self) -> bool:
        """Whether a model writes answers: where one is set up and `ONRECORD_ANSWER` does not say otherwise."""
        return self.answer == "write" or (self.answer == "auto" and self.has_model)

    @property
    def has_model(self) -> bool:
        """Whether a model is set up: there is a key, or the address of a server, which may need no key."""
        return self.openai_api_key is not None or self.openai_base_url is not None

    @property
    def cache_dir(self) -> Path:
        """The folder of the built model graph, shared by all libraries of this user. Safe to delete: it is built
        again."""
        return Path(platformdirs.user_cache_dir("onrecord", appauthor=False))


def load() -> Settings:
    """The settings of this process. Raises SettingsError, which names the setting, for a wrong or an unknown one."""
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    given = {*os.environ, *(dotenv_values(_ENV_FILE) if _ENV_FILE.is_file() else ())}
    unknown = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f"unknown setting {unknown[0]}: .env.example lists the ones there are")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{first['loc'][0]}: " if first["loc"] else ""
        raise SettingsError(f"{where}{first['msg']}; see .env.example") from error
