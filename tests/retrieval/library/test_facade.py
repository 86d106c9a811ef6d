"""The library: storing, finding and removing articles, reindexing, and errors on opening."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from ingest.chunker import chunk
from retrieval.answer.quoting import find_articles
from retrieval.errors import LibraryError, StorageFull, WrongEmbedding
from retrieval.library import Library, open_library
from retrieval.library.reindex import reindex
from retrieval.models.local import LocalEmbeddings
from retrieval.search import search_text
from retrieval.store.database import Catalog
from retrieval.store.dedup import Entry, PutStatus
from retrieval.store.schema import SCHEMA, schema_of
from retrieval.types import Article, Precision, Query
from tests.retrieval.fakes import renamed

PUBLIC = ("public",)


def entry(embedder: LocalEmbeddings, text: str, url: str | None = None, scope: str = "public") -> Entry:
    article = Article.create(title="A title", text=text, url=url, scope=scope)
    chunks = chunk(article, ())
    vectors = embedder.embed_array([part.span.of(text) for part in chunks])
    return replace(Entry.of(article), chunks=chunks, vectors=vectors)


def store(library: Library, *entries: Entry) -> list[PutStatus]:
    return [outcome.status for outcome in library.put_entries(entries)]


def search_texts(library: Library, text: str, scopes: tuple[str, ...] = PUBLIC) -> list[str]:
    return [passage.text for passage in search_text(library, Query(text, scopes), 5)]


def is_sound(library: Library) -> bool:
    checkup = library.check(deep=True)
    return not checkup.problems and not checkup.damaged_segments


def figures(library: Library) -> dict[str, int]:
    return dict(library.check().figures)


def test_what_is_put_is_found_by_words_and_by_meaning(library: Library, embedder: LocalEmbeddings) -> None:
    """An article is found by its words and by its vector, and the scores say so."""
    library.put_entries([entry(embedder, "The vessel sank off the coast."), entry(embedder, "Bread is cheaper now.")])
    best = search_text(library, Query("the vessel that sank", PUBLIC), 2)[0]
    assert best.text == "The vessel sank off the coast."
    assert set(best.scores) == {"lexical", "vector", "fused"}
    assert search_texts(library, "a ship went down near land")[0] == "The vessel sank off the coast."


def test_what_was_new_when_it_is_asked_comes_first(library: Library, embedder: LocalEmbeddings) -> None:
    """Of articles with similar words and meaning, the one of the days before the question is found first."""
    names = {2020: "Brand", 2021: "Falk", 2022: "Lindqvist", 2023: "Wendt"}
    for year, name in names.items():
        text = f"The ferry to Holm was cancelled on Tuesday, the harbour master {name} said, and nobody was told why."
        ferry = entry(embedder, text, f"https://news.example/{year}")
        day = datetime(year, 6, 14, tzinfo=UTC)
        dated = replace(ferry.article, published=day, published_precision=Precision.DAY)
        store(library, ferry.with_article(dated))
    for year in names:
        query = Query("which ferry was cancelled?", PUBLIC, now=date(year, 6, 16))
        first = find_articles(library, query, (), 4)[0]
        assert first.published == datetime(year, 6, 14, tzinfo=UTC)


def test_a_new_version_replaces_the_old(library: Library, embedder: LocalEmbeddings) -> None:
    """After an update only the new text is found; the old one is kept in the history."""
    address = "https://news.example/a"
    old = entry(embedder, "The toll was four.", address)
    new = entry(embedder, "The toll was six.", address)
    assert store(library, old) == [PutStatus.ADDED]
    outcomes = library.outcomes([old, new])
    assert [outcome.status for outcome in outcomes] == [PutStatus.UNCHANGED, PutStatus.UPDATED]
    assert store(library, new, new) == [PutStatus.UPDATED, PutStatus.UNCHANGED]
    assert search_texts(library, "toll") == ["The toll was six."]
    assert is_sound(library)
    with library.open_reader(PUBLIC) as db:
        versions = db.history([new.article.id])[new.article.id]
        texts = [(version.number, version.text) for version in versions]
        assert texts == [(1, "The toll was four."), (2, "The toll was six.")]
        assert db.counts()["chunks"] == 1


def test_removed_is_gone_everywhere(library: Library, embedder: LocalEmbeddings) -> None:
    """Nothing of a removed article is found or counted."""
    removed = entry(embedder, "Nothing of this may stay.")
    library.put_entries([removed])
    assert library.remove(removed.article.id, PUBLIC) is not None
    assert library.remove(removed.article.id, PUBLIC) is None
    assert search_texts(library, "Nothing of this may stay.") == []
    assert set(figures(library).values()) <= {0, 1}
    assert figures(library)["articles"] == figures(library)["vectors"] == figures(library)["versions"] == 0
    assert is_sound(library)


def test_scopes_do_not_see_each_other(library: Library, embedder: LocalEmbeddings) -> None:
    """A guild's article can be found and removed only in its own scope."""
    secret = entry(embedder, "The merger is on Friday.", scope="42")
    library.put_entries([secret, entry(embedder, "The weather is fine.")])
    assert search_texts(library, "merger Friday") == ["The weather is fine."]
    assert search_texts(library, "merger Friday", ("public", "42"))[0] == "The merger is on Friday."
    assert library.remove(secret.article.id, PUBLIC) is None
    with library.open_reader(PUBLIC) as db:
        assert db.article(secret.article.id) is None


def test_another_embedding_is_refused(tmp_path: Path, embedder: LocalEmbeddings) -> None:
    """The error names the command that rebuilds the library."""
    open_library(tmp_path, embedder).close()
    other = renamed(embedder)
    with pytest.raises(WrongEmbedding, match="onrecord reindex"):
        open_library(tmp_path, other)
    open_library(tmp_path, embedder).close()


def test_reindex_builds_another_embedding(tmp_path: Path, embedder: LocalEmbeddings) -> None:
    """After a reindex the other embedding opens the library, and every chunk is found in its scope."""
    library = open_library(tmp_path, embedder)
    library.put_entries([entry(embedder, "A ship sank."), entry(embedder, "Bread is cheap.", scope="42")])
    library.close()
    other = renamed(embedder)
    steps = reindex(tmp_path, other)
    assert [next(steps), next(steps)] == [(0, 2), (2, 2)]
    steps.close()
    library = open_library(tmp_path, embedder)
    assert search_texts(library, "Bread is cheap.", ("42",)) == ["Bread is cheap."]
    library.put_entries([entry(embedder, "It came in meanwhile.")])
    assert list(reindex(tmp_path, other)) == [(2, 3), (3, 3)]
    with pytest.raises(WrongEmbedding):
        library.put_entries([entry(embedder, "Too late.")])
    with pytest.raises(WrongEmbedding):
        search_texts(library, "Bread")
    library.close()
    library = open_library(tmp_path, other)
    assert is_sound(library)
    assert search_texts(library, "It came in meanwhile.") != []
    assert search_texts(library, "Bread is cheap.", ("42",)) == ["Bread is cheap."]
    library.close()
    with pytest.raises(WrongEmbedding):
        open_library(tmp_path, embedder)


def test_reindex_needs_a_library(tmp_path: Path, embedder: LocalEmbeddings) -> None:
    """An empty folder is not turned into a library by accident."""
    with pytest.raises(LibraryError, match="no library"):
        list(reindex(tmp_path, embedder))


def test_a_file_in_the_way_is_a_clear_error(tmp_path: Path, embedder: LocalEmbeddings) -> None:
    """A data folder that is a file, or is below one, is a clear error."""
    file = tmp_path / "file"
    file.write_text("x")
    for path in (file, file / "below"):
        with pytest.raises((LibraryError, StorageFull), match="ONRECORD_DATA_DIR"):
            open_library(path, embedder)


def test_a_catalog_that_is_none_is_left_alone(tmp_path: Path, embedder: LocalEmbeddings) -> None:
    """A damaged file is an error, not overwritten."""
    damaged = tmp_path / "catalog.sqlite"
    damaged.write_bytes(b"not a database at all" * 100)
    with pytest.raises(LibraryError, match="catalog"):
        open_library(tmp_path, embedder)
    assert damaged.read_bytes() == b"not a database at all" * 100


def test_a_catalog_in_the_making_is_no_stranger(tmp_path: Path) -> None:
    """While a catalog is created, others see either none or a complete one."""

    def look(path: Path) -> set[int]:
        seen = {0}
        while SCHEMA not in seen:
            seen.add(schema_of(path))
        return seen

    with ThreadPoolExecutor(2) as watchers:
        for path in [tmp_path / f"{number}.sqlite" for number in range(20)]:
            looks = [watchers.submit(look, path) for _ in range(2)]
            Catalog(path).close()
            assert [seen.result() for seen in looks] == [{0, SCHEMA}] * 2


def test_a_full_disk_changes_nothing(
    library: Library, embedder: LocalEmbeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the catalog cannot grow, the error says so and the library is unchanged."""
    library.put_entries([entry(embedder, "It was here before.")])
    before = figures(library)
    limit = 40
    import sqlalchemy as sa

    @sa.event.listens_for(library._catalog._engine, "begin")
    def _small(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"pragma max_page_count = {limit}")

    article = Article.create(title="A title", text=" ".join(f"Sentence {n} of a long text." for n in range(20_000)))
    chunks = chunk(article, ())
    vectors = np.full((len(chunks), embedder.dimension), embedder.dimension**-0.5, np.float32)
    with pytest.raises(StorageFull, match="disk is full"):
        library.put_entries([replace(Entry.of(article), chunks=chunks, vectors=vectors)])
    limit = 1_000_000
    assert figures(library) == before
    assert search_texts(library, "before") == ["It was here before."]


def test_dates_and_sources_narrow_a_search(library: Library, take_in: Callable[..., object], tmp_path: Path) -> None:
    """Only articles of the given days and sources are found; an undated one is in no range of days."""
    import json
    from datetime import date

    rows = tmp_path / "rows.jsonl"
    days_and_sources = [("2024-01-05", "Wire"), ("2024-03-05", "Herald"), (None, "Wire")]
    rows.write_text(
        "\n".join(
            json.dumps({"text": f"The bridge {number} closed.", "title": "Bridge", "published": day, "source": source})
            for number, (day, source) in enumerate(days_and_sources)
        )
    )
    take_in(rows)

    def texts(query: Query) -> list[str]:
        return sorted(passage.text for passage in search_text(library, query, 5))

    assert texts(Query("bridge", PUBLIC, since=date(2024, 2, 1))) == ["The bridge 1 closed."]
    assert texts(Query("bridge", PUBLIC, until=date(2024, 2, 1))) == ["The bridge 0 closed."]
    assert texts(Query("bridge", PUBLIC, sources=("wire",))) == ["The bridge 0 closed.", "The bridge 2 closed."]


def test_a_stem_here_is_a_term_there(library: Library, embedder: LocalEmbeddings) -> None:
    """Our stems are the same as the terms of SQLite's index, for words with various endings."""
    from retrieval.text import stems as words

    text = "Agreements, relational ponies' caresses hopefully generalizations electricity éclairs naïvely controlling."
    library.put_entries([entry(embedder, text)])
    with library.open_reader(PUBLIC) as db:
        stems = set(words.stems(text))
        assert set(db.chunk_frequencies(stems)) == stems


def test_the_vectors_are_kept_in_the_catalog(library: Library, embedder: LocalEmbeddings) -> None:
    """The catalog has every vector, so the Chroma index can be lost."""
    stored = entry(embedder, "Kept twice.")
    library.put_entries([stored])
    with library.open_reader(PUBLIC) as db:
        ids, vectors = db.vectors_between("public", db.model()[0], 0, None)
    assert len(ids) == 1
    assert np.array_equal(vectors[0], stored.vectors[0])


def test_a_later_release_is_not_touched(tmp_path: Path, embedder: LocalEmbeddings) -> None:
    """A catalog with a higher schema number is refused."""
    import sqlite3

    open_library(tmp_path, embedder).close()
    connection = sqlite3.connect(tmp_path / "catalog.sqlite")
    connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(LibraryError, match="later release"):
        open_library(tmp_path, embedder)
