"""Reads a question beside the sentences that may answer it, and says how well each does.

The packaged encoder with small changes to its weights (low-rank adaptation, Hu et al. 2021, arXiv 2106.09685) reads the
question, an article's title and its sentences in one text, so that every word meets every other (as the cross-encoders
of Nogueira and Cho 2019, arXiv 1901.04085, do). What it makes of a sentence becomes a logit beside that of no answer,
as in the span models for questions without one (Devlin et al. 2018). `docs/quality.md` says what it was trained on,
`reranker.safetensors` holds the changes.
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
from retrieval.models.graph_cache import OFFICIAL_SHA256, Plan, Weights, packaged, session_for, tokenizer_of
from retrieval.models.session import Running, readable
from retrieval.types import Article, Span
from retrieval.util import grouped

if TYPE_CHECKING:
    from onnx import ModelProto
    from tokenizers import Tokenizer

    from retrieval.models.bert_graph import Shape

_CHANGES = "reranker.safetensors"
_SCALE = 2.0
"""What the low-rank changes are multiplied with, in training as here."""

_QUESTION, _TITLE, _SENTENCE, _TEXT = 48, 32, 120, 160
"""Tokens at most: of a question, a title, a sentence, and of all that is read at once."""

_CHARACTERS = 20 * _SENTENCE
"""Of a question, a title or a sentence, at most, before they are tokens."""

_ALONE = 1
"""Tokens in one run, so that each text has its own: all cores have something to do for one question, and no text is
rounded with another's largest numbers."""


UNREAD = -10.0
"""The logit of what was not read, such as a sentence that has no token."""

UNDECIDED = -4.0
"""The logit of a statement that speaks neither for nor against its being on a topic, where nothing can be read."""


@dataclass(frozen=True, slots=True)
class Story:
    """An article's title, and those of its sentences that are to be read, in the order of the text."""

    title: str
    sentences: Sequence[str]


class Reranker:
    """Says how well sentences answer a question. Opened at its first use. Safe to use from several threads."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._lock = threading.Lock()
        self._opened: tuple[Running, Tokenizer] | None = None

    def warm(self) -> None:
        """Open the graph, building it if this is its first use. Raises ModelError, StorageFull."""
        self._open()

    def read(self, question: str, stories: Sequence[Story]) -> list[list[float]]:
        """For each story the logits of its sentences, above 0 where they rather answer. Raises ModelError, StorageFull.

        Added to what else speaks for a sentence; a softmax over them all and a 0 gives the likelihood of each, and of
        there being no answer.
        """
        running, tokenizer = self._open()
        texts = [text for number, story in enumerate(stories) for text in _texts(tokenizer, question, number, story)]
        out = [[UNREAD] * len(story.sentences) for story in stories]
        for places, (tokens,) in running.run([text.ids for text in texts], "tokens", together=_ALONE):
            for place, vectors in zip(places, tokens, strict=True):
                text = texts[place]
                for at, logit in zip(text.sentences, _logits(text, vectors), strict=True):
                    out[text.story][at] = logit
        return out

    def of_spans(self, question: str, places: Sequence[tuple[Article, Span]]) -> list[float]:
        """The logit of each place; those of one article are read together, in its order. Raises as `read`."""
        order = sorted(range(len(places)), key=lambda at: places[at][1])
        by_article = grouped((places[at][0].id, at) for at in order)
        stories = [
            Story(places[its[0]][0].title, [places[at][1].of(places[at][0].text) for at in its])
            for its in by_article.values()
        ]
        out = [UNREAD] * len(places)
        for its, logits in zip(by_article.values(), self.read(question, stories), strict=True):
            for at, logit in zip(its, logits, strict=True):
                out[at] = logit
        return out

    def _open(self) -> tuple[Running, Tokenizer]:
        with self._lock:
            if self._opened is None:
                folder = packaged()
                try:
                    session = session_for(_Changed(folder, OFFICIAL_SHA256), self._cache_dir)
                except OSError as error:
                    raise ModelError(
                        f"the reranker cannot be built or read ({error.strerror}): run make setup, or free space"
                    ) from error
                tokenizer = tokenizer_of(folder)
                tokenizer.no_truncation()
                self._opened = Running(session), tokenizer
            return self._opened


@dataclass(slots=True)
class _Text:
    """A question and sentences of one story as the encoder reads them: token ids, and where each sentence stands."""

    story: int
    ids: list[int]
    question: slice
    sentences: list[int]
    slices: list[slice]


def _texts(tokenizer: Tokenizer, question: str, number: int, story: Story) -> list[_Text]:
    """The question with the story's sentences, anew with those for which there was no more room."""
    first, mark = (tokenizer.token_to_id(one) or 0 for one in ("[CLS]", "[SEP]"))
    asked, title, *lines = (
        encoding.ids
        for encoding in tokenizer.encode_batch_fast(
            [readable(one, 20 * _SENTENCE) for one in (question, story.title, *story.sentences)],
            add_special_tokens=False,
        )
    )
    head = [first, *asked[:_QUESTION], mark, *title[:_TITLE], mark]
    out: list[_Text] = []
    for at, line in enumerate(one[:_SENTENCE] for one in lines):
        if not line:
            continue
        if not out or (len(out[-1].ids) + len(line) > _TEXT):
            out.append(_Text(number, list(head), slice(1, 1 + len(asked[:_QUESTION])), [], []))
        text = out[-1]
        text.sentences.append(at)
        text.slices.append(slice(len(text.ids), len(text.ids) + len(line)))
        text.ids += line
    for text in out:
        text.ids.append(mark)
    return out


def _logits(text: _Text, vectors: npt.NDArray[np.float32]) -> list[float]:
    """The head: a small network over the mean vectors of question and sentence, and how near the two are."""
    head = _changes()
    asked = vectors[text.question].mean(axis=0) if text.question.stop > 1 else np.zeros(vectors.shape[1], np.float32)
    held = np.array([vectors[one].mean(axis=0) for one in text.slices])
    both = np.hstack([np.broadcast_to(asked, held.shape), held, asked * held])
    inner = np.tanh(both @ head["head.inner.weight"].T + head["head.inner.bias"])
    lengths = np.linalg.norm(held, axis=1) * np.linalg.norm(asked)
    near = (held @ asked) / np.maximum(lengths, 1e-8)
    weighed = inner @ head["head.outer.weight"] + head["head.outer.bias"] + head["head.near"] * near
    return (weighed - head["head.none"]).tolist()  # type: ignore[no-any-return]


@cache
def _changes() -> Weights:
    from safetensors.numpy import load

    try:
        held = load(_file())
    except Exception as error:  # safetensors' own error type derives from Exception alone
        raise ModelError(f"{_CHANGES} of the package cannot be read: reinstall it with make setup") from error
    return {name: value.astype(np.float32) for name, value in held.items()}


def _file() -> bytes:
    return (files("retrieval.models") / _CHANGES).read_bytes()


class _Changed(Plan):
    """The packaged encoder with its changes."""

    name = "reranker"

    def stamp(self) -> str:
        return f"{super().stamp()}\n{hashlib.sha256(_file()).hexdigest()}"

    def weights(self) -> tuple[Weights, Shape]:
        weights, shape = super().weights()
        return changed(weights, _changes()), shape

    def rounded(self, weights: Weights, shape: Shape) -> ModelProto:
        """With one scale for each output of a product, and one for all that comes in.

        That is too coarse for vectors that are compared, and nearly twice as fast: it moves a logit by .2, which moves
        a right sentence out of the first place as often as into it (`docs/quality.md`).
        """
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic

        from retrieval.models import bert_graph

        with tempfile.TemporaryDirectory() as folder:
            exact, coarse = Path(folder) / "exact.onnx", Path(folder) / "coarse.onnx"
            model = bert_graph.build(weights, shape, rounded=False)
            # Else it is advised to have shapes inferred first, which cannot be done for operators of other domains.
            model.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
            onnx.save(model, exact)
            quantize_dynamic(
                exact,
                coarse,
                op_types_to_quantize=["MatMul"],
                per_channel=True,
                weight_type=QuantType.QInt8,
                # The types of what other domains' operators give are not inferred.
                extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            )
            return onnx.load(coarse)


def changed(weights: Weights, changes: Weights) -> Mapping[str, npt.NDArray[np.float32]]:
    """Weights with `changes`: products of low rank that are added, and norms that take the place of others."""
    out = dict(weights)
    for name, value in changes.items():
        if name.endswith(".up"):
            of = name.removesuffix(".up")
            out[f"{of}.weight"] = (weights[f"{of}.weight"] + _SCALE * value @ changes[f"{of}.down"]).astype(np.float32)
        elif name in weights:
            out[name] = value
    return out
