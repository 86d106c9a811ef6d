"""A channel's rule in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bot.messages.markdown import escape
from retrieval.store.channels import ChannelMode, ChannelRule

ModeName = Literal["without a mention", "when mentioned", "never"]

MODES: Mapping[ModeName, ChannelMode] = {
    "without a mention": ChannelMode.ALWAYS,
    "when mentioned": ChannelMode.MENTIONED,
    "never": ChannelMode.NEVER,
}
"""When the bot answers in a channel, in the words that admins choose from."""


def describe_rule(rule: ChannelRule) -> str:
    """A sentence that says when the bot answers in a channel and from which sources, in Discord's markdown."""
    if rule.mode is ChannelMode.NEVER:
        return f"<#{rule.channel}>: I do not answer."
    when = next(name for name, mode in MODES.items() if mode is rule.mode)
    sources = f", only from {escape(', '.join(rule.sources))}" if rule.sources else ""
    return f"<#{rule.channel}>: I answer {when}{sources}."
