"""Links to articles: no title or address breaks them, and they lead to a sentence only where a browser finds it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.links import MAX_URL_CHARACTERS, link_to, safe_url, url_of_sentence
from bot.messages.markdown import one_line
from retrieval.text.sentences import sentences
from retrieval.types import Article, RemovedText, Span
from tests.bot.discord_markdown import RAW_MENTION, Node, kinds, read, seen, walk
from tests.bot.rich_text import rich, texts, without_joiners

ADDRESS = "https://harbour.example/2024/crane"
LONG = (
    "The crane that had stood on the north quay for thirty years, unused for the last ten of them, fell into the "
    "harbour on Friday - nobody was hurt, said the harbour master."
)


def only(nodes: tuple[Node, ...], kind: str) -> list[Node]:
    return [node for node in walk(nodes) if node.kind == kind]


def article(text: str, **facts: object) -> Article:
    return Article.create(**({"title": "Harbour", "text": text, "url": ADDRESS} | facts))


@given(texts(20), st.one_of(st.just(ADDRESS), rich(8).map(lambda tail: f"https://harbour.example/{tail}")))
def test_a_link_has_the_words_or_stands_beside_them(words: str, url: str) -> None:
    """Whatever the title and the address are, there is one link, it ends where it should, and the title is shown."""
    words = one_line(words, 150)
    shown = link_to(words, url)
    nodes = read(shown + " end")
    address = safe_url(url)
    assert kinds(nodes) == ([] if address is None else ["link"])
    assert not RAW_MENTION.search(shown)
    assert without_joiners(seen(nodes)) in {
        without_joiners(expected)
        for expected in ((f"{words} end",) if address is None else (f"{words} end", f"{words} · article end"))
    }
    for link in only(nodes, "link"):
        assert link.target == address


@pytest.mark.parametrize(
    "title", ["Crane falls", "“It fell”: 3.5 tonnes, at 9:30", "Größer als gedacht – 字", "A (b) c"]
)
def test_a_plain_title_is_the_link(title: str) -> None:
    """A title without marks carries the link itself."""
    assert link_to(title, ADDRESS) == f"[{title}](<{ADDRESS}>)"


@pytest.mark.parametrize(
    "title",
    [
        "[Video] Crane",
        "A *star* is born",
        "See https://e.example",
        "Crane \U0001f3d7",
        "North \u2194 south",
        "\U0001f7ec",
        "a](",
    ],
)
def test_a_title_that_would_break_the_link_stands_before_it(title: str) -> None:
    """A title with markup, an address or an emoji cannot be the text of a link, so the link says "article"."""
    nodes = read(link_to(title, ADDRESS))
    assert [seen(link.children) for link in only(nodes, "link")] == ["article"]
    assert seen(nodes) == f"{title} · article"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://e.example/a_(b)", "https://e.example/a_%28b%29"),
        ("HTTPS://e.example", "https://e.example/"),
        ("https://e.example/a b?q=<x>&r=*~*#~", "https://e.example/a%20b?q=%3Cx%3E&r=%2A%7E%2A#%7E"),
        ("https://bücher.example/straße", "https://xn--bcher-kva.example/stra%C3%9Fe"),
        ("https://e.example/100%25/@everyone", "https://e.example/100%25/%40everyone"),
        ("https://e.example:8080/", "https://e.example:8080/"),
        ("https://user:secret@e.example/", None),
        ("https://bank.example@e.example/", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        ("https://e.example:port/", None),
        ("https://[::1/", None),
        ("https://e.exa>mple/", None),
        ("https://e.example/" + "a" * MAX_URL_CHARACTERS, None),
    ],
)
def test_only_plain_web_addresses_are_linked(url: str, address: str | None) -> None:
    """Characters that could end a link are encoded; anything but a plain web address is not linked."""
    assert safe_url(url) == address


def test_a_short_sentence_is_named_whole() -> None:
    """The fragment of a short sentence is the whole sentence, with a fragment's special characters encoded."""
    crane = article("It rained. Old-style cranes, they say & know, fall. The end.")
    assert url_of_sentence(crane, Span(11, 51)) == (
        f"{ADDRESS}#:~:text=Old%2Dstyle%20cranes%2C%20they%20say%20%26%20know%2C%20fall."
    )


def test_a_long_sentence_is_named_by_its_ends() -> None:
    """The fragment of a long sentence has its first and last words."""
    crane = article(f"It rained. {LONG} The end.")
    assert url_of_sentence(crane, Span(11, 11 + len(LONG))) == (
        f"{ADDRESS}#:~:text=The%20crane%20that%20had,said%20the%20harbour%20master."
    )


def test_ends_that_stand_elsewhere_too_are_made_longer() -> None:
    """Where an earlier sentence begins with the same words, the fragment has more of them."""
    crane = article(f"The crane that had rusted was new. {LONG}")
    assert url_of_sentence(crane, Span(35, 35 + len(LONG))) == (
        f"{ADDRESS}#:~:text=The%20crane%20that%20had%20stood,nobody%20was%20hurt%2C%20said%20the%20harbour%20master.".replace(
            "nobody%20was%20hurt%2C%20said", "hurt%2C%20said"
        )
    )


@pytest.mark.parametrize(
    "story",
    [
        article(f"{LONG} It rained. It rained.", title="It rained"),
        article("It rained. It rained."),
        article("It rained. It rained.", url="https://harbour.example/a.pdf"),
        article("Then. It rained.", removed=(RemovedText(9, "Advertisement", "advertisement"),)),
        article("Then\nagain. It\nrained."),
    ],
    ids=["in the title", "twice", "a document", "something between", "over a paragraph"],
)
def test_a_fragment_that_would_lead_astray_is_left_out(story: Article) -> None:
    """Without a sound fragment the link leads to the article."""
    last = sentences(story.text)[-1]
    span = Span(story.text.rindex("It"), last.end)
    assert url_of_sentence(story, span) == story.url


def test_an_address_with_a_fragment_keeps_its_own() -> None:
    """An address that has a fragment gets no second one."""
    kept = Article("a", "b", "public", "T", "It rained.", url=f"{ADDRESS}#live")
    assert url_of_sentence(kept, Span(0, 10)) == f"{ADDRESS}#live"
    assert url_of_sentence(Article("a", "b", "public", "T", "It rained."), Span(0, 10)) is None


@given(
    st.lists(
        st.sampled_from(["The", "crane", "fell-", "“on”", "the quay,", "it", "rained.", "\n", "字字", "A&B"]),
        min_size=1,
    )
)
def test_a_fragment_leads_to_its_sentence(words: list[str]) -> None:
    """The fragment's words occur first in the sentence that it was made for."""
    text = " ".join(words)
    for span in sentences(text):
        address = url_of_sentence(article(text, title="-"), span)
        assert address and safe_url(address)
        _, marked, directive = urlsplit(address).fragment.partition(":~:text=")
        if not marked:
            continue
        assert "-" not in directive
        named = [unquote(part) for part in directive.split(",")]
        plain = text.casefold()
        start = plain.index(named[0].casefold())
        end = plain.index(named[-1].casefold(), start) + len(named[-1]) if len(named) == 1 else None
        assert start == span.start
        assert end is None or end == span.end
