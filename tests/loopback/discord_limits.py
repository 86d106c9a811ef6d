"""What Discord refuses, and whom a message would ping: the rules of the API that the loopback holds its client to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

_SUPPRESS_EMBEDS = 1 << 2
_COMPONENTS_V2 = 1 << 15


class Refused(Exception):
    """An answer of Discord that is an error: HTTP status, its own code, and its words."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def unknown(what: str, code: int) -> Refused:
    return Refused(404, code, f"Unknown {what}")


def invalid(field: str, why: str) -> Refused:
    return Refused(400, 50035, f"Invalid Form Body: {field}: {why}")


def check_message(body: Json, *, new: bool) -> None:
    """Raise Refused for a message that Discord does not take."""
    content = body.get("content") or ""
    if len(content) > 2000:
        raise invalid("content", "Must be 2000 or fewer in length.")
    holds = content.strip() or any(body.get(key) for key in ("embeds", "components", "attachments", "sticker_ids"))
    if not holds and (new or {"content", "embeds"} <= body.keys()):
        raise Refused(400, 50006, "Cannot send an empty message")
    embeds = body.get("embeds") or []
    if len(embeds) > 10:
        raise invalid("embeds", "Must be 10 or fewer in length.")
    if sum(sum(len(part) for part in _texts(embed)) for embed in embeds) > 6000:
        raise invalid("embeds", "Embed size exceeds maximum size of 6000")
    for embed in embeds:
        _check_embed(embed)
    _check_components(body.get("components") or [], bool((body.get("flags") or 0) & _COMPONENTS_V2))


def _texts(embed: Json) -> Iterator[str]:
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    yield (embed.get("footer") or {}).get("text") or ""
    yield (embed.get("author") or {}).get("name") or ""
    for field in embed.get("fields") or []:
        yield field["name"]
        yield field["value"]


def _check_embed(embed: Json) -> None:
    for name, most in (("title", 256), ("description", 4096)):
        if len(embed.get(name) or "") > most:
            raise invalid(f"embeds.{name}", f"Must be {most} or fewer in length.")
    fields = embed.get("fields") or []
    if len(fields) > 25:
        raise invalid("embeds.fields", "Must be 25 or fewer in length.")
    for field in fields:
        if not 0 < len(field["name"]) <= 256 or not 0 < len(field["value"]) <= 1024:
            raise invalid("embeds.fields", "A name has 1 to 256 characters, a value 1 to 1024.")


def _check_components(rows: list[Json], new_kind: bool) -> None:
    if not new_kind and len(rows) > 5:
        raise invalid("components", "Must be 5 or fewer in length.")
    seen: set[str] = set()
    for row in rows:
        buttons = row.get("components") or []
        if row.get("type") == 1 and len(buttons) > 5:
            raise invalid("components", "A row holds 5 buttons.")
        for one in buttons:
            custom = one.get("custom_id")
            if custom is not None and (not 0 < len(custom) <= 100 or custom in seen):
                raise invalid("components.custom_id", "1 to 100 characters, each once.")
            seen.add(custom)
            if len(one.get("label") or "") > 80:
                raise invalid("components.label", "Must be 80 or fewer in length.")


def check_modal(modal: Json) -> None:
    """Raise Refused for a modal that Discord does not take."""
    if not 0 < len(modal["title"]) <= 45 or not 0 < len(modal["custom_id"]) <= 100:
        raise invalid("data.title", "A title has 1 to 45 characters, a custom id 1 to 100.")
    rows = modal["components"]
    if not 0 < len(rows) <= 5:
        raise invalid("data.components", "Must be between 1 and 5 in length.")
    for row in rows:
        one = (row.get("components") or [row.get("component")])[0]
        if not 0 < len(one.get("label") or row.get("label") or "") <= 45:
            raise invalid("data.components.label", "Must be between 1 and 45 in length.")
        if one.get("max_length", 4000) > 4000:
            raise invalid("data.components.max_length", "Must be 4000 or fewer.")


def check_choices(choices: list[Json]) -> None:
    """Raise Refused for choices of an autocomplete that Discord does not take."""
    if len(choices) > 25:
        raise invalid("data.choices", "Must be 25 or fewer in length.")
    for one in choices:
        if not 0 < len(one["name"]) <= 100 or not 0 < len(str(one["value"])) <= 100:
            raise invalid("data.choices", "A name and a value have 1 to 100 characters.")


def check_commands(commands: list[Json]) -> None:
    """Raise Refused for definitions of commands that Discord does not take."""
    if sum(one.get("type", 1) == 1 for one in commands) > 100:
        raise Refused(400, 30032, "Maximum number of application commands reached (100)")
    if sum(one.get("type", 1) == 3 for one in commands) > 15:
        raise Refused(400, 30034, "Maximum number of message commands reached (15)")
    for one in commands:
        if one.get("type", 1) == 1:
            _check_tree(one)
        elif not 0 < len(one["name"]) <= 32:
            raise invalid("name", "Must be between 1 and 32 in length.")


def _check_tree(one: Json) -> None:
    _check_described(one)
    options = one.get("options") or []
    if len(options) > 25:
        raise invalid("options", "Must be 25 or fewer in length.")
    for option in options:
        _check_tree(option)


def _check_described(one: Json) -> None:
    if not re.fullmatch(r"[-_'\w]{1,32}", one["name"]) or one["name"] != one["name"].lower():
        raise invalid("name", f"{one['name']} is no name of a command or an option.")
    if not 0 < len(one["description"]) <= 100:
        raise invalid("description", "Must be between 1 and 100 in length.")


def pinged(body: Json) -> list[str]:
    """What of a message's content would notify somebody, by its `allowed_mentions`; without them, all of it."""
    content = body.get("content") or ""
    allowed = body.get("allowed_mentions")
    kinds = {"everyone", "users", "roles"} if allowed is None else set(allowed.get("parse") or ())
    users, roles = (allowed or {}).get("users") or (), (allowed or {}).get("roles") or ()
    out = [found for found in re.findall(r"@everyone|@here", content) if "everyone" in kinds]
    out += [one for one in re.findall(r"<@!?(\d+)>", content) if "users" in kinds or one in map(str, users)]
    out += [one for one in re.findall(r"<@&(\d+)>", content) if "roles" in kinds or one in map(str, roles)]
    if body.get("message_reference") and (allowed is None or allowed.get("replied_user", False)):
        out.append("the author replied to")
    return out
