"""Stored articles read again: from their files, and from the text that is kept of them."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.article.build import ArticleMetadata
from ingest.pipeline import IngestReport, ingest
from ingest.refresh import refresh_article, reread_all
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.types import Article
from tests.loopback.newsroom import fetcher
from tests.loopback.site import Site

TakeIn = Callable[..., list[IngestReport]]
EVERYONE = ("public", "7")
STORY = """Ferry runs aground off Port Marrow

A ferry with {} passengers ran aground on a sandbank off Port Marrow early on Monday, and all of them were taken
ashore by fishing boats before noon.

“The lights of the channel were out,” captain Mara Wendt told reporters. The harbour office said that it had known of
the broken lights since Friday and had ordered new lamps from a firm abroad.
"""


def stored(library: Library) -> list[Article]:
    with library.open_reader(EVERYONE) as db:
        return db.articles()


def origins(library: Library, article: Article) -> list[str]:
    with library.open_reader(EVERYONE) as db:
        return db.origins(article.id)


def findings(library: Library) -> dict[str, tuple[int, int]]:
    """How many chunks and statements each scope has."""
    out = {}
    for scope in library.scopes():
        with library.open_reader((scope,)) as db:
            counts = db.counts()
            out[scope] = (counts["chunks"], counts["statements"])
    return out


def test_a_corrected_file_is_a_new_version(library: Library, take_in: TakeIn, tmp_path: Path) -> None:
    """The file is read again; source, address and date, which are not in it, stay."""
    file = tmp_path / "ferry.txt"
    file.write_text(STORY.format(212))
    given = ArticleMetadata("7", source="Courier", published="2026-03-02", url="https://courier.example/ferry")
    take_in(file, given=given)
    (before,) = stored(library)
    assert origins(library, before) == ["https://courier.example/ferry"]
    file.write_text(STORY.format(221))
    report = refresh_article(library, before, [file.as_uri()])
    (after,) = stored(library)
    assert report.status == "updated"
    assert "221" in after.text
    assert replace(after, text=before.text, version=before.version) == before


def test_what_cannot_be_read_again_says_why(library: Library, take_in: TakeIn) -> None:
    """Pasted text has no file to go back to; the article stays."""
    take_in("-", stdin=STORY.format(212).encode())
    (article,) = stored(library)
    with pytest.raises(SourceError, match="pasted"):
        refresh_article(library, article, origins(library, article))
    assert stored(library) == [article]


def test_reread_finds_the_same_and_changes_no_version(library: Library, take_in: TakeIn) -> None:
    """Every scope's texts are cut and attributed again: as many chunks and statements, the same versions."""
    take_in("-", stdin=STORY.format(212).encode())
    take_in("-", stdin=STORY.format(9).encode(), given=ArticleMetadata("7"))
    before, found = stored(library), findings(library)
    assert list(reread_all(library))[-1] == (2, 2)
    assert (stored(library), findings(library)) == (before, found)
    assert library.check(deep=True).problems == ()


def test_reread_goes_on_where_it_was_stopped(library: Library, take_in: TakeIn) -> None:
    """What was done before a stop is not done again."""
    for number in range(40):
        take_in("-", stdin=f"Story {number}\n\nThe council of town {number * 7919} met and said nothing.".encode())
    steps = reread_all(library)
    assert next(steps) == (0, 40)
    done, total = next(steps)
    assert 0 < done < total
    steps.close()
    assert library.reread_position()
    assert next(reread_all(library)) == (done, 40)
    list(reread_all(library))
    assert library.reread_position() == ""


def test_an_article_changed_meanwhile_is_left_alone(library: Library, take_in: TakeIn, tmp_path: Path) -> None:
    """A new version that comes in between reading and writing is not overwritten by the old one's chunks."""
    file = tmp_path / "ferry.txt"
    file.write_text(STORY.format(212))
    take_in(file)
    with library.open_reader(EVERYONE) as db:
        (old,) = db.articles_after("", 5)
    file.write_text(STORY.format(221))
    take_in(file)
    from ingest.attribution import attribute
    from ingest.pipeline import embed_entries
    from ingest.refresh import _entry

    library.replace(embed_entries(library, [_entry(old, attribute(old))]), upto=old.id)
    (now,) = stored(library)
    assert "221" in now.text
    assert library.check(deep=True).problems == ()


def test_a_page_is_asked_for_again(library: Library) -> None:
    """An article from the web is read again from its address: unchanged, updated, or gone, which takes nothing away."""
    with Site() as site:
        site.serve("/ferry", STORY.format(212), "text/plain")
        (first,) = ingest(library, [site.at("/ferry")], ArticleMetadata(), io.BytesIO(), fetcher)
        assert first.article is not None
        known = origins(library, first.article)
        assert refresh_article(library, first.article, known, fetcher).status == "unchanged"
        site.serve("/ferry", STORY.format(221), "text/plain")
        assert refresh_article(library, first.article, known, fetcher).status == "updated"
        site.serve("/ferry", "", "text/plain", status=404)
        assert refresh_article(library, first.article, known, fetcher).status == "failed"
    (now,) = stored(library)
    assert "221" in now.text
