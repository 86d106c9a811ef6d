"""Where a guild wants answers: the rules for its channels, kept in the library and at hand in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.store.channels import Mode, Rule

ANYWHERE = Rule("")
"""The rule for a channel that nobody named: when mentioned, from all sources."""


class Places:
    """The rules of all guilds."""

    def __init__(self) -> None:
        self._rules: dict[str, Mapping[str, Rule]] = {}

    def load(self, rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Take the rules of all guilds, as JSON, in place of those before."""
        self._rules = {
            guild: {one["channel"]: Rule(one["channel"], Mode(one["mode"]), tuple(one["sources"])) for one in its}
            for guild, its in rules.items()
        }

    def rule(self, guild: int | None, place: Any) -> Rule:
        """The rule for a channel, for a thread that of the channel it was opened in; direct messages have none."""
        rules = self._rules.get(str(guild)) if guild is not None else None
        if not rules or place is None:
            return ANYWHERE
        return rules.get(str(place.id)) or rules.get(str(getattr(place, "parent_id", None))) or ANYWHERE

    def listens(self, guild: int | None, place: Any) -> bool:
        """Whether every message in a channel is a question."""
        return self.rule(guild, place).mode is Mode.ALWAYS
