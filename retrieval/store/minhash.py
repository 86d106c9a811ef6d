"""Whether two articles are one story at two addresses: a quick signature to find candidates, exact words to decide.

The way through: articles whose `bands` share a key are candidates (an equality, so an indexed column finds them);
`likeness` of their signatures at THRESHOLD or more keeps those worth reading; `same_story` reads both texts and
decides, so that no accident of hashing can ever fold two stories into one.

Signatures are MinHash over shingles of three words (Broder, "On the resemblance and containment of documents", 1997)
with multiply-add hashing of each shingle's XXH3 (Dietzfelbinger et al., "A reliable randomized algorithm for the
closest-pair problem", 1997). They are kept for years, and xxHash promises that XXH3's values never change (release
0.8.0). The MinHash libraries we compared promise no such thing: rensa's signatures of the same words differ between
0.3, 0.4 and 0.5.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import xxhash

from retrieval.english.calendar import CALENDAR
from retrieval.english.negations import negates
from retrieval.english.number_words import TELLING, TO_TWENTY
from retrieval.text.stems import STOPWORDS

THRESHOLD = 0.7
"""The share of all shingles, from 0 to 1, from which two texts are worth comparing word for word."""

SIGNATURE_BYTES = 512
"""Size of a signature: 128 slots of an unsigned 32-bit number each, little-endian."""

BANDS = 32
"""Lookup keys of an article. Four slots each: texts at THRESHOLD share a key with a chance of 1 - (1 - .7^4)^32,
99.98 %, and texts that share a tenth of their shingles with one of 0.3 %."""

SHORTEST = 30
"""Words below which only the very same words are the same story: a short text has no room for a harmless change."""

_SLOTS = SIGNATURE_BYTES // 4
_SHINGLE = 3
_WORDING = 4
"""Words on either side of a difference that can still be wording and not news."""
_CREDIT = 12
"""Words of a by-line or a line of credits."""
_AGREED = 2
"""Words in common that end a difference."""
_SKIPS = sorted(((i, j) for i in range(_CREDIT + 1) for j in range(_CREDIT + 1)), key=sum)[1:]
_PART = 128
"""Shingles mixed at a time: small enough for the processor's cache, and memory does not grow with the text."""

_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WORD = re.compile(
    r"[^\W\d_][^\W_]*(?:'[^\W_]+)*"  # a word, with its apostrophes
    r"|(?:(?<![\w.,])[-+])?[$£€¥₹]?\d+(?:[.,]\d+)*[^\W_]*%?"  # a figure, with its sign, currency and unit
)
_STOP = re.compile(r"[.!?:;…\n]")

_TELLING = TELLING | CALENDAR.union(
    """both couple single yesterday today tomorrow
    up down more less fewer higher lower rise rises rose risen rising fall falls fell fallen falling gain gains gained
    lose loses lost win wins won increase increased decrease decreased above below guilty acquitted alive dead died
    killed injured wounded confirmed denied denies accepted rejected approved true false""".split()
)
_CREDITS = frozenset(
    """by reporting reporter reporters editing editor edited writing writer written additional correspondent
    correspondents staff agency agencies newsroom reuters ap afp pa bbc cnn upi dpa bloomberg associated press wire
    copyright rights reserved photo photos source credit contributed originally published appeared""".split()
)
_BESIDE_CREDITS = _CREDITS | frozenset(
    """a all and at for from in of on our the this to was with chief senior political business sports sport technology
    science health news story report article material image images video file more read here via""".split()
)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a text: as compared, whether it is written like a name, whether a sentence or a line opens with it."""

    key: str
    named: bool
    opens: bool


def signature(text: str) -> bytes:
    """The MinHash of a text: SIGNATURE_BYTES bytes, the same on every machine and in every version.

    A text of fewer than three words is one shingle; one of no words gets the signature of the empty shingle.
    """
    shingles = _shingles(_keys(text))
    hashes = np.array([xxhash.xxh3_64_intdigest(shingle.encode()) for shingle in shingles], dtype=np.uint64)
    multipliers, addends = _parameters()
    slots = np.full(_SLOTS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(hashes), _PART):
        mixed = multipliers[:, None] * hashes[None, start : start + _PART] + addends[:, None]
        np.minimum(slots, mixed.min(axis=1), out=slots)
    return (slots >> np.uint64(32)).astype("<u4").tobytes()


@lru_cache(maxsize=1_000)  # asked for several times while a batch is stored
def bands(signature: bytes) -> tuple[int, ...]:
    """BANDS lookup keys of a signature, signed 64-bit as SQLite keeps integers: equal ones make candidates.

    A key carries its band's number, so that one indexed column holds them all. Raises ValueError for other bytes.
    """
    _check(signature)
    width = SIGNATURE_BYTES // BANDS
    keys = (xxhash.xxh3_64_intdigest(signature[at * width : (at + 1) * width], seed=at) for at in range(BANDS))
    return tuple(key - (1 << 64) if key >> 63 else key for key in keys)


def likeness(a: bytes, b: bytes) -> float:
    """The share of all their shingles that two texts have in common (Jaccard), estimated from their signatures.

    The standard error is sqrt(j (1 - j) / 128): .04 at .7. Raises ValueError for what is not a signature.
    """
    _check(a)
    _check(b)
    return float(np.mean(np.frombuffer(a, dtype="<u4") == np.frombuffer(b, dtype="<u4")))


def alike(a: bytes, others: Sequence[bytes], least: float) -> list[bool]:
    """Which of these signatures have a `likeness` to `a` of `least` or more. Raises ValueError as that does."""
    for one in (a, *others):
        _check(one)
    slots = np.frombuffer(b"".join(others), dtype="<u4").reshape(len(others), _SLOTS)
    near: list[bool] = (np.mean(slots == np.frombuffer(a, dtype="<u4"), axis=1) >= least).tolist()
    return near


def same_story(a: str, b: str) -> bool:
    """Whether two texts are one story: the same words, or the same but for by-lines and a few words of wording.

    Never, whatever else they share: where a number, a day, a negation or a word for a rise, a fall or an outcome
    differs (one says four injured, the other six), where a name stands for another name, where one has a sentence
    more than the other (an update, or a cut: the shorter is not the whole story), or where the texts are short and
    their words not the same.

    What it cannot see is a change of meaning in one ordinary word for another ("praised" for "blamed"), or in a name
    left out of a list.
    """
    # In an order of their own, so that the answer does not hang on which text is named first.
    words_a, words_b = sorted((_words(a), _words(b)), key=lambda words: [word.key for word in words])
    keys_a, keys_b = [word.key for word in words_a], [word.key for word in words_b]
    if keys_a == keys_b:
        return bool(keys_a)
    if min(len(keys_a), len(keys_b)) < SHORTEST or _facts(keys_a) != _facts(keys_b):
        return False
    shingles_a, shingles_b = _shingles(keys_a), _shingles(keys_b)
    if len(shingles_a & shingles_b) < THRESHOLD * len(shingles_a | shingles_b):
        return False
    return all(_harmless(words_a, words_b, in_a, in_b) for in_a, in_b in _changes(keys_a, keys_b))


def _changes(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[slice, slice]]:
    """The differences of two texts, each as what `a` and `b` have in each other's place; either may be empty.

    Not the fewest there can be: any account of the difference by harmless changes is proof enough, and one that looks
    no further than a harmless change can be long takes time linear in the texts, whatever they repeat.
    """
    i = j = 0
    while i < len(a) or j < len(b):
        if i < len(a) and j < len(b) and a[i] == b[j]:
            i, j = i + 1, j + 1
            continue
        skip_a, skip_b = next(
            (
                (skip_a, skip_b)
                for skip_a, skip_b in _SKIPS
                if i + skip_a <= len(a) and j + skip_b <= len(b)
                if a[i + skip_a : i + skip_a + _AGREED] == b[j + skip_b : j + skip_b + _AGREED]
            ),
            (len(a) - i, len(b) - j),
        )
        yield slice(i, i + skip_a), slice(j, j + skip_b)
        i, j = i + skip_a, j + skip_b


def _harmless(a: Sequence[_Word], b: Sequence[_Word], in_a: slice, in_b: slice) -> bool:
    """Whether a difference is wording or credits."""
    at_start = in_a.start == in_b.start == 0
    at_end = in_a.stop == len(a) and in_b.stop == len(b)
    sides = [side for side in (a[in_a], b[in_b]) if side]
    if (at_start or at_end) and all(_is_credit(side, at_start and len(sides) == 1) for side in sides):
        return True
    if at_end and len(sides) == 1:  # a cut, if only of who said the last sentence
        return False
    if max(in_a.stop - in_a.start, in_b.stop - in_b.start) > _WORDING:
        return False
    if _is_sentence(a, in_a) or _is_sentence(b, in_b):
        return False
    names_a, names_b = _names(a[in_a]), _names(b[in_b])
    return names_a <= names_b or names_b <= names_a


def _is_credit(words: Sequence[_Word], by_line: bool) -> bool:
    """Whether words at an edge of a text name its makers: names and words of the trade, and one of those at least.

    `by_line` lets a bare name pass, which above a text can only be its author's or a place's.
    """
    if len(words) > _CREDIT or not all(word.named or word.key in _BESIDE_CREDITS for word in words):
        return False
    return any(word.key in _CREDITS for word in words) or (by_line and len(words) <= _WORDING)


def _is_sentence(words: Sequence[_Word], part: slice) -> bool:
    """Whether a part of a text is a whole sentence or line of it, or several."""
    if part.start == part.stop:
        return False
    return all(at == len(words) or words[at].opens for at in (part.start, part.stop))


def _names(words: Sequence[_Word]) -> Counter[str]:
    return Counter(word.key for word in words if word.named and word.key not in STOPWORDS)


def _facts(keys: Sequence[str]) -> list[str]:
    """What must not differ, in order: "six killed, four injured" is not "four killed, six injured"."""
    facts: list[str] = []
    for key in keys:
        if negates(key):
            facts.append("not" if key in ("not", "cannot") or key.endswith("n't") else key)
        elif key in TO_TWENTY:
            facts.append(str(TO_TWENTY[key]))
        elif key in _TELLING or _has_number(key):
            facts.append(key)
    return facts


def _has_number(key: str) -> bool:
    # Nearly every word is of plain letters, among which there are no numerals.
    return not (key.isascii() and key.isalpha()) and any(character.isnumeric() for character in key)


def _plain(text: str) -> str:
    """A text with one way to write an apostrophe, a minus, "U.S." and 1,000."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("−", "-")
    return _THOUSANDS.sub("", _INITIALS.sub(lambda match: match.group().replace(".", ""), text))


def _keys(text: str) -> list[str]:
    """A text's words in order, without regard to case and typography."""
    return [word.casefold() for word in _WORD.findall(_plain(text))]


@lru_cache(maxsize=8)  # a text is compared with one candidate after the other
def _words(text: str) -> list[_Word]:
    """The same words as `_keys`, with what tells names and sentences."""
    text = _plain(text)
    words: list[_Word] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        opens = not words or _STOP.search(text, end, match.start()) is not None
        words.append(_Word(word.casefold(), word[0].isupper(), opens))
        end = match.end()
    return words


def _shingles(keys: Sequence[str]) -> set[str]:
    """Every run of three words, or the whole where it is shorter."""
    return {" ".join(keys[at : at + _SHINGLE]) for at in range(max(1, len(keys) - _SHINGLE + 1))}


@cache
def _parameters() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """An odd multiplier and an addend for each slot, shape (128,) each: XXH3 of its number, so frozen as XXH3 is."""
    drawn = [xxhash.xxh3_64_intdigest(at.to_bytes(8, "little")) for at in range(2 * _SLOTS)]
    values = np.array(drawn, dtype=np.uint64)
    return values[:_SLOTS] | np.uint64(1), values[_SLOTS:]


def _check(signature: bytes) -> None:
    if len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"a signature has {SIGNATURE_BYTES} bytes, not {len(signature)}")
