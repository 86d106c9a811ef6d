import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from ingest.article.build import ArticleMetadata
from ingest.readers import files
from ingest.readers.markdown import split_front_matter
from tests.ingest.article.pages import ADDRESS, BODY, SENTENCES, TITLE, linked, page
from tests.ingest.made import items, write

TEXT = f"{TITLE}\n\n" + "\n\n".join(SENTENCES)


def archive(path: Path, **members: bytes | str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name.replace("__", "/").replace("_DOT_", "."), data)
    return path


def pdf(*pages: list[str]) -> bytes:
    """A PDF with these lines on its pages."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for lines in pages:
        made = writer.add_blank_page(600, 800)
        shown = "".join(f"({line}) Tj 0 -14 Td " for line in lines)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 10 Tf 20 780 Td {shown}ET".encode("latin-1"))
        made[NameObject("/Contents")] = writer._add_object(stream)
        made[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx(*lines: str, title: str = "") -> bytes:
    document = Document()
    document.core_properties.title = title
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_saved_page_gives_its_facts_and_what_is_given_wins(tmp_path: Path) -> None:
    """The page's own address, author and date stand unless the command line says otherwise."""
    head = linked(author="Joan Reyes", datePublished="2026-03-04") + f'<link rel="canonical" href="{ADDRESS}">'
    saved = write(tmp_path / "a.html", page(head=head))
    (plain,) = items(saved)
    (told,) = items(saved, ArticleMetadata(title="Given", published="2026-03-05", source="Wire"))
    assert plain.article is not None
    assert told.article is not None
    assert (plain.article.url, plain.article.authors) == (ADDRESS, ("Joan Reyes",))
    assert (told.article.title, told.article.source, str(told.article.published)[:10]) == (
        "Given",
        "Wire",
        "2026-03-05",
    )


FRONT = '---\ntitle: "Ferry line cuts sailings"\ndate: 2026-03-04\nauthors:\n  - Joan Reyes\nurl: https://a.example/f\n---\n'


@pytest.mark.parametrize(
    "front",
    [FRONT, FRONT.replace("---", "+++").replace(": ", " = "), FRONT.replace("\n  - Joan Reyes", " [Joan Reyes]")],
)
def test_front_matter_gives_the_facts(tmp_path: Path, front: str) -> None:
    """Markdown's marks go and its words stay."""
    body = "# Ferry line cuts sailings\n\nThe **line** cuts [its sailings](https://a.example/x) *now*.\n\n> “Sorry.”"
    text = f"{front}\n{body}"
    (only,) = items(write(tmp_path / "a.md", text))
    assert only.article is not None
    assert only.article.title == "Ferry line cuts sailings"
    assert only.article.text == "The line cuts its sailings now.\n\n“Sorry.”"
    assert (only.article.url, only.article.authors) == ("https://a.example/f", ("Joan Reyes",))
    assert str(only.article.published)[:10] == "2026-03-04"


@given(st.text(max_size=200))
@settings(max_examples=60)
def test_any_text_is_markdown(raw: str) -> None:
    """Nothing breaks the reading of front matter."""
    assert isinstance(split_front_matter("---\n" + raw + "\n---\n" + raw)[1], str)


ROW_FORMS: list[dict[str, Any]] = [
    {"text": "\n\n".join(SENTENCES), "title": TITLE, "url": ADDRESS, "published": "2026-03-04", "source": "Wire"},
    {"html": BODY, "headline": TITLE, "link": ADDRESS, "date": "2026-03-04", "provider": "Wire"},
    {
        "uri": "urn:wire:2026:1", "canonicalurl": ADDRESS, "pubstatus": "usable", "versioncreated": "2026-03-04",
        "headline": TITLE, "body_html": BODY, "infosources": [{"name": "Wire"}],
    },
    {
        "uri": ADDRESS, "headlines": [{"role": "short", "value": "Ferries"}, {"role": "main", "value": TITLE}],
        "bodies": [{"contenttype": "text/html", "value": BODY}], "firstpublished": "2026-03-04",
        "infosources": [{"name": "Wire"}],
    },
]  # fmt: skip


@pytest.mark.parametrize("row", ROW_FORMS, ids=["contract", "others' names", "ninjs 1", "ninjs 3"])
def test_rows_of_every_vocabulary_give_the_same_article(tmp_path: Path, row: dict[str, Any]) -> None:
    """The contract's names, other common ones and the wire services' JSON are one mapping."""
    (only,) = items(write(tmp_path / "a.jsonl", json.dumps(row)))
    assert only.article is not None, only.error
    assert (only.article.title, only.article.url, only.article.source) == (TITLE, ADDRESS, "Wire")
    assert only.article.text.split("\n\n") == SENTENCES
    assert str(only.article.published)[:10] == "2026-03-04"


def test_an_item_the_service_withdrew_is_refused(tmp_path: Path) -> None:
    """A cancelled item of ninjs is no article."""
    (only,) = items(write(tmp_path / "a.json", json.dumps({**ROW_FORMS[2], "pubstatus": "canceled"})))
    assert "withdrawn" in (only.error or "")


def test_a_row_may_name_a_page(tmp_path: Path) -> None:
    """Relative to its own file, packed or not; the row's address and headline win."""
    write(tmp_path / "html" / "a.html.gz", gzip.compress(page().encode()))
    (only,) = items(
        write(tmp_path / "a.jsonl", json.dumps({"path": "html/a.html.gz", "url": ADDRESS, "title": "Given"}))
    )
    assert only.article is not None
    assert (only.article.title, only.article.url) == ("Given", ADDRESS)
    assert only.article.text.split("\n\n") == SENTENCES


def test_a_pdf_is_read_without_what_stands_on_every_page(tmp_path: Path) -> None:
    """Running heads and page numbers go, lines are joined to paragraphs, words parted at a line's end are whole."""
    opening = [
        "The harbour ferry will run half of its sailings from Monday, its owner",
        "said on Tuesday, blaming the price of fuel and the long repair of the win-",
        "ter quay.",
        "The council will meet on Thursday to discuss what it called a change that",
        "nobody wanted.",
    ]
    others = [
        [f"{word} people of the town {word} were asked, and {word} had heard of it."] * 5 for word in ("Ten", "Six")
    ]
    pages = [["The Marrow Courier", *lines, str(at)] for at, lines in enumerate((opening, *others), 1)]
    (only,) = items(write(tmp_path / "a.pdf", pdf(*pages)), ArticleMetadata(title="Ferries"))
    assert only.article is not None, only.error
    assert "Courier" not in only.article.text
    paragraphs = only.article.text.split("\n\n")
    assert paragraphs[0].endswith("the long repair of the winter quay.")
    assert paragraphs[1].endswith("nobody wanted.")


def test_a_word_file_is_read(tmp_path: Path) -> None:
    """With the title it carries."""
    (only,) = items(write(tmp_path / "a.docx", docx(*SENTENCES, title=TITLE)))
    assert only.article is not None, only.error
    assert (only.article.title, only.article.text.split("\n\n")) == (TITLE, SENTENCES)


@pytest.mark.parametrize(
    ("stdin", "title"),
    [(TEXT.encode(), TITLE), (page().encode(), TITLE), (pdf([TITLE, "", *SENTENCES[:1]]), "")],
    ids=["text", "page", "pdf"],
)
def test_stdin_is_told_by_how_it_begins(stdin: bytes, title: str) -> None:
    """Text, a page or a PDF may come in on standard input."""
    (only,) = items("-", stdin=stdin)
    assert only.article is not None, only.error
    assert title in only.article.title


def test_archives_are_read_member_by_member(tmp_path: Path) -> None:
    """Rows in an archive name its members; what is no article by its name is passed over."""
    packed = archive(
        tmp_path / "a.zip",
        a_DOT_txt=TEXT,
        b__c_DOT_html=page(),
        d_DOT_jsonl=json.dumps({"path": "b/c.html"}) + "\n" + json.dumps({"path": "c/none.txt"}) + "\n",
        e_DOT_png=b"\x89PNG",
        f_DOT_txt_DOT_gz=gzip.compress(TEXT.encode()),
        g_DOT_jsonl_DOT_gz=b"no gzip at all",
        h_DOT_zip_DOT_gz=gzip.compress(b"PK"),
        i_DOT_txt=TEXT,
    )
    found = {item.source.split("!")[1]: item for item in items(packed)}
    assert list(found) == ["a.txt", "b/c.html", "d.jsonl:1", "d.jsonl:2", "f.txt.gz", "g.jsonl.gz", "h.zip.gz", "i.txt"]
    assert [item.article is not None for item in found.values()] == [True, True, True, False, True, False, False, True]
    assert "damaged .gz" in (found["g.jsonl.gz"].error or "")
    assert "archive within an archive" in (found["h.zip.gz"].error or "")
    assert "no such file in the archive" in (found["d.jsonl:2"].error or "")


def zip_of(*names_and_data: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in names_and_data:
            packed.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("slip.zip", lambda: zip_of(("../../evil.txt", TEXT.encode())), "leads out of the archive"),
        ("root.zip", lambda: zip_of(("/etc/evil.txt", TEXT.encode())), "leads out of the archive"),
        ("drive.zip", lambda: zip_of(("c:\\evil.txt", TEXT.encode())), "leads out of the archive"),
        ("nested.zip", lambda: zip_of(("inner.zip", zip_of(("a.txt", TEXT.encode())))), "archive within an archive"),
        ("bomb.zip", lambda: zip_of(("a.txt", b"a" * 30_000_000)), "far more than any text"),
        ("empty.zip", lambda: zip_of(("a.png", b"x")), "no articles in this archive"),
        ("bad.zip", lambda: b"PK\x03\x04nonsense", "damaged .zip"),
        ("bomb.txt.gz", lambda: gzip.compress(b"a" * 3_000_000), "far more than any text|larger than"),
        ("bomb.jsonl.gz", lambda: gzip.compress(b"\n" * 3_000_000), "far more than any text"),
        ("long.txt", lambda: b"A story is told here. " * 1_400_000, "longer than"),
        ("long.html", lambda: page("<p>A story is told here.</p>" * 100_000).encode(), "longer than"),
        ("really.html", lambda: pdf(["Text"]), "a PDF, not a web page"),
        ("bad.pdf", lambda: b"%PDF-1.7\nnonsense", "a damaged PDF|without text"),
        ("scan.pdf", lambda: pdf([]), "without text"),
        ("bad.docx", lambda: b"PK\x03\x04nonsense", "damaged"),
        ("bomb.docx", lambda: zip_of(("word/document.xml", b"a" * 30_000_000)), "far more than any text"),
        ("empty.docx", docx, "without text"),
        ("empty.html", lambda: b"", "an empty page"),
    ],
)
def test_each_bad_file_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, make: Callable[[], bytes], reason: str
) -> None:
    """And the good one beside it is read."""
    if name.startswith("bomb.") and name.endswith(".gz"):
        monkeypatch.setattr(files, "MAX_ARTICLE_BYTES", 1_000_000)
    write(tmp_path / name, make())
    write(tmp_path / "zz.txt", TEXT)
    bad, good = items(tmp_path)
    assert bad.article is None
    assert any(part in (bad.error or "") for part in reason.split("|")), bad.error
    assert "\n" not in (bad.error or "")
    assert good.article is not None


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Wire</title>
<item><title>Crane falls</title><link>https://wire.example/crane</link><pubDate>Tue, 03 Mar 2026 09:20:00 GMT</pubDate>
<description>&lt;p&gt;A crane fell on Tuesday, the port said.&lt;/p&gt;</description></item>
<item><title>No text at all</title><link>https://wire.example/empty</link></item></channel></rss>"""


@pytest.mark.parametrize("packed", [False, True])
def test_a_saved_feed_is_its_entries(tmp_path: Path, packed: bool) -> None:
    """Each entry with a text is an article with its own address and date; one without is a line that says so."""
    file = archive(tmp_path / "a.zip", feed_DOT_xml=FEED) if packed else write(tmp_path / "feed.xml", FEED)
    crane, empty = items(file, ArticleMetadata(title="not theirs", published="1999-01-01"))
    assert crane.article is not None
    assert (crane.article.title, crane.article.source) == ("Crane falls", "Harbour Wire")
    assert crane.article.url == "https://wire.example/crane"
    assert crane.article.published is not None
    assert crane.article.published.isoformat() == "2026-03-03T09:20:00+00:00"
    assert empty.error is not None
    assert "no text" in empty.error


def test_an_xml_file_that_is_no_feed(tmp_path: Path) -> None:
    """It is refused in a line."""
    (item,) = items(write(tmp_path / "a.xml", "<inventory><thing/></inventory>"))
    assert item.error is not None
    assert "feed" in item.error
