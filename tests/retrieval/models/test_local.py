import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from retrieval.errors import ModelError, SettingsError
from retrieval.models import bert_graph
from retrieval.models.factory import EmbedderOptions, open_embedder
from retrieval.models.graph_cache import OFFICIAL_SHA256, GraphPlan, open_graph, packaged_model_dir
from retrieval.models.local import LocalEmbeddings, open_local

TEXTS = [
    "what did the minister say?",
    "The crane fell across the quay in a gale.",
    "Profits rose by 12.5% to £3.1bn in the quarter.",
    "“We can stand two weeks of this,” she said.",
    "a",
    "Who is to blame?",
    "Zürich, São Paulo, Łódź and 東京",
    "The inquiry will be led by a retired judge and is to report by the end of June. " * 3,
    "The inquiry will be led by a retired judge and is to report by the end of June. " * 30,
    "yes " * 400,
    "The team drew 2-2 after extra time and lost on penalties.",
    "A new virus spreads by e-mail and asks for passwords.",
    "Who won?",
    "The law lords ruled that the detention was unlawful.",
    "https://news.example/a?b=c",
    "!!! ??? ...",
    "The film took $36m in its first weekend.",
    "nobody from the port had called her back",
    "Scientists found ice below the surface of the moon.",
    "Elections will be held on 5 May.",
]


def reference(folder: Path, text: str) -> np.ndarray:
    """The encoder's forward pass in double precision, written from the paper: no padding, one text."""
    weights = {name: value.astype(np.float64) for name, value in load_file(folder / "model.safetensors").items()}
    config = json.loads((folder / "config.json").read_text())
    heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    ids = tokenizer.encode(text).ids

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def split(x: np.ndarray) -> np.ndarray:
        return x.reshape(len(ids), heads, -1).transpose(1, 0, 2)

    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        query, key, value = (split(linear(x, f"{layer}.attention.self.{part}")) for part in ("query", "key", "value"))
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
        chances = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (chances / chances.sum(-1, keepdims=True)) @ value
        attended = linear(mixed.transpose(1, 0, 2).reshape(len(ids), -1), f"{layer}.attention.output.dense")
        x = norm(x + attended, f"{layer}.attention.output.LayerNorm")
        inner = linear(x, f"{layer}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(__import__("math").erf)(inner / np.sqrt(2)))
        x = norm(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    pooled = x.mean(0)
    return np.asarray(pooled / np.linalg.norm(pooled))


def test_vectors_agree_with_full_precision(embedder: LocalEmbeddings) -> None:
    """Each of twenty texts has a cosine of at least .999 to a forward pass of the same weights in float64."""
    made = embedder.embed_array(TEXTS)
    expected = np.array([reference(packaged_model_dir(), text) for text in TEXTS])
    assert (made * expected).sum(axis=1).min() >= 0.999
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("rounded", "least"), [(False, 0.99999), (True, 0.998)])
def test_either_graph_computes_the_encoder(rounded: bool, least: float) -> None:
    """The exact graph agrees to rounding, the int8 one within what eight bits cost on any processor."""
    weights, shape = bert_graph.read_weights(packaged_model_dir()), bert_graph.read_shape(packaged_model_dir())
    model = bert_graph.build_graph(weights, shape, rounded=rounded)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(packaged_model_dir() / "tokenizer.json"))
    tokenizer.no_padding()
    for text in TEXTS[:6]:
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        (vector,) = session.run(["vectors"], {"ids": ids, "mask": np.ones_like(ids)})[0]
        assert float(np.dot(vector, reference(packaged_model_dir(), text))) >= least


@settings(max_examples=20)
@given(st.lists(st.text(max_size=60), max_size=12))
def test_order_and_company_do_not_change_a_vector(embedder: LocalEmbeddings, texts: list[str]) -> None:
    """A text's vector is the same alone as in a batch of others, and comes back in its place."""
    together = embedder.embed_array(texts)
    assert together.shape == (len(texts), embedder.dimension)
    for text, vector in zip(texts, together, strict=True):
        assert float(np.dot(vector, embedder.embed_query(text))) > 0.999


def test_it_speaks_langchain(embedder: LocalEmbeddings) -> None:
    """Lists of floats go out, one for each document."""
    documents = embedder.embed_documents(["one", "two"])
    assert [len(vector) for vector in documents] == [embedder.dimension] * 2
    assert isinstance(documents[0][0], float)


def test_halves_of_characters_do_no_harm(embedder: LocalEmbeddings) -> None:
    """A lone surrogate, which UTF-8 cannot hold, is read as something."""
    assert len(embedder.embed_query("bad \ud800 half")) == embedder.dimension


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(packaged_model_dir(), tmp_path / "model"))


def test_another_folder_is_another_embedding(copied: Path, tmp_path: Path, embedder: LocalEmbeddings) -> None:
    """Changed weights in a folder of one's own load, under a name of their own."""
    weights = load_file(copied / "model.safetensors")
    name = "encoder.layer.5.output.dense.weight"
    save_file(weights | {name: -weights[name]}, copied / "model.safetensors")
    other = open_local(copied, tmp_path / "cache")
    assert other.name != embedder.name
    assert float(np.dot(other.embed_query("port"), embedder.embed_query("port"))) < 0.99


def test_tampered_packaged_weights_are_refused(copied: Path, tmp_path: Path) -> None:
    """Where the official hash is expected, one changed byte is an error."""
    file = copied / "model.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(ModelError, match="official"):
        open_graph(GraphPlan(copied, OFFICIAL_SHA256), tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*.onnx"))


@pytest.mark.parametrize("missing", ["model.safetensors", "config.json", "tokenizer.json", "1_Pooling/config.json"])
def test_an_incomplete_folder_is_an_error_that_names_the_setting(copied: Path, tmp_path: Path, missing: str) -> None:
    """Whatever is missing, the error is ours."""
    (copied / missing).unlink()
    with pytest.raises(ModelError):
        open_local(copied, tmp_path / "cache")


def test_a_damaged_cache_is_deleted_and_built_again(tmp_path: Path, cache: Path, embedder: LocalEmbeddings) -> None:
    """A graph cut short by somebody is not used, and does not stand in the way."""
    del embedder
    built = next((cache / "onrecord").glob("*.onnx"))
    mine = tmp_path / built.name
    mine.write_bytes(built.read_bytes()[:1000])
    assert len(open_local(None, tmp_path).embed_query("x")) == 384


def test_other_families_are_refused(copied: Path, tmp_path: Path) -> None:
    """A model of another kind is named, not run."""
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"model_type": "mpnet"}))
    with pytest.raises(ModelError, match="mpnet"):
        open_local(copied, tmp_path / "cache")


@pytest.mark.parametrize(("choice", "word"), [("openai:small", "KEY"), ("openai", "model")])
def test_an_embedder_that_cannot_be_had(choice: str, word: str, tmp_path: Path) -> None:
    """The error says what to set."""
    with pytest.raises(SettingsError, match=word):
        open_embedder(choice, EmbedderOptions(tmp_path))
