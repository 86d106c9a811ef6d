"""What the commands work with: services that outlive a connection, and the client that carries them."""

from __future__ import annotations

from dataclasses import dataclass, field

import discord

from bot.conversations import Conversations
from bot.discord_app.admission import AdmissionControl
from bot.discord_app.channel_rules import ChannelRules
from bot.discord_app.loop_monitor import LoopMonitor
from bot.discord_app.reply_store import ReplyStore
from bot.discord_app.seen import SeenMessages
from bot.messages.button_ids import ButtonId
from bot.workers.process import WorkerProcess
from bot.workers.protocol import GetChannelRules
from bot.workers.query_pool import QueryPool
from retrieval.settings import Settings

NOBODY = discord.AllowedMentions.none()
"""Whom the bot's messages may ping."""


@dataclass(frozen=True)
class Services:
    """What outlives a connection: a client that has to begin anew continues with it."""

    settings: Settings
    queries: QueryPool
    """Answers questions and reads the library."""
    ingest: WorkerProcess
    """Reads articles into the library."""
    replies: ReplyStore
    started: float
    """When the bot was started, in seconds since 1970."""
    guild: int | None = None
    """For development: the only guild that gets the commands, at once."""
    admission: AdmissionControl = field(default_factory=AdmissionControl)
    conversations: Conversations = field(default_factory=Conversations)
    channel_rules: ChannelRules = field(default_factory=ChannelRules)
    seen: SeenMessages = field(default_factory=SeenMessages)
    loop_monitor: LoopMonitor = field(default_factory=LoopMonitor)

    @property
    def admin_roles(self) -> frozenset[str]:
        """Names and ids of the roles whose members may administer, case-folded."""
        names = (self.settings.admin_roles or "").split(",")
        return frozenset(name.strip().casefold() for name in names if name.strip())

    async def reload_channel_rules(self) -> None:
        """Go by the channel rules that the library has now."""
        self.channel_rules.replace_all((await self.queries.ask(GetChannelRules())).rules)


class BotClient(discord.AutoShardedClient):
    """The client as commands and buttons see it."""

    def __init__(self, services: Services) -> None:
        self.services = services
        intents = discord.Intents(
            guilds=True, guild_messages=True, dm_messages=True, message_content=services.settings.message_content
        )
        super().__init__(intents=intents, allowed_mentions=NOBODY, max_messages=None)

    async def handle_button(self, interaction: Interaction, button: ButtonId) -> None:
        """Do what a button that somebody pressed is for."""
        raise NotImplementedError


Interaction = discord.Interaction[BotClient]
