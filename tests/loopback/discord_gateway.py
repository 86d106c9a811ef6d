"""The loopback Discord's gateway: sessions that are identified, beaten for, cut, resumed and made invalid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.loopback import discord_made as made

if TYPE_CHECKING:
    from tests.loopback.discord import Discord

Json = dict[str, Any]

CONTENT_INTENT = 1 << 15
_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT, _INVALID, _HELLO, _ACK = 0, 1, 2, 6, 7, 9, 10, 11
_GUILDS, _GUILD_MESSAGES, _DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12


@dataclass
class Session:
    """What a client identified for, every event sent to it so far, and its socket while it has one."""

    id: str
    intents: int
    shard: tuple[int, int]
    events: list[Json] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None

    async def dispatch(self, name: str, data: Any) -> None:
        """Send an event, or keep it for when the session is resumed."""
        event = {"op": _DISPATCH, "t": name, "s": len(self.events) + 1, "d": data}
        self.events.append(event)
        await self.send(event)

    async def send(self, payload: Json) -> None:
        if self.socket is not None and not self.socket.closed:
            await self.socket.send_json(payload)


class Gateway:
    """Answers websockets for a Discord."""

    def __init__(self, discord: Discord) -> None:
        self._discord = discord
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0

    @property
    def connected(self) -> bool:
        """Whether a client is there to be told of things."""
        return any(one.socket is not None and not one.socket.closed for one in list(self.sessions.values()))

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": _HELLO, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None})
        session: Session | None = None
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            payload = frame.json()
            if payload["op"] == _HEARTBEAT:
                await socket.send_json({"op": _ACK, "d": None, "s": None, "t": None})
            elif payload["op"] == _IDENTIFY:
                session = await self._identify(socket, payload["d"])
            elif payload["op"] == _RESUME:
                session = await self._resume(socket, payload["d"])
        if session is not None and session.socket is socket:
            session.socket = None
        return socket

    async def _identify(self, socket: web.WebSocketResponse, asked: Json) -> Session | None:
        if asked["token"] != self._discord.token:
            await socket.close(code=4004, message=b"Authentication failed.")
            return None
        if asked["intents"] & CONTENT_INTENT and not self._discord.content_allowed:
            await socket.close(code=4014, message=b"Disallowed intent(s).")
            return None
        first, of = asked.get("shard") or (0, 1)
        session = Session(f"session-{made.snowflake()}", asked["intents"], (first, of), socket=socket)
        self.sessions[session.id] = session
        guilds = [one for one in self._discord.guilds.values() if _belongs(int(one["id"]), session)]
        await session.dispatch("READY", {
            "v": 10, "user": made.me(), "session_id": session.id, "resume_gateway_url": self._discord.gateway_url,
            "guilds": [{"id": one["id"], "unavailable": True} for one in guilds], "shard": [first, of],
            "application": {"id": str(made.APPLICATION), "flags": 0},
        })  # fmt: skip
        for one in guilds:
            await session.dispatch("GUILD_CREATE", one)
        self.identified += 1
        self._discord.changed()
        return session

    async def _resume(self, socket: web.WebSocketResponse, asked: Json) -> Session | None:
        session = self.sessions.get(asked["session_id"])
        if session is None or asked["token"] != self._discord.token:
            await socket.send_json({"op": _INVALID, "d": False, "s": None, "t": None})
            return None
        session.socket = socket
        for event in session.events[asked["seq"] :]:
            await session.send(event)
        await session.dispatch("RESUMED", {})
        self.resumed += 1
        self._discord.changed()
        return session

    async def message(self, message: Json, event: str = "MESSAGE_CREATE") -> None:
        """Tell of a message whoever wants such, its content only to those who may read it."""
        guild_id = message.get("guild_id")
        wanted = _GUILD_MESSAGES if guild_id else _DIRECT_MESSAGES
        for session in list(self.sessions.values()):
            if session.intents & wanted and _belongs(int(guild_id or 0), session):
                await session.dispatch(event, readable(message, session.intents))

    async def thread(self, thread: Json) -> None:
        """Tell of a thread that was opened."""
        for session in list(self.sessions.values()):
            if _belongs(int(thread["guild_id"]), session):
                await session.dispatch("THREAD_CREATE", thread | {"newly_created": True})

    async def interaction(self, interaction: Json) -> None:
        """Tell of an interaction."""
        for session in list(self.sessions.values()):
            if _belongs(int(interaction.get("guild_id") or 0), session):
                await session.dispatch("INTERACTION_CREATE", interaction)

    async def cut(self, *, forget: bool) -> None:
        """Ask every client to reconnect; `forget`: its session is invalid when it comes back."""
        for session in list(self.sessions.values()):
            socket, session.socket = session.socket, None
            if forget:
                del self.sessions[session.id]
            if socket is not None:
                await socket.send_json({"op": _RECONNECT, "d": None, "s": None, "t": None})


def _belongs(guild_id: int, session: Session) -> bool:
    first, of = session.shard
    return (guild_id >> 22) % of == first


def readable(message: Json, intents: int) -> Json:
    """A message as a client with these intents gets it."""
    told = {int(one["id"]) for one in message["mentions"]} | {int(message["author"]["id"])}
    if intents & CONTENT_INTENT or "guild_id" not in message or made.APPLICATION in told:
        return message
    return message | {"content": "", "embeds": [], "attachments": [], "components": []}
