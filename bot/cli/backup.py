"""Backing the library up to a file and restoring it from one, as the command line shows it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from retrieval.index import build
from retrieval.settings import Settings
from retrieval.store import backup
from retrieval.store.backup import Manifest

Json = dict[str, Any]

log = logging.getLogger(__name__)


def back_up(settings: Settings, file: Path, *, force: bool) -> Json:
    """Write a backup; returns what `onrecord backup --json` prints."""
    manifest = backup.write(settings.data_dir / build.CATALOG, file, replace=force)
    return {"backup": str(file.absolute())} | _shown(manifest)


def bring_back(settings: Settings, file: Path) -> Json:
    """Restore a backup and build its vector index; returns what `onrecord restore --json` prints."""
    from retrieval.library.restore import restore

    done = restore(settings.data_dir, file)
    if problem := build.seal(settings.data_dir):
        log.warning("the vector index could not be built (%s): searches go on, more slowly", problem)
    kept = str(done.kept) if done.kept else None
    return {"restored": str(settings.data_dir)} | _shown(done.manifest) | {"kept": kept}


def worded(done: Json) -> str:
    """The same in a line for a person."""
    counts = done["counts"]
    held = f"{counts['articles']} articles, {counts['statements']} statements"
    if "backup" in done:
        return f"{held} in {done['backup']} ({done['bytes'] / 1e6:.1f} MB)"
    kept = f"; what was there is kept in {done['kept']}" if done["kept"] else ""
    return f"{held} of {done['made'][:16].replace('T', ' ')} UTC restored to {done['restored']}{kept}"


def _shown(manifest: Manifest) -> Json:
    return {
        "schema": manifest.schema,
        "embedding": manifest.embedding,
        "counts": manifest.counts,
        "made": manifest.made,
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
    }
