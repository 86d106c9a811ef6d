"""Where a guild wants answers: the rules for its channels, which the library keeps, at hand in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord

from retrieval.store.channels import ChannelMode, ChannelRule

DEFAULT_RULE = ChannelRule("")
"""The rule for channels without one: answer when mentioned, from all sources."""

Channel = discord.abc.Snowflake
"""A channel, or a thread, which has the id of its channel as `parent_id`."""


class ChannelRules:
    """The rules of all guilds."""

    def __init__(self) -> None:
        self._by_scope: dict[str, Mapping[str, ChannelRule]] = {}

    def replace_all(self, rules: Mapping[str, Sequence[ChannelRule]]) -> None:
        """Take the rules of all guilds, by scope, in place of those before."""
        self._by_scope = {scope: {rule.channel: rule for rule in own_rules} for scope, own_rules in rules.items()}

    def rule_for(self, guild: int | None, channel: Channel | None) -> ChannelRule:
        """The rule for a channel; for a thread that of its channel. Direct messages have the default."""
        rules = self._by_scope.get(str(guild)) if guild is not None else None
        if not rules or channel is None:
            return DEFAULT_RULE
        return rules.get(str(channel.id)) or rules.get(str(getattr(channel, "parent_id", None))) or DEFAULT_RULE

    def needs_no_mention(self, guild: int | None, channel: Channel | None) -> bool:
        """Whether every message in a channel is a question."""
        return self.rule_for(guild, channel).mode is ChannelMode.ALWAYS
