"""The word vectors that the pipeline's tagger and parser stand on, computed several times faster than it does itself.

The same sums as spaCy's `tok2vec` of its small pipelines (HashEmbed, then four residual windows of three words, after
Honnibal's "embed, encode"): a word's own vector is worked out once and kept, and the windows run in ONNX Runtime on one
thread, so that they leave the other cores to the sentence encoder. Their weights are rounded to whole numbers: one word
in 300 gets another head, relation or tag for it, and as many statements are found as before (docs/attribution.md). A
pipeline that is made otherwise is left alone.
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

_KEPT = 40_000
"""Words whose vectors are kept at most: 15 MB."""

_PAD = 4
"""Rows of zeros between sentences, as spaCy has them: each of the four windows reads one row further."""

_MOST = 63
"""The largest of the rounded weights: of 7 bits, since sums of two products of 8 do not fit where there is no VNNI."""

Vectors = npt.NDArray[np.float32]


class Encoder:
    """Gives each document its `tensor`: an array of shape (tokens, width)."""

    def __init__(self, columns: list[str], embed: list[Model[Any, Any]], windows: InferenceSession, width: int) -> None:
        self._columns = columns
        self._embed = embed
        self._windows = windows
        self._width = width
        self._places: dict[bytes, int] = {}
        self._known = np.empty((0, width), np.float32)

    def encode(self, docs: Sequence[Doc]) -> None:
        """Set the tensors of documents, which may not be empty."""
        features = [doc.to_array([*self._columns]) for doc in docs]
        words = self._words(np.concatenate(features))
        sizes = [len(one) for one in features]
        rows = np.zeros((sum(sizes) + _PAD * (len(sizes) + 1), self._width), np.float32)
        starts, at, done = [], _PAD, 0
        for size in sizes:
            rows[at : at + size] = words[done : done + size]
            starts.append(at)
            at, done = at + size + _PAD, done + size
        out: Any = self._windows.run(None, {"rows": rows})[0]
        for doc, start, size in zip(docs, starts, sizes, strict=True):
            doc.tensor = out[start : start + size]

    def _words(self, features: npt.NDArray[np.uint64]) -> Vectors:
        """The vector of each word by itself: it depends on nothing but the word's form."""
        keys = features.view(f"V{features.shape[1] * features.itemsize}").ravel().tolist()
        new = {key: at for at, key in enumerate(keys) if key not in self._places}
        if new and len(self._places) + len(new) > len(self._known):
            new = {key: at for at, key in enumerate(keys)}
            self._places, self._known = {}, np.empty((max(_KEPT, len(new)), self._width), np.float32)
        if new:
            made: Any = features[list(new.values())]
            for layer in self._embed:
                made = layer.predict(made)
            first = len(self._places)
            self._known[first : first + len(new)] = made
            self._places |= zip(new, range(first, first + len(new)), strict=True)
        return self._known[list(map(self._places.__getitem__, keys))]


def encoder(nlp: Language) -> Encoder | None:
    """The encoder of a pipeline; None for one whose vectors are made in another way."""
    made: Any = getattr(nlp.get_pipe("tok2vec"), "model", None)
    try:
        embedding, encoding = made.layers
        extract, _, concat, mix, _ = embedding.layers
        columns = [str(column) for column in extract.attrs["columns"]]
        embed = [concat.layers[0], mix.layers[0]]
        windows = [_weights(residual.layers[0]) for residual in encoding.layers[0].layers]
    except (AttributeError, KeyError, IndexError, ValueError):
        return None
    if encoding.attrs.get("pad") != _PAD or len(windows) != _PAD:
        return None
    width = encoding.get_dim("nO")
    return Encoder(columns, embed, _session(windows, width), width)


def _weights(window: Any) -> tuple[Vectors, Vectors, Vectors, Vectors]:
    """(weights, bias, scale, shift) of a window: maxout over three pieces, then a layer norm.

    Raises ValueError where it is made of other layers or reads more than one word to each side.
    """
    layers = {layer.name: layer for layer in window.walk() if not layer.layers}
    if set(layers) != {"expand_window", "maxout", "layernorm", "dropout"}:
        raise ValueError("not a window of the kind that is known")
    if layers["expand_window"].attrs["window_size"] != 1:
        raise ValueError("a wider window")
    weights, bias = layers["maxout"].get_param("W"), layers["maxout"].get_param("b")
    outputs, pieces, inputs = weights.shape
    # Piece after piece rather than output after output: the largest of the pieces is then one sweep.
    return (
        np.ascontiguousarray(weights.transpose(1, 0, 2).reshape(pieces * outputs, inputs).T),
        np.ascontiguousarray(bias.T.reshape(pieces * outputs)),
        layers["layernorm"].get_param("G"),
        layers["layernorm"].get_param("b"),
    )


def hasten(pipe: Any) -> None:
    """Let the products of a tagger's or parser's model be worked out as the encoder's are: two times faster."""
    from thinc.api import NumpyOps

    session = _product()

    class Products(NumpyOps):  # type: ignore[misc]
        """thinc's operations with another matrix product where it is one of the usual kind, `x` by `y` turned."""

        def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
            if trans1 or not trans2:
                return super().gemm(x, y, out=out, trans1=trans1, trans2=trans2)
            made = session.run(None, {"x": np.ascontiguousarray(x), "y": np.ascontiguousarray(y)})[0]
            if out is None:
                return made
            out[...] = made
            return out

    for layer in pipe.model.walk():
        layer.ops = Products()


def parse(parser: Any, docs: Sequence[Doc]) -> None:
    """Set the heads and relations of documents whose vectors are known, step by step for all of them at once.

    What `parser.pipe` gives, in two fifths of the time: its own loop gives up the interpreter's lock and then takes it
    back at every sum, to ask whether that failed. Held through a step, the lock costs nothing.
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


def _product() -> InferenceSession:
    from onnx import TensorProto, helper

    shapes = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None]) for name in "xyz"}
    node = helper.make_node("Gemm", ["x", "y"], ["z"], transB=1)
    return _opened(helper.make_graph([node], "product", [shapes["x"], shapes["y"]], [shapes["z"]]))


def _session(windows: Sequence[tuple[Vectors, Vectors, Vectors, Vectors]], width: int) -> InferenceSession:
    from onnx import TensorProto, helper, numpy_helper

    def constant(name: str, value: Any) -> str:
        constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    constants: list[Any] = []
    nodes: list[Any] = []

    def add(kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        return outputs[0]

    around, last = constant("around", np.array([1, 0, 1, 0])), constant("last", np.array([2**31]))
    edges = [constant(f"edge{n}", np.array([n])) for n in (0, 1, 2, -2, -1)]
    rows = "rows"
    for n, (weights, bias, scale, shift) in enumerate(windows):
        padded = add("Pad", [rows, around], [f"padded{n}"])
        # The word before, the word, the word after.
        cuts = [(edges[0], edges[3]), (edges[1], edges[4]), (edges[2], last)]
        near = [add("Slice", [padded, *cut, edges[0]], [f"near{n}.{k}"]) for k, cut in enumerate(cuts)]
        joined = add("Concat", near, [f"joined{n}"], axis=1)
        scales = np.abs(weights).max(axis=0) / _MOST
        small = constant(f"w{n}", np.rint(weights / scales).astype(np.int8))
        rounded = [small, constant(f"ws{n}", scales), "", constant(f"b{n}", bias)]
        summed = add("DynamicQuantizeMatMul", [joined, *rounded], [f"summed{n}"], domain="com.microsoft")
        count = len(bias) // width
        pieces = [f"piece{n}.{k}" for k in range(count)]
        add("Split", [summed], pieces, axis=1, num_outputs=count)
        most = add("Max", pieces, [f"most{n}"])
        parameters = [constant(f"g{n}", scale), constant(f"s{n}", shift)]
        normed = add("LayerNormalization", [most, *parameters], [f"normed{n}"], epsilon=1e-8)
        rows = add("Add", [rows, normed], [f"rows{n}"])
    shape: list[str | int] = ["tokens", width]
    graph = helper.make_graph(
        nodes,
        "windows",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(rows, TensorProto.FLOAT, shape)],
        constants,
    )
    return _opened(graph)


def _opened(graph: Any) -> InferenceSession:
    import onnxruntime
    from onnx import helper

    sets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=sets, ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
