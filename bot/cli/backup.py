"""`onrecord backup` and `onrecord restore`: what they do and print."""

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


def write_backup(settings: Settings, file: Path, *, force: bool) -> Json:
    """Write a backup. Returns the JSON of `onrecord backup --json`."""
    manifest = backup.write(settings.data_dir / build.CATALOG_FILE, file, replace=force)
    return {"backup": str(file.absolute())} | _manifest_json(manifest)


def restore_backup(settings: Settings, file: Path) -> Json:
    """Restore a backup and build its vector index. Returns the JSON of `onrecord restore --json`."""
    from retrieval.library.restore import restore

    done = restore(settings.data_dir, file)
    if problem := build.seal(settings.data_dir):
        log.warning("the vector index could not be built (%s): searches go on, more slowly", problem)
    kept = str(done.replaced_library) if done.replaced_library else None
    return {"restored": str(settings.data_dir)} | _manifest_json(done.manifest) | {"kept": kept}


def backup_line(done: Json) -> str:
    """The outcome of either command on one line, for people."""
    counts = done["counts"]
    contents = f"{counts['articles']} articles, {counts['statements']} statements"
    if "backup" in done:
        return f"{contents} in {done['backup']} ({done['bytes'] / 1e6:.1f} MB)"
    kept = f"; what was there is kept in {done['kept']}" if done["kept"] else ""
    return f"{contents} of {done['made'][:16].replace('T', ' ')} UTC restored to {done['restored']}{kept}"


def _manifest_json(manifest: Manifest) -> Json:
    return {
        "schema": manifest.schema,
        "embedding": manifest.embedding,
        "counts": manifest.counts,
        "made": manifest.made,
        "bytes": manifest.bytes,
        "sha256": manifest.sha256,
    }
