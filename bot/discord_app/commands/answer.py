"""From a question to the messages that answer it: the one place where the bot asks the library for an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from bot.conversations import KIND, Key, Talk, stored_as
from bot.messages.reply import Keep, Reply, reply_of, scope

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord

Asked = Mapping[str, Any]
"""What `narrowing.narrowed` takes, as JSON: text, guild, since, until, source, of_channel."""


async def answered(
    client: OnRecord, member: int, asked: Asked, before: Sequence[Key], so_far: Callable[[str], None]
) -> Reply:
    """The answer to a question with its buttons, once the member's questions before it are answered.

    `before`: what a conversation that it continues may be known by, the nearest first. `so_far` is given the text of a
    message with what is proved of an answer that is still being written. Raises what `Librarians.run` raises.
    """

    async def work() -> Reply:
        talk = client.talks.before(before)
        given = {"asked": asked, "talk": talk.kept() if talk else None, "before": [stored_as(key) for key in before]}
        async with aclosing(client.librarians.run("answer", **given)) as told:
            async for said in told:
                if "end" in said:
                    return reply_of(said["end"])
                so_far(said["so_far"])
        raise AssertionError("an order ends")

    reply = await client.desk.work(member, work)
    if reply.keep is not None:
        client.keeping.keep(scope(asked["guild"]), reply.keep)
    return reply


def remember(client: OnRecord, guild: int | None, keys: Sequence[Key], talk: Talk) -> None:
    """Let these keys stand for a conversation, also after a restart."""
    client.talks.keep(keys, talk)
    for key in keys:
        client.keeping.keep(scope(guild), Keep(stored_as(key), KIND, talk.kept()))
