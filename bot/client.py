"""The Discord client: intents, set-up, running and stopping. Read `run` first."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import aiohttp
import discord
from discord import app_commands

from bot import ask, lookup
from bot.desk import Desk
from bot.paging import PageButton
from bot.replying import NOBODY
from bot.talks import Talks
from retrieval.errors import SettingsError
from retrieval.library import Library
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


class OnRecord(discord.AutoShardedClient):
    """The client: who is heard, and what with. Its commands are sent to Discord where they changed."""

    def __init__(self, library: Library, desk: Desk, talks: Talks, *, content: bool) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=content)
        super().__init__(intents=intents, allowed_mentions=NOBODY, max_messages=None)
        self.library, self.desk, self.talks = library, desk, talks
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(ask.ask)
        for command in lookup.COMMANDS:
            self.tree.add_command(command)
        self.add_dynamic_items(PageButton)

    async def setup_hook(self) -> None:
        """Once it is logged in."""
        await self._sync(self.library.data_dir / _SYNCED)

    async def on_ready(self) -> None:
        """Say so; comes again whenever a session was begun anew."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message) -> None:
        """Hear a message."""
        await ask.heard(self, message)

    async def _sync(self, kept: Path) -> None:
        """Send the commands' definitions to Discord unless it has them: their hash by application is kept in a file."""
        definitions = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps(definitions, sort_keys=True, default=str).encode()).hexdigest()
        known = await asyncio.to_thread(_kept_hashes, kept)
        application = str(self.application_id)
        if known.get(application) != digest:
            try:
                await self.tree.sync()
            except discord.DiscordServerError:
                raise
            except discord.HTTPException as error:
                # A daily limit, say. Mentions are answered all the same, and the next start tries again.
                log.error("Discord did not take the commands (%s/%s)", error.status, error.code)
                return
            await asyncio.to_thread(kept.write_text, json.dumps(known | {application: digest}), "utf-8")
            log.info("sent %d commands to Discord", len(definitions))


def _kept_hashes(path: Path) -> dict[str, str]:
    """Hashes by application; a file that cannot be read is as good as none: the commands are sent once more."""
    try:
        known = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def run(settings: Settings, opened: Callable[[Settings], AbstractContextManager[Library]]) -> None:
    """Run the bot until it is asked to stop (SIGTERM, SIGINT): answers under way have ten seconds then.

    Raises SettingsError for a token that is missing or refused, and for an intent that is not granted.
    """
    token = _token(settings)
    # Told at every start of what voice would need, nobody could do anything about it.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    # Their debug lines hold what people write.
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLogger().level))
    with opened(settings) as library:
        asyncio.run(_run(library, token, content=settings.message_content))


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


async def _run(library: Library, token: str, *, content: bool) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    desk, talks = Desk(), Talks()
    try:
        stopping = asyncio.create_task(stop.wait())
        running = asyncio.create_task(_connected(lambda: OnRecord(library, desk, talks, content=content), token))
        await asyncio.wait({stopping, running}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() and not running.done():
            left = await desk.finish(_GRACE)
            log.log(logging.WARNING if left else logging.INFO, "stopping; %d questions are left unanswered", left)
            running.cancel()
        stopping.cancel()
        with suppress(asyncio.CancelledError):
            await running
    finally:
        desk.close()


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
