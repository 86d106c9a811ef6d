"""The computation of a BERT-family sentence encoder as an ONNX graph, built from its weights.

Encoder: Devlin et al. 2018 (arXiv 1810.04805). Pooling and normalisation as sentence-transformers does them: mean of
the token vectors under the attention mask, or the first token's vector; then unit length. Input `ids` and `mask`
(int64, texts × tokens), outputs `vectors` (float32, texts × dimension) and, where the mean is what pools them, `tokens`
(float32, texts × tokens × dimension).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from retrieval.errors import ModelError

_OFFSET_FAMILIES = frozenset(("roberta", "xlm-roberta", "camembert"))
"""Families that number positions from one past the padding token's id."""

_ACTIVATIONS = {"gelu": "Gelu", "relu": "Relu"}
_CONTRIB_DOMAIN = "com.microsoft"
_INT8_BLOCK_SIZE = 16
"""Weights and activations are rounded to int8 in blocks of this size, each with a scale of its own.

With one scale for a whole tensor (quantize_dynamic), vectors have a cosine of .992 to those in full precision and take
two thirds of the time; with blocks of 16 it is .9995, and .999 for a text of one word, as fast as with blocks of 64.
"""
_INT8_ACCURACY_LEVEL = 4
"""MatMulNBits' accuracy level for int8 arithmetic."""
_OPSET = 20
"""The first opset with Gelu; onnxruntime 1.17 and later know it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The encoder's shape, as the folder's configuration gives it."""

    layers: int
    heads: int
    dimension: int
    epsilon: float
    activation: str
    first_position: int
    pooling: str


def read_shape(folder: Path) -> Shape:
    """The encoder's shape. Raises ModelError where the folder holds another kind of model."""
    config = _read_json(folder / "config.json")
    family = config.get("model_type")
    if family != "bert" and family not in _OFFSET_FAMILIES:
        raise ModelError(
            f"{folder} holds a {family} model: only the BERT family is read, set ONRECORD_MODEL_DIR to one"
        )
    activation = _ACTIVATIONS.get(config.get("hidden_act", "gelu"))
    if activation is None or config.get("position_embedding_type", "absolute") != "absolute":
        raise ModelError(f"{folder}: this activation or position embedding is not supported; choose another model")
    pooling = _read_json(folder / "1_Pooling" / "config.json")
    modes = [key for key, on in pooling.items() if key.startswith("pooling_mode_") and on is True]
    if modes not in (["pooling_mode_mean_tokens"], ["pooling_mode_cls_token"]):
        raise ModelError(f"{folder}: pooling by mean or by the first token is supported; choose another model")
    try:
        return Shape(
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            dimension=int(config["hidden_size"]),
            epsilon=float(config["layer_norm_eps"]),
            activation=activation,
            first_position=int(config.get("pad_token_id", 1)) + 1 if family in _OFFSET_FAMILIES else 0,
            pooling="mean" if "mean" in modes[0] else "first",
        )
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"{folder}/config.json lacks {error}: is it a complete sentence-transformers folder?"
        ) from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: a sentence-transformers folder with safetensors is needed") from error
    return content


def read_weights(folder: Path) -> dict[str, npt.NDArray[np.float32]]:
    """Every weight by its name, without a model family's prefix. Raises ModelError for an unreadable file."""
    path = folder / "model.safetensors"
    try:
        loaded = load_file(path)
    except Exception as error:  # safetensors' own error type derives from Exception alone
        raise ModelError(f"{path} cannot be read: a sentence-transformers folder with safetensors is needed") from error
    return {
        name.removeprefix("bert.").removeprefix("roberta."): np.asarray(value, np.float32)
        for name, value in loaded.items()
        if value.dtype.kind == "f"
    }


def build_graph(weights: Mapping[str, npt.NDArray[np.float32]], shape: Shape, *, rounded: bool) -> onnx.ModelProto:
    """The graph in float32, or with its large products in int8. Raises ModelError for a missing weight."""
    try:
        return _GraphBuilder(weights, shape, rounded=rounded).model()
    except KeyError as error:
        raise ModelError(f"the model lacks the weight {error}: only plain BERT-family encoders are read") from error


def _quantize_blocks(weight: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """(bytes around 128, scales): weights of shape (outputs, inputs) with one scale for each block of inputs."""
    blocks = weight.reshape(len(weight), -1, _INT8_BLOCK_SIZE)
    scales = np.abs(blocks).max(axis=2) / 127
    scales[scales == 0] = 1
    values = np.rint(blocks / scales[:, :, None]) + 128
    return values.astype(np.uint8), scales.astype(np.float32).reshape(-1)


class _GraphBuilder:
    def __init__(self, weights: Mapping[str, npt.NDArray[np.float32]], shape: Shape, *, rounded: bool) -> None:
        self._weights = weights
        self._shape = shape
        self._rounded = rounded
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> onnx.ModelProto:
        hidden = self._embedding_layer()
        mask = self._op("Cast", "mask", to=TensorProto.INT32)
        for number in range(self._shape.layers):
            hidden = self._layer(f"encoder.layer.{number}", hidden, mask)
        outputs: dict[str, list[str | int | None]] = {"vectors": ["texts", self._shape.dimension]}
        if self._shape.pooling == "mean":
            hidden = self._op("Identity", hidden, output="tokens")
            outputs["tokens"] = ["texts", "tokens", self._shape.dimension]
        self._add_pooling(hidden)
        texts = ["texts", "tokens"]
        graph = helper.make_graph(
            self._nodes,
            "sentence_encoder",
            [helper.make_tensor_value_info(name, TensorProto.INT64, texts) for name in ("ids", "mask")],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
            list(self._constants.values()),
        )
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB_DOMAIN, 1)],
            ir_version=9,
        )

    def _op(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        name = output or f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(
            helper.make_node(kind, list(inputs), [name], name=f"{kind}_{len(self._nodes)}", **attributes)
        )
        return name

    def _constant(self, name: str, value: npt.NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.array(value, order="C"), name)
        return name

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _ints(self, *values: int) -> str:
        return self._constant("ints_" + "_".join(map(str, values)), np.array(values, np.int64))

    def _layer_norm(self, name: str, hidden: str) -> str:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._op("LayerNormalization", hidden, scale, bias, axis=-1, epsilon=self._shape.epsilon)

    def _linear(self, name: str, hidden: str) -> str:
        weight = self._weights[f"{name}.weight"]
        if not self._rounded or weight.shape[1] % _INT8_BLOCK_SIZE:
            product = self._op("MatMul", hidden, self._constant(f"{name}.weight", weight.T))
        else:
            product = self._int8_product(name, weight, hidden)
        return self._op("Add", product, self._weight(f"{name}.bias"))

    def _int8_product(self, name: str, weight: npt.NDArray[np.float32], hidden: str) -> str:
        outer, inner = weight.shape
        values, scales = _quantize_blocks(weight)
        return self._op(
            "MatMulNBits",
            hidden,
            self._constant(f"{name}.values", values),
            self._constant(f"{name}.scales", scales),
            domain=_CONTRIB_DOMAIN,
            K=inner,
            N=outer,
            bits=8,
            block_size=_INT8_BLOCK_SIZE,
            accuracy_level=_INT8_ACCURACY_LEVEL,
        )

    def _embedding_layer(self) -> str:
        words = self._op("Gather", self._weight("embeddings.word_embeddings.weight"), "ids")
        first = self._ints(self._shape.first_position)
        past = self._op("Add", first, self._op("Shape", "ids", start=1, end=2))
        positions = self._op("Slice", self._weight("embeddings.position_embeddings.weight"), first, past, self._ints(0))
        kind = self._constant("text_kind", self._weights["embeddings.token_type_embeddings.weight"][0])
        return self._layer_norm("embeddings.LayerNorm", self._op("Add", self._op("Add", words, positions), kind))

    def _layer(self, name: str, hidden: str, mask: str) -> str:
        attended = self._linear(f"{name}.attention.output.dense", self._attention(name, hidden, mask))
        hidden = self._layer_norm(f"{name}.attention.output.LayerNorm", self._op("Add", attended, hidden))
        inner = self._op(self._shape.activation, self._linear(f"{name}.intermediate.dense", hidden))
        outer = self._linear(f"{name}.output.dense", inner)
        return self._layer_norm(f"{name}.output.LayerNorm", self._op("Add", outer, hidden))

    def _attention(self, name: str, hidden: str, mask: str) -> str:
        parts = [self._linear(f"{name}.attention.self.{part}", hidden) for part in ("query", "key", "value")]
        return self._op("MultiHeadAttention", *parts, "", mask, domain=_CONTRIB_DOMAIN, num_heads=self._shape.heads)

    def _add_pooling(self, hidden: str) -> None:
        if self._shape.pooling == "first":
            vector = self._op("Gather", hidden, self._constant("zero", np.array(0, np.int64)), axis=1)
        else:
            mask = self._op("Cast", self._op("Unsqueeze", "mask", self._ints(2)), to=TensorProto.FLOAT)
            total = self._op("ReduceSum", self._op("Mul", hidden, mask), self._ints(1), keepdims=0)
            vector = self._op("Div", total, self._op("ReduceSum", mask, self._ints(1), keepdims=0))
        length = self._op("ReduceL2", vector, self._ints(1), keepdims=1)
        floor = self._constant("least_length", np.array(1e-12, np.float32))
        self._op("Div", vector, self._op("Max", length, floor), output="vectors")
