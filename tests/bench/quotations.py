"""Quotations to check, made by script from stored statements: kept, altered, given to somebody else, and invented.

Each kind of change is one that people make: what a keyboard or another paper's style does to a quotation that is kept;
a word, a number or a negation where it is altered.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from retrieval.types import Article, Statement

_WORDS = range(6, 41)
"""Words of a statement that is taken."""

_CURLY = str.maketrans({"'": "’", '"': "”", "-": "–"})
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_NEGATED = re.compile(r"\b(not|never)\b ", re.IGNORECASE)
_AUXILIARY = re.compile(r"\b(is|are|was|were|will|would|should|could|can|must|has|have|had|do|did)\b(?! not|n)")
_NUMBER = re.compile(r"\d+")
_PLAIN = re.compile(r"(?<=[\w,] )[a-z]{4,}(?= [\w£])")
_SUBJECTS = (
    "the harbour board", "our new bakery", "every second teacher", "the glass museum", "my youngest brother",
    "the ferry company", "the northern railway", "a committee of beekeepers", "the city orchestra", "the tax office",
)  # fmt: skip
_DOINGS = (
    "will be closed to visitors until", "has quietly repaid every loan since", "ought to be moved inland before",
    "was never built to survive", "can hardly be trusted with", "is going to double its prices after",
    "would rather lose money than accept", "must publish its accounts ahead of", "has fallen in love with",
    "will apologise in person for",
)  # fmt: skip
_OBJECTS = (
    "the lighthouse festival", "the winter of the great flood", "a second moon landing", "the clockmakers' strike",
    "those purple uniforms", "the referendum on umbrellas", "next year's potato harvest", "the minister's pet tortoise",
    "an inquiry into missing violins", "the sale of the town square",
)  # fmt: skip


class Case(NamedTuple):
    """A quotation, who is said to have said it, and the verdict it deserves; `how` it was made."""

    quote: str
    speaker: str | None
    verdict: str
    how: str


def cases(stored: Sequence[tuple[Statement, Article]], each: int, seed: int) -> list[Case]:
    """`each` quotations of every kind, the same for the same seed."""
    rng = random.Random(seed)
    fit = [one for one in stored if len(one[0].quote(one[1].text).split()) in _WORDS]
    drawn = iter(rng.sample(fit, min(len(fit), 20 * each)))
    vocabulary = sorted(
        {word for one in fit[:4000] for word in re.findall(r"\b[a-z]{4,}\b", one[0].quote(one[1].text))}
    )
    speakers = sorted({one.speaker for one, _ in stored if len(one.speaker.split()) > 1})
    out: list[Case] = []
    for number in range(each):
        statement, article = next(drawn)
        how, change = _KEPT[number % len(_KEPT)]
        with_name = statement.speaker if number % 2 else None
        out.append(Case(change(statement.quote(article.text), rng), with_name, "verbatim", how))
    made = 0
    while made < each:
        statement, article = next(drawn)
        quote = statement.quote(article.text)
        how, altered = _altered(quote, made, vocabulary, rng)
        if altered is not None:
            out.append(Case(altered, None, "altered", how))
            made += 1
    for _ in range(each):
        statement, article = next(drawn)
        out.append(Case(statement.quote(article.text), _other(statement, speakers, rng), "misattributed", "given"))
    for _ in range(each):
        parts = (rng.choice(_SUBJECTS), rng.choice(_DOINGS), rng.choice(_OBJECTS))
        out.append(Case(" ".join(parts).capitalize() + ".", None, "not_found", "invented"))
    return out


def _left_out(quote: str, rng: random.Random) -> str:
    """The quotation without two or three words of its middle, unless a negation is among them."""
    words = quote.split()
    at = rng.randrange(2, max(3, len(words) - 4))
    gone = words[at : at + rng.choice((2, 3))]
    if re.search(r"n['’]t\b|\b(?:no|not|never|none|nothing|nobody|nor|without|cannot)\b", " ".join(gone), re.I):
        return quote.upper()
    return " ".join([*words[:at], rng.choice(("…", "...", "[…]", "(...)")), *words[at + len(gone) :]])


def _put_in(quote: str, rng: random.Random) -> str:
    """The quotation with a bracket put in, or put in the place of a pronoun."""
    pronoun = re.search(r"(?<= )(?:he|she|it|they|him|them|this)(?= )", quote)
    if pronoun:
        return f"{quote[: pronoun.start()]}[the president]{quote[pronoun.end() :]}"
    words = quote.split()
    at = rng.randrange(1, len(words))
    return " ".join([*words[:at], rng.choice(("[the president]", "[sic]", "[of the company]")), *words[at:]])


_KEPT: tuple[tuple[str, Callable[[str, random.Random], str]], ...] = (
    ("curly", lambda quote, _: f"“{quote.translate(_CURLY)}”"),
    ("straight", lambda quote, _: f'"{quote.translate(_STRAIGHT)}"'),
    ("guillemets", lambda quote, _: f"«{quote.strip(chr(34))}»"),
    ("capitals", lambda quote, _: quote.upper()),
    ("small letters", lambda quote, _: quote.lower().rstrip(".,")),
    ("white space", lambda quote, _: quote.replace(" ", "\u00a0 ").replace(",", " ,")),
    ("dashes", lambda quote, _: quote.replace(" - ", " — ").replace(", ", " – ", 1)),
    ("left out", _left_out),
    ("put in", _put_in),
    ("joined", lambda quote, _: quote.replace(" … ", " ")),
)


def _altered(quote: str, number: int, vocabulary: Sequence[str], rng: random.Random) -> tuple[str, str | None]:
    """A word, a number or a negation of the quotation changed; None where it has none to change."""
    if number % 4 == 0 and (found := _NUMBER.search(quote)):
        return "number", quote[: found.start()] + str(int(found[0]) + rng.randint(1, 9)) + quote[found.end() :]
    if number % 2:
        if found := _NEGATED.search(quote):
            return "negation dropped", quote[: found.start()] + quote[found.end() :]
        if found := _AUXILIARY.search(quote):
            return "negation put in", f"{quote[: found.end()]} not{quote[found.end() :]}"
        return "", None
    places = list(_PLAIN.finditer(quote))
    if not places:
        return "", None
    place = rng.choice(places)
    other = rng.choice([word for word in rng.sample(vocabulary, 3) if word != place[0]])
    return "word", quote[: place.start()] + other + quote[place.end() :]


def _other(statement: Statement, speakers: Sequence[str], rng: random.Random) -> str:
    """Somebody who shares no name with the speaker."""
    own = {word.lower() for name in (statement.speaker, *statement.aliases) for word in name.split()}
    return next(
        name
        for name in iter(lambda: rng.choice(speakers), None)
        if name is not None and not own & {word.lower() for word in name.split()}
    )
