"""News sitemaps (Google's extension of sitemaps.org's protocol): addresses with their headlines and dates."""

from __future__ import annotations

from xml.parsers import expat

from retrieval.errors import SourceError

_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_WANTED = {
    f"{_SITEMAP} loc": "loc",
    f"{_SITEMAP} lastmod": "lastmod",
    f"{_NEWS} title": "title",
    f"{_NEWS} publication_date": "published",
    f"{_NEWS} name": "source",
}
_MAX_FIELD_CHARACTERS = 10_000
"""Maximum number of characters of one field."""

Row = dict[str, str]


def news_rows(body: bytes) -> list[Row]:
    """The news of a sitemap, each with those of {"loc", "title", "published", "source", "lastmod"} that it states.

    Rows before an error in the XML are kept. Raises SourceError where the sitemap lists no news.
    """
    reader = _SitemapReader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = _refuse_entities
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        if not reader.rows:
            raise SourceError(f"the sitemap is not valid XML ({error}): tell the publisher") from error
    if reader.is_index:
        raise SourceError("this is a list of sitemaps: give the one that lists the news")
    news = [row for row in reader.rows if "title" in row]
    if not news:
        raise SourceError("this sitemap lists pages and no news: give the site's news sitemap or its feed")
    return news


def _refuse_entities(*_: object) -> None:
    raise SourceError("the sitemap defines entities of its own, which is not read: tell the publisher")


class _SitemapReader:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.is_index = False
        self._row: Row = {}
        self._field: str | None = None

    def start(self, name: str, _: object) -> None:
        self.is_index = self.is_index or name == f"{_SITEMAP} sitemapindex"
        if name == f"{_SITEMAP} url":
            self._row = {}
        self._field = _WANTED.get(name)

    def end(self, name: str) -> None:
        self._field = None
        if name == f"{_SITEMAP} url" and self._row.get("loc", "").strip():
            self.rows.append({key: " ".join(value.split()) for key, value in self._row.items()})

    def text(self, data: str) -> None:
        if self._field and len(self._row.get(self._field, "")) < _MAX_FIELD_CHARACTERS:
            self._row[self._field] = self._row.get(self._field, "") + data
