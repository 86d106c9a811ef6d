"""Ingesting on Discord: an order to the clerk, progress while it works, and a report at the end."""

from __future__ import annotations

import asyncio
import logging
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord

from bot.messages.links import link
from bot.messages.markdown import escape, line
from bot.messages.message import Message
from bot.messages.pack import Block, pack
from bot.messages.reply import Reply
from ingest.readers import formats
from retrieval.errors import SourceError

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord

log = logging.getLogger(__name__)

LARGEST = 10 * 1024 * 1024
"""Bytes of a file that is read; what Discord lets members attach by default."""

_EVERY = 2.0
"""Seconds between two edits that show progress, at least."""

_LISTED = 8
"""Items told of one by one; of more, those that failed, and all of them in a file."""

_ADDRESS = re.compile(r"https?://[^\s<>|\"']+")
_CLOSING = ".,;:!?)]}*_"

Said = Mapping[str, Any]


def addresses_in(text: str) -> list[str]:
    """Every web address in a text, each once, without the marks of the sentence around it."""
    found = (match[0].rstrip(_CLOSING) for match in _ADDRESS.finditer(text))
    return list(dict.fromkeys(found))


def refused(file: discord.Attachment) -> str | None:
    """Why a file is not read; None where it may be."""
    kind = formats.ending(file.filename)
    if kind not in formats.KINDS:
        return f"{kind or 'a file without an ending'} is not read: use {formats.READ}"
    if file.size > LARGEST:
        return f"larger than {LARGEST // 2**20} MiB: split it, or give its address"
    return None


async def ingested(
    interaction: discord.Interaction[OnRecord], order: Said, files: Sequence[discord.Attachment] = ()
) -> Reply:
    """Carry out an order for the interaction's guild, showing progress; the report. Raises SourceError."""
    reports: list[Said] = []
    with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
        kept = []
        for number, file in enumerate(files):
            try:
                kept.append(await _saved(file, Path(folder) / str(number)))
            except SourceError as error:
                reports.append({"source": file.filename, "status": "failed", "error": str(error)})
        whole = {**order, "do": "ingest", "scope": str(interaction.guild_id), "files": kept}
        broken = None
        if kept or order.get("addresses") or order.get("text"):
            broken = await _followed(interaction, whole, reports)
    return report(reports, broken)


async def _saved(file: discord.Attachment, folder: Path) -> dict[str, str]:
    """An attachment as a file, fetched at once: its address soon expires. Raises SourceError."""
    why = refused(file)
    if why is not None:
        raise SourceError(why)
    try:
        data = await file.read()
    except discord.HTTPException as error:
        raise SourceError("Discord does not have the file any more: attach it again") from error
    packed = ".gz" if file.filename.lower().endswith(".gz") else ""
    path = folder / f"file{formats.ending(file.filename)}{packed}"
    await asyncio.to_thread(_write, path, data)
    return {"path": str(path), "name": file.filename}


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)


async def _followed(interaction: discord.Interaction[OnRecord], order: Said, reports: list[Said]) -> str | None:
    """Collect an order's reports, editing now and then; why it ended early, where it did."""
    loop = asyncio.get_running_loop()
    shown = loop.time()
    try:
        async for said in interaction.client.errands.run(order):
            if "report" not in said:
                continue
            reports.append(said["report"])
            if loop.time() - shown >= _EVERY:
                shown = loop.time()
                await _show(interaction, f"Reading … {_summed(reports)}")
    except SourceError as error:
        return str(error)
    return None


async def _show(interaction: discord.Interaction[OnRecord], text: str) -> None:
    try:
        await interaction.edit_original_response(content=text)
    except discord.HTTPException as error:
        # The token may have run out, the message may be gone: the report will find its way or be dropped.
        log.info("progress id=%d not shown: %s/%s", interaction.id, error.status, error.code)


def report(reports: Sequence[Said], broken: str | None = None) -> Reply:
    """What became of every item: in a message, and in a file where they are many. `broken`: why it ended early."""
    totals = _summed(reports) or "nothing was read"
    blocks = [Block(f"**{totals[0].upper()}{totals[1:]}**")]
    if broken:
        blocks.append(Block(escape(line(broken, 300))))
    many = len(reports) > _LISTED
    shown = [one for one in reports if not many or one["status"] == "failed"][:_LISTED]
    blocks += [Block(_item(one)) for one in shown]
    first, *more = pack(blocks)
    file = ("report.txt", _as_text(reports)) if many or more else None
    outcome = "ingested" if not broken else "failed:ingest"
    return Reply([Message(first)], outcome, file=file)


def _item(one: Said) -> str:
    name = line(one.get("title") or one["source"], 120) or "…"
    if one["status"] == "failed":
        return f"- failed: {escape(name)}: {escape(line(one.get('error') or '', 200))}"
    return f"- {one['status']}: {link(name, one.get('url'))}"


def _summed(reports: Iterable[Said]) -> str:
    totals = Counter(one["status"] for one in reports)
    return ", ".join(f"{number} {status}" for status, number in sorted(totals.items()))


def _as_text(reports: Iterable[Said]) -> bytes:
    rows = (
        "\t".join(line(str(one.get(name) or ""), 500) for name in ("status", "article_id", "title", "source", "error"))
        for one in reports
    )
    return "\n".join(("status\tarticle\ttitle\tsource\terror", *rows, "")).encode("utf-8", "replace")
