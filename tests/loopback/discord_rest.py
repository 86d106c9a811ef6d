"""The loopback Discord's REST routes, as far as the bot uses them; what else is asked is noted and refused."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from tests.loopback import discord_made as made
from tests.loopback.discord_gateway import readable
from tests.loopback.discord_limits import (
    Refused,
    check_choices,
    check_commands,
    check_message,
    check_modal,
    invalid,
    unknown,
)

if TYPE_CHECKING:
    from tests.loopback.discord import Discord

Json = dict[str, Any]
_MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, _CHOICES, _MODAL = 4, 5, 6, 7, 8, 9
_EPHEMERAL = 1 << 6
_JSON = {"Content-Type": "application/json"}


@dataclass
class Asked:
    """An interaction and what became of it: when it was sent and acknowledged, how, and the message made for it."""

    payload: Json
    at: float
    acknowledged: float | None = None
    kind: int | None = None
    choices: list[Json] | None = None
    original: Json | None = None
    expired: bool = False
    modal: Json | None = None
    more: list[Json] = field(default_factory=list)

    @property
    def channel(self) -> int:
        return int(self.payload["channel_id"])

    @property
    def text(self) -> str:
        """The reply as it stands, with what its cards say; empty until it is more than an acknowledgement."""
        if self.original is None or (self.kind == _DEFERRED and self.original["edited_timestamp"] is None):
            return ""
        return str(self.original["content"]) + "".join(_words(card) for card in self.original["embeds"])

    @property
    def is_private(self) -> bool:
        return self.original is not None and bool(self.original["flags"] & _EPHEMERAL)

    @property
    def guild(self) -> int | None:
        return int(self.payload["guild_id"]) if "guild_id" in self.payload else None


class Rest:
    """Answers requests for a Discord."""

    def __init__(self, discord: Discord) -> None:
        self._discord = discord
        self.strange: list[str] = []
        self._nonces: dict[tuple[str, Any], int] = {}
        self._telling: list[asyncio.Future[None]] = []

    def routes(self) -> list[web.RouteDef]:
        """Every route, under /api/v10."""
        table: list[tuple[str, str, Callable[[web.Request, Any], Any]]] = [
            ("GET", "/gateway/bot", self._gateway),
            ("GET", "/users/@me", lambda *_: made.me()),
            ("POST", "/users/@me/channels", lambda *_: self._discord.direct),
            ("GET", "/oauth2/applications/@me", lambda *_: made.application()),
            ("PUT", "/applications/{app}/commands", self._put_commands),
            ("PUT", "/applications/{app}/guilds/{guild}/commands", self._put_commands),
            ("GET", "/applications/{app}/commands", lambda *_: self._discord.commands),
            ("GET", "/channels/{channel}", lambda request, _: self._channel(request)),
            ("POST", "/channels/{channel}/messages", self._send),
            ("GET", "/channels/{channel}/messages", lambda request, _: self._history(request)),
            ("GET", "/channels/{channel}/messages/{message}", lambda request, _: self._message(request)),
            ("PATCH", "/channels/{channel}/messages/{message}", self._edit),
            ("DELETE", "/channels/{channel}/messages/{message}", self._delete),
            ("POST", "/channels/{channel}/messages/{message}/threads", self._thread),
            ("POST", "/channels/{channel}/typing", lambda request, _: self._typing(request)),
            ("POST", "/interactions/{id}/{token}/callback", self._callback),
            ("POST", "/webhooks/{app}/{token}", self._follow_up),
            ("GET", "/webhooks/{app}/{token}/messages/{message}", lambda request, _: self._webhook_message(request)),
            ("PATCH", "/webhooks/{app}/{token}/messages/{message}", self._edit_webhook),
        ]
        return [web.route(method, f"/api/v10{path}", self._handled(handler)) for method, path, handler in table] + [
            web.route("*", "/api/{rest:.*}", self._handled(self._nowhere))
        ]

    def _handled(self, handler: Callable[[web.Request, Any], Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            body, raw = await _read(request)
            fault = self._discord.fault(request)
            if fault is not None:
                return fault
            try:
                if "Authorization" not in request.headers and "/webhooks/" not in request.path:
                    self._authorized(request)
                elif "Authorization" in request.headers:
                    self._authorized(request)
                answer, status = handler(request, body), 200
            except Refused as error:
                answer, status = {"message": error.message, "code": error.code}, error.status
            self._discord.note(request.method, request.path.removeprefix("/api/v10"), body, raw, status)
            if answer is None:
                return web.Response(status=204)
            # The client takes JSON for JSON where the type is this and nothing more, as the real one's is.
            return web.Response(body=json.dumps(answer).encode(), status=status, headers=_JSON)

        return handle

    def _authorized(self, request: web.Request) -> None:
        open_to_all = "/interactions/" in request.path
        if not open_to_all and request.headers.get("Authorization") != f"Bot {self._discord.token}":
            raise Refused(401, 0, "401: Unauthorized")

    def _nowhere(self, request: web.Request, _: Any) -> Any:
        self.strange.append(f"{request.method} {request.path}")
        raise Refused(404, 0, "404: Not Found")

    def _gateway(self, *_: Any) -> Json:
        limits = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return {"url": self._discord.gateway_url, "shards": self._discord.shards, "session_start_limit": limits}

    def _put_commands(self, _: web.Request, body: Any) -> list[Json]:
        check_commands(body)
        base = {"application_id": str(made.APPLICATION), "description": "", "default_member_permissions": None}
        base |= {"nsfw": False}
        self._discord.commands = [
            {"type": 1} | base | one | {"id": str(made.snowflake()), "version": str(made.snowflake())} for one in body
        ]
        return self._discord.commands

    def _channel(self, request: web.Request) -> Json:
        found = self._discord.channels.get(int(request.match_info["channel"]))
        if found is None:
            raise unknown("Channel", 10003)
        return found

    def _message(self, request: web.Request) -> Json:
        self._channel(request)
        found = self._discord.messages.get(int(request.match_info["message"]))
        if found is None:
            raise unknown("Message", 10008)
        return found

    def _typing(self, request: web.Request) -> None:
        self._may_send(self._channel(request))

    def _may_send(self, channel: Json) -> None:
        if int(channel["id"]) in self._discord.closed:
            raise Refused(403, 50013, "Missing Permissions")

    def _send(self, request: web.Request, body: Any) -> Json:
        channel = self._channel(request)
        self._may_send(channel)
        check_message(body, new=True)
        nonce = (channel["id"], body.get("nonce"))
        if body.get("enforce_nonce") and nonce in self._nonces:
            return self._discord.messages[self._nonces[nonce]]
        reference = body.get("message_reference")
        gone = reference and int(reference["message_id"]) not in self._discord.messages
        if gone and reference.get("fail_if_not_exists", True):
            raise invalid("message_reference", "Unknown message")
        message = self._made(int(channel["id"]), body, None if gone else reference)
        self._nonces[nonce] = int(message["id"])
        return message

    def _history(self, request: web.Request) -> list[Json]:
        """Messages of a channel, the newest first, as the content intent lets them be read."""
        channel, query = self._channel(request), request.query
        found = [one for one in list(self._discord.messages.values()) if one["channel_id"] == channel["id"]]
        found = [one for one in found if int(one["id"]) > int(query.get("after", 0))]
        found.sort(key=lambda one: int(one["id"]), reverse="after" not in query)
        intents = max((one.intents for one in self._discord.gateway.sessions.values()), default=0)
        page = [readable(one, intents) for one in found[: int(query.get("limit", 50))]]
        return sorted(page, key=lambda one: int(one["id"]), reverse=True)

    def _made(self, channel: int, body: Json, reference: Json | None = None, **more: Any) -> Json:
        guild = self._discord.channels[channel].get("guild_id")
        kept = self._shown(channel, _kept(body))
        if reference:
            ids = {name: str(reference[name]) for name in ("message_id", "channel_id") if name in reference}
            kept |= {"message_reference": ids | {"type": 0}, "type": 19}
        text = body.get("content") or ""
        message = made.message(channel, int(guild) if guild else None, made.BOT, text, **kept, **more)
        self._discord.messages[int(message["id"])] = message
        return message

    def _shown(self, channel: int, kept: Json) -> Json:
        """What a message shows there: no cards where the bot may not embed links."""
        hidden = channel in self._discord.cardless | self._discord.cardless_unsaid
        return kept | ({"embeds": []} if hidden and "embeds" in kept else {})

    def _edit(self, request: web.Request, body: Any) -> Json:
        return self._edited(self._message(request), body)

    def _edited(self, message: Json, body: Json) -> Json:
        check_message(body, new=False)
        message |= {"content": body.get("content") or ""} if "content" in body else {}
        message |= self._shown(int(message["channel_id"]), _kept(body))
        message["edited_timestamp"] = made.now()
        return message

    def _delete(self, request: web.Request, _: Any) -> None:
        del self._discord.messages[int(self._message(request)["id"])]

    def _thread(self, request: web.Request, body: Any) -> Json:
        self._message(request)
        self._may_send(self._channel(request))
        if int(request.match_info["channel"]) in self._discord.threadless:
            raise Refused(403, 50013, "Missing Permissions")
        thread_id = int(request.match_info["message"])
        thread = made.thread(thread_id, self._channel(request), body["name"], made.APPLICATION)
        self._discord.channels[thread_id] = thread
        self._telling.append(asyncio.ensure_future(self._discord.gateway.thread(thread)))
        return thread

    def _callback(self, request: web.Request, body: Any) -> Json:
        asked = self._discord.asked.get(int(request.match_info["id"]))
        if asked is None or asked.payload["token"] != request.match_info["token"]:
            raise unknown("interaction", 10062)
        if asked.acknowledged is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        if time.monotonic() - asked.at > self._discord.patience:
            raise unknown("interaction", 10062)
        data = body.get("data") or {}
        if body["type"] in (_MESSAGE, _UPDATE):
            check_message(data, new=body["type"] == _MESSAGE)
        if body["type"] == _MODAL:
            check_modal(data)
            asked.modal = data
        if body["type"] == _CHOICES:
            check_choices(data["choices"])
            asked.choices = data["choices"]
        asked.acknowledged, asked.kind = time.monotonic(), body["type"]
        if body["type"] in (_DEFERRED_UPDATE, _UPDATE):
            asked.original = self._discord.messages[int(asked.payload["message"]["id"])]
        if body["type"] in (_MESSAGE, _DEFERRED):
            asked.original = self._made(asked.channel, data)
        made_id = {"response_message_id": asked.original["id"]} if asked.original else {}
        return {
            "interaction": {"id": asked.payload["id"], "type": asked.payload["type"]} | made_id,
            "resource": {"type": body["type"]} | ({"message": asked.original} if asked.original else {}),
        }

    def _by_token(self, request: web.Request) -> Asked:
        for asked in list(self._discord.asked.values()):
            if asked.payload["token"] == request.match_info["token"] and not asked.expired:
                if asked.original is None:
                    raise unknown("Webhook", 10015)
                return asked
        raise Refused(401, 50027, "Invalid Webhook Token")

    def _follow_up(self, request: web.Request, body: Any) -> Json:
        asked = self._by_token(request)
        check_message(body, new=True)
        message = self._made(asked.channel, body)
        asked.more.append(message)
        return message

    def _webhook_message(self, request: web.Request) -> Json:
        asked = self._by_token(request)
        wanted = request.match_info["message"]
        found = asked.original if wanted == "@original" else self._discord.messages.get(int(wanted))
        if found is None or int(found["id"]) not in self._discord.messages:
            raise unknown("Message", 10008)
        return found

    def _edit_webhook(self, request: web.Request, body: Any) -> Json:
        return self._edited(self._webhook_message(request), body)


def _kept(body: Json) -> Json:
    """What of a request stays with the message, files as Discord tells of them."""
    kept = {key: body[key] or [] for key in ("embeds", "components", "attachments") if key in body}
    for file in kept.get("attachments", ()):
        file |= {"id": str(file["id"]), "size": 1, "url": "http://cdn.test/file", "proxy_url": "http://cdn.test/file"}
    return kept | ({"flags": body["flags"]} if body.get("flags") else {})


def _words(card: Json) -> str:
    fields = "".join(f"\n{one['name']}: {one['value']}" for one in card.get("fields") or ())
    return f"{card.get('title') or ''}\n{card.get('description') or ''}{fields}"


async def _read(request: web.Request) -> tuple[Any, bytes]:
    """A request's JSON, of a form its `payload_json`, and all its bytes."""
    if not request.content_type.startswith("multipart/"):
        raw = await request.read()
        return (json.loads(raw) if raw else None), raw
    body, raw = None, b""
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        data = await part.read()
        raw += data
        if part.name == "payload_json":
            body = json.loads(data)
    return body, raw
