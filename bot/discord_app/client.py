"""The Discord client: its set-up, running and stopping. Read `run_bot` first."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import aiohttp
import discord
from discord import app_commands

from bot.discord_app.buttons import PersistentButton
from bot.discord_app.catch_up import handle_missed_messages
from bot.discord_app.command_sync import sync_commands
from bot.discord_app.commands import ask, load_commands, paging, votes
from bot.discord_app.reply_store import ReplyStore
from bot.discord_app.services import BotClient, Interaction, Services
from bot.messages.button_ids import Action, ButtonId
from bot.workers.process import WorkerProcess
from bot.workers.protocol import GetNextPoll
from bot.workers.query_pool import QueryPool
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

COMMANDS = tuple(load_commands())
"""All commands, imported before there is an event loop that would have to wait for it."""

BUTTONS: Mapping[Action, Callable[[Interaction, ButtonId], Awaitable[None]]] = {
    "page": paging.turn_page,
    "evidence": votes.show_evidence,
    "more": votes.show_more,
    "good": votes.vote_good,
    "bad": votes.vote_bad,
}
"""What each button does."""

_GRACE_SECONDS = 10.0
"""Seconds that answers under way have when the bot is asked to stop."""

_RETRY_SECONDS = (1, 2, 5, 10, 30)
"""Seconds between attempts to reach Discord at the start; the last is repeated."""

_HASH_FILE = "discord-commands.json"

_QUOTING_SLOTS, _WRITING_SLOTS = 4, 32
"""Requests that a query worker has at a time where answers are quoted, and where a model writes them."""

_INGEST_DIED = "The process that reads articles has ended. What it reported is stored; please try again."


class Commands(app_commands.CommandTree["OnRecord"]):
    """The commands; what goes wrong in one is logged without a word of what was asked."""

    async def on_error(self, interaction: discord.Interaction[OnRecord], error: app_commands.AppCommandError) -> None:
        """Log what failed and where."""
        cause = error.__cause__ or error
        where = "".join(traceback.format_tb(cause.__traceback__))
        log.error("interaction id=%d failed: %s\n%s", interaction.id, type(cause).__name__, where)


class OnRecord(BotClient):
    """The client with its commands, which are sent to Discord where they have changed."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.tree = Commands(self)
        for command in COMMANDS:
            self.tree.add_command(command)
        self.add_dynamic_items(PersistentButton)
        self._seen_until_disconnect: int | None = None
        self._missed_since: int | None = None

    async def setup_hook(self) -> None:
        """Prepare for events, once the client is logged in."""
        services = self.services
        await services.reload_channel_rules()
        hash_file = services.settings.data_dir / _HASH_FILE
        await sync_commands(self.tree, self.application_id, services.guild, hash_file)
        if (await services.queries.ask(GetNextPoll())).due is not None:
            await services.ingest.start()

    async def handle_button(self, interaction: Interaction, button: ButtonId) -> None:
        """Do what a button that somebody pressed is for."""
        await BUTTONS[button.action](interaction, button)

    async def on_ready(self) -> None:
        """Log that the client is connected; happens again for each new session."""
        log.info("ready as %s in %d servers", self.user, len(self.guilds))

    async def on_disconnect(self) -> None:
        """Remember the newest message received."""
        self._seen_until_disconnect = self._seen_until_disconnect or self.services.seen.newest

    async def on_resumed(self) -> None:
        """Forget the disconnect: in a resumed session Discord sends everything that was missed."""
        self._seen_until_disconnect = None

    async def on_shard_connect(self, _: int) -> None:
        """Note that a new session begins, in which Discord does not send what was missed."""
        self._missed_since = self._missed_since or self._seen_until_disconnect
        self._seen_until_disconnect = None

    async def on_shard_ready(self, _: int) -> None:
        """Handle what was missed, now that the new session knows its channels."""
        since, self._missed_since = self._missed_since, None
        if since is not None:
            await handle_missed_messages(self, since)

    async def on_message(self, message: discord.Message) -> None:
        """Handle a message."""
        self.services.seen.note_newest(message.id)
        await ask.handle_message(self, message)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """Log what failed and where, and none of the words that it was about."""
        error = sys.exc_info()[1]
        where = "".join(traceback.format_tb(error.__traceback__)) if error else ""
        log.error("event %s failed: %s\n%s", event_method, type(error).__name__, where)


def run_bot(settings: Settings, guild: int | None = None) -> None:
    """Run the bot until it is asked to stop (SIGTERM, SIGINT); answers under way then have ten seconds.

    `guild`: see `Services`. Raises SettingsError for a token that is missing or refused and for an intent that is not
    granted, and whatever keeps the library from being opened.
    """
    token = _token(settings)
    # The bot does not speak, so that warnings at every start about what voice would need are of no use.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    # discord.py's debug lines contain what people write.
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLogger().level))
    asyncio.run(_run_until_stopped(settings, token, guild))


def invite(settings: Settings) -> str:
    """The address at which an admin adds the bot to a server. Raises SettingsError as `run_bot` does."""
    return asyncio.run(_invite_address(_token(settings)))


def _token(settings: Settings) -> str:
    if settings.discord_token is None or not settings.discord_token.get_secret_value().strip():
        raise SettingsError("DISCORD_TOKEN is not set: copy it from the Bot page of your application to .env")
    return settings.discord_token.get_secret_value().strip()


async def _invite_address(token: str) -> str:
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        try:
            await client.login(token)
        except discord.LoginFailure as error:
            raise _token_refused() from error
        except (OSError, aiohttp.ClientError, discord.HTTPException) as error:
            raise SettingsError("Discord cannot be reached: try again when there is a network") from error
        assert client.application_id is not None  # noqa: S101 (login sets it)
        return discord.utils.oauth_url(
            client.application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
        )


async def _run_until_stopped(settings: Settings, token: str, guild: int | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # Written answers wait for the model most of the time.
    slots = _WRITING_SLOTS if settings.writes else _QUOTING_SLOTS
    queries = QueryPool(settings.answer_processes, slots)
    ingest = WorkerProcess("bot.workers.ingest_worker", "reads articles", _INGEST_DIED, stop_by_signal=True)
    services = Services(settings, queries, ingest, ReplyStore(queries), time.time(), guild)
    try:
        stopping = asyncio.create_task(stop.wait())
        running = asyncio.create_task(_serve(services, token))
        await asyncio.wait({stopping, running}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() and not running.done():
            # First, so that a long ingest reports what it has done.
            await ingest.close()
            left = await services.admission.close(_GRACE_SECONDS)
            log.log(logging.WARNING if left else logging.INFO, "stopping; %d questions are left unanswered", left)
            running.cancel()
        stopping.cancel()
        with suppress(asyncio.CancelledError):
            await running
    finally:
        await ingest.close()
        await services.replies.wait_written()
        await queries.close()
        monitor = services.loop_monitor
        milliseconds = (monitor.longest_pause * 1000, monitor.longest_work * 1000)
        log.info("the event loop's longest pause was %.0f ms, its longest work %.0f", *milliseconds)


async def _serve(services: Services, token: str) -> None:
    """Open the library, then connect and stay connected."""
    await services.queries.start()
    # Collecting garbage among everything imported so far would stop the event loop for tens of milliseconds.
    gc.collect()
    gc.freeze()
    measuring = asyncio.create_task(services.loop_monitor.measure())
    try:
        await _stay_connected(lambda: OnRecord(services), token)
    finally:
        measuring.cancel()


async def _stay_connected(make_client: Callable[[], OnRecord], token: str) -> None:
    """Log a client in as soon as Discord can be reached, and stay connected."""
    attempt = 0
    while True:
        async with make_client() as client:
            try:
                await client.start(token)
            except discord.LoginFailure as error:
                raise _token_refused() from error
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
        await asyncio.sleep(_RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)])
        attempt += 1


def _token_refused() -> SettingsError:
    return SettingsError("Discord refuses DISCORD_TOKEN: reset it on the Bot page of your application and copy it anew")
