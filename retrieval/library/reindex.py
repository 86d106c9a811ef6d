"""Another embedding for a library that is in use: the old one is searched until the new one is complete."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import LibraryError
from retrieval.index import build
from retrieval.models import Embedder
from retrieval.models.sentence_vectors import embed_chunks
from retrieval.store.database import Catalog
from retrieval.store.reader import EMBEDDING, LINEAGE
from retrieval.store.sqlite_errors import writing
from retrieval.store.writer import Writer

_BATCH = 256
"""Chunks embedded between two writes."""


def reindex(data_dir: Path, embedder: Embedder) -> Iterator[tuple[int, int]]:
    """Give every chunk a vector of this embedding, then search by it; yields (chunks done, chunks in all).

    Stopped half-way, it leaves the library as it was and goes on from there the next time. Articles that come in
    meanwhile are included. Raises LibraryError where there is no library, StorageFull for a full disk.
    """
    if not (data_dir / build.CATALOG).is_file():
        raise LibraryError(f"there is no library in {data_dir}: set ONRECORD_DATA_DIR to where it is")
    with writing():
        catalog = Catalog(data_dir / build.CATALOG)
        try:
            with catalog.write() as db:
                model = db.model_called(embedder.name)
                lineage = db.fact(LINEAGE)
            yield from _embedded(catalog, embedder, model, lineage)
            # The index of the new vectors is ready before anybody needs it.
            problem = build.seal(data_dir, model)
            if problem:
                raise LibraryError(f"the new vector index cannot be built ({problem}): the old one is still in use")
            while not _switched(catalog, embedder.name, model, lineage):
                yield from _embedded(catalog, embedder, model, lineage)
            build.seal(data_dir)
        finally:
            catalog.close()


def _embedded(catalog: Catalog, embedder: Embedder, model: int, lineage: str | None) -> Iterator[tuple[int, int]]:
    last = 0
    while True:
        with catalog.read(()) as db:
            batch = db.unembedded(model, last, _BATCH)
            done, total = db.embedded(model)
        yield done, total
        if not batch:
            return
        ids = [chunk for chunk, _, _ in batch]
        vectors, lines = embed_chunks(embedder, [(heading, text) for _, heading, text in batch])
        with catalog.write() as db:
            _same(db, lineage)
            there = db.still_there(ids)
            db.put_vectors(model, (pair for pair in zip(ids, vectors, strict=True) if pair[0] in there))
            db.put_sentences(model, (pair for pair in zip(ids, lines, strict=False) if pair[0] in there))
        last = batch[-1][0]


def _switched(catalog: Catalog, name: str, model: int, lineage: str | None) -> bool:
    """Search by the new embedding from now on, unless chunks came in that have no vector of it yet."""
    with catalog.write() as db:
        _same(db, lineage)
        if db.unembedded(model, 0, 1):
            return False
        if db.fact(EMBEDDING) != name:
            db.remember(EMBEDDING, name)
        db.forget_other_models(model)
        return True


def _same(db: Writer, lineage: str | None) -> None:
    """Raise LibraryError where a backup was restored meanwhile: its chunk ids stand for other chunks."""
    if db.fact(LINEAGE) != lineage:
        raise LibraryError("a backup was restored meanwhile: run onrecord reindex again")
