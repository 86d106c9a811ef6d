import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.english.normal_form import normal_form
from retrieval.errors import QuestionError
from retrieval.library import Library, open_library
from retrieval.models.local import LocalEmbeddings
from retrieval.quotes import check
from retrieval.quotes.checker import CheckedQuotation, Verdict
from retrieval.quotes.parse import MAX_QUOTATION_CHARACTERS, parse_quotation
from retrieval.store.dedup import Entry
from retrieval.text.normalize import find_words
from retrieval.types import PUBLIC, Kind, Span, Statement
from tests.retrieval.made import Hashed, entry

CRANE = """Crane falls at the quay

“It was checked in May, and the U.S. makers don’t expect a second fall,” Mara Wendt, the harbour spokeswoman, said.

“We will rebuild the crane,” said the engineer Ole Lindqvist, “and we will not ask the town for £1,500.” He said the
steel - all of it - was not to blame.

“Nobody was to blame. Not the town, not the port,” Tilda Bruun, the mayor, told reporters. She said the port had never
been a good place for children.
"""


@pytest.fixture(scope="module")
def crane(tmp_path_factory: pytest.TempPathFactory, embedder: LocalEmbeddings) -> Iterator[Library]:
    opened = open_library(tmp_path_factory.mktemp("crane") / "library", embedder)
    buns = b"Buns\n\nThe baker Ida Holm said the buns were far too salty to sell."
    list(ingest(opened, ["-"], ArticleMetadata(), io.BytesIO(CRANE.encode())))
    list(ingest(opened, ["-"], ArticleMetadata(scope="42"), io.BytesIO(buns)))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def run_check(crane: Library) -> Callable[..., CheckedQuotation]:
    def run(quote: str, speaker: str | None = None, scopes: tuple[str, ...] = ("public",)) -> CheckedQuotation:
        found = check(crane, quote, scopes, speaker)
        for match in found.matches:
            citation = match.citation
            assert citation.article.text[citation.span.start : citation.span.end] == citation.excerpt
            assert (match.difference is None) == (found.verdict in (Verdict.VERBATIM, Verdict.MISATTRIBUTED))
        return found

    return run


@pytest.mark.parametrize(
    "quote",
    [
        "We will rebuild the crane",
        "\"we WILL   rebuild the crane\"",
        "It was checked in May, and the US makers don't expect a second fall.",
        "It was checked … and the U.S. makers don`t expect a second fall",
        "It was checked in [the month of] May",
        "[T]he steel – all of it – was not to blame",
        "[Lindqvist's firm] will rebuild the crane [sic]",
        "We will rebuild the crane, and we will not ask the town for £1500",
        "We will rebuild the crane ... and we will not ask the town for £1,500.",
        "Nobody was to blame. Not the town; not the port",
        "a second fall",
        "don\u200b’t expect a sec\u00adond fall",
    ],
)  # fmt: skip
def test_what_keyboards_and_house_styles_change_is_no_alteration(
    run_check: Callable[..., CheckedQuotation], quote: str
) -> None:
    """A quotation stays verbatim with other marks, dashes, case or white space, with ellipses and brackets, and without
    the reporting words."""
    assert run_check(quote).verdict is Verdict.VERBATIM


@pytest.mark.parametrize(
    ("quote", "difference"),
    [
        ("We will rebuild the tower", "We will rebuild the [-crane-] {+tower+}"),
        ("We will not rebuild the crane", "We will {+not+} rebuild the crane"),
        ("we will ask the town for £1,500", "we will [-not-] ask the town for £1,500"),
        ("we will not ask the town for £1,600", "we will not ask the town for £ [-1,500-] {+1,600+}"),
        ("we will not ask the town for $1,500", "we will not ask the town for [-£-] {+$+} 1,500"),
        ("the steel … was … to blame", "the steel [-all of it-] was [-not-] to blame"),
        ("all of it was [the thing] to blame", None),
        ("ask the town for £1,500", "[-not-] ask the town for £1,500"),
        ("a good place for children", "[-never been-] a good place for children"),
        ("the makers do expect a second fall", None),
        ("makers expect a second fall", None),
        ("We will [not] rebuild the crane", None),
    ],
)
def test_a_word_a_number_or_a_negation_is_an_alteration(
    run_check: Callable[..., CheckedQuotation], quote: str, difference: str | None
) -> None:
    """The difference is shown, including a negation that was cut off, left out or replaced by a bracket."""
    found = run_check(quote)
    assert found.verdict is Verdict.ALTERED
    if difference:
        assert found.matches[0].difference == difference


def test_words_of_another_speaker_are_misattributed(run_check: Callable[..., CheckedQuotation]) -> None:
    """Verbatim words of another speaker are misattributed, whether the option or the quotation names the speaker."""
    words = "we will rebuild the crane"
    assert run_check(words, "Lindqvist").verdict is Verdict.VERBATIM
    for found in (
        run_check(words, "Wendt"),
        run_check(words, "Napoleon"),
        run_check(f"“{words}”, said Mara Wendt"),
        run_check(f"Wendt: {words}"),
        run_check(f"{words} — Mara Wendt"),
    ):
        assert found.verdict is Verdict.MISATTRIBUTED
        (match,) = found.matches
        assert match.statement is not None
        assert match.statement.speaker == "Ole Lindqvist"
    assert run_check(f"“{words}”, said Ole Lindqvist on Monday").verdict is Verdict.VERBATIM
    assert run_check("We will … ask the town", "Lindqvist").verdict is Verdict.ALTERED
    assert run_check("rebuild the crane … and we", "Mara Wendt").verdict is Verdict.MISATTRIBUTED


@pytest.mark.parametrize(
    "quote", ["The moon will be sold by Tuesday", "We will build the bridge", "Bananas", "No comment", "%"]
)
def test_what_nobody_said_is_not_found(run_check: Callable[..., CheckedQuotation], quote: str) -> None:
    """Words that are in no article have no match; sharing a phrase with a real quotation is not enough."""
    found = run_check(quote)
    assert (found.verdict, found.matches) == (Verdict.NOT_FOUND, ())


def test_other_scopes_prove_nothing(run_check: Callable[..., CheckedQuotation]) -> None:
    """Words that are only in a guild's article are found by that guild alone."""
    assert run_check("the buns were far too salty to sell").verdict is Verdict.NOT_FOUND
    assert run_check("the buns were far too salty to sell", scopes=("public", "42")).verdict is Verdict.VERBATIM


TOLD = "The crane was checked in May"
COMMON = "it was not for us to be here"


@pytest.fixture(scope="module")
def crowded_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The same words from 340 speakers, and once more in a guild's article; a Mr Last speaks in all these articles."""
    opened = open_library(tmp_path_factory.mktemp("many") / "library", Hashed())
    vowels = "à e i o u y ai au ea ee ei eu ia ie io oa öe oi oo ou".split()
    names = [f"Ida {first}{second}holm" for first in "BDFGHKLMNPRSTVWXZ" for second in vowels]
    opened.put_entries([make_entry(name, PUBLIC, number) for number, name in enumerate(names)])
    opened.put_entries([make_entry("Guilda Holm", "42", 0)])
    yield opened
    opened.close()


def make_entry(name: str, scope: str, number: int) -> Entry:
    said = [("“{}.”", TOLD, name), ("“{}”, he thought.", COMMON, name), ("“No crane fell.”{}", "", "Mr Last")]
    paragraphs = [f"{form.format(words)} Thus {who}." for form, words, who in said]
    # Enough words of its own not to count as a copy of the others.
    paragraphs.append(" ".join(f"{name[4:]}{at}" for at in range(60)))
    stored = entry("\n\n".join(paragraphs), f"https://news.example/{scope}/{number}", scope=scope)
    article, statements, at = stored.article, [], 0
    for paragraph, (_, words, who) in zip(paragraphs, said, strict=False):
        content, context = Span(at + 1, at + 1 + len(words or "No crane fell.")), Span(at, at + len(paragraph))
        statements.append(Statement(article.id, article.version, who, Kind.DIRECT, (content,), context))
        at = context.end + 2
    return replace(stored, statements=tuple(statements))


@pytest.mark.parametrize("words", [TOLD, COMMON])
@pytest.mark.parametrize("name", ["Ida Baholm", "Ida Zàholm", "zàholm", "Ida Monholm", "Mr Last", "Guilda Holm"])
def test_the_requested_speaker_is_found_among_many(crowded_library: Library, words: str, name: str) -> None:
    """A speaker's words are found among any number of others' equal or common words, and only in the given scopes."""
    found = check(crowded_library, words, (PUBLIC,), name)
    said_by = {match.statement.speaker for match in found.matches if match.statement}
    if name.lower().endswith(("baholm", "zàholm")):
        assert found.verdict is Verdict.VERBATIM
        assert len(said_by) == 1
        assert normal_form(name) in normal_form(said_by.pop())
    else:
        assert found.verdict is Verdict.MISATTRIBUTED
        assert len(said_by) > 1
        assert not {"Mr Last", "Guilda Holm"} & said_by
    assert check(crowded_library, words, (PUBLIC, "42"), "Guilda Holm").verdict is Verdict.VERBATIM


@pytest.mark.parametrize("quote", ["", "…", "“”", "!?", "a" * (MAX_QUOTATION_CHARACTERS + 1)])
def test_quotations_that_cannot_be_checked_are_refused(run_check: Callable[..., CheckedQuotation], quote: str) -> None:
    """A quotation without words and one that is too long are refused."""
    with pytest.raises(QuestionError, match="quotation"):
        run_check(quote)


@given(st.text(max_size=80))
def test_words_of_any_text_are_slices_of_it(text: str) -> None:
    """Each word is a slice of the text at its given place, in order, whatever the script."""
    wording = find_words(text)
    ends = [0, *wording.ends]
    for before, start, end in zip(ends, wording.starts, wording.ends, strict=False):
        assert before <= start < end <= len(text)
    try:
        parsed = parse_quotation(text, lambda _: False)
    except QuestionError:
        return
    assert all(start < end for start, end in parsed.runs)
    assert len(parsed.gaps) == len(parsed.runs) - 1


@settings(max_examples=60)
@given(st.text(max_size=60), st.text(max_size=20), st.booleans())
def test_any_quotation_gets_a_verdict(crane: Library, text: str, speaker: str, mixed: bool) -> None:
    """No input breaks the lookup, and every excerpt shown is in the text."""
    try:
        found = check(crane, f"we will {text} the crane" if mixed else text, ("public",), speaker)
    except QuestionError as error:
        assert "quotation" in str(error)
        return
    for match in found.matches:
        assert match.citation.excerpt in CRANE


def test_a_check_of_some_sources_ignores_the_others(library: Library, take_in: Callable[..., object]) -> None:
    """Words of another outlet are altered if the given sources have a similar text, and not found if they have none."""
    said = "“It was {} in May, and the makers don’t expect a second fall,” Mara Wendt said."
    take_in("-", given=ArticleMetadata(source="Harbour Wire"), stdin=f"Crane\n\n{said.format('checked')}".encode())
    take_in("-", given=ArticleMetadata(source="Quay Post"), stdin=f"The crane\n\n{said.format('painted')}".encode())
    quote = "It was checked in May, and the makers don’t expect a second fall"

    def verdict(*sources: str) -> Verdict:
        found = check(library, quote, ("public",), sources=sources)
        assert {match.citation.article.source for match in found.matches} <= (set(sources) or {"Harbour Wire"})
        return found.verdict

    assert [verdict(), verdict("Harbour Wire")] == [Verdict.VERBATIM] * 2
    assert [verdict("Quay Post"), verdict("Nobody's")] == [Verdict.ALTERED, Verdict.NOT_FOUND]
