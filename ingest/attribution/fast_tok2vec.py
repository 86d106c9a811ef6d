"""A faster `tok2vec` for spaCy's small pipelines: the word vectors that their tagger and parser work on.

It computes what spaCy's does (HashEmbed, then four residual windows of three words, after Honnibal's "embed, encode")
several times faster. The vector of a word by itself is cached, and the windows run in ONNX Runtime, on one thread so
that the other cores are left to the sentence encoder. The weights of the windows are rounded to whole numbers, which
changes the head, relation or tag of one word in 300; as many statements are found as without (docs/attribution.md).
Pipelines with another architecture keep their own `tok2vec`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from spacy.language import Language
    from spacy.tokens import Doc
    from thinc.api import Model

_MAX_CACHED_WORDS = 40_000
"""Words whose vectors are cached at most: 15 MB."""

_PADDING_ROWS = 4
"""Rows of zeros between sentences, as in spaCy: each of the four windows reads one row further."""

_MAX_ROUNDED_WEIGHT = 63
"""The largest rounded weight: 7 bits, since sums of two 8-bit products overflow on processors without VNNI."""

Vectors = npt.NDArray[np.float32]


class FastTok2Vec:
    """Sets the `tensor` of documents, an array of shape (tokens, width), in place of spaCy's `tok2vec`."""

    def __init__(self, columns: list[str], embed: list[Model[Any, Any]], windows: InferenceSession, width: int) -> None:
        self._columns = columns
        self._embed = embed
        self._windows = windows
        self._width = width
        self._row_of_word: dict[bytes, int] = {}
        self._vectors = np.empty((0, width), np.float32)

    def encode(self, docs: Sequence[Doc]) -> None:
        """Set the tensors of documents, none of which may be empty."""
        features = [doc.to_array([*self._columns]) for doc in docs]
        vectors = self._word_vectors(np.concatenate(features))
        sizes = [len(array) for array in features]
        rows = np.zeros((sum(sizes) + _PADDING_ROWS * (len(sizes) + 1), self._width), np.float32)
        starts, next_row, words_done = [], _PADDING_ROWS, 0
        for size in sizes:
            rows[next_row : next_row + size] = vectors[words_done : words_done + size]
            starts.append(next_row)
            next_row, words_done = next_row + size + _PADDING_ROWS, words_done + size
        output: Any = self._windows.run(None, {"rows": rows})[0]
        for doc, start, size in zip(docs, starts, sizes, strict=True):
            doc.tensor = output[start : start + size]

    def _word_vectors(self, features: npt.NDArray[np.uint64]) -> Vectors:
        """The vector of each word by itself, which depends on its form alone; shape (words, width)."""
        keys = features.view(f"V{features.shape[1] * features.itemsize}").ravel().tolist()
        new = {key: position for position, key in enumerate(keys) if key not in self._row_of_word}
        if new and len(self._row_of_word) + len(new) > len(self._vectors):
            new = {key: position for position, key in enumerate(keys)}
            self._row_of_word, self._vectors = {}, np.empty((max(_MAX_CACHED_WORDS, len(new)), self._width), np.float32)
        if new:
            computed: Any = features[list(new.values())]
            for layer in self._embed:
                computed = layer.predict(computed)
            first = len(self._row_of_word)
            self._vectors[first : first + len(new)] = computed
            self._row_of_word |= zip(new, range(first, first + len(new)), strict=True)
        return self._vectors[list(map(self._row_of_word.__getitem__, keys))]


def build_fast_tok2vec(nlp: Language) -> FastTok2Vec | None:
    """The fast replacement for a pipeline's `tok2vec`; None for a pipeline with another architecture."""
    model: Any = getattr(nlp.get_pipe("tok2vec"), "model", None)
    try:
        embedding, encoding = model.layers
        extract, _, concat, mix, _ = embedding.layers
        columns = [str(column) for column in extract.attrs["columns"]]
        embed = [concat.layers[0], mix.layers[0]]
        windows = [_window_weights(residual.layers[0]) for residual in encoding.layers[0].layers]
    except (AttributeError, KeyError, IndexError, ValueError):
        return None
    if encoding.attrs.get("pad") != _PADDING_ROWS or len(windows) != _PADDING_ROWS:
        return None
    width = encoding.get_dim("nO")
    return FastTok2Vec(columns, embed, _windows_session(windows, width), width)


def _window_weights(window: Any) -> tuple[Vectors, Vectors, Vectors, Vectors]:
    """(weights, bias, scale, shift) of a window: maxout over three pieces, then a layer norm.

    Raises ValueError if it has other layers or reads more than one word on each side.
    """
    layers = {layer.name: layer for layer in window.walk() if not layer.layers}
    if set(layers) != {"expand_window", "maxout", "layernorm", "dropout"}:
        raise ValueError("not a known kind of window")
    if layers["expand_window"].attrs["window_size"] != 1:
        raise ValueError("a wider window than is known")
    weights, bias = layers["maxout"].get_param("W"), layers["maxout"].get_param("b")
    outputs, pieces, inputs = weights.shape
    # Ordered by piece rather than by output, so that the maximum over the pieces is one sweep.
    return (
        np.ascontiguousarray(weights.transpose(1, 0, 2).reshape(pieces * outputs, inputs).T),
        np.ascontiguousarray(bias.T.reshape(pieces * outputs)),
        layers["layernorm"].get_param("G"),
        layers["layernorm"].get_param("b"),
    )


def speed_up_matrix_products(pipe: Any) -> None:
    """Let ONNX Runtime compute the matrix products of a tagger or parser, which makes it twice as fast."""
    from thinc.api import NumpyOps

    session = _matrix_product_session()

    class OnnxOps(NumpyOps):  # type: ignore[misc]
        """thinc's operations, but the usual matrix product (`x` by the transpose of `y`) by ONNX Runtime."""

        def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
            if trans1 or not trans2:
                return super().gemm(x, y, out=out, trans1=trans1, trans2=trans2)
            product = session.run(None, {"x": np.ascontiguousarray(x), "y": np.ascontiguousarray(y)})[0]
            if out is None:
                return product
            out[...] = product
            return out

    for layer in pipe.model.walk():
        layer.ops = OnnxOps()


def parse_docs(parser: Any, docs: Sequence[Doc]) -> None:
    """Set the heads and relations of documents whose tensors are set, taking each step for all of them at once.

    The result is that of `parser.pipe` in two fifths of the time. spaCy's own loop releases the interpreter's lock and
    takes it back at every sum, to check for errors; here it is held for the whole step.
    """
    if parser.cfg["beam_width"] != 1:
        parser.set_annotations(docs, parser.predict(docs))
        return
    states = parser.moves.init_batch(docs)
    model = parser.model.predict(docs)
    unfinished = [state for state in states if not state.is_final()]
    while unfinished:
        unfinished = parser.transition_states(unfinished, model.predict(unfinished))
    model.clear_memory()
    parser.set_annotations(docs, states)


def _matrix_product_session() -> InferenceSession:
    """A session that multiplies `x` by the transpose of `y`."""
    from onnx import TensorProto, helper

    shapes = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None]) for name in "xyz"}
    node = helper.make_node("Gemm", ["x", "y"], ["z"], transB=1)
    return _open_session(helper.make_graph([node], "product", [shapes["x"], shapes["y"]], [shapes["z"]]))


def _windows_session(windows: Sequence[tuple[Vectors, Vectors, Vectors, Vectors]], width: int) -> InferenceSession:
    """A session that runs the windows, one after another, over padded rows of word vectors."""
    from onnx import TensorProto, helper, numpy_helper

    def constant(name: str, value: Any) -> str:
        constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    constants: list[Any] = []
    nodes: list[Any] = []

    def add(kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        return outputs[0]

    pad_widths, to_end = constant("around", np.array([1, 0, 1, 0])), constant("last", np.array([2**31]))
    edges = [constant(f"edge{n}", np.array([n])) for n in (0, 1, 2, -2, -1)]
    rows = "rows"
    for n, (weights, bias, scale, shift) in enumerate(windows):
        padded = add("Pad", [rows, pad_widths], [f"padded{n}"])
        # The word before, the word, the word after.
        cuts = [(edges[0], edges[3]), (edges[1], edges[4]), (edges[2], to_end)]
        neighbours = [add("Slice", [padded, *cut, edges[0]], [f"near{n}.{k}"]) for k, cut in enumerate(cuts)]
        joined = add("Concat", neighbours, [f"joined{n}"], axis=1)
        scales = np.abs(weights).max(axis=0) / _MAX_ROUNDED_WEIGHT
        rounded_weights = constant(f"w{n}", np.rint(weights / scales).astype(np.int8))
        rounded = [rounded_weights, constant(f"ws{n}", scales), "", constant(f"b{n}", bias)]
        sums = add("DynamicQuantizeMatMul", [joined, *rounded], [f"summed{n}"], domain="com.microsoft")
        count = len(bias) // width
        pieces = [f"piece{n}.{k}" for k in range(count)]
        add("Split", [sums], pieces, axis=1, num_outputs=count)
        largest = add("Max", pieces, [f"most{n}"])
        parameters = [constant(f"g{n}", scale), constant(f"s{n}", shift)]
        normalized = add("LayerNormalization", [largest, *parameters], [f"normed{n}"], epsilon=1e-8)
        rows = add("Add", [rows, normalized], [f"rows{n}"])
    shape: list[str | int] = ["tokens", width]
    given, result = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("rows", rows))
    return _open_session(helper.make_graph(nodes, "windows", [given], [result], constants))


def _open_session(graph: Any) -> InferenceSession:
    import onnxruntime
    from onnx import helper

    sets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=sets, ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
