"""Where a guild wants answers: the rules for its channels, kept in the library and at hand in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.channels import Mode, Rule
from retrieval.library import Library

ANYWHERE = Rule("")
"""The rule for a channel that nobody named: when mentioned, from all sources."""


class Places:
    """The rules of all guilds. Reading them is for the event loop, the rest for threads."""

    def __init__(self, library: Library) -> None:
        self._channels = library.channels
        self._rules: dict[int, Mapping[str, Rule]] = {}

    def load(self) -> None:
        """Read every rule there is."""
        for scope in self._channels.scopes():
            self._reload(int(scope))

    def rule(self, guild: int | None, place: Any) -> Rule:
        """The rule for a channel, for a thread that of the channel it was opened in; direct messages have none."""
        rules = self._rules.get(guild) if guild is not None else None
        if not rules or place is None:
            return ANYWHERE
        return rules.get(str(place.id)) or rules.get(str(getattr(place, "parent_id", None))) or ANYWHERE

    def listens(self, guild: int | None, place: Any) -> bool:
        """Whether every message in a channel is a question."""
        return self.rule(guild, place).mode is Mode.ALWAYS

    def all(self, guild: int) -> list[Rule]:
        """The rules of a guild."""
        return list(self._rules.get(guild, {}).values())

    def set(self, guild: int, rule: Rule) -> None:
        """Let a rule take the place of the one before."""
        self._channels.set(str(guild), rule)
        self._reload(guild)

    def remove(self, guild: int, channel: str) -> bool:
        """Forget a channel's rule. False where it had none."""
        gone = self._channels.remove(str(guild), channel)
        self._reload(guild)
        return gone

    def _reload(self, guild: int) -> None:
        self._rules[guild] = {rule.channel: rule for rule in self._channels.all(str(guild))}
