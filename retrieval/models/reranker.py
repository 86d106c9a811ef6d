"""Scores how well sentences answer a question, by reading them together.

The packaged encoder with small changes to its weights (low-rank adaptation, Hu et al. 2021, arXiv 2106.09685) reads the
question, an article's title and its sentences as one text, as cross-encoders do (Nogueira and Cho 2019, arXiv
1901.04085). A small head turns each sentence into a logit, relative to the logit of no answer (as in Devlin et al. 2018
for SQuAD 2.0). `docs/quality.md` says what it was trained on; `reranker.safetensors` holds the changes.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retrieval.errors import ModelError
from retrieval.models.graph_cache import (
    OFFICIAL_SHA256,
    GraphPlan,
    Weights,
    load_tokenizer,
    open_graph,
    packaged_model_dir,
)
from retrieval.models.session import EncoderRunner, clip_text
from retrieval.types import Article, Span
from retrieval.util import group_pairs

if TYPE_CHECKING:
    from onnx import ModelProto
    from tokenizers import Tokenizer

    from retrieval.models.bert_graph import Shape

_WEIGHTS_FILE = "reranker.safetensors"
_LORA_SCALE = 2.0
"""Factor of the low-rank changes, the same in training."""

_QUESTION, _TITLE, _SENTENCE, _TEXT = 48, 32, 120, 160
"""Maximum number of tokens: of a question, a title, a sentence, and of everything read at once."""

_MAX_CHARACTERS = 20 * _SENTENCE
"""Maximum number of characters of a question, a title or a sentence that are tokenized."""

_TOKENS_PER_RUN = 1
"""Tokens in one run, so small that each text has a run of its own: one question then uses all cores, and no text is
quantized by the scale of another."""

UNREAD_LOGIT = -10.0
"""The logit of a sentence that was not read, such as one without a token."""

UNDECIDED_LOGIT = -4.0
"""The logit given to a statement where nothing can be read: it counts neither for nor against being on the topic."""


@dataclass(frozen=True, slots=True)
class RerankerInput:
    """An article's title, and the sentences to read, in the order of the text."""

    title: str
    sentences: Sequence[str]


class Reranker:
    """Scores how well sentences answer a question. Opened at first use. Safe to use from several threads."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._lock = threading.Lock()
        self._opened: tuple[EncoderRunner, Tokenizer] | None = None

    def warm(self) -> None:
        """Open the graph, building it if this is its first use. Raises ModelError, StorageFull."""
        self._open()

    def score_stories(self, question: str, stories: Sequence[RerankerInput]) -> list[list[float]]:
        """The logits of each story's sentences, above 0 where they rather answer. Raises ModelError, StorageFull.

        A softmax over all of them and a 0 gives the probability of each, and of there being no answer.
        """
        running, tokenizer = self._open()
        texts = [
            text for number, story in enumerate(stories) for text in _encoder_inputs(tokenizer, question, number, story)
        ]
        out = [[UNREAD_LOGIT] * len(story.sentences) for story in stories]
        for places, (tokens,) in running.run_batches([text.ids for text in texts], "tokens", together=_TOKENS_PER_RUN):
            for place, vectors in zip(places, tokens, strict=True):
                text = texts[place]
                for at, logit in zip(text.sentences, _sentence_logits(text, vectors), strict=True):
                    out[text.story][at] = logit
        return out

    def score_spans(self, question: str, places: Sequence[tuple[Article, Span]]) -> list[float]:
        """The logit of each span; spans of one article are read together, in its order. Raises as `score_stories`."""
        order = sorted(range(len(places)), key=lambda at: places[at][1])
        by_article = group_pairs((places[at][0].id, at) for at in order)
        stories = [
            RerankerInput(places[its[0]][0].title, [places[at][1].of(places[at][0].text) for at in its])
            for its in by_article.values()
        ]
        out = [UNREAD_LOGIT] * len(places)
        for its, logits in zip(by_article.values(), self.score_stories(question, stories), strict=True):
            for at, logit in zip(its, logits, strict=True):
                out[at] = logit
        return out

    def _open(self) -> tuple[EncoderRunner, Tokenizer]:
        with self._lock:
            if self._opened is None:
                folder = packaged_model_dir()
                try:
                    session = open_graph(_RerankerGraph(folder, OFFICIAL_SHA256), self._cache_dir)
                except OSError as error:
                    raise ModelError(
                        f"the reranker cannot be built or read ({error.strerror}): run make setup, or free space"
                    ) from error
                tokenizer = load_tokenizer(folder)
                tokenizer.no_truncation()
                self._opened = EncoderRunner(session), tokenizer
            return self._opened


@dataclass(slots=True)
class _EncoderInput:
    """A question and sentences of one story for one run: token ids, and where the sentences are among them."""

    story: int
    ids: list[int]
    question: slice
    sentences: list[int]
    slices: list[slice]


def _encoder_inputs(tokenizer: Tokenizer, question: str, number: int, story: RerankerInput) -> list[_EncoderInput]:
    """The question with the story's sentences; where they do not fit into one input, several inputs."""
    first, mark = (tokenizer.token_to_id(part) or 0 for part in ("[CLS]", "[SEP]"))
    asked, title, *lines = (
        encoding.ids
        for encoding in tokenizer.encode_batch_fast(
            [clip_text(part, 20 * _SENTENCE) for part in (question, story.title, *story.sentences)],
            add_special_tokens=False,
        )
    )
    head = [first, *asked[:_QUESTION], mark, *title[:_TITLE], mark]
    out: list[_EncoderInput] = []
    for at, line in enumerate(part[:_SENTENCE] for part in lines):
        if not line:
            continue
        if not out or (len(out[-1].ids) + len(line) > _TEXT):
            out.append(_EncoderInput(number, list(head), slice(1, 1 + len(asked[:_QUESTION])), [], []))
        text = out[-1]
        text.sentences.append(at)
        text.slices.append(slice(len(text.ids), len(text.ids) + len(line)))
        text.ids += line
    for text in out:
        text.ids.append(mark)
    return out


def _sentence_logits(text: _EncoderInput, vectors: npt.NDArray[np.float32]) -> list[float]:
    """The head: a small network over the mean vectors of question and sentence, and their cosine similarity."""
    head = _trained_changes()
    question_vector = (
        vectors[text.question].mean(axis=0) if text.question.stop > 1 else np.zeros(vectors.shape[1], np.float32)
    )
    sentence_vectors = np.array([vectors[place].mean(axis=0) for place in text.slices])
    pairs = np.hstack(
        [np.broadcast_to(question_vector, sentence_vectors.shape), sentence_vectors, question_vector * sentence_vectors]
    )
    inner = np.tanh(pairs @ head["head.inner.weight"].T + head["head.inner.bias"])
    lengths = np.linalg.norm(sentence_vectors, axis=1) * np.linalg.norm(question_vector)
    similarity = (sentence_vectors @ question_vector) / np.maximum(lengths, 1e-8)
    logits = inner @ head["head.outer.weight"] + head["head.outer.bias"] + head["head.near"] * similarity
    return (logits - head["head.none"]).tolist()  # type: ignore[no-any-return]


@cache
def _trained_changes() -> Weights:
    from safetensors.numpy import load

    try:
        held = load(_read_weights_file())
    except Exception as error:  # safetensors' own error type derives from Exception alone
        raise ModelError(f"{_WEIGHTS_FILE} of the package cannot be read: reinstall it with make setup") from error
    return {name: value.astype(np.float32) for name, value in held.items()}


def _read_weights_file() -> bytes:
    return (files("retrieval.models") / _WEIGHTS_FILE).read_bytes()


class _RerankerGraph(GraphPlan):
    """The graph of the packaged encoder with the trained changes."""

    name = "reranker"

    def stamp(self) -> str:
        return f"{super().stamp()}\n{hashlib.sha256(_read_weights_file()).hexdigest()}"

    def weights(self) -> tuple[Weights, Shape]:
        weights, shape = super().weights()
        return apply_changes(weights, _trained_changes()), shape

    def int8_graph(self, weights: Weights, shape: Shape) -> ModelProto:
        """The int8 graph, with one scale for each output of a product and one for all of its inputs.

        That is too coarse for vectors that are compared, but nearly twice as fast. It changes a logit by about .2,
        which moves a right sentence out of the first place as often as into it (`docs/quality.md`).
        """
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        from retrieval.models import bert_graph

        with tempfile.TemporaryDirectory() as folder:
            exact, coarse = Path(folder) / "exact.onnx", Path(folder) / "coarse.onnx"
            model = bert_graph.build_graph(weights, shape, rounded=False)
            # Silences the advice to infer shapes first, which is impossible for operators of other domains.
            model.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
            onnx.save(model, exact)
            quantize_dynamic(
                exact,
                coarse,
                op_types_to_quantize=["MatMul"],
                per_channel=True,
                weight_type=QuantType.QInt8,
                # The output types of operators of other domains are not inferred.
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
            return onnx.load(coarse)


def apply_changes(weights: Weights, changes: Weights) -> Mapping[str, npt.NDArray[np.float32]]:
    """Weights with `changes` applied: low-rank products are added, other weights replaced."""
    out = dict(weights)
    for name, value in changes.items():
        if name.endswith(".up"):
            of = name.removesuffix(".up")
            out[f"{of}.weight"] = (weights[f"{of}.weight"] + _LORA_SCALE * value @ changes[f"{of}.down"]).astype(
                np.float32
            )
        elif name in weights:
            out[name] = value
    return out
