"""Ingesting on Discord: progress while the ingest worker reads, and a report at the end."""

from __future__ import annotations

import asyncio
import logging
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import discord

from bot.discord_app.services import Interaction
from bot.messages.links import link_to
from bot.messages.markdown import escape, one_line
from bot.messages.message import Message
from bot.messages.pack import Block, pack
from bot.workers.protocol import IngestArticles, Metadata, SavedFile
from bot.workers.replies import ItemReport, Reply
from ingest.readers import formats
from retrieval.errors import SourceError

log = logging.getLogger(__name__)

_MAX_FILE_BYTES = 10 * 1024 * 1024
"""Size of a file that is read at most; what Discord lets members attach by default."""

_PROGRESS_SECONDS = 2.0
"""Minimum time between two edits that show progress."""

_MAX_LISTED = 8
"""Number of items reported one by one; of more, only those that failed are, and all of them are in a file."""

_ADDRESS = re.compile(r"https?://[^\s<>|\"']+")
_CLOSING_MARKS = ".,;:!?)]}*_"


def find_addresses(text: str) -> list[str]:
    """The web addresses in a text, each once, without the punctuation that follows them."""
    addresses = (match[0].rstrip(_CLOSING_MARKS) for match in _ADDRESS.finditer(text))
    return list(dict.fromkeys(addresses))


def reason_to_refuse(file: discord.Attachment) -> str | None:
    """Why a file is not read; None where it is."""
    kind = formats.file_ending(file.filename)
    if kind not in formats.KINDS:
        return f"{kind or 'a file without an ending'} is not read: use {formats.READABLE}"
    if file.size > _MAX_FILE_BYTES:
        return f"larger than {_MAX_FILE_BYTES // 2**20} MiB: split it, or give its address"
    return None


async def ingest_with_progress(
    interaction: Interaction,
    metadata: Metadata,
    addresses: Sequence[str] = (),
    text: str | None = None,
    files: Sequence[discord.Attachment] = (),
) -> Reply:
    """Read articles into the interaction's guild and show progress; returns the report."""
    items: list[ItemReport] = []
    with tempfile.TemporaryDirectory(prefix="onrecord-") as folder:
        saved = []
        for number, file in enumerate(files):
            try:
                saved.append(await _save(file, Path(folder) / str(number)))
            except SourceError as error:
                items.append(ItemReport(source=file.filename, status="failed", error=str(error)))
        request = IngestArticles(
            scope=str(interaction.guild_id),
            metadata=metadata,
            addresses=tuple(addresses),
            files=tuple(saved),
            text=text,
        )
        problem = await _follow(interaction, request, items) if saved or addresses or text else None
    return report_items(items, problem)


async def _save(file: discord.Attachment, folder: Path) -> SavedFile:
    """An attachment as a file, fetched at once because its address soon expires. Raises SourceError."""
    reason = reason_to_refuse(file)
    if reason is not None:
        raise SourceError(reason)
    try:
        content = await file.read()
    except discord.HTTPException as error:
        raise SourceError("Discord no longer has the file: attach it again") from error
    packed = ".gz" if file.filename.lower().endswith(".gz") else ""
    path = folder / f"file{formats.file_ending(file.filename)}{packed}"
    await asyncio.to_thread(_write, path, content)
    return SavedFile(path=str(path), name=file.filename)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)


async def _follow(interaction: Interaction, request: IngestArticles, items: list[ItemReport]) -> str | None:
    """Collect the reports of an ingest and show progress now and then; returns why it ended early, where it did."""
    loop = asyncio.get_running_loop()
    shown_at = loop.time()

    async def show(item: ItemReport) -> None:
        nonlocal shown_at
        items.append(item)
        if loop.time() - shown_at >= _PROGRESS_SECONDS:
            shown_at = loop.time()
            await _show_progress(interaction, f"Reading … {_describe_totals(items)}")

    try:
        await interaction.client.services.ingest.stream(request, show)
    except SourceError as error:
        return str(error)
    return None


async def _show_progress(interaction: Interaction, text: str) -> None:
    try:
        await interaction.edit_original_response(content=text)
    except discord.HTTPException as error:
        # The token may have expired, or the message may be gone; sending the report deals with that.
        log.info("progress id=%d not shown: %s/%s", interaction.id, error.status, error.code)


def report_items(items: Sequence[ItemReport], problem: str | None = None) -> Reply:
    """What became of each item: in a message, and in a file where there are many. `problem`: why it ended early."""
    totals = _describe_totals(items) or "nothing was read"
    blocks = [Block(f"**{totals[0].upper()}{totals[1:]}**")]
    if problem:
        blocks.append(Block(escape(one_line(problem, 300))))
    many = len(items) > _MAX_LISTED
    listed = [item for item in items if not many or item.status == "failed"][:_MAX_LISTED]
    blocks += [Block(_describe_item(item)) for item in listed]
    first, *more = pack(blocks)
    file = ("report.txt", _report_file(items)) if many or more else None
    return Reply(messages=(Message(first),), outcome="failed:ingest" if problem else "ingested", file=file)


def _describe_item(item: ItemReport) -> str:
    name = one_line(item.title or item.source, 120) or "…"
    if item.status == "failed":
        return f"- failed: {escape(name)}: {escape(one_line(item.error or '', 200))}"
    return f"- {item.status}: {link_to(name, item.url)}"


def _describe_totals(items: Iterable[ItemReport]) -> str:
    totals = Counter(item.status for item in items)
    return ", ".join(f"{number} {status}" for status, number in sorted(totals.items()))


def _report_file(items: Iterable[ItemReport]) -> bytes:
    rows = (
        "\t".join(
            one_line(value or "", 500) for value in (item.status, item.article_id, item.title, item.source, item.error)
        )
        for item in items
    )
    return "\n".join(("status\tarticle\ttitle\tsource\terror", *rows, "")).encode("utf-8", "replace")
