import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.article.page import read_page
from retrieval.errors import IndexPage, SourceError
from retrieval.types import Precision
from tests.ingest.article.pages import ADDRESS, BODY, SENTENCES, TITLE, linked, meta, page, script


def test_the_body_is_the_story_alone() -> None:
    """Navigation, footer and headline are no part of the text, whose paragraphs stay apart and verbatim."""
    read = read_page(page(), ADDRESS)
    assert read.title == TITLE
    assert read.text.split("\n\n") == SENTENCES


@pytest.mark.parametrize(
    ("piece", "gone"),
    [
        ("<p>Related: <a href='/storms'>Storms to follow one another this week</a></p>", "Storms to follow"),
        ("<p><a href='/storms'>READ MORE: Storms to follow one another this week</a></p>", "Storms to follow"),
        ("<h3>You may also like</h3><ul><li><a href='/a'>A bridge for the east</a></li></ul>", "A bridge"),
        ("<div class='newsletter-signup'><p>Get the Courier by e-mail every morning.</p></div>", "every morning"),
        ("<p>Sign up for our newsletter and never miss a story.</p>", "never miss"),
        ("<div class='share-bar'><a href='#'>Facebook</a> <a href='#'>Tweet</a></div>", "Facebook"),
        ("<p>[button link='x']Send us your photographs[/button]</p>", "photographs"),
        ("<figure><img src='f.jpg'><figcaption>The ferry at rest.</figcaption></figure>", "at rest"),
        ("<p>The harbour of Port Marrow with two ferries at rest, 2024.</p>", "at rest"),
        ("<p>Filed under: Ferries, Harbours</p>", "Filed"),
        ("<p>Image source, Harbour Wire</p>", "Harbour Wire"),
        ("<p>Advertisement</p>", "Advertisement"),
        ("<p>***</p>", "***"),
        (f"<h2>{TITLE}</h2>", TITLE),
        ("<p style='display:none'>Text for machines alone.</p>", "machines"),
    ],
)
def test_what_a_site_sets_among_paragraphs_goes(piece: str, gone: str) -> None:
    """Related stories, letters, share bars, captions and hidden text are left out wherever they stand."""
    first, rest = BODY.split("</p>", 1)
    read = read_page(page(f"{first}</p>{piece}{rest}"), ADDRESS)
    assert gone not in read.text
    assert read.text.split("\n\n") == SENTENCES


@pytest.mark.parametrize(
    "sentence",
    [
        "Copyright law will be rewritten before the end of the year.",
        "Advertisement revenue fell by a third in two years.",
        "Like most subscribers, she heard of it from the radio.",
        "Recommended doses were exceeded on both of the ships.",
        "Most popular of all was the night boat to the islands.",
        "Related charges against the two captains were dropped.",
        "Posted in Port Marrow since 2011, he knows every quay.",
        "Follow the river for a mile and the old dock appears.",
        "“Sign up for nothing and read the newsletter of the line twice,” Halloran told the passengers.",
        "Published figures for 2025 show 40,000 passengers fewer.",
    ],
)
def test_sentences_that_begin_like_an_aside_stay(sentence: str) -> None:
    """What is a sentence of the story stays, however it begins and wherever it stands."""
    first, rest = BODY.split("</p>", 1)
    for body in (f"{first}</p><p>{sentence}</p>{rest}", f"<p>{sentence}</p>{BODY}", f"{BODY}<p>{sentence}</p>"):
        assert sentence in read_page(page(body), ADDRESS).text.split("\n\n")


@pytest.mark.parametrize("line", ["By Joan Reyes", "4 March 2026", "Published at 9:30 am on 4 March 2026", "09:30 GMT"])
def test_lines_between_headline_and_story_go(line: str) -> None:
    """By-line, day and time over the story are facts of it and no part of its words."""
    assert read_page(page(f"<p>{line}</p>{BODY}"), ADDRESS).text.split("\n\n") == SENTENCES


@pytest.mark.parametrize(
    "line",
    [
        "Additional reporting by Pat Okafor.",
        "Joan Reyes may be reached at joan@courier.example.",
        "Pat Okafor contributed to this report.",
        "Originally published on The Island Post.",
        "© 2026 The Marrow Courier",
    ],
)
def test_credits_below_the_story_go(line: str) -> None:
    """Who helped, and whose it is, stand below the story."""
    assert read_page(page(f"{BODY}<p>{line}</p>"), ADDRESS).text.split("\n\n") == SENTENCES


def test_comments_and_author_notes_at_the_end_go() -> None:
    """So do the comments below and the line about who wrote it."""
    end = "<div id='comments'><h2>Comments</h2><p>I took this ferry for forty years.</p></div>"
    note = "<p>Joan Reyes is a reporter at the Courier. Follow her on Twitter @joanr.</p>"
    assert read_page(page(BODY + note, end=end), ADDRESS).text.split("\n\n") == SENTENCES


@pytest.mark.parametrize("name", ["post has-related-content", "story trending", "promo-box", "widget social-media"])
def test_a_story_in_a_part_with_an_asides_name_stays(name: str) -> None:
    """What holds most of the page's running text is the story, however its template names it."""
    assert read_page(page(f"<div class='{name}'>{BODY}</div>"), ADDRESS).text.split("\n\n") == SENTENCES


def test_comments_longer_than_the_story_go() -> None:
    """Many readers have more to say than the article."""
    said = "<p>I took this ferry for forty years, and it was never on time, whoever owned it.</p>" * 30
    end = f"<section id='comments'>{said}</section>"
    assert read_page(page(end=end), ADDRESS).text.split("\n\n") == SENTENCES


def test_a_card_that_opens_over_a_name_is_no_part_of_its_sentence() -> None:
    """What pops up over a name in running text goes, and the sentence stays whole."""
    card = (
        "<span class='card'><img src='h.jpg'><a href='/h'>Halloran</a><a href='/h/1'>Ferry owner wins prize</a></span>"
    )
    body = BODY.replace("Ines Halloran,", f"Ines Halloran{card},")
    assert read_page(page(body), ADDRESS).text.split("\n\n") == SENTENCES


def test_what_was_removed_is_told_with_its_place_and_rule() -> None:
    """Each removed paragraph has the offset at which it stood, so that the raw text can be put together again."""
    first, rest = BODY.split("</p>", 1)
    read = read_page(page(f"{first}</p><p>See also: Storms to follow this week</p>{rest}"), ADDRESS)
    (part,) = [one for one in read.removed if "Storms" in one.text]
    assert read.text[: part.at] == SENTENCES[0]
    assert part.rule


def test_live_blog_times_stay() -> None:
    """The times of a live blog's entries are part of the story."""
    entries = "".join(f"<h3>1{n}:05</h3><p>{sentence}</p>" for n, sentence in enumerate(SENTENCES))
    text = read_page(page(entries), ADDRESS).text
    assert [line for line in text.split("\n\n") if line.startswith("1")] == ["10:05", "11:05", "12:05"]


FACTS = {
    "datePublished": "2026-03-04T09:30:00+01:00",
    "dateModified": "2026-03-04T12:00:00+01:00",
    "author": [{"@type": "Person", "name": "Joan Reyes"}, {"@type": "Person", "name": "Pat Okafor"}],
    "publisher": {"@type": "Organization", "name": "The Marrow Courier"},
    "articleSection": "Local",
}


@pytest.mark.parametrize(
    "head",
    [
        linked(**FACTS),
        script('[{"@type": "BreadcrumbList"}]') + linked(**FACTS),
        linked(**FACTS)
        .replace("{", '{"@graph": [{"@type": "WebPage", "datePublished": "2001-01-01"}, {', 1)
        .replace("}</s", "}]}</s"),
        linked(**FACTS).replace("}</script>", ",}</script>"),
        linked(**FACTS).replace('"Local"', '"Lo\ncal"'),
        script("{ broken") + linked(**FACTS),
    ],
    ids=["plain", "list beside", "graph", "trailing comma", "raw line break", "another broken"],
)
def test_structured_data_gives_the_facts(head: str) -> None:
    """JSON-LD is read in every shape it comes in, broken ones too."""
    read = read_page(page(head=head), ADDRESS)
    assert read.authors == ("Joan Reyes", "Pat Okafor")
    assert read.published == datetime(2026, 3, 4, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    assert read.published_precision is Precision.TIME
    assert read.modified == datetime(2026, 3, 4, 11, tzinfo=UTC)
    assert (read.site, read.language) == ("The Marrow Courier", "en")
    assert (read.section or "").replace(" ", "") == "Local"


def test_people_are_found_by_reference() -> None:
    """In a graph the article refers to its author and publisher by their ids."""
    graph = [
        {"@type": "Article", "headline": TITLE, "author": {"@id": "#joan"}, "publisher": {"@id": "#courier"}},
        {"@type": "Person", "@id": "#joan", "name": "Joan Reyes"},
        {"@type": "Organization", "@id": "#courier", "name": "The Marrow Courier"},
    ]
    read = read_page(page(head=script(json.dumps({"@graph": graph}))), ADDRESS)
    assert (read.authors, read.site) == (("Joan Reyes",), "The Marrow Courier")


@pytest.mark.parametrize(
    ("head", "top", "published", "precision"),
    [
        (meta(article__published_time="2026-03-04T09:30:00Z"), "", "2026-03-04T09:30:00+00:00", Precision.TIME),
        ("<meta name='date' content='2026-03-04'>", "", "2026-03-04T00:00:00+00:00", Precision.DAY),
        ("", "<time datetime='2026-03-04T09:30-05:00'>yesterday</time>", "2026-03-04T09:30:00-05:00", Precision.TIME),
        ("", "<p class='date'>Published 4 March 2026</p>", "2026-03-04T00:00:00+00:00", Precision.DAY),
        ("", "<p>March 4, 2026 9:30 am UTC</p>", "2026-03-04T09:30:00+00:00", Precision.TIME),
        (
            meta(article__published_time="2026-03-05T02:30:00Z")
            + "<meta name='sailthru.date' content='2026-03-04 21:30:00'>",
            "",
            "2026-03-04T21:30:00-05:00",
            Precision.TIME,
        ),
    ],
)
def test_a_date_is_as_exact_as_stated(head: str, top: str, published: str, precision: Precision) -> None:
    """Meta tags, time elements and lines by the headline give the date, in the publisher's zone where it shows."""
    read = read_page(page(head=head, top=top), "https://courier.example/ferry")
    assert read.published == datetime.fromisoformat(published)
    assert read.published is not None
    assert read.published.date() == datetime.fromisoformat(published).date()
    assert read.published_precision is precision


@pytest.mark.parametrize(
    "end",
    [
        "<div class='comments'><time datetime='2026-03-09T10:00Z'>9 March</time><p>Too late, as ever.</p></div>",
        "<aside><h3>Latest</h3><time datetime='2026-03-09'>9 March 2026</time></aside>",
        "<footer>© 2026, built on 9 March 2026</footer>",
    ],
)
def test_a_date_of_something_else_is_none(end: str) -> None:
    """A comment's, a sidebar's and the footer's dates are not the article's; neither is one in the running text."""
    body = BODY + "<p>The last such cut was announced on 12 January 2019 and lasted for the whole of that winter.</p>"
    assert read_page(page(body, end=end), "https://courier.example/ferry").published is None


@pytest.mark.parametrize("stated", ["0001-01-01T00:00:00Z", "2999-01-01", "soon", "March 2026", "13:30"])
def test_a_field_that_is_no_date_states_none(stated: str) -> None:
    """Empty fields' zeros, the far future and half dates are no dates."""
    assert read_page(page(head=linked(datePublished=stated)), "https://courier.example/ferry").published is None


def test_an_address_may_state_the_day() -> None:
    """Where nothing else does."""
    read = read_page(page(), "https://courier.example/news/2026/03/04/ferry-line")
    assert read.published is not None
    assert (read.published.date().isoformat(), read.published_precision) == ("2026-03-04", Precision.DAY)


@pytest.mark.parametrize(
    ("canonical", "expected"),
    [
        ("https://www.courier.example/2026/ferry-line", "https://www.courier.example/2026/ferry-line"),
        ("/2026/ferry", "https://courier.example/2026/ferry"),
        ("https://courier.example/", ADDRESS),
        ("https://elsewhere.example/2026/ferry-line", ADDRESS),
        ("javascript:void(0)", ADDRESS),
    ],
)
def test_the_canonical_address_is_the_sites_own(canonical: str, expected: str) -> None:
    """One that leads to the front page or to another site is a template's fault."""
    assert read_page(page(head=f'<link rel="canonical" href="{canonical}">'), ADDRESS).address == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("By JOAN REYES, Courier Staff Writer", ("Joan Reyes",)),
        ("Joan Reyes and Pat Okafor", ("Joan Reyes", "Pat Okafor")),
        ("Joan Reyes, Pat Okafor", ("Joan Reyes", "Pat Okafor")),
        ("Joan Reyes | Marrow Press", ("Joan Reyes",)),
        ("https://social.example/joan", ()),
    ],
)
def test_authors_are_names(stated: str, expected: tuple[str, ...]) -> None:
    """Without "By", roles, houses and addresses."""
    assert read_page(page(head=linked(author=stated)), ADDRESS).authors == expected


def test_the_publishers_corrections_are_kept() -> None:
    """As text or as a comment with its day; a link to a policy is none."""
    head = linked(
        correction=[
            "An earlier version gave the wrong day.",
            {"@type": "CorrectionComment", "text": "The owner's name was misspelt.", "datePublished": "2026-03-05"},
            "https://courier.example/corrections",
        ]
    )
    assert read_page(page(head=head), ADDRESS).corrections == (
        "An earlier version gave the wrong day.",
        "The owner's name was misspelt. (2026-03-05)",
    )


def test_an_index_page_is_refused_with_its_addresses() -> None:
    """Several teasers are no article; where they lead is told."""
    teasers = "".join(
        f"<div><h2><a href='/news/story-{n}'>Story number {n} of the day</a></h2><p>What happened.</p></div>"
        for n in range(12)
    )
    front = f"<html><head><title>The Marrow Courier</title></head><body><main>{teasers}</main></body></html>"
    with pytest.raises(IndexPage) as caught:
        read_page(front, "https://courier.example/")
    assert caught.value.addresses[:2] == (
        "https://courier.example/news/story-0",
        "https://courier.example/news/story-1",
    )
    assert len(caught.value.addresses) == 12
    assert "\n" not in str(caught.value)


def test_an_article_with_many_teasers_around_it_is_none() -> None:
    """Links to other stories do not make an article an index."""
    others = "".join(f"<div><h3><a href='/s/{n}'>Story number {n} of the day</a></h3></div>" for n in range(12))
    assert read_page(page(BODY * 3, head=linked(), end=others), ADDRESS).title == TITLE


@pytest.mark.parametrize(
    ("body", "head", "reason"),
    [
        ("<p>Subscribe to continue reading this story.</p>", "", "a paywall"),
        ("<p>The ferry line.</p>", linked(isAccessibleForFree=False), "a paywall"),
        ("<p>We value your privacy. Accept all cookies to go on.</p>", "", "a cookie wall"),
        ("<p>Please verify you are a human. Enable JavaScript and cookies.</p>", "", "a proof of being human"),
        ("", "", "no article text"),
    ],
)
def test_walls_are_refused_with_the_reason(body: str, head: str, reason: str) -> None:
    """A page that keeps its text back says so in one line."""
    with pytest.raises(SourceError, match=reason) as caught:
        read_page(page(body, head=head), ADDRESS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty page"),
        (b" \n ", "empty page"),
        (b"%PDF-1.7 ...", "a PDF, not a web page"),
        (b"PK\x03\x04...", "a zip archive"),
        (b"\x00\x01\x02\x03" * 50, "binary"),
        (b"<html></html>", "no article text"),
    ],
)
def test_what_is_no_page_is_refused(data: bytes, reason: str) -> None:
    """Whatever it is called."""
    with pytest.raises(SourceError, match=reason):
        read_page(data, ADDRESS)


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("iso-8859-1", "cp1252"),
        ("windows-1252", "cp1252"),
        ("utf-8", "cp1252"),
        ("iso-8859-1", "utf-8"),
        (None, "utf-16"),
    ],
)
def test_a_wrong_charset_does_no_harm(declared: str | None, encoding: str) -> None:
    """The bytes decide where what the page declares cannot be."""
    head = f'<meta charset="{declared}">' if declared else ""
    read = read_page(page(BODY.replace("fuel", "crème"), head=head).encode(encoding), ADDRESS)
    assert "“We had no choice" in read.text
    assert "crème" in read.text


def test_a_hundred_thousand_nested_tags() -> None:
    """They are read or refused, at once."""
    for deep in ("<div>" * 100_000 + BODY, page("<b>" * 100_000 + BODY)):
        try:
            assert "ferry" in read_page(deep, ADDRESS).text
        except SourceError as error:
            assert "\n" not in str(error)


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div class='x'>",
                "</div>",
                "<a href='/'>",
                "</a>",
                "<ul><li>",
                "<script>",
                "Some words of it. ",
                "<!--",
                "-->",
                "<table><tr><td>",
                "&amp;",
                "\0",
                "<h1>",
            ]
        ),
        max_size=40,
    )
)
def test_any_markup_is_an_article_or_a_reason(pieces: list[str]) -> None:
    """No tag soup breaks the reading; offsets of what was removed lie in the text and in order."""
    try:
        read = read_page("<html><body>" + "".join(pieces) + BODY + "</body></html>", None)
    except SourceError as error:
        assert "\n" not in str(error)
        return
    assert [one.at for one in read.removed] == sorted(one.at for one in read.removed)
    assert all(0 <= one.at <= len(read.text) for one in read.removed)


def test_the_text_that_the_page_states_stands_in_for_one_that_is_not_found() -> None:
    """A page that is drawn by scripts still gives its article in structured data."""
    stated = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    assert (
        read_page(page("<div id='app'></div>", head=linked(articleBody=stated)), ADDRESS).text.split("\n\n")
        == SENTENCES
    )
