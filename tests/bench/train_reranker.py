"""Train `retrieval/models/reranker.safetensors`: small changes to the packaged encoder, and the head over it.

usage: PYTHONPATH=. python tests/bench/train_reranker.py OUT FOUND… [--start FILE] [--epochs N] [--rate R]
Needs torch, in an environment of its own with numpy, safetensors and tokenizers; FOUND is what `asked.py` prints. Eight
questions a step; an epoch of 8,000 questions takes some twenty minutes on two cores with bfloat16. The loss is that of
span models for questions without an answer (Devlin et al. 2018): minus the logarithm of the share that right sentences,
or nothing, have of a softmax over all sentences and nothing. One in eight articles is held back to measure it on.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

Json = dict[str, Any]
QUESTION, TITLE, SENTENCE, TEXT = 48, 32, 120, 300
"""Tokens at most, as `retrieval/models/reranker.py` reads them."""

RANK, SCALE, HEADS, INNER, DROPPED = 16, 2.0, 12, 64, 0.1
RATED = 1 / 3
"""What a sentence's score counts at first beside its logit; learnt with the rest, and printed."""

NEGATIVES = 8
STEP = 8
TOKENS = 2_400
"""Tokens in one run of the encoder."""


class Linear(nn.Module):
    """A product of the encoder with a change of low rank (Hu et al. 2021)."""

    def __init__(self, weights: dict[str, Tensor], name: str) -> None:
        super().__init__()
        self.register_buffer("weight", weights[f"{name}.weight"])
        self.register_buffer("bias", weights[f"{name}.bias"])
        outer, inner = self.weight.shape
        self.down = nn.Parameter(torch.randn(RANK, inner) / math.sqrt(inner))
        self.up = nn.Parameter(torch.zeros(outer, RANK))

    def forward(self, x: Tensor) -> Tensor:
        changed = functional.linear(functional.linear(x, self.down), self.up)
        return functional.linear(x, self.weight, self.bias) + SCALE * changed


class Norm(nn.Module):
    """A normalisation of the encoder, trained."""

    def __init__(self, weights: dict[str, Tensor], name: str) -> None:
        super().__init__()
        self.weight = nn.Parameter(weights[f"{name}.weight"].clone())
        self.bias = nn.Parameter(weights[f"{name}.bias"].clone())

    def forward(self, x: Tensor) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], self.weight, self.bias, 1e-12)


class Layer(nn.Module):
    """A layer of the encoder."""

    def __init__(self, weights: dict[str, Tensor], number: int) -> None:
        super().__init__()
        name = f"encoder.layer.{number}"
        self.query, self.key, self.value = (
            Linear(weights, f"{name}.attention.self.{part}") for part in ("query", "key", "value")
        )
        self.attended = Linear(weights, f"{name}.attention.output.dense")
        self.attended_norm = Norm(weights, f"{name}.attention.output.LayerNorm")
        self.inner, self.outer = Linear(weights, f"{name}.intermediate.dense"), Linear(weights, f"{name}.output.dense")
        self.outer_norm = Norm(weights, f"{name}.output.LayerNorm")

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        texts, tokens, width = x.shape
        parts = (part(x).view(texts, tokens, HEADS, -1).transpose(1, 2) for part in (self.query, self.key, self.value))
        found = functional.scaled_dot_product_attention(*parts, attn_mask=mask)
        found = self.attended(found.transpose(1, 2).reshape(texts, tokens, width))
        x = self.attended_norm(x + functional.dropout(found, DROPPED, self.training))
        found = self.outer(functional.gelu(self.inner(x)))
        return self.outer_norm(x + functional.dropout(found, DROPPED, self.training))


class Model(nn.Module):
    """The encoder with the head: logits of sentences."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        kinds = weights["embeddings.token_type_embeddings.weight"]
        self.register_buffer("words", weights["embeddings.word_embeddings.weight"])
        self.register_buffer("places", weights["embeddings.position_embeddings.weight"] + kinds[0])
        self.norm = Norm(weights, "embeddings.LayerNorm")
        self.layers = nn.ModuleList(Layer(weights, number) for number in range(6))
        self.inner, self.out = nn.Linear(3 * self.words.shape[1], INNER), nn.Linear(INNER, 1)
        nn.init.normal_(self.out.weight, std=0.1)
        self.near, self.rated = nn.Parameter(torch.tensor(3.0)), nn.Parameter(torch.tensor(RATED))
        self.none = nn.Parameter(torch.tensor(0.0))

    def forward(self, texts: Sequence[Json]) -> Iterator[tuple[Json, int, Tensor]]:
        """(text, which of its sentences, its logit) for texts of about the same length."""
        longest = max(len(text["ids"]) for text in texts)
        ids = torch.tensor([text["ids"] + [0] * (longest - len(text["ids"])) for text in texts])
        mask = torch.tensor([[place < len(text["ids"]) for place in range(longest)] for text in texts])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x = self.norm(self.words[ids] + self.places[:longest])
            for layer in self.layers:
                x = layer(x, mask[:, None, None, :])
        for text, tokens in zip(texts, x.float(), strict=True):
            asked = tokens[1 : text["asked"]].mean(0)
            held = torch.stack([tokens[first:end].mean(0) for first, end in text["places"]])
            both = torch.cat([asked.expand_as(held), held, asked * held], 1)
            logits = self.out(torch.tanh(self.inner(both))).squeeze(1)
            logits = logits + self.near * functional.cosine_similarity(held, asked[None], 1)
            yield from ((text, at, logit) for at, logit in zip(text["sentences"], logits, strict=True))


def texts_of(tokenizer: Tokenizer, number: int, question: str, sentences: Sequence[Json]) -> list[Json]:
    """What is read at once for a question: for each article its sentences in order."""

    def ids(text: str, most: int) -> list[int]:
        found: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return found[:most]

    first, mark = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    asked = ids(question, QUESTION)
    out: list[Json] = []
    for article in dict.fromkeys(one["article"] for one in sentences):
        mine = sorted((one["start"], at) for at, one in enumerate(sentences) if one["article"] == article)
        head = [first, *asked, mark, *ids(sentences[mine[0][1]]["title"], TITLE), mark]
        text: Json | None = None
        for _, at in mine:
            line = ids(sentences[at]["text"], SENTENCE)
            if not line:
                continue
            if text is None or len(text["ids"]) + len(line) > TEXT:
                text = {"question": number, "ids": list(head), "asked": 1 + len(asked), "sentences": [], "places": []}
                out.append(text)
            text["sentences"].append(at)
            text["places"].append((len(text["ids"]), len(text["ids"]) + len(line)))
            text["ids"] += line
    for text in out:
        text["ids"].append(mark)
    return out


def losses(model: Model, tokenizer: Tokenizer, rows: Sequence[Json], *, all_of_them: bool) -> list[tuple[Tensor, bool]]:
    """For each question its loss, and whether what is ahead is right."""
    kept = [row["sentences"] if all_of_them else _some(row["sentences"]) for row in rows]
    texts = [
        text for number, row in enumerate(rows) for text in texts_of(tokenizer, number, row["question"], kept[number])
    ]
    logits: list[dict[int, Tensor]] = [{} for _ in rows]
    for batch in _batches(sorted(texts, key=lambda text: len(text["ids"]))):
        for text, at, logit in model(batch):
            number = text["question"]
            logits[number][at] = logit + model.rated * kept[number][at]["score"]
    out = []
    for sentences, found in zip(kept, logits, strict=True):
        shares = functional.log_softmax(torch.stack([*found.values(), model.none]), 0)
        right = [place for place, at in enumerate(found) if sentences[at]["right"]] or [len(found)]
        out.append((-torch.logsumexp(shares[right], 0), int(shares.argmax()) in right))
    return out


def _some(sentences: Sequence[Json]) -> list[Json]:
    return [*sentences[:NEGATIVES], *[one for one in sentences[NEGATIVES:] if one["right"]][:3]]


def _batches(texts: Sequence[Json]) -> Iterator[Sequence[Json]]:
    first = 0
    for end in range(1, len(texts) + 1):
        if end == len(texts) or len(texts[end]["ids"]) * (end + 1 - first) > TOKENS:
            yield texts[first:end]
            first = end


def start_from(model: Model, file: Path) -> None:
    """Take the changes of an earlier training."""
    state, held = model.state_dict(), load_file(file)
    for name in state:
        if (kept := held.get(_kept(name))) is not None:
            state[name] = kept.float().reshape(state[name].shape)
    model.load_state_dict(state)


def keep(model: Model, file: Path) -> None:
    """Write what was trained, under the names that `retrieval/models/reranker.py` reads."""
    trained = {name: value.detach().contiguous() for name, value in model.named_parameters() if name != "rated"}
    large = {name: value.half() if value.ndim == 2 else value for name, value in trained.items()}
    large["out.weight"] = large["out.weight"].float()[0]
    save_file({_kept(name): value.reshape(-1) if value.ndim == 0 else value for name, value in large.items()}, file)
    print(f"a sentence's score counts {model.rated.item():.2f}")


_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}
_HEAD = {"inner": "head.inner", "out": "head.outer", "near": "head.near", "none": "head.none"}


def _kept(name: str) -> str:
    first, *rest = name.split(".")
    if first == "layers":
        number, part, what = rest
        return f"encoder.layer.{number}.{_NAMES[part]}.{what}"
    return ".".join(["embeddings.LayerNorm" if first == "norm" else _HEAD.get(first, first), *rest])


def main() -> None:
    """Train, and print the loss and the share that is right of what is held back."""
    given = argparse.ArgumentParser()
    given.add_argument("out", type=Path)
    given.add_argument("found", type=Path, nargs="+")
    given.add_argument("--model", type=Path, required=True, help="the packaged model's folder")
    given.add_argument("--start", type=Path)
    given.add_argument("--epochs", type=float, default=2)
    given.add_argument("--rate", type=float, default=5e-4)
    options = given.parse_args()
    torch.manual_seed(0)
    drawn = random.Random(3)
    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    loaded = load_file(options.model / "model.safetensors")
    model = Model({name.removeprefix("bert."): value.float() for name, value in loaded.items() if value.ndim})
    if options.start:
        start_from(model, options.start)
    rows = [json.loads(line) for file in options.found for line in file.open(encoding="utf-8")]
    rows = [row for row in rows if row["sentences"] and (not row["answerable"] or any(map(_right, row["sentences"])))]
    articles = sorted({row["article"] for row in rows})
    drawn.shuffle(articles)
    apart = set(articles[: len(articles) // 8])
    held, trained = ([row for row in rows if (row["article"] in apart) is back] for back in (True, False))
    head = [value for name, value in model.named_parameters() if name.split(".")[0] in {*_HEAD, "rated"}]
    rest = [value for name, value in model.named_parameters() if name.split(".")[0] not in {*_HEAD, "rated"}]
    groups = [{"params": rest, "share": 1.0}, {"params": head, "share": 2.0}]
    optimizer = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    steps = int(options.epochs * len(trained) / STEP)
    order: list[Json] = []
    for step in range(steps):
        while len(order) < STEP:
            order += drawn.sample(trained, len(trained))
        batch, order = order[:STEP], order[STEP:]
        for group in optimizer.param_groups:
            group["lr"] = options.rate * group["share"] * min((step + 1) / (0.06 * steps), 1 - step / steps)
        model.train()
        loss = torch.stack([one for one, _ in losses(model, tokenizer, batch, all_of_them=False)]).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step} of {steps}: {loss.item():.3f}", flush=True)
    model.eval()
    with torch.no_grad():
        measured = [one for row in held for one in losses(model, tokenizer, [row], all_of_them=True)]
    print(f"held back: loss {sum(float(one) for one, _ in measured) / len(measured):.3f}", end=", ")
    print(f"right {sum(right for _, right in measured) / len(measured):.3f} of {len(measured)}")
    keep(model, options.out)


def _right(one: Json) -> bool:
    return bool(one["right"])


if __name__ == "__main__":
    main()
