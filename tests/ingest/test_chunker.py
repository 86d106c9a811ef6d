from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.attribution import attribute
from ingest.chunker import TOKENS, chunk
from retrieval.text.sentences import sentences
from retrieval.text.token_count import estimate_tokens
from retrieval.types import Article

SENTENCES = st.lists(
    st.sampled_from(
        [
            "The quay was shut.",
            "“It is not safe,” Mara Wendt said on Monday, “and it was not safe before.”",
            "She said the crane had been checked.",
            "“Nobody asked us.",
            "“We would have come,” she added.",
            "Dr. Lindqvist, 44, told reporters that the steel had cracked in 1.5 places.\n\n",
            "A long sentence " + "goes on and on " * 30 + "to its end.",
            "\n\n",
        ]
    ),
    min_size=1,
    max_size=40,
).map(" ".join)


def article(text: str) -> Article | None:
    return Article.create(title="A title", text=text.strip()) if text.strip() else None


@settings(max_examples=40)
@given(SENTENCES)
def test_chunks_cover_every_sentence_once(text: str) -> None:
    """Every sentence lies in exactly one chunk, and chunks are in order."""
    one = article(text)
    if one is None:
        return
    made = chunk(one, attribute(one))
    assert [each.index for each in made] == list(range(len(made)))
    assert all(before.span.end <= after.span.start for before, after in pairwise(made))
    for sentence in sentences(one.text):
        assert sum(each.span.holds(sentence) for each in made) == 1


@settings(max_examples=40)
@given(SENTENCES)
def test_no_statement_is_cut(text: str) -> None:
    """A statement's quotation, cue and speaker stay in one chunk, unless it alone is longer than two chunks."""
    one = article(text)
    if one is None:
        return
    statements = attribute(one)
    made = chunk(one, statements)
    for statement in statements:
        if estimate_tokens(statement.context.of(one.text)) <= 2 * TOKENS:
            assert any(each.span.holds(statement.context) for each in made)


def test_a_chunk_carries_the_speaker_from_before_its_cut() -> None:
    """A chunk that opens with "she said" has her name in its heading."""
    filler = "The town has grown along its river for a very long time and it is growing still. " * 10
    text = f"Mara Wendt spoke. {filler}\n\n“The crane is safe,” Mara Wendt said. {filler}\n\n“It stays shut,” she said."
    one = Article.create(title="Crane", text=text, source="Courier")
    last = chunk(one, attribute(one))[-1]
    assert last.index > 0
    assert last.heading == "Crane · Courier · Mara Wendt"


def test_chunks_are_of_like_length() -> None:
    """A text a little longer than a chunk does not leave a chunk of a few words."""
    text = " ".join(f"This is sentence number {number} of the story." for number in range(30))
    made = chunk(Article.create(title="T", text=text), ())
    counts = [estimate_tokens(each.span.of(text)) for each in made]
    assert min(counts) > 0.6 * max(counts)
    assert max(counts) <= 1.5 * TOKENS


def test_what_an_encoder_reads_of_a_chunk_is_all_of_it() -> None:
    """A text full of figures has fewer words in a chunk; no statement reaching over, none is longer than is read."""
    plain = " ".join(f"The pier was shut at noon on day {number} of the long repair." for number in range(90))
    figures = " ".join(
        f"In {1900 + number} it took £{number}.75m, 3,{100 + number} men, 12.5% more." for number in range(60)
    )
    for text in (plain, figures):
        made = chunk(Article.create(title="T", text=text), ())
        assert len(made) > 2
        assert max(estimate_tokens(each.span.of(text)) for each in made) <= 1.12 * TOKENS
