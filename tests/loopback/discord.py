"""A Discord on loopback, in a thread of its own: what a bot's process talks to in tests.

It serves the REST routes and the gateway that the bot uses, refuses what the real one refuses (`discord_limits`), and
notes every request. Tests speak as members through `say`, `ask_command` and `complete`, and wait for what they expect.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.loopback import discord_made as made
from tests.loopback.discord_gateway import Gateway
from tests.loopback.discord_limits import pinged
from tests.loopback.discord_rest import Asked, Rest
from tests.waiting import HANGING

Json = dict[str, Any]
TOKEN = "loopback.token.of-nobody"
READER = made.user(800000000000000001, "reader")
MENTION = f"<@{made.APPLICATION}>"
MANAGE_GUILD = 1 << 5
EMBED_LINKS = 1 << 14


@dataclass(frozen=True)
class Call:
    """A request of the bot, and the status it got."""

    method: str
    path: str
    body: Any
    raw: bytes
    status: int

    @property
    def is_text(self) -> bool:
        """Whether it puts a message before people."""
        ends = ("/messages", "/callback", "/messages/@original")
        return self.method in ("POST", "PATCH") and (self.path.endswith(ends) or self.path.startswith("/webhooks/"))

    @property
    def message(self) -> Json:
        """The message that it carries; an interaction's callback wraps it."""
        body: Json = self.body or {}
        return (body.get("data") or {}) if self.path.endswith("/callback") else body


class Discord:
    """Guilds, channels and members of an invented Discord. Use it as a context manager."""

    def __init__(
        self, *, shards: int = 1, content_allowed: bool = False, token: str = TOKEN, patience: float = HANGING
    ) -> None:
        """`patience`: seconds in which an interaction has to be acknowledged; of the real one three."""
        self.shards, self.content_allowed, self.token, self.patience = shards, content_allowed, token, patience
        self.direct = made.channel(910000000000000001, None)
        self.channels: dict[int, Json] = {int(self.direct["id"]): self.direct}
        self.guilds: dict[int, Json] = {}
        self.messages: dict[int, Json] = {}
        self.files: dict[int, bytes] = {}
        self.commands: list[Json] = []
        self.closed: set[int] = set()
        self.threadless: set[int] = set()
        self.cardless: set[int] = set()
        self.cardless_unsaid: set[int] = set()
        self.asked: dict[int, Asked] = {}
        self.calls: list[Call] = []
        self.faults: list[Callable[[web.Request], web.Response | None]] = []
        self.gateway, self.rest = Gateway(self), Rest(self)
        self._something = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._runner = self._run(self._served())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def rest_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway"

    def add_guild(self, guild_id: int) -> int:
        """A guild with one channel, whose id is returned; to be added before a client connects."""
        channel = made.channel(guild_id + 1, guild_id)
        self.channels[guild_id + 1] = channel
        self.guilds[guild_id] = made.guild(guild_id, [channel])
        return guild_id + 1

    def say(
        self, channel: int, content: str, *, author: Json = READER, reply_to: Json | None = None, **facts: Any
    ) -> Json:
        """A member writes in a channel; who is mentioned follows from the text, and from whom it replies to."""
        guild = self.channels[channel].get("guild_id")
        more: Json = {"mentions": [made.BOT] if MENTION in content else []}
        if reply_to is not None:
            more = {"mentions": [reply_to["author"]], "type": 19, "referenced_message": reply_to}
            more["message_reference"] = {"message_id": reply_to["id"], "channel_id": str(channel), "type": 0}
        message = made.message(channel, int(guild) if guild else None, author, content, **more, **facts)
        self.messages[int(message["id"])] = message
        self.channels[channel]["last_message_id"] = message["id"]
        self._run(self.gateway.message(message))
        return message

    def edit(self, message: Json, content: str) -> None:
        """A member edits a message."""
        message |= {"content": content, "edited_timestamp": made.now()}
        self._run(self.gateway.message(message, "MESSAGE_UPDATE"))

    def command(
        self, channel: int, name: str, /, *, author: Json = READER, admin: bool = False, **options: Any
    ) -> Asked:
        """A member uses a slash command, such as "ask" or "feeds add"; `admin`: with Manage Server.

        Options are texts, booleans, channels ({"id", "type", …}) and attachments (made by `attach`).
        """
        return self._interact(2, channel, self._data(name, options), author, admin=admin)

    def complete(
        self, channel: int, name: str, focused: str, /, *, author: Json = READER, admin: bool = False, **options: str
    ) -> Asked:
        """A member types in an option of a slash command that offers choices."""
        data = self._data(name, options)
        for option in innermost(data):
            option["focused"] = option["name"] == focused
        return self._interact(4, channel, data, author, admin=admin)

    def menu(self, channel: int, name: str, message: Json, *, author: Json = READER, admin: bool = False) -> Asked:
        """A member chooses a command in the menu of a message."""
        known = next(one for one in self.commands if one["name"] == name)
        data = {"id": known["id"], "name": name, "type": 3, "target_id": message["id"]}
        return self._interact(
            2, channel, data | {"resolved": {"messages": {message["id"]: message}}}, author, admin=admin
        )

    def press(
        self, channel: int, message: Json, custom_id: str, *, author: Json = READER, admin: bool = False
    ) -> Asked:
        """A member presses a button under a message."""
        data = {"custom_id": custom_id, "component_type": 2}
        return self._interact(3, channel, data, author, admin=admin, message=message)

    def submit(self, asked: Asked, *, author: Json = READER, admin: bool = False, **fields: str) -> Asked:
        """A member fills in the modal that an interaction was answered with, fields by their labels' first words."""
        assert asked.modal is not None
        rows = []
        for row in asked.modal["components"]:
            (one,) = row.get("components") or [row["component"]]
            label = (one.get("label") or row.get("label")).split()[0].strip(",").lower()
            filled = {"type": 4, "custom_id": one["custom_id"], "value": fields.get(label, "")}
            rows.append({"type": 1, "components": [filled]})
        data = {"custom_id": asked.modal["custom_id"], "components": rows}
        more = {"message": asked.payload["message"]} if "message" in asked.payload else {}
        return self._interact(5, asked.channel, data, author, admin=admin, **more)

    def attach(self, name: str, data: bytes, *, size: int | None = None) -> Json:
        """A file on the loopback's CDN; `size`: what Discord says of it."""
        number = made.snowflake()
        self.files[number] = data
        url = f"http://127.0.0.1:{self._port}/cdn/{number}/{name}"
        known = {"id": str(number), "filename": name, "size": len(data) if size is None else size, "url": url}
        return known | {"proxy_url": url, "content_type": "application/octet-stream"}

    def cut(self, *, forget: bool = False) -> None:
        """Have every client reconnect; `forget`: with a session that is not known any more."""
        self._run(self.gateway.cut(forget=forget))

    def until(self, there: Callable[[], Any], seconds: float = HANGING) -> Any:
        """The first true value of `there`, looked at whenever something happened. Fails when the time is up."""
        ends = time.monotonic() + seconds
        with self._something:
            while not (found := there()):
                left = ends - time.monotonic()
                assert left > 0, (
                    f"nothing came of it; asked last: {[(c.method, c.path, c.status) for c in self.calls[-8:]]}"
                )
                self._something.wait(left)
        return found

    def texts(self, channel: int | None = None) -> list[Json]:
        """The bot's messages as they stand, of one channel or all."""
        return [
            one
            for one in list(self.messages.values())
            if int(one["author"]["id"]) == made.APPLICATION and channel in (None, int(one["channel_id"]))
        ]

    def pings(self) -> list[str]:
        """Whom the bot's messages would have notified, over all of them."""
        return [one for call in self.calls if call.is_text for one in pinged(call.message)]

    def note(self, method: str, path: str, body: Any, raw: bytes, status: int) -> None:
        """Keep a request; called by the routes."""
        with self._something:
            self.calls.append(Call(method, path, body, raw, status))
            self._something.notify_all()

    def changed(self) -> None:
        """Wake who waits in `until`."""
        with self._something:
            self._something.notify_all()

    def fault(self, request: web.Request) -> web.Response | None:
        """What the first fault that takes a request answers it with; None: nothing is wrong."""
        return next((answer for one in self.faults if (answer := one(request)) is not None), None)

    def _data(self, name: str, options: dict[str, Any]) -> Json:
        """The data of a command's interaction, its options inside the subcommand where there is one."""
        whole, *inner = name.split(" ")
        known = next(one for one in self.commands if one["name"] == whole and one.get("type", 1) == 1)
        given, resolved = [], {}
        for key, value in options.items():
            kind = 5 if isinstance(value, bool) else 3
            if isinstance(value, dict):
                kind, place = (11, "attachments") if "url" in value else (7, "channels")
                resolved.setdefault(place, {})[value["id"]] = value
                value = value["id"]
            given.append({"name": key, "type": kind, "value": value})
        for one in inner:
            given = [{"name": one, "type": 1, "options": given}]
        return {"id": known["id"], "name": whole, "type": 1, "options": given, "resolved": resolved}

    def _interact(self, kind: int, channel: int, data: Json, author: Json, *, admin: bool, **more: Any) -> Asked:
        rights = MANAGE_GUILD if admin else 0
        payload = made.interaction(kind, data, self.channels[channel], author, permissions=rights) | more
        if channel in self.cardless:
            payload["app_permissions"] = str(made.EVERYTHING & ~EMBED_LINKS)
        asked = self.asked[int(payload["id"])] = Asked(payload, time.monotonic())
        self._run(self.gateway.interaction(payload))
        return asked

    async def _file(self, request: web.Request) -> web.Response:
        found = self.files.get(int(request.match_info["file"]))
        return web.Response(status=404) if found is None else web.Response(body=found)

    async def _served(self) -> web.AppRunner:
        app = web.Application(client_max_size=64 * 2**20)
        app.add_routes([web.get("/gateway", self.gateway.handle), web.get("/gateway/", self.gateway.handle)])
        app.add_routes([web.get("/cdn/{file}/{name}", self._file)])
        app.add_routes(self.rest.routes())
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._port = runner.addresses[0][1]
        return runner

    def _run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(HANGING)


def innermost(data: Json) -> list[Json]:
    """The options of a command's interaction, of its subcommand where there is one."""
    options: list[Json] = data["options"]
    return innermost(options[0]) if options and options[0]["type"] == 1 else options


@contextmanager
def running(**options: Any) -> Iterator[Discord]:
    """A Discord with two guilds, for most tests."""
    with Discord(**options) as discord:
        discord.add_guild(GUILD_A)
        discord.add_guild(GUILD_B)
        yield discord


GUILD_A, GUILD_B = 920000000000000000, 930000000000000000
