"""Reindexing: giving a library in use another embedding; the old one is searched until the new one is complete."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import LibraryError
from retrieval.index import build
from retrieval.models import Embedder
from retrieval.models.sentence_vectors import embed_chunks
from retrieval.store.database import Catalog
from retrieval.store.reader import EMBEDDING_FACT, LINEAGE_FACT
from retrieval.store.sqlite_errors import translate_write_errors
from retrieval.store.writer import CatalogWriter

_BATCH_CHUNKS = 256
"""Number of chunks embedded between two writes."""


def reindex(data_dir: Path, embedder: Embedder) -> Iterator[tuple[int, int]]:
    """Give every chunk a vector of this embedding, then switch to it; yields (chunks done, chunks in total).

    If it is stopped, the library still works as before, and the next run continues. Articles that are added meanwhile
    are included. Raises LibraryError if there is no library, StorageFull for a full disk.
    """
    if not (data_dir / build.CATALOG_FILE).is_file():
        raise LibraryError(f"there is no library in {data_dir}: set ONRECORD_DATA_DIR to where it is")
    with translate_write_errors():
        catalog = Catalog(data_dir / build.CATALOG_FILE)
        try:
            with catalog.open_writer() as db:
                model = db.model_number(embedder.name)
                lineage = db.fact(LINEAGE_FACT)
            yield from _embed_missing(catalog, embedder, model, lineage)
            # The index of the new vectors is built before the switch, so that searches stay fast.
            problem = build.seal(data_dir, model)
            if problem:
                raise LibraryError(f"the new vector index cannot be built ({problem}): the old one is still in use")
            while not _switch_if_complete(catalog, embedder.name, model, lineage):
                yield from _embed_missing(catalog, embedder, model, lineage)
            build.seal(data_dir)
        finally:
            catalog.close()


def _embed_missing(catalog: Catalog, embedder: Embedder, model: int, lineage: str | None) -> Iterator[tuple[int, int]]:
    last = 0
    while True:
        with catalog.open_reader(()) as db:
            batch = db.chunks_without_vector(model, last, _BATCH_CHUNKS)
            done, total = db.embedding_progress(model)
        yield done, total
        if not batch:
            return
        ids = [chunk_id for chunk_id, _, _ in batch]
        vectors, sentences = embed_chunks(embedder, [(heading, text) for _, heading, text in batch])
        with catalog.open_writer() as db:
            _check_lineage(db, lineage)
            live_ids = db.stored_chunk_ids(ids)
            db.put_vectors(model, (pair for pair in zip(ids, vectors, strict=True) if pair[0] in live_ids))
            db.put_sentence_vectors(model, (pair for pair in zip(ids, sentences, strict=False) if pair[0] in live_ids))
        last = batch[-1][0]


def _switch_if_complete(catalog: Catalog, name: str, model: int, lineage: str | None) -> bool:
    """Search by the new embedding from now on. False if chunks were added that have no vector of it yet."""
    with catalog.open_writer() as db:
        _check_lineage(db, lineage)
        if db.chunks_without_vector(model, 0, 1):
            return False
        if db.fact(EMBEDDING_FACT) != name:
            db.remember(EMBEDDING_FACT, name)
        db.forget_other_models(model)
        return True


def _check_lineage(db: CatalogWriter, lineage: str | None) -> None:
    """Raise LibraryError if a backup was restored meanwhile, since chunk ids may then stand for other chunks."""
    if db.fact(LINEAGE_FACT) != lineage:
        raise LibraryError("a backup was restored meanwhile: run onrecord reindex again")
