"""What the loopback Discord sends, made as the API's reference describes it: users, guilds, messages, interactions."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

APPLICATION = 700000000000000001
OWNER = 700000000000000002
_EPOCH_MS = 1_420_070_400_000
_numbers = itertools.count(1)

EDITORS = 7
"""What the id of a guild's role "Editors" is past the guild's own."""

EVERYTHING = (1 << 50) - 1
"""Permissions: all of them."""


def snowflake() -> int:
    """An id as Discord makes it: milliseconds since 2015 and a running number."""
    return ((int(time.time() * 1000) - _EPOCH_MS) << 22) | (next(_numbers) & 0x3FFFFF)


def now() -> str:
    return datetime.now(UTC).isoformat()


def user(user_id: int, name: str, *, bot: bool = False) -> Json:
    return {
        "id": str(user_id), "username": name, "discriminator": "0", "global_name": name, "avatar": None, "bot": bot,
        "public_flags": 0,
    }  # fmt: skip


BOT = user(APPLICATION, "On the Record", bot=True)


def member(of: Json | None = None, *, permissions: int | None = None) -> Json:
    made: Json = {
        "roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0, "nick": None,
        "avatar": None, "premium_since": None, "pending": False,
    }  # fmt: skip
    if of is not None:
        made |= {"user": of, "roles": of.get("roles", [])}
    if permissions is not None:
        made["permissions"] = str(permissions)
    return made


def channel(channel_id: int, guild_id: int | None, name: str = "news") -> Json:
    """A text channel, or, without a guild, a direct message's."""
    if guild_id is None:
        return {"id": str(channel_id), "type": 1, "recipients": [user(OWNER, "reader")], "last_message_id": None}
    return {
        "id": str(channel_id), "guild_id": str(guild_id), "type": 0, "name": name, "position": 0, "topic": None,
        "nsfw": False, "parent_id": None, "permission_overwrites": [], "rate_limit_per_user": 0,
        "last_message_id": None,
    }  # fmt: skip


def thread(thread_id: int, parent: Json, name: str, owner_id: int) -> Json:
    meta = {"archived": False, "auto_archive_duration": 1440, "archive_timestamp": now(), "locked": False}
    return {
        "id": str(thread_id), "guild_id": parent["guild_id"], "type": 11, "name": name, "parent_id": parent["id"],
        "owner_id": str(owner_id), "thread_metadata": meta, "message_count": 0, "member_count": 1,
        "rate_limit_per_user": 0, "last_message_id": None,
    }  # fmt: skip


def guild(guild_id: int, channels: list[Json]) -> Json:
    everyone = {
        "id": str(guild_id), "name": "@everyone", "permissions": str(EVERYTHING), "position": 0, "color": 0,
        "hoist": False, "managed": False, "mentionable": False, "flags": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
    }  # fmt: skip
    editors = everyone | {"id": str(guild_id + EDITORS), "name": "Editors", "permissions": "0", "position": 1}
    return {
        "id": str(guild_id), "name": f"Guild {guild_id}", "icon": None, "splash": None, "discovery_splash": None,
        "owner_id": str(OWNER), "afk_channel_id": None, "afk_timeout": 300, "verification_level": 0,
        "default_message_notifications": 0, "explicit_content_filter": 0, "roles": [everyone, editors], "emojis": [],
        "features": [], "mfa_level": 0, "application_id": None, "system_channel_id": None, "system_channel_flags": 0,
        "rules_channel_id": None, "vanity_url_code": None, "description": None, "banner": None, "premium_tier": 0,
        "preferred_locale": "en-US", "public_updates_channel_id": None, "nsfw_level": 0, "stickers": [],
        "premium_progress_bar_enabled": False, "safety_alerts_channel_id": None, "joined_at": now(), "large": False,
        "unavailable": False, "member_count": 2, "voice_states": [], "members": [member(BOT)], "threads": [],
        "presences": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
        "channels": channels,
    }  # fmt: skip


def message(channel_id: int, guild_id: int | None, author: Json, content: str, **more: Any) -> Json:
    made: Json = {
        "id": str(snowflake()), "channel_id": str(channel_id), "author": author, "content": content,
        "timestamp": now(), "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [],
        "mention_roles": [], "attachments": [], "embeds": [], "pinned": False, "type": 0, "components": [], "flags": 0,
    }  # fmt: skip
    if guild_id is not None:
        made |= {"guild_id": str(guild_id), "member": member()}
    return made | more


def interaction(kind: int, data: Json, place: Json, asker: Json, *, permissions: int = 0) -> Json:
    """`kind`: 2 a command, 3 a component, 4 an autocomplete, 5 a modal. `place`: the channel."""
    made: Json = {
        "id": str(snowflake()), "application_id": str(APPLICATION), "type": kind, "token": f"token-{snowflake()}",
        "version": 1, "data": data, "channel_id": place["id"], "channel": place, "locale": "en-US",
        "entitlements": [], "attachment_size_limit": 10_485_760, "authorizing_integration_owners": {},
        "app_permissions": str(EVERYTHING),
    }  # fmt: skip
    if "guild_id" in place:
        inside = {"id": place["guild_id"], "locale": "en-US", "features": []}
        return made | {
            "guild_id": place["guild_id"], "guild_locale": "en-US", "context": 0, "guild": inside,
            "member": member(asker, permissions=permissions),
        }  # fmt: skip
    return made | {"user": asker, "context": 1}


def me() -> Json:
    return BOT | {"verified": True, "mfa_enabled": False, "flags": 0, "locale": "en-US"}


def application() -> Json:
    return {
        "id": str(APPLICATION), "name": "On the Record", "icon": None, "description": "", "bot_public": True,
        "bot_require_code_grant": False, "owner": user(OWNER, "owner"), "verify_key": "0" * 64, "flags": 0,
        "team": None, "integration_types_config": {"0": {}},
    }  # fmt: skip
