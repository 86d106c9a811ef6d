"""Messages of the loopback Discord as a page of web components that look like Discord's."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from html import escape
from typing import Any

from tests.bot.discord_markdown import Node, read

Json = dict[str, Any]

_CORE = "@derockdev/discord-components-core/dist/derockdev-discord-components-core"
_HEAD = f"""<!doctype html><meta charset="utf-8">
<script type="module" src="/node_modules/{_CORE}/derockdev-discord-components-core.esm.js"></script>
<style>
body {{ margin: 0; background: #313338 }}
.quote {{ border-left: 4px solid #4e5058; padding-left: 10px; margin: 2px 0 }}
.small {{ font-size: 12px; color: #949ba4 }}
a {{ color: #00a8fc; text-decoration: none }}
discord-messages {{ border: 0 !important }}
</style><discord-messages>"""
_TAIL = """</discord-messages><script>
const parts = [...document.querySelectorAll("*")].filter(one => one.localName.startsWith("discord-"));
let before = 0, still = 0;
const measure = () => {
  const height = Math.ceil(parts[0].getBoundingClientRect().height);
  still = height === before && parts.every(one => one.classList.contains("hydrated")) ? still + 1 : 0;
  before = height;
  if (still > 3) document.body.dataset.height = height; else setTimeout(measure, 250);
};
setTimeout(measure, 1000);
</script>"""
"""It says how high it is once every part is drawn and nothing moves any more."""

_MARKS = {"bold": "b", "underline": "u", "italic": "i", "strike": "s"}


def page(messages: list[tuple[Json, str, bool]]) -> str:
    """A page of (message, command that it answers or nothing, whether it is for one reader alone)."""
    return _HEAD + "".join(_message(*one) for one in messages) + _TAIL


def _message(one: Json, command: str, alone: bool) -> str:
    author, bot = one["author"]["global_name"], one["author"]["bot"]
    facts = f'author="{escape(author)}" avatar="{_avatar(author, bot)}" timestamp="{one["timestamp"]}"'
    used = f'<discord-command slot="reply" author="Ada" avatar="{_avatar("Ada", False)}" command="{escape(command)}">'
    used = f"{used}</discord-command>" if command else ""
    cards = "".join(_card(card) for card in one["embeds"])
    more = "".join(_row(row) for row in one["components"])
    more = f'<discord-attachments slot="components">{more}</discord-attachments>' if more else ""
    text = _html(read(re.sub(r"<@\d+> ?", "@On the Record ", one["content"])))
    kinds = f"{'bot' if bot else ''} {'ephemeral' if alone else ''}"
    return f"<discord-message {facts} {kinds}>{used}{text}{cards}{more}</discord-message>"


def _avatar(name: str, bot: bool) -> str:
    colour = "#5865f2" if bot else "#3ba55d"
    letter = f'<text x="20" y="27" font-size="20" font-family="sans-serif" fill="#fff" text-anchor="middle">{name[0]}'
    square = f'<rect width="40" height="40" fill="{colour}"/>{letter}</text>'
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">{square}</svg>'
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"


def _row(row: Json) -> str:
    buttons = "".join(
        f'<discord-button type="secondary">{escape(one["label"])}</discord-button>' for one in row["components"]
    )
    return f"<discord-action-row>{buttons}</discord-action-row>"


def _card(card: Json) -> str:
    fields = "".join(
        f'<discord-embed-field field-title="{escape(one["name"])}" {"inline" if one.get("inline") else ""}>'
        f"{_html(read(one['value']))}</discord-embed-field>"
        for one in card.get("fields", ())
    )
    title = re.sub(r"\\(\W)", r"\1", card.get("title", ""))
    facts = f'color="#5865f2" embed-title="{escape(title)}" url="{escape(card.get("url") or "")}"'
    text = _html(read(card.get("description") or ""))
    described = f'<discord-embed-description slot="description">{text}</discord-embed-description>'
    fielded = f'<discord-embed-fields slot="fields">{fields}</discord-embed-fields>'
    return f'<discord-embed slot="embeds" {facts}>{described}{fielded}</discord-embed>'


def _html(nodes: tuple[Node, ...]) -> str:
    # A quotation ends its line by itself.
    return "".join(map(_node, nodes)).replace("</div><br>", "</div>")


def _node(node: Node) -> str:
    inner = escape(node.text).replace("\n", "<br>") + _html(node.children)
    if node.kind in _MARKS:
        return f"<{_MARKS[node.kind]}>{inner}</{_MARKS[node.kind]}>"
    if node.kind == "link":
        return f'<a href="{escape(node.target)}">{inner}</a>'
    if node.kind == "quote":
        return f'<div class="quote">{inner}</div>'
    if node.kind == "subtext":
        return f'<span class="small">{inner}</span>'
    if node.kind == "item":
        return f"&nbsp;• {inner}"
    if node.kind == "time":
        moment = datetime.fromtimestamp(int(node.text.split(":")[1].strip(">")), UTC)
        return f"<span>{moment.day} {moment:%B %Y}</span>"
    if node.kind == "code":
        return f"<code>{escape(node.text.strip('`'))}</code>"
    return inner
