"""Nearest neighbours by cosine: the segments of Chroma for what is older, exact scores for what is newer.

The vectors stand in the catalog and come into it in the same transaction as the text. A segment indexes a run of
chunk ids; whatever no sound segment holds is scored one by one, so an answer never waits for an index and never
misses what is not in one yet. What is kept in memory and in segments serves readers of many states of the catalog:
each gets the hits that its own state holds, and as many as were asked for while that state has them.
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
from retrieval.store.reader import Reader, SegmentRow

log = logging.getLogger(__name__)

_PROBES = 8
"""Rows of a segment that must find themselves before it is used."""

_SLACK = 2
"""How many times more hits a segment is asked for than are wanted: some of its rows may be of old versions."""

_WIDEN = 4
"""How many times more it is asked for again, where too many of its hits were."""

_SCANNED = 20_000
"""Vectors scored at a time where a damaged segment is stood in for: 30 MB."""

Hits = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class _Tail:
    """A scope's vectors behind its last segment: exactly those of one state of the scope's chunks."""

    key: tuple[str, int, int]
    state: tuple[int, int]
    ids: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]


class VectorIndex:
    """The index kept in a folder. Safe to use from several threads, beside other processes that do the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._open: dict[str, Segment] = {}
        self._tails: dict[str, _Tail] = {}
        self.damaged: set[str] = set()

    def nearest(self, db: Reader, vector: npt.NDArray[np.float32], n: int) -> Hits:
        """The `n` nearest chunk ids of the reader's scopes with their cosine, nearest first."""
        model, _, lineage = db.model()
        hits: Hits = []
        for scope in db.scopes:
            segments = db.segments(scope, model)
            for one in segments:
                hits += self._in_segment(db, one, vector, n)
            after = segments[-1].last if segments else 0
            hits += self._in_tail(db, scope, (lineage, model, after), vector, n)
        return _best(hits, n)

    def exact(self, db: Reader, vector: npt.NDArray[np.float32], chunk_ids: Sequence[int], n: int) -> Hits:
        """The `n` nearest of these chunks, by comparing every one."""
        ids, vectors = db.vectors_of(chunk_ids, db.model()[0])
        return _scored(ids, vectors, vector, n)

    def opened(self, db: Reader, row: SegmentRow) -> Segment:
        """A segment, opened and probed once in this process. Raises DamagedIndex, StorageFull."""
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

    def keep(self, folders: set[str]) -> None:
        """Close the segments that are no longer listed."""
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

    def _in_segment(self, db: Reader, row: SegmentRow, vector: npt.NDArray[np.float32], n: int) -> Hits:
        try:
            return _standing(db, self.opened(db, row), vector, n)
        except StorageFull as error:
            log.warning("segment %s cannot be opened (%s): searching without it", row.folder, error)
            return self._scanned(db, row, vector, n)
        except DamagedIndex as error:
            if not (self.folder / row.folder).exists() and not row.damaged:
                log.info("segment %s has gone: another process may have merged it", row.folder)
            else:
                log.warning("the vector index is damaged (%s): searching without that piece", error)
            with self._lock:
                self.damaged.add(row.folder)
            return self._scanned(db, row, vector, n)

    def _scanned(self, db: Reader, row: SegmentRow, vector: npt.NDArray[np.float32], n: int) -> Hits:
        hits: Hits = []
        first = row.first
        while True:
            ids, vectors = db.vectors_between(row.scope, row.model, first, row.last, _SCANNED)
            if not len(ids):
                return hits
            hits = _best(hits + _scored(ids, vectors, vector, n), n)
            first = int(ids[-1]) + 1

    def _in_tail(
        self, db: Reader, scope: str, key: tuple[str, int, int], vector: npt.NDArray[np.float32], n: int
    ) -> Hits:
        state = db.state(scope)
        with self._lock:
            tail = self._tails.get(scope)
        if tail is None or (tail.key, tail.state) != (key, state):
            known = tail if tail is not None and tail.key == key else None
            tail = _caught_up(db, scope, key, state, known)
            if known is None or _age(known.state) > _age(state):
                with self._lock:
                    self._tails[scope] = tail
        return _scored(tail.ids, tail.vectors, vector, n)


def _age(state: tuple[int, int]) -> tuple[int, int]:
    """Sorts the states of a scope's chunks, newest first: ids only grow, and between two new ones chunks only go."""
    newest, chunks = state
    return -newest, chunks


def _caught_up(db: Reader, scope: str, key: tuple[str, int, int], state: tuple[int, int], known: _Tail | None) -> _Tail:
    """The tail of the reader's own state; vectors that are known from another state are not read again."""
    _, model, after = key
    if known is None or not len(known.ids):
        return _Tail(key, state, *db.vectors_between(scope, model, after + 1, None))
    ids = db.chunks_from(scope, after + 1)
    kept = np.isin(known.ids, ids, assume_unique=True)
    missing = np.setdiff1d(ids, known.ids, assume_unique=True)
    more, vectors = db.vectors_of(missing.tolist(), model)
    if not len(more):
        return _Tail(key, state, known.ids[kept], known.vectors[kept])
    ids = np.concatenate([known.ids[kept], more])
    return _Tail(key, state, ids, np.concatenate([known.vectors[kept], vectors]))


def _standing(db: Reader, segment: Segment, vector: npt.NDArray[np.float32], n: int) -> Hits:
    """The `n` nearest rows of a segment that the reader's state still has, fewer where it has no more."""
    wanted = _SLACK * n
    while True:
        hits = segment.nearest(vector, wanted)
        there = db.still_there([chunk_id for chunk_id, _ in hits])
        standing = [hit for hit in hits if hit[0] in there]
        if len(standing) >= n or wanted >= segment.rows:
            return standing
        wanted *= _WIDEN


def _probe(db: Reader, row: SegmentRow, segment: Segment) -> None:
    """Let rows spread over a segment find themselves. Raises DamagedIndex where one does not."""
    if segment.rows != row.rows:
        raise DamagedIndex(f"{row.folder} has {segment.rows} of {row.rows} rows")
    for at in range(_PROBES):
        start = row.first + (row.last - row.first) * at // _PROBES
        ids, vectors = db.vectors_between(row.scope, row.model, start, row.last, 1)
        if len(ids) and segment.lost(ids, vectors):
            raise DamagedIndex(f"{row.folder} does not find its own rows")


def _scored(
    ids: npt.NDArray[np.int64], vectors: npt.NDArray[np.float32], vector: npt.NDArray[np.float32], n: int
) -> Hits:
    if not len(ids):
        return []
    scores = vectors @ vector
    if len(ids) > n:
        best = np.argpartition(-scores, n)[:n]
        ids, scores = ids[best], scores[best]
    return list(zip(ids.tolist(), scores.tolist(), strict=True))


def _best(hits: Hits, n: int) -> Hits:
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:n]
