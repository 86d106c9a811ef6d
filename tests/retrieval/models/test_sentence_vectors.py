"""Vectors of sentences: kept with their chunks, true to their places, and given to their scope alone."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ingest.article.build import ArticleMetadata
from ingest.pipeline import IngestReport, ingest
from retrieval.answer.quoting import answer_question
from retrieval.library import Library, open_library
from retrieval.library.reindex import reindex
from retrieval.models.graph_cache import packaged_model_dir
from retrieval.models.local import LocalEmbeddings, open_local
from retrieval.models.sentence_vectors import SentenceVectors, embed_chunks, unpack
from retrieval.text.sentences import sentences
from retrieval.types import Query, Span, Status
from tests.retrieval.fakes import renamed

SCOPES = ("public",)
STORY = """Harbour crane stands idle

The crane of the north harbour has stood idle since March. Its motor burnt out in a storm.

“We are waiting for a part from Osaka,” said the harbour master, Ruth Lindqvist. She expects it in June.

The fishmongers have other worries. Herring has become dear.
"""
ABOUT_THE_MOTOR = "why did the engine of the crane fail?"


@given(arrays(np.float32, st.tuples(st.integers(0, 6), st.just(24)), elements=st.floats(-1, 1, width=32)))
def test_what_is_packed_comes_back_as_it_was_or_nearly(rows: Any) -> None:
    """Places are kept to the letter, directions to a thousandth of the cosine; noughts stay noughts."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = np.where(lengths > 1e-3, rows / np.maximum(lengths, 1e-3), 0).astype(np.float32)
    starts = np.arange(len(unit), dtype=np.int32) * 7
    again = unpack(*SentenceVectors(starts, unit).pack())
    assert again.starts.tolist() == starts.tolist()
    for one, other in zip(unit, again.vectors, strict=True):
        assert one @ other >= 0.999 if one.any() else not other.any()


def test_each_sentence_of_an_article_has_its_vector(
    take_in: Callable[..., list[IngestReport]], library: Library, tmp_path: Path
) -> None:
    """After an ingest the vectors stand under the sentences' places, and the nearest is the one that tells."""
    (tmp_path / "story.txt").write_text(STORY, "utf-8")
    (report,) = take_in(tmp_path / "story.txt")
    assert report.article is not None
    text = report.article.text
    question = library.embedder.embed_array([ABOUT_THE_MOTOR])[0]
    with library.open_reader(SCOPES) as db:
        held = db.sentence_vectors([report.article.id])
    assert sorted(held) == [(report.article.id, line.start) for line in sentences(text)]
    near = {line.of(text): float(held[report.article.id, line.start] @ question) for line in sentences(text)}
    assert max(near, key=lambda line: near[line]) == "Its motor burnt out in a storm."
    assert min(near, key=lambda line: near[line]) == "Herring has become dear."


def test_another_scope_does_not_get_them(library: Library, tmp_path: Path) -> None:
    """A reader of other scopes gets no vector, even by the article's id; nobody does once it is removed."""
    (tmp_path / "story.txt").write_text(STORY, "utf-8")
    (report,) = ingest(library, [str(tmp_path / "story.txt")], ArticleMetadata("42"), io.BytesIO())
    assert report.article is not None
    with library.open_reader(SCOPES) as db:
        assert db.sentence_vectors([report.article.id]) == {}
    with library.open_reader(("42",)) as db:
        assert db.sentence_vectors([report.article.id])
    library.remove(report.article.id, ("42",))
    assert library.check().problems == ()
    with library.open_reader(("42",)) as db:
        assert db.sentence_vectors([report.article.id]) == {}


def test_reindexing_gives_them_anew(embedder: LocalEmbeddings, tmp_path: Path) -> None:
    """Another embedding's vectors of sentences take the place of those of the one before, for the same places."""
    (tmp_path / "story.txt").write_text(STORY, "utf-8")
    library = open_library(tmp_path / "library", embedder)
    (report,) = ingest(library, [str(tmp_path / "story.txt")], ArticleMetadata(), io.BytesIO())
    assert report.article is not None
    with library.open_reader(SCOPES) as db:
        before = set(db.sentence_vectors([report.article.id]))
    library.close()
    other = renamed(embedder)
    list(reindex(tmp_path / "library", other))
    library = open_library(tmp_path / "library", other)
    with library.open_reader(SCOPES) as db:
        assert set(db.sentence_vectors([report.article.id])) == before
    assert library.check().problems == ()
    library.close()


def test_an_embedding_without_them_answers_too(embedder: LocalEmbeddings, tmp_path: Path) -> None:
    """A model that pools by its first token has no vectors of sentences: its answers embed the best themselves."""
    folder = tmp_path / "model"
    shutil.copytree(packaged_model_dir(), folder)
    pooling = folder / "1_Pooling" / "config.json"
    given = json.loads(pooling.read_text("utf-8"))
    pooling.write_text(json.dumps(given | {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}), "utf-8")
    first = open_local(folder, tmp_path / "cache")
    vectors, lines = embed_chunks(first, [("A title", "One sentence. Another.")])
    assert vectors.shape == (1, 384)
    assert [len(one.starts) for one in lines] == [0]
    (tmp_path / "story.txt").write_text(STORY, "utf-8")
    library = open_library(tmp_path / "library", first)
    list(ingest(library, [str(tmp_path / "story.txt")], ArticleMetadata(), io.BytesIO()))
    answer = answer_question(library, Query("What happened to the motor of the crane?", SCOPES))
    assert answer.status is Status.ANSWERED
    assert any("Its motor burnt out" in one.excerpt for one in answer.citations)
    library.close()


def test_a_sentence_past_what_the_encoder_reads_at_once_has_its_own(embedder: LocalEmbeddings) -> None:
    """The end of a long chunk is read in a second turn; what even that does not come to is left out."""
    first, last = "The first sentence is about herring. ", "The last one tells of a crane. "
    for times, is_last_read in ((30, True), (160, False)):
        text = first + "Word after word follows here. " * times + last
        _, (lines,) = embed_chunks(embedder, [("A title", text)])
        places = [line.start for line in sentences(text)]
        assert lines.starts.tolist() == places[: len(lines.starts)]
        assert (lines.starts[-1] == places[-1]) == is_last_read
        asked = embedder.embed_array([last])[0]
        near = lines.vectors @ asked
        assert not is_last_read or near.argmax() == len(places) - 1


def test_parts_side_by_side_are_those_of_one_run(embedder: LocalEmbeddings) -> None:
    """Many texts are embedded on each core by itself; the vectors are those that few texts get."""
    texts = [f"Sentence {number} is about ships. It has {number} words more. " * 6 for number in range(40)]
    spans = [[Span(0, 30), Span(30, 60)] for _ in texts]
    many, parts = embedder.embed_with_parts(texts, spans)
    for at in (0, 39):
        one, (of_one,) = embedder.embed_with_parts(texts[at : at + 1], spans[at : at + 1])
        assert float(many[at] @ one[0]) >= 0.9999
        assert ((parts[at] * of_one).sum(axis=1) >= 0.9999).all()
