"""The Discord client: intents, set-up, running and stopping. Read `run` first."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import discord
from discord import app_commands

from bot.conversations import Talks
from bot.discord_app.admission import Desk
from bot.discord_app.buttons import Pressed
from bot.discord_app.catch_up import hear_again
from bot.discord_app.channel_rules import Places
from bot.discord_app.command_sync import sync
from bot.discord_app.commands import add_articles, ask, lookup, server
from bot.discord_app.loop_monitor import Pulse
from bot.discord_app.reply_store import Keeping
from bot.discord_app.responses import NOBODY
from bot.discord_app.seen import Heard
from bot.workers.process import Errands
from bot.workers.query_pool import Librarians
from retrieval.errors import SettingsError
from retrieval.settings import Settings

log = logging.getLogger(__name__)

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    read_message_history=True,
    create_public_threads=True,
    send_messages_in_threads=True,
)
"""What the bot needs in a server: to see and write in channels, to reply to messages, to open threads for /ask."""

_GRACE = 10.0
"""Seconds that answers under way have when the bot is asked to stop."""

_RETRIES = (1, 2, 5, 10, 30)
"""Seconds between attempts to reach Discord at the start; the last is repeated."""

_SYNCED = "discord-commands.json"

_QUOTED, _WRITTEN = 4, 32
"""Questions that a process which answers has at a time, by how they are answered."""

_CLERK_GONE = "the process that reads articles has ended; what was reported is stored: try again"


class Commands(app_commands.CommandTree["OnRecord"]):
    """The commands; what goes wrong in one is logged without a word of what was asked."""

    async def on_error(self, interaction: discord.Interaction[OnRecord], error: app_commands.AppCommandError) -> None:
        """Log what failed and where."""
        cause = error.__cause__ or error
        where = "".join(traceback.format_tb(cause.__traceback__))
        log.error("interaction id=%d failed: %s\n%s", interaction.id, type(cause).__name__, where)


class OnRecord(discord.AutoShardedClient):
    """The client: who is heard, and what with. Its commands are sent to Discord where they changed."""

    def __init__(self, works: Works) -> None:
        intents = discord.Intents(
            guilds=True, guild_messages=True, dm_messages=True, message_content=works.settings.message_content
        )
        super().__init__(intents=intents, allowed_mentions=NOBODY, max_messages=None)
        self.librarians, self.desk, self.talks, self.keeping = works.librarians, works.desk, works.talks, works.keeping
        self.errands, self.pulse, self.begun = works.errands, works.pulse, works.begun
        self.places = Places()
        self.admin_roles = frozenset(
            one.strip().casefold() for one in (works.settings.admin_roles or "").split(",") if one.strip()
        )
        self.tree = Commands(self)
        for command in (ask.ask, *lookup.COMMANDS, *add_articles.COMMANDS, *server.COMMANDS):
            self.tree.add_command(command)
        self.add_dynamic_items(Pressed)
        self._guild, self._synced = works.guild, works.settings.data_dir / _SYNCED
        self._heard = works.heard
        self._left_at: int | None = None
        self._missed_since: int | None = None

    async def setup_hook(self) -> None:
        """Once it is logged in."""
        await self.learn_rules()
        await sync(self.tree, self.application_id, self._guild, self._synced)
        if await self.librarians.quick("due") is not None:
            await self.errands.start()

    async def learn_rules(self) -> None:
        """Go by the rules for channels as they are kept now."""
        self.places.load(await self.librarians.quick("rules"))

    async def on_ready(self) -> None:
        """Say so; comes again whenever a session was begun anew."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def on_disconnect(self) -> None:
        """Remember how far everything was heard."""
        self._left_at = self._left_at or self._heard.newest

    async def on_resumed(self) -> None:
        """Nothing was missed since: Discord has told of it all."""
        self._left_at = None

    async def on_shard_connect(self, _: int) -> None:
        """A new session, which is not told of what the old one missed."""
        self._missed_since = self._missed_since or self._left_at
        self._left_at = None

    async def on_shard_ready(self, _: int) -> None:
        """The new session knows its channels: hear again what was missed."""
        since, self._missed_since = self._missed_since, None
        if since is not None:
            await hear_again(self, since)

    async def on_message(self, message: discord.Message) -> None:
        """Hear a message."""
        self._heard.upto(message.id)
        await ask.heard(self, message)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """Log what failed and where, and none of the words that it was about."""
        error = sys.exc_info()[1]
        where = "".join(traceback.format_tb(error.__traceback__)) if error else ""
        log.error("event %s failed: %s\n%s", event_method, type(error).__name__, where)

    def is_new(self, message_id: int) -> bool:
        """Whether a message is heard for the first time; from then on it is not new."""
        return self._heard.first(message_id)


def run(settings: Settings, guild: int | None = None) -> None:
    """Run the bot until it is asked to stop (SIGTERM, SIGINT): answers under way have ten seconds then.

    `guild`: see `Works`. Raises SettingsError for a token that is missing or refused, and for an intent that is not
    granted; what keeps the library from being opened.
    """
    token = _token(settings)
    # Told at every start of what voice would need, nobody could do anything about it.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    # Their debug lines hold what people write.
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLogger().level))
    asyncio.run(_run(settings, token, guild))


def invite(settings: Settings) -> str:
    """The address at which an admin adds the bot to a server. Raises SettingsError as `run` does."""
    return asyncio.run(_invite(_token(settings)))


def _token(settings: Settings) -> str:
    if settings.discord_token is None or not settings.discord_token.get_secret_value().strip():
        raise SettingsError("DISCORD_TOKEN is not set: copy it from the Bot page of your application to .env")
    return settings.discord_token.get_secret_value().strip()


async def _invite(token: str) -> str:
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        try:
            await client.login(token)
        except discord.LoginFailure as error:
            raise _refused() from error
        except (OSError, aiohttp.ClientError, discord.HTTPException) as error:
            raise SettingsError("Discord cannot be reached: try again when there is a network") from error
        assert client.application_id is not None  # noqa: S101 (login sets it)
        return discord.utils.oauth_url(
            client.application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
        )


@dataclass(frozen=True)
class Works:
    """What outlives a connection: a client that has to begin anew goes on with it."""

    settings: Settings
    librarians: Librarians
    desk: Desk
    talks: Talks
    keeping: Keeping
    errands: Errands
    heard: Heard
    pulse: Pulse
    begun: float
    guild: int | None = None
    """For development: the guild alone that gets the commands, at once."""


async def _run(settings: Settings, token: str, guild: int | None) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    # Written answers wait for the model most of their time.
    librarians = Librarians(settings.answer_processes, _WRITTEN if settings.writes else _QUOTED)
    errands = Errands("bot.workers.ingest_worker", "reads articles", _CLERK_GONE, signalled=True)
    works = Works(
        settings, librarians, Desk(), Talks(), Keeping(librarians), errands, Heard(), Pulse(), time.time(), guild
    )
    try:
        stopping = asyncio.create_task(stop.wait())
        running = asyncio.create_task(_running(works, token))
        await asyncio.wait({stopping, running}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() and not running.done():
            # First, so that a long ingest reports what it has done.
            await errands.close()
            left = await works.desk.finish(_GRACE)
            log.log(logging.WARNING if left else logging.INFO, "stopping; %d questions are left unanswered", left)
            running.cancel()
        stopping.cancel()
        with suppress(asyncio.CancelledError):
            await running
    finally:
        await errands.close()
        await works.keeping.written()
        await librarians.close()
        longest = (works.pulse.worst * 1000, works.pulse.worked * 1000)
        log.info("the event loop's longest pause was %.0f ms, its longest work %.0f", *longest)


async def _running(works: Works, token: str) -> None:
    """Be connected from when the library is open."""
    await works.librarians.start()
    # What was imported so far stays: to look through it for garbage would stop everything for tens of milliseconds.
    gc.collect()
    gc.freeze()
    beating = asyncio.create_task(works.pulse.beat())
    try:
        await _connected(lambda: OnRecord(works), token)
    finally:
        beating.cancel()


async def _connected(made: Callable[[], OnRecord], token: str) -> None:
    """Log a client in, whenever Discord can be reached, and stay connected."""
    attempt = 0
    while True:
        async with made() as client:
            try:
                await client.start(token)
            except discord.LoginFailure as error:
                raise _refused() from error
            except discord.PrivilegedIntentsRequired:
                raise SettingsError(
                    "Discord does not grant the message content intent: switch it on on the Bot page of your "
                    "application, or unset ONRECORD_MESSAGE_CONTENT"
                ) from None
            except (OSError, aiohttp.ClientError, discord.DiscordServerError, discord.GatewayNotFound) as error:
                if attempt == 0:
                    log.warning("Discord cannot be reached (%s): trying until it can", type(error).__name__)
            else:
                return
        await asyncio.sleep(_RETRIES[min(attempt, len(_RETRIES) - 1)])
        attempt += 1


def _refused() -> SettingsError:
    return SettingsError("Discord refuses DISCORD_TOKEN: reset it on the Bot page of your application and copy it anew")
