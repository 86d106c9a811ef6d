"""Answers, statements, verdicts and articles as Discord messages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages.message import Button, Embed, Field, LimitError, Message
from bot.messages.render import (
    answer_messages,
    article_blocks,
    article_card,
    date_markdown,
    evidence_messages,
    page_messages,
    statement_blocks,
    verdict_blocks,
)
from retrieval.proof import cite
from retrieval.quotes.checker import CheckedQuotation, Match, Verdict
from retrieval.types import Answer, Article, Citation, Claim, Kind, Precision, Span, Statement, Status
from tests.bot.discord_markdown import RAW_MENTION, kinds, read, seen, walk
from tests.bot.rich_text import texts, to_be_seen, without_joiners

FRIDAY = datetime(2024, 5, 3, 9, 30, tzinfo=UTC)
TEXT = 'The crane fell at 9:30. "It was loud," said Ana Petrov, *harbour* master.\n\nNobody was hurt.'


def article(title: str = "Crane falls", text: str = TEXT, **facts: object) -> Article:
    known = {"url": "https://harbour.example/crane", "source": "Harbour Post"}
    timed = {"published": FRIDAY, "published_precision": Precision.TIME}
    return Article.create(**({"title": title, "text": text} | known | timed | facts))


def make_answer(citations: tuple[Citation, ...], text: str = "It fell. [1]", notices: tuple[str, ...] = ()) -> Answer:
    claims = tuple(Claim(citation.excerpt, (citation.number,)) for citation in citations)
    return Answer("What fell?", Status.ANSWERED, text, claims, citations, notices=notices)


def test_an_answer_has_its_text_then_its_sources() -> None:
    """Text with marks, then each source with linked title, outlet, date and the cited sentence in a block quote."""
    crane = article()
    citations = (cite(crane, Span(0, 23), 1), cite(crane, Span(24, 73), 2, "Ana Petrov"))
    (message,) = answer_messages(make_answer(citations, "It fell. [1]\n“It was loud” [2]", ("corrected: *one*",)))
    assert message.content == (
        "It fell. \\[1\\]\n“It was loud” \\[2\\]\n\n"
        "**\\[1\\]** [Crane falls](<https://harbour.example/crane#:~:text=The%20crane%20fell%20at%209%3A30.>)"
        " · Harbour Post · <t:1714728600:D>\n> The crane fell at 9:30.\n"
        "**\\[2\\]** [the same article](<https://harbour.example/crane"
        "#:~:text=%22It%20was%20loud%2C%22%20said%20Ana%20Petrov%2C%20%2Aharbour%2A%20master.>)\n"
        '> "It was loud," said Ana Petrov, \\*harbour\\* master.\n\n'
        "**Note:** corrected: \\*one\\*"
    )


def test_an_abstention_shows_the_nearest_coverage() -> None:
    """An abstention says that the articles do not answer, and lists the nearest coverage with links."""
    nearest = (
        article(),
        article("Quay", "Other.", url=None, source=None, published=None, published_precision=Precision.NONE),
    )
    (message,) = answer_messages(Answer("Who?", Status.ABSTAINED, "The articles do not answer this.", nearest=nearest))
    assert message.content == (
        "The articles do not answer this.\n\n**Nearest coverage**\n"
        "- [Crane falls](<https://harbour.example/crane>) · Harbour Post · <t:1714728600:D>\n"
        "- Quay · undated"
    )


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, "<t:1714728600:D>"),
        ({"published": FRIDAY.astimezone(timezone(timedelta(hours=9)))}, "<t:1714728600:D>"),
        ({"published": FRIDAY, "published_precision": Precision.DAY}, "3 May 2024"),
        ({"published": None, "published_precision": Precision.NONE}, "undated"),
        (
            {"published": None, "published_precision": Precision.NONE, "page_date": date(2024, 5, 4)},
            "undated (page of 4 May 2024)",
        ),
    ],
)
def test_dates_are_as_exact_as_they_are_known(facts: dict[str, object], shown: str) -> None:
    """A time is in Discord's format, a day in words that are the same for everybody, a missing date "undated"."""
    assert date_markdown(article(**facts)) == shown


def test_evidence_has_the_cited_words_in_bold() -> None:
    """All of an article's cited paragraphs are under one head, with the cited words in bold."""
    crane = article()
    (message,) = evidence_messages(make_answer((cite(crane, Span(0, 23), 1), cite(crane, Span(75, 91), 2))))
    assert message.content == (
        "**\\[1\\] \\[2\\]** [Crane falls](<https://harbour.example/crane>) · Harbour Post · <t:1714728600:D>\n"
        '> **The crane fell at 9:30.** "It was loud," said Ana Petrov, \\*harbour\\* master.\n\n'
        "> **Nobody was hurt.**"
    )


def test_statements_say_who_when_and_to_whom() -> None:
    """An entry for each statement: speaker and role, kind, day, addressee, article, the words quoted."""
    statement = Statement(
        *("id", "v", "Ana Petrov", Kind.DIRECT, (Span(25, 37),), Span(24, 73)),
        role="harbour *master*",
        addressee="reporters",
        said_on=date(2024, 5, 3),
    )
    (message,) = page_messages("Said by Ana Petrov", statement_blocks("Ana Petrov", [(statement, article())]))
    assert message.content.startswith(
        "**Said by Ana Petrov**\n**1\\. Ana Petrov, harbour \\*master\\*** (direct, 3 May 2024, to reporters)\n"
        "[Crane falls]("
    )
    assert message.content.endswith("\n> It was loud,")
    assert page_messages("", statement_blocks("Bo", []))[0].content == "The articles contain no statements by Bo."


def test_a_verdict_marks_what_differs() -> None:
    """Words only in the article are bold, words only in the quotation underlined, and a line explains this."""
    crane = article()
    match = Match(cite(crane, Span(24, 73), 1), None, "It was [-loud-] {+very_quiet+}", 0.8)
    (message,) = page_messages(
        "", verdict_blocks(CheckedQuotation(Verdict.ALTERED, None, (match,)), "Altered: other words.")
    )
    assert message.content.startswith("**Altered: other words.**\n-# **Bold**: only in the article.")
    assert message.content.endswith("\nIt was **loud** __very\\_quiet__")


def test_a_list_is_cut_into_numbered_pages() -> None:
    """Pages fit, are numbered "n of m", and together hold every entry once, in order."""
    listed = [article(f"Title {number:03}", url=f"https://e.example/{number}") for number in range(60)]
    pages = page_messages("Latest", article_blocks(listed))
    assert len(pages) > 1
    for number, message in enumerate(pages, 1):
        assert message.content.startswith("**Latest**\n- [Title")
        assert message.content.endswith(f"\n-# page {number} of {len(pages)}")
    assert re.findall(r"Title (\d+)", "".join(page.content for page in pages)) == [f"{n:03}" for n in range(60)]


LONG = texts(60).map(lambda text: text * 5)
HARD = st.builds(
    lambda title, text, source, url: article(title, f"x {text}", source=source, url=f"https://e.example/{url}"),
    *(LONG, LONG, st.one_of(st.none(), LONG), texts(10).map(lambda tail: tail.encode("utf-8", "replace").decode())),
)


@st.composite
def hard_answers(draw: st.DrawFn) -> Answer:
    """Answers with long texts full of markup."""
    drawn = draw(st.lists(HARD, min_size=1, max_size=3))
    citations = [cite(source, Span(0, len(source.text)), n, draw(texts(5))) for n, source in enumerate(drawn, 1)]
    if draw(st.booleans()):
        return make_answer(tuple(citations), draw(LONG), tuple(draw(st.lists(LONG, max_size=2))))
    return Answer(
        "q", Status.ABSTAINED, draw(LONG), nearest=tuple(drawn), notices=tuple(draw(st.lists(LONG, max_size=1)))
    )


ALLOWED = {"bold", "underline", "quote", "link", "time", "item", "subtext"}


def assert_harmless(messages: tuple[Message, ...]) -> str:
    """Check that all markup is the renderer's own; return all the text that is shown, without spaces."""
    words = ""
    for message in messages:
        assert len(message.content) <= 2000
        assert not RAW_MENTION.search(message.content)
        message.content.encode()
        tree = read(message.content)
        assert set(kinds(tree)) <= ALLOWED
        assert all(node.text == "<t:1714728600:D>" for node in walk(tree) if node.kind == "time")
        assert all(node.target.startswith("https://e.example/") for node in walk(tree) if node.kind == "link")
        words += seen(tree)
    return re.sub(r"\s+", "", without_joiners(words))


@settings(max_examples=60)
@given(hard_answers())
def test_any_answer_is_shown_and_harmless(answer: Answer) -> None:
    """Whatever an answer contains, all of it is shown, within the limits, and none of it is markup."""
    words = assert_harmless(answer_messages(answer))
    for text in (answer.text, *(citation.excerpt for citation in answer.citations)):
        assert re.sub(r"\s+", "", without_joiners(to_be_seen(text))) in words
    assert_harmless(evidence_messages(answer))


@settings(max_examples=40)
@given(st.lists(HARD, max_size=4), LONG, texts(30), st.booleans())
def test_any_list_is_harmless(listed: list[Article], heading: str, name: str, different: bool) -> None:
    """Lists of articles, statements and matches keep within the limits whatever they contain."""
    said = [
        (
            Statement("i", "v", name, Kind.MIXED, (Span(0, len(a.text)),), Span(0, len(a.text)), role=name, when=name),
            a,
        )
        for a in listed
    ]
    matches = tuple(
        Match(cite(a, Span(0, len(a.text)), n), s, f"[-{heading}-]{{+{name}+}}" if different else None, 0.7)
        for n, (s, a) in enumerate(said, 1)
    )
    assert_harmless(page_messages(heading, article_blocks(listed)))
    assert_harmless(page_messages(heading, statement_blocks(name, said)))
    assert_harmless(page_messages(heading, verdict_blocks(CheckedQuotation(Verdict.ALTERED, name, matches), heading)))


def test_the_longest_heads_fit() -> None:
    """Names, titles, outlets and addresses of any length, all of them markup, leave room for the text under them."""
    stars = "*" * 500
    for size in (600, 640, 660, 680, 700):
        starry = article(stars, f"{stars}. " * 3, source=stars, url=f"https://e.example/{'a' * size}")
        whole = Span(0, len(starry.text) - 1)
        said = Statement(*("i", "v", stars, Kind.MIXED, (whole,), whole), role=stars, when=stars, addressee=stars)
        assert_harmless(page_messages(stars, statement_blocks(stars, [(said, starry)] * 2)))
        match = Match(cite(starry, whole, 1), said, f"[-{stars}-] {{+{stars}+}}", 0.7)
        assert_harmless(page_messages(stars, verdict_blocks(CheckedQuotation(Verdict.ALTERED, stars, (match,)), stars)))
        assert_harmless(answer_messages(make_answer((cite(starry, whole, 1), cite(starry, whole, 2)), stars, (stars,))))
        assert_harmless(page_messages(stars, article_blocks([starry] * 3)))
    assert page_messages("", [])[0].content == "…"


@settings(max_examples=40)
@given(HARD, st.lists(texts(40), max_size=40))
def test_any_card_holds_the_limits(shown_article: Article, quoted: list[str]) -> None:
    """Any article can be shown as a card, and no text in it is markup."""
    (embed,) = article_card(shown_article, quoted).embeds
    for shown in (embed.title, embed.description, *(field.value for field in embed.fields)):
        assert set(kinds(read(shown))) <= {"time"}
        assert not RAW_MENTION.search(shown)


def test_what_is_too_long_or_empty_cannot_be_made() -> None:
    """A value that exceeds one of Discord's limits raises LimitError."""
    full = Embed("t", "d" * 3000)
    for make in (
        lambda: Message("x" * 2001),
        lambda: Message(" \n"),
        lambda: Message(embeds=(Embed("t"),) * 11),
        lambda: Message(embeds=(full, full)),
        lambda: Message("x", buttons=(Button("b", "i"),) * 26),
        lambda: Embed("t" * 257),
        lambda: Embed("t", "d" * 4097),
        Embed,
        lambda: Embed("t", fields=(Field("n", "v"),) * 26),
        lambda: Embed("t", "d" * 4096, fields=(Field("n", "v" * 1000),) * 2),
        lambda: Field("n", "v" * 1025),
        lambda: Field("n" * 257, "v"),
        lambda: Field(" ", "v"),
        lambda: Button("l" * 81, "i"),
        lambda: Button("l", "i" * 101),
    ):
        with pytest.raises(LimitError):
            make()
    assert len(Message("\U0001f44d" * 2000).content) == 2000
    assert Message("x", buttons=(Button("b", "i"),) * 25).rows == 5
