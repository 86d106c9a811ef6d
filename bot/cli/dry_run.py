"""`ingest --dry-run`: what is new, and what embedding it would cost."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from bot import contract
from bot.cli import options
from bot.cli.ingest import progress_bar
from ingest.article.build import ArticleMetadata
from ingest.pipeline import preview
from ingest.sources.local import count_items
from retrieval.library import Library
from retrieval.llm.prices import price_of
from retrieval.settings import Settings
from retrieval.text.token_count import token_counter

_UNKNOWN_COST = "what the service asks: add its price to ONRECORD_PRICES"


def show_forecast(
    library: Library, settings: Settings, sources: Sequence[str], given: ArticleMetadata, *, as_json: bool
) -> bool:
    """Show what ingesting these files would do and cost; nothing is stored. Returns whether anything failed."""
    count_tokens = token_counter(settings.tiktoken_dir)
    totals: Counter[str] = Counter()
    items: list[contract.Json] = []
    with progress_bar() as bar:
        task = bar.add_task("reading", total=count_items(sources))
        for report, texts in preview(library, sources, given, sys.stdin.buffer):
            bar.update(task, advance=1)
            totals[report.status] += 1
            totals["chunks"] += len(texts)
            totals["tokens"] += sum(map(count_tokens, texts))
            if as_json:
                items.append(contract.report(report))
    kind, _, model = settings.embeddings.partition(":")
    price = price_of(model, settings.prices) if kind == "openai" else None
    usd = price.micros(totals["tokens"], 0) / 1_000_000 if price else 0.0 if kind == "local" else None
    if as_json:
        options.print_json(
            {"dry_run": True, "items": items, "totals": dict(totals), "embeddings": settings.embeddings, "usd": usd}
        )
        return totals["failed"] > 0
    parts = ", ".join(
        f"{totals[name]} {name}" for name in ("added", "updated", "unchanged", "duplicate", "failed") if totals[name]
    )
    print(f"nothing is stored: {parts or 'nothing there'}")
    if kind == "local":
        cost = "nothing, on this machine"
    else:
        cost = f"about {usd:.4f} dollars" if usd is not None else _UNKNOWN_COST
    print(f"{totals['chunks']} chunks, about {totals['tokens']} tokens: {settings.embeddings} embeds them for {cost}")
    return totals["failed"] > 0
