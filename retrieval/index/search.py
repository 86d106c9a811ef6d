"""Nearest neighbours by cosine: Chroma segments for older chunks, exact scores for newer ones.

The vectors are stored in the catalog, in the same transaction as the text. A segment indexes a range of chunk ids; all
chunks that no sound segment holds are scored one by one, so an answer never waits for an index and never misses what is
not indexed yet. Segments and the vectors cached in memory serve readers of different states of the catalog: each reader
gets only hits of its own state, and as many as it asked for if that state has them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.errors import DamagedIndex, StorageFull
from retrieval.index.segments import Segment
from retrieval.store.reader import CatalogReader, SegmentRow

log = logging.getLogger(__name__)

_PROBE_ROWS = 8
"""Number of rows of a segment that must find themselves before it is used."""

_OVERFETCH = 2
"""A segment is asked for this many times the wanted hits, because some of its rows may belong to old versions."""

_OVERFETCH_GROWTH = 4
"""Factor by which more hits are requested if too many belonged to old versions."""

_SCAN_BATCH_ROWS = 20_000
"""Number of vectors scored at a time in place of a damaged segment: 30 MB."""

Hits = list[tuple[int, float]]
"""(chunk id, cosine) of the nearest chunks."""


@dataclass(frozen=True, slots=True)
class _Tail:
    """The vectors of a scope's chunks after its last segment, in one state of the scope.

    `key` is (lineage, model, last chunk id of the last segment).
    """

    key: tuple[str, int, int]
    state: tuple[int, int]
    ids: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]


class VectorIndex:
    """The index in a folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._open: dict[str, Segment] = {}
        self._tails: dict[str, _Tail] = {}
        self.damaged: set[str] = set()

    def nearest(self, db: CatalogReader, vector: npt.NDArray[np.float32], n: int) -> Hits:
        """The `n` nearest chunk ids of the reader's scopes with their cosine, nearest first."""
        model, _, lineage = db.model()
        hits: Hits = []
        for scope in db.scopes:
            segments = db.segments(scope, model)
            for segment in segments:
                hits += self._nearest_in_segment(db, segment, vector, n)
            after = segments[-1].last if segments else 0
            hits += self._nearest_in_tail(db, scope, (lineage, model, after), vector, n)
        return _best_hits(hits, n)

    def nearest_among(
        self, db: CatalogReader, vector: npt.NDArray[np.float32], chunk_ids: Sequence[int], n: int
    ) -> Hits:
        """The `n` nearest of these chunks, by comparing every one of them."""
        ids, vectors = db.vectors_of(chunk_ids, db.model()[0])
        return _score_vectors(ids, vectors, vector, n)

    def open_segment(self, db: CatalogReader, row: SegmentRow) -> Segment:
        """The segment of a row, opened and probed once per process. Raises DamagedIndex, StorageFull."""
        with self._lock:
            if row.folder in self._open:
                return self._open[row.folder]
            if row.folder in self.damaged or row.damaged:
                raise DamagedIndex(f"{row.folder} is damaged")
            segment = Segment(self.folder / row.folder)
            try:
                _probe(db, row, segment)
            except DamagedIndex:
                segment.close()
                raise
            self._open[row.folder] = segment
            return segment

    def close_unlisted(self, folders: set[str]) -> None:
        """Close the segments that are not in these folders."""
        with self._lock:
            for folder in self._open.keys() - folders:
                self._open.pop(folder).close()
            self.damaged &= folders

    def close(self) -> None:
        """Release the files."""
        with self._lock:
            for segment in self._open.values():
                segment.close()
            self._open.clear()
            self._tails.clear()

    def _nearest_in_segment(self, db: CatalogReader, row: SegmentRow, vector: npt.NDArray[np.float32], n: int) -> Hits:
        try:
            return _live_hits(db, self.open_segment(db, row), vector, n)
        except StorageFull as error:
            log.warning("segment %s cannot be opened (%s): searching without it", row.folder, error)
            return self._scan_vectors(db, row, vector, n)
        except DamagedIndex as error:
            if not (self.folder / row.folder).exists() and not row.damaged:
                log.info("segment %s has gone: another process may have merged it", row.folder)
            else:
                log.warning("the vector index is damaged (%s): searching without that piece", error)
            with self._lock:
                self.damaged.add(row.folder)
            return self._scan_vectors(db, row, vector, n)

    def _scan_vectors(self, db: CatalogReader, row: SegmentRow, vector: npt.NDArray[np.float32], n: int) -> Hits:
        """The nearest of a segment's chunks, by comparing all their vectors."""
        hits: Hits = []
        first = row.first
        while True:
            ids, vectors = db.vectors_between(row.scope, row.model, first, row.last, _SCAN_BATCH_ROWS)
            if not len(ids):
                return hits
            hits = _best_hits(hits + _score_vectors(ids, vectors, vector, n), n)
            first = int(ids[-1]) + 1

    def _nearest_in_tail(
        self, db: CatalogReader, scope: str, key: tuple[str, int, int], vector: npt.NDArray[np.float32], n: int
    ) -> Hits:
        state = db.chunk_state(scope)
        with self._lock:
            tail = self._tails.get(scope)
        if tail is None or (tail.key, tail.state) != (key, state):
            known = tail if tail is not None and tail.key == key else None
            tail = _load_tail(db, scope, key, state, known)
            if known is None or _age(known.state) > _age(state):
                with self._lock:
                    self._tails[scope] = tail
        return _score_vectors(tail.ids, tail.vectors, vector, n)


def _age(state: tuple[int, int]) -> tuple[int, int]:
    """A sort key that puts newer states of a scope first: ids only grow, and while none is added, chunks only go."""
    newest, chunks = state
    return -newest, chunks


def _load_tail(
    db: CatalogReader, scope: str, key: tuple[str, int, int], state: tuple[int, int], known: _Tail | None
) -> _Tail:
    """The tail in the reader's own state; vectors known from a tail of another state are not read again."""
    _, model, after = key
    if known is None or not len(known.ids):
        return _Tail(key, state, *db.vectors_between(scope, model, after + 1, None))
    ids = db.chunks_from(scope, after + 1)
    is_current = np.isin(known.ids, ids, assume_unique=True)
    missing = np.setdiff1d(ids, known.ids, assume_unique=True)
    new_ids, vectors = db.vectors_of(missing.tolist(), model)
    if not len(new_ids):
        return _Tail(key, state, known.ids[is_current], known.vectors[is_current])
    ids = np.concatenate([known.ids[is_current], new_ids])
    return _Tail(key, state, ids, np.concatenate([known.vectors[is_current], vectors]))


def _live_hits(db: CatalogReader, segment: Segment, vector: npt.NDArray[np.float32], n: int) -> Hits:
    """The nearest rows of a segment that the reader's state still has: at least `n`, unless it has fewer."""
    wanted = _OVERFETCH * n
    while True:
        hits = segment.nearest(vector, wanted)
        live_ids = db.stored_chunk_ids([chunk_id for chunk_id, _ in hits])
        live_hits = [hit for hit in hits if hit[0] in live_ids]
        if len(live_hits) >= n or wanted >= segment.rows:
            return live_hits
        wanted *= _OVERFETCH_GROWTH


def _probe(db: CatalogReader, row: SegmentRow, segment: Segment) -> None:
    """Check that rows spread over a segment find themselves. Raises DamagedIndex if one does not."""
    if segment.rows != row.rows:
        raise DamagedIndex(f"{row.folder} has {segment.rows} of {row.rows} rows")
    for number in range(_PROBE_ROWS):
        start = row.first + (row.last - row.first) * number // _PROBE_ROWS
        ids, vectors = db.vectors_between(row.scope, row.model, start, row.last, 1)
        if len(ids) and segment.count_lost(ids, vectors):
            raise DamagedIndex(f"{row.folder} does not find its own rows")


def _score_vectors(
    ids: npt.NDArray[np.int64], vectors: npt.NDArray[np.float32], vector: npt.NDArray[np.float32], n: int
) -> Hits:
    if not len(ids):
        return []
    scores = vectors @ vector
    if len(ids) > n:
        best = np.argpartition(-scores, n)[:n]
        ids, scores = ids[best], scores[best]
    return list(zip(ids.tolist(), scores.tolist(), strict=True))


def _best_hits(hits: Hits, n: int) -> Hits:
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:n]
