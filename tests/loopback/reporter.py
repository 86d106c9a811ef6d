"""What a good reporter would write of an article, and what a liar makes of it: the material of the scripted models.

Right claims are reworded as reporters do: other quotation marks, numbers written otherwise, days as dates, the report
before or after its quotation, subordinate clauses left out.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from retrieval.text.dates import find_dates
from retrieval.text.person_names import kind_of
from retrieval.text.quote_marks import find_quotations
from retrieval.text.sentences import sentences
from retrieval.types import Article, Kind, Span, Statement

_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SAYS = re.compile(
    r"(?i)\b(?:he|she|they|it|we|who|which)\s(?:\w+\s){0,2}(?:said|says|say|told|add\w*|believ\w*|insist\w*|claim\w*)\b"
)
"""What leaves open who speaks: a good reporter says it."""


@dataclass(frozen=True)
class Written:
    """A claim: `kind` is what it reports (quote, indirect, fact), `lie` what was done to it, empty for a right one."""

    kind: str
    text: str
    words: str
    speaker: str = ""
    lie: str = ""
    quoted: str = ""
    altered: str = ""


def right(article: Article, statements: Sequence[Statement], within: Span, draw: random.Random) -> Iterator[Written]:
    """The claims that a part of an article carries, in its order."""
    said = [one for one in statements if within.holds(one.context)]
    for one in said:
        if kind_of(one.speaker) == "unnamed" or len(one.speaker.split()) > 4:
            continue
        if one.kind in (Kind.DIRECT, Kind.MIXED):
            yield from _quoted(article, one, said, draw)
        elif one.kind is Kind.INDIRECT:
            content = one.content[0].of(article.text).strip(" ,.")
            if len(one.content) == 1 and len(content.split()) >= 5 and '"' not in content and not _you(content):
                content = re.sub(r"^that ", "", content)
                told = f"{one.speaker} said {content[0].lower() + content[1:] if _common(content) else content}."
                yield Written("indirect", told, one.context.of(article.text), one.speaker)
    for span in sentences(article.text, within):
        text = span.of(article.text)
        if not any(one.context.overlaps(span) for one in statements) and _is_plain(text):
            yield Written("fact", _reworded(text, article, draw), text)


def _is_plain(text: str) -> bool:
    whole = 8 <= len(text.split()) <= 40 and text[0].isupper() and text[-1] == "."
    return whole and not find_quotations(text).inner and not _you(text) and not _SAYS.search(text)


def _quoted(article: Article, one: Statement, said: Sequence[Statement], draw: random.Random) -> Iterator[Written]:
    for content in one.content:
        for inner in find_quotations(article.text, content).inner:
            if any(_is_nearer(other, one, content, inner) for other in said):
                # "The paper reports that Wendt said “…”": to give the words to the paper would be a lie.
                continue
            quoted = inner.of(article.text).strip(" ,")
            if len(quoted.split()) < 3 or "\n" in quoted or (_you(quoted) and len(quoted.split()) < 3):
                continue
            bare = quoted.rstrip(".")
            forms = [
                f"{one.speaker} said: “{quoted}”",
                f"“{bare},” said {one.speaker}."
                if quoted[-1:].isalnum() or quoted.endswith(".")
                else f"{one.speaker} said “{quoted}”.",
                f'{one.speaker} said "{bare}".',
                f"According to {one.speaker}, “{bare}”.",
                f"{one.speaker} told reporters: “{bare}”.",
                f"{one.speaker} was quoted as saying “{bare}”.",
                f"As {one.speaker} put it, “{bare}”.",
            ]
            words = next(span.of(article.text) for span in sentences(article.text) if span.overlaps(inner))
            yield Written("quote", draw.choice(forms), words, one.speaker, quoted=quoted)
            return


def _is_nearer(other: Statement, one: Statement, content: Span, quoted: Span) -> bool:
    """Whether words that somebody reports are another's, whose statement lies within what is reported."""
    if other.speaker == one.speaker:
        return False
    return any(its.holds(quoted) and content.holds(its) and its != content for its in other.content)


def _reworded(text: str, article: Article, draw: random.Random) -> str:
    text = text.replace('"', "“")
    for scale, short in (("million", "m"), ("billion", "bn")):
        # Without a currency an "m" may be metres.
        text = re.sub(rf"([$£€]\d[\d.,]*){short}\b", rf"\1 {scale}", text)
    text = re.sub(r"(\d) per cent\b", r"\1%", text)
    if article.published:
        day = article.published.date()
        for at, name in enumerate(_DAYS):
            meant = day - timedelta(days=(day.weekday() - at) % 7)
            text = re.sub(rf"\bon {name}\b(?! (?:night|morning))", f"on {meant.day} {meant:%B %Y}", text)
    clauses = text.rsplit(", ", 1)
    if len(clauses) == 2 and len(clauses[0].split()) >= 8 and draw.random() < 0.3 and clauses[0].count("“") == 0:
        text = clauses[0] + "."
    return text


def _you(text: str) -> bool:
    return bool(re.search(r"(?i)\b(?:you|your|http|www)\b", text))


def _common(text: str) -> bool:
    return (
        text.split(maxsplit=1)[0].lower()
        in "the a an it he she they there this that these his her its their in if we".split()
    )


def lies(one: Written, others: Sequence[str], draw: random.Random) -> Iterator[Written]:
    """What a liar makes of a right claim; `others` are other people of the same evidence."""
    if one.speaker:
        for other in others:
            if not set(other.lower().split()) & set(one.speaker.lower().split()):
                yield replace(one, text=one.text.replace(one.speaker, other), speaker=other, lie="swapped speaker")
        yield replace(
            one, text=one.text.replace(one.speaker, "Ottilie Vance"), speaker="Ottilie Vance", lie="invented speaker"
        )
    if one.quoted:
        bare = one.quoted.rstrip(".")
        words = bare.split()
        at = draw.randrange(len(words))
        altered = {
            "word left out": words[:at] + words[at + 1 :] if 0 < at < len(words) - 1 else None,
            "word put in": [*words[: at + 1], "certainly", *words[at + 1 :]] if at < len(words) - 1 else None,
            "word changed": [*words[:at], "disaster", *words[at + 1 :]],
            "negation put in": [words[0], "not", *words[1:]],
        }
        for lie, said in altered.items():
            if said is not None and said != words:
                new = " ".join(said)
                yield replace(one, text=one.text.replace(bare, new), lie=lie, altered=new)
        invented = "We were never told about any of this"
        yield replace(one, text=one.text.replace(bare, invented), lie="invented quote", altered=invented)
    prose = one.text.replace(one.quoted.rstrip("."), "\ufffc") if one.quoted else one.text
    for match in re.finditer(r"(?<![\w.,/:-])\d(?:[\d,]*\d)?(?:\.\d+)?(?![\w/:-])", prose):
        value = match[0].replace(",", "")
        if value.replace(".", "").isdigit():
            new = str(int(float(value)) + 3)
            changed = prose[: match.start()] + new + prose[match.end() :]
            text = changed.replace("\ufffc", one.quoted.rstrip(".")) if one.quoted else changed
            yield replace(one, text=text, lie="changed number", altered=new)
    found = re.findall(r"(?<![\w.,/:-])\d(?:[\d,]*\d)?(?:\.\d+)?(?![\w/:-])", prose)
    if len(found) == 2 and found[0] != found[1] and not any(find_dates(one.text)):
        swapped = re.sub(
            r"(?<![\w.,/:-])\d(?:[\d,]*\d)?(?:\.\d+)?(?![\w/:-])", lambda m: found[1 if m[0] == found[0] else 0], prose
        )
        yield replace(one, text=swapped.replace("\ufffc", one.quoted.rstrip(".")), lie="swapped numbers")
    yield replace(one, words=one.words[:30] + " and nobody doubts it", lie="invented support")
    yield replace(one, text=one.text.rstrip(".") + ", Ottilie Vance confirmed.", lie="invented name")
