from collections.abc import Callable

import pytest

from ingest.article.build import ArticleMetadata
from retrieval.answer.quoting import ABSTAINED, answer_question
from retrieval.errors import CitationError, SpanError
from retrieval.library import Library
from retrieval.proof import cite
from retrieval.search import search_text
from retrieval.types import Answer, Article, Citation, Query, Span, Status

PUBLIC = ("public",)
CRANE = """Crane falls at the quay

A harbour crane fell on two trucks on Tuesday, and four dock workers were hurt.

“It was checked in May,” Mara Wendt, the harbour spokeswoman, told reporters. She said the quay would stay shut.

The inspector Ole Lindqvist said the steel had cracked.
"""
BREAD = """Bread prices rise again

A loaf now costs 2.40 crowns, the bakers' union said. “Flour is dear,” said its head, Tilda Bruun.
"""


@pytest.fixture
def ask(library: Library, take_in: Callable[..., object]) -> Callable[[str], Answer]:
    take_in("-", stdin=CRANE.encode())
    take_in("-", stdin=BREAD.encode())

    def run(question: str) -> Answer:
        answer = answer_question(library, Query(question, PUBLIC))
        for citation in answer.citations:
            assert citation.article.text[citation.span.start : citation.span.end] == citation.excerpt
        return answer

    return run


def test_every_statement_of_a_speaker_is_listed(ask: Callable[[str], Answer]) -> None:
    """All statements of a speaker are quoted in the order of the text, and nobody else's."""
    answer = ask("What did Wendt say?")
    assert answer.status is Status.ANSWERED
    assert [citation.speaker for citation in answer.citations] == ["Mara Wendt", "Mara Wendt"]
    assert "It was checked in May" in answer.citations[0].excerpt
    assert answer.citations[1].excerpt == "She said the quay would stay shut."


def test_at_most_a_dozen_statements_are_listed(
    library: Library, take_in: Callable[..., object], ask: Callable[[str], Answer]
) -> None:
    """Where somebody said more on a topic than fits an answer, as many statements are listed as fit."""
    said = [f"“The bridge at dock {number} will close,” Tove Ring, the port's engineer, said." for number in range(20)]
    take_in("-", stdin="\n\n".join(["Bridges to close", *said]).encode())
    spans = [citation.span for citation in ask("What did Tove Ring say about the bridge?").citations]
    assert len(spans) == 12
    assert spans == sorted(spans)


def test_a_fact_is_answered_by_its_sentence(ask: Callable[[str], Answer]) -> None:
    """The sentence that holds the answer is cited."""
    answer = ask("How much does a loaf of bread cost?")
    assert answer.status is Status.ANSWERED
    assert "2.40 crowns" in answer.citations[0].excerpt


def test_who_said_it(ask: Callable[[str], Answer]) -> None:
    """A question for a speaker is answered with the statement and its speaker."""
    answer = ask("Who said that the steel had cracked?")
    assert answer.citations[0].speaker == "Ole Lindqvist"
    assert "Ole Lindqvist" in answer.text


@pytest.mark.parametrize(
    "question",
    ["Who won the chess championship?", "What did Wendt say about the price of flour?", "What did Napoleon say?"],
)
def test_a_question_without_evidence_is_not_answered(ask: Callable[[str], Answer], question: str) -> None:
    """An answer without evidence says that there is none, and cites nothing."""
    answer = ask(question)
    assert answer.status is Status.ABSTAINED
    assert (answer.claims, answer.citations) == ((), ())
    assert answer.text.startswith(ABSTAINED)


def test_abstaining_shows_the_nearest_coverage(ask: Callable[[str], Answer]) -> None:
    """The article nearest to the question is named."""
    answer = ask("What colour was the crane painted?")
    assert answer.status is Status.ABSTAINED
    assert answer.nearest[0].title == "Crane falls at the quay"


def test_an_empty_library_abstains(library: Library) -> None:
    """An empty library answers nothing, and a notice tells how to add articles."""
    answer = answer_question(library, Query("What did Kirby say?", PUBLIC))
    assert (answer.status, answer.nearest) == (Status.ABSTAINED, ())
    assert "onrecord ingest" in answer.notices[0]


def test_only_what_stands_in_the_text_can_be_cited() -> None:
    """A span past the end of the text and an excerpt that differs from it are refused."""
    article = Article.create(title="T", text="Four were hurt.")
    assert cite(article, Span(0, 4), 1).excerpt == "Four"
    with pytest.raises(CitationError):
        cite(article, Span(0, 99), 1)
    with pytest.raises(SpanError, match="differs"):
        Citation(article, Span(0, 4), 1, "Five")


def test_near_copies_and_quoted_words(library: Library, take_in: Callable[..., object]) -> None:
    """A near-copy is listed once unless its figures differ; words in quotation marks are searched as a phrase."""
    story = (
        "The harbour crane fell on the quay. Nobody was hurt, and work went on the next day as it always does there. "
    )
    take_in("-", given=ArticleMetadata(title="Crane falls"), stdin=(story * 2 + "It was old.").encode())
    take_in("-", given=ArticleMetadata(title="Crane falls again"), stdin=(story * 2 + "It was very old.").encode())
    take_in(
        "-",
        given=ArticleMetadata(title="Words"),
        stdin=b"A dry dock was built. Nothing else was dry, and the dock was shut.",
    )
    take_in(
        "-",
        given=ArticleMetadata(title="Apart"),
        stdin=b"The dock was dry in May, and nothing was dry in the dock by June.",
    )
    texts = [passage.text for passage in search_text(library, Query("harbour crane quay", PUBLIC), 5)]
    assert sum("crane fell" in text for text in texts) == 1
    for loss in ("3 million", "4 million"):
        take_in(
            "-", given=ArticleMetadata(title=f"Loss of {loss}"), stdin=(story * 2 + f"The loss is {loss}.").encode()
        )
    texts = [passage.text for passage in search_text(library, Query("harbour crane quay loss", PUBLIC), 5)]
    assert sum("million" in text for text in texts) == 2
    assert "dry dock" in search_text(library, Query("where is the “dry dock”?", PUBLIC), 5)[0].text


def test_reports_on_a_speaker_answer_where_no_statement_is_of_the_days(
    library: Library, take_in: Callable[..., object]
) -> None:
    """Where a speaker is quoted on none of the days asked for, reports of those days answer."""
    take_in(
        "-",
        given=ArticleMetadata(published="2018-08-01"),
        stdin=b"Hexalock announced a deal on locks, Hexalock said. It is big.",
    )
    take_in(
        "-",
        given=ArticleMetadata(published="2017-10-02"),
        stdin=b"Hexalock has announced a partnership with Dovetail for doors.",
    )
    answer = answer_question(library, Query("what did Hexalock announce in October 2017", PUBLIC))
    assert "Dovetail" in answer.text


def test_a_sure_answer_is_one_sentence(ask: Callable[[str], Answer]) -> None:
    """A sentence that surely answers is shown alone."""
    answer = ask("How much does a loaf of bread cost now?")
    assert [citation.excerpt for citation in answer.citations] == [
        "A loaf now costs 2.40 crowns, the bakers' union said."
    ]


def test_an_article_on_the_subject_need_not_answer(ask: Callable[[str], Answer]) -> None:
    """An article about the subject that does not say what is asked for is no answer."""
    assert ask("Which company will repair the harbour crane?").status is Status.ABSTAINED
    assert ask("How many dock workers did the harbour crane hurt?").status is Status.ANSWERED


def test_a_reaction_need_not_name_what_it_is_to(ask: Callable[[str], Answer]) -> None:
    """A question for a reaction is answered from the article that tells what it is to."""
    answer = ask("How did Wendt react to the fall of the harbour crane?")
    assert {citation.speaker for citation in answer.citations} == {"Mara Wendt"}
    assert ask("How did Wendt react to the price of bread?").status is Status.ABSTAINED
