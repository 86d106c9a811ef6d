"""Updating an article while others search: each reader sees exactly one complete version of it."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.library import Library, open_library
from retrieval.search import search
from retrieval.store.dedup import Entry
from retrieval.store.reader import CatalogReader
from retrieval.types import Query
from tests.retrieval.fakes import PUBLIC, HashEmbedder, entry

ADDRESS = "https://news.example/moving"
UPDATES = 200
SIZES = (20, 12)
ROOT = Path(__file__).parents[3]


def version(number: int) -> Entry:
    """A version of the article that is updated; each of its chunks names the version."""
    size = SIZES[number % 2]
    return entry([f"The tide stood at mark {number}, said post {at} of {size}." for at in range(size)], url=ADDRESS)


def mixed_versions(library: Library, article_id: str) -> str | None:
    """What a reader sees if it is not exactly one complete version, as JSON; None if all is well."""
    query = Query("tide mark post", PUBLIC)
    vector = library.embedder.embed_array([query.text])[0]
    with library.open_reader(PUBLIC) as db:
        passages = [p for p in search(library, db, query, 40, vector) if p.article.id == article_id]
        seen = {
            "words": {p.text for p in passages if "lexical" in p.scores},
            "vectors": {p.text for p in passages if "vector" in p.scores},
            "statements": {s.quote(a.text) for s, a in db.statements(query) if a.id == article_id},
            "counts": _paragraphs_if_counts_match(db, article_id),
        }
    paragraphs = set(passages[0].article.text.split("\n\n")) if passages else set()
    if len(paragraphs) in SIZES and all(texts == paragraphs for texts in seen.values()):
        return None
    return json.dumps({name: sorted(texts) for name, texts in seen.items()})


def _paragraphs_if_counts_match(db: CatalogReader, article_id: str) -> set[str]:
    """The paragraphs of the current text, or none if the counts differ from those of this and the other article."""
    article = db.article(article_id)
    paragraphs = article.text.split("\n\n") if article else []
    expected = {"articles": 2, "chunks": len(paragraphs) + 1, "statements": len(paragraphs) + 1}
    return set(paragraphs) if db.counts() == expected else set()


def watch(library: Library, article_id: str, turns: queue.Queue[bool], problems: list[str]) -> None:
    """Read once for each turn in the queue, until one of them is False."""
    while turns.get():
        try:
            problem = mixed_versions(library, article_id)
        except Exception as error:  # noqa: BLE001 - if a reader stopped, the turns would not be used up
            problem = repr(error)
        if problem:
            problems.append(problem)


@contextmanager
def watch_in_another_process(folder: Path, article_id: str, problems: list[str]) -> Iterator[Callable[[], None]]:
    """Start another process, which reads at each call of the yielded function; it is at most one read behind."""
    command = [sys.executable, "-m", "tests.retrieval.library.test_atomic", str(folder), article_id]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        output, turns = other.stdout, other.stdin

        def turn() -> None:
            problems.extend(filter(None, [json.loads(output.readline())]))
            print(file=turns, flush=True)

        yield turn
        turn()
        problems.extend(filter(None, [json.loads(output.readline())]))
        turns.close()


def test_every_reader_sees_one_version_whole(tmp_path: Path) -> None:
    """During 200 updates and a sealing, four threads and a process find words, vectors and statements that agree."""
    library = open_library(tmp_path, HashEmbedder())
    library.put_entries([version(0), entry(["Bread is cheaper now."])])
    article_id = version(0).article.id
    problems: list[str] = []
    turns: queue.Queue[bool] = queue.Queue(4)
    threads = [
        threading.Thread(target=watch, args=(library, article_id, turns, problems), daemon=True) for _ in range(4)
    ]
    with watch_in_another_process(tmp_path, article_id, problems) as turn:
        for thread in threads:
            thread.start()
        for number in range(1, UPDATES + 1):
            turns.put(True)
            if number % 3 == 0:
                turn()
            library.put_entries([version(number)])
            if number == UPDATES // 2:
                library.seal(least=1)
        for _ in threads:
            turns.put(False)
        for thread in threads:
            thread.join()
    assert problems == []
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())
    assert checkup.figures["versions"] == UPDATES + 2
    library.close()


def test_a_read_begun_before_an_update_keeps_its_own_vectors(tmp_path: Path) -> None:
    """Vectors that a later reader cached neither add to an older state nor remove from it."""
    library = open_library(tmp_path, HashEmbedder())
    library.put_entries([version(0), entry(["Bread is cheaper now."])])
    vector = library.embedder.embed_array(["anything"])[0]

    def texts(db: CatalogReader) -> set[str]:
        chunks = db.chunks([chunk_id for chunk_id, _ in library.nearest(db, vector, 50)])
        return {chunk.span.of(article.text) for chunk, article in chunks.values()}

    with library.open_reader(PUBLIC) as older:
        assert older.counts()["chunks"] == 21
        for number in range(1, 6):
            library.put_entries([version(number)])
        with library.open_reader(PUBLIC) as newer:
            assert texts(newer) == {*version(5).article.text.split("\n\n"), "Bread is cheaper now."}
        assert texts(older) == {*version(0).article.text.split("\n\n"), "Bread is cheaper now."}
        with library.open_reader(PUBLIC) as newer:
            assert len(texts(newer)) == 13
    library.remove(version(0).article.id, PUBLIC)
    with library.open_reader(PUBLIC) as newest:
        assert texts(newest) == {"Bread is cheaper now."}
    library.close()


def test_old_versions_do_not_crowd_out_current_chunks(tmp_path: Path) -> None:
    """However many neighbours were updated since the index was built, the wanted number of chunks is found."""
    library = open_library(tmp_path, HashEmbedder())
    moving = [entry([f"Mark {at}."], url=f"https://news.example/{at}") for at in range(120)]
    library.put_entries([*moving, *(entry([f"Stone {at}."]) for at in range(40))])
    library.seal(least=1)
    library.put_entries([entry([f"Mark {at} again."], url=f"https://news.example/{at}") for at in range(30)])
    for moved in moving[30:]:
        library.remove(moved.article.id, PUBLIC)
    vector = moving[0].vectors[0]
    with library.open_reader(PUBLIC) as db:
        assert len(library.nearest(db, vector, 50)) == 50
        assert len(library.nearest(db, vector, 100)) == db.counts()["chunks"] == 70
    library.close()


def _watcher() -> None:
    folder, article_id = sys.argv[1:]
    library = open_library(Path(folder), HashEmbedder())
    print("null", flush=True)
    for _ in sys.stdin:
        print(json.dumps(mixed_versions(library, article_id)), flush=True)
    library.close()


if __name__ == "__main__":
    _watcher()
