import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article.build import ArticleMetadata, stated_date
from ingest.encodings import decode
from ingest.readers import files
from retrieval.errors import SourceError
from retrieval.types import Precision
from tests.ingest.made import items, write

TEXT = "Ferry line cuts sailings\n\nThe line will run half of its sailings, its owner said. “We’re sorry,” she said."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_file_in_any_common_encoding(tmp_path: Path, encoding: str) -> None:
    """The same article comes out whatever the file was saved as."""
    (only,) = items(write(tmp_path / "a.txt", TEXT.encode(encoding)))
    assert only.article is not None
    assert only.article.title == "Ferry line cuts sailings"
    assert only.article.text.endswith("“We’re sorry,” she said.")


def test_cyrillic_without_a_label() -> None:
    """An encoding that no label gives is detected."""
    text = "Паромная линия сократит половину рейсов с понедельника, сообщил её владелец журналистам. " * 5
    assert decode(text.encode("cp1251")) == text


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_an_error(data: bytes) -> None:
    """Whatever a file holds, it is decoded or refused with a reason."""
    try:
        assert isinstance(decode(data), str)
    except SourceError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b"  \n\n ", "empty"),
        ("headline.txt", b"Ferry line cuts sailings\n", "no article text"),
        ("signs.txt", b"--- *** ---\n\n!!!", "no article text"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8, "binary"),
        ("picture.png", b"\x89PNG", ".png is not read"),
        ("noending", b"text", "without an ending"),
        ("bad.gz", b"not gzip", "is not read"),
        ("bad.txt.gz", b"not gzip", "damaged .gz"),
        ("cut.txt.gz", gzip.compress(TEXT.encode() * 50, mtime=0)[:60], "damaged .gz"),
        ("bad.json", b"{", "not valid JSON"),
        ("bad.jsonl", b"{\n", "not valid JSON"),
        ("list.jsonl", b"[1]\n", "a row is an object"),
        ("none.jsonl", b'{"title": "T"}\n', 'neither "text" nor "html" nor "path"'),
        ("kind.jsonl", b'{"text": 3}\n', '"text" must be text'),
        ("date.jsonl", b'{"text": "A story is told here.", "published": "soon"}\n', "not a date"),
        ("month.jsonl", b'{"text": "A story is told here.", "published": "June 2024"}\n', "lacks a day"),
        ("url.jsonl", b'{"text": "A story is told here.", "url": "ftp://x"}\n', "http"),
        ("path.jsonl", b'{"path": "missing.txt"}\n', "no such file"),
        ("out.jsonl", b'{"path": "../secret.txt"}\n', "leads out of the folder"),
        ("root.jsonl", b'{"path": "/etc/secret.txt"}\n', "leads out of the folder"),
        ("path2.jsonl", b'{"path": "/dev/zero"}\n', '"path" must name'),
        ("latin.csv", b"title,text\nT,caf\xe9 stories are told\n", "not UTF-8"),
    ],
)
def test_what_is_no_article_is_refused_with_the_reason(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    """Each bad file is an item with one line that says why."""
    (only,) = items(write(tmp_path / name, data))
    assert only.article is None
    assert reason in (only.error or "")
    assert "\n" not in (only.error or "")


def test_missing_paths_and_empty_folders_are_reported(tmp_path: Path) -> None:
    """So are a folder without articles and an address, which this release does not read."""
    (tmp_path / "empty").mkdir()
    errors = [items(source)[0].error or "" for source in (tmp_path / "no", tmp_path / "empty", "https://a.example/")]
    assert [error.split(":")[0] for error in errors] == [
        "no such file",
        "no articles in this folder",
        "web addresses are not read in this release",
    ]


def test_an_article_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file past the limit is refused, not cut."""
    monkeypatch.setattr(files, "MAX_ARTICLE_BYTES", 1000)
    (only,) = items(write(tmp_path / "a.txt", "A story. " * 1000))
    assert "larger than" in (only.error or "")


def test_rows_of_every_form_give_the_same_article(tmp_path: Path) -> None:
    """JSON lines, JSON, CSV and their .gz hold the same fields; what a row gives wins over the text."""
    row = {
        "title": "Ferries",
        "text": "The line cuts sailings.",
        "url": "https://a.example/f?utm_source=x",
        "published": "2024-06-18T09:30:00+02:00",
        "source": "Courier",
    }
    table = ",".join(row) + "\n" + ",".join(f'"{value}"' for value in row.values()) + "\n"
    line = json.dumps(row)
    files = {
        "a.jsonl": line,
        "b.json": line,
        "c.json": f"[{line}]",
        "d.csv": table,
        "e.jsonl.gz": gzip.compress(line.encode()),
        "f.csv.gz": gzip.compress(table.encode()),
        "g.jsonl": "\ufeff" + line + "\n\n",
    }
    made = [items(write(tmp_path / name, data))[0].article for name, data in files.items()]
    assert all(one == made[0] for one in made)
    first = made[0]
    assert first is not None
    assert (first.title, first.source, first.url) == ("Ferries", "Courier", "https://a.example/f")
    assert first.published == datetime(2024, 6, 18, 7, 30, tzinfo=UTC)
    assert first.published_precision is Precision.TIME


def test_one_bad_row_does_not_stop_the_next(tmp_path: Path) -> None:
    """Rows are reported by their line."""
    rows = write(tmp_path / "a.jsonl", '{"text": "One is told here."}\nnonsense\n\n{"text": "Two is told here."}\n')
    assert [(item.source.rsplit(":", 1)[1], item.article is not None) for item in items(rows)] == [
        ("1", True),
        ("2", False),
        ("4", True),
    ]


def test_a_path_in_a_row_is_beside_the_file(tmp_path: Path) -> None:
    """A row may name a text file relative to its own."""
    write(tmp_path / "texts" / "a.txt", TEXT)
    (only,) = items(write(tmp_path / "a.jsonl", '{"path": "texts/a.txt", "title": "Given"}'))
    assert only.article is not None
    assert only.article.title == "Given"


def test_folders_are_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    """What is no article by its ending is passed over in a folder."""
    for name in ("b/2.txt", "a/1.md", "c.txt", ".hidden/x.txt", "picture.png", ".x.txt"):
        write(tmp_path / name, TEXT)
    assert [Path(item.source).name for item in items(tmp_path)] == ["1.md", "2.txt", "c.txt"]


def test_text_on_stdin() -> None:
    """A dash reads standard input."""
    (only,) = items("-", ArticleMetadata(source="Courier"), TEXT.encode())
    assert only.article is not None
    assert (only.article.title, only.article.source) == ("Ferry line cuts sailings", "Courier")


def test_a_text_without_headline_gets_its_first_words() -> None:
    """An article always has a title."""
    (only,) = items("-", stdin=b"The line will run half of its sailings, its owner said on Monday.\n\nShe was sorry.")
    assert only.article is not None
    assert only.article.text.startswith("The line will run")
    assert only.article.title.startswith("The line will run")


@pytest.mark.parametrize(
    ("stated", "published", "precision"),
    [
        ("2024-06-18", datetime(2024, 6, 18, tzinfo=UTC), Precision.DAY),
        ("18 June 2024", datetime(2024, 6, 18, tzinfo=UTC), Precision.DAY),
        ("2024-06-18T09:30Z", datetime(2024, 6, 18, 9, 30, tzinfo=UTC), Precision.TIME),
        ("2024-06-18 00:00", datetime(2024, 6, 18, tzinfo=UTC), Precision.TIME),
        (None, None, Precision.NONE),
    ],
)
def test_a_date_is_kept_as_exactly_as_it_is_stated(
    stated: str | None, published: datetime | None, precision: Precision
) -> None:
    """Midnight stated is a time; a day stated is a day."""
    assert stated_date(stated) == (published, precision)


@given(st.text(max_size=40))
def test_any_stated_date_is_a_date_or_an_error(stated: str) -> None:
    """No string breaks the reading of dates."""
    try:
        published, precision = stated_date(stated)
        assert (published is None) == (precision is Precision.NONE)
    except SourceError:
        pass
