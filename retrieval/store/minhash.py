"""Near-duplicate detection: MinHash signatures find candidates quickly, and a comparison of the words decides.

It takes three steps. Articles that share one of their `bands` are candidates (an equality, so an indexed column finds
them); only those whose signatures have a `likeness` of MIN_LIKENESS or more are compared further; `same_story` compares
both texts word by word and decides, so that no hash collision can ever merge two stories.

Signatures are MinHash over shingles of three words (Broder, "On the resemblance and containment of documents", 1997)
with multiply-add hashing of each shingle's XXH3 (Dietzfelbinger et al., "A reliable randomized algorithm for the
closest-pair problem", 1997). They are stored for years, and xxHash guarantees that XXH3's values never change (since
release 0.8.0). The MinHash libraries we compared give no such guarantee: rensa's signatures of the same words differ
between 0.3, 0.4 and 0.5.
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

MIN_LIKENESS = 0.7
"""Share of common shingles, from 0 to 1, from which on two texts are compared word by word."""

SIGNATURE_BYTES = 512
"""Size of a signature: 128 slots, each an unsigned little-endian 32-bit number."""

BANDS = 32
"""Number of bands, the lookup keys of an article, of four slots each. Texts with a likeness of MIN_LIKENESS share a
band with a probability of 1 - (1 - .7^4)^32 = 99.98 %, texts that share a tenth of their shingles with one of 0.3 %."""

MIN_FUZZY_WORDS = 30
"""Minimum number of words for a harmless difference; shorter texts are the same story only if all words are."""

_SLOTS = SIGNATURE_BYTES // 4
_SHINGLE_WORDS = 3
_MAX_WORDING_WORDS = 4
"""Maximum length in words, on either side, of a difference that is mere wording and not news."""
_MAX_CREDIT_WORDS = 12
"""Maximum length in words of a by-line or a line of credits."""
_RESYNC_WORDS = 2
"""Number of common words that end a difference."""
_SKIPS = sorted(((i, j) for i in range(_MAX_CREDIT_WORDS + 1) for j in range(_MAX_CREDIT_WORDS + 1)), key=sum)[1:]
"""Numbers of words to skip in two texts where they differ, the smallest in total first."""
_HASH_BATCH = 128
"""Shingles hashed at a time: few enough for the processor's cache, and memory does not grow with the text."""

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
class _TextWord:
    """A word of a text: its form for comparison, whether it is capitalised, whether it begins a sentence or a line."""

    key: str
    is_capitalised: bool
    begins_sentence: bool


def signature(text: str) -> bytes:
    """The MinHash signature of a text: SIGNATURE_BYTES bytes, the same on every machine and in every release.

    A text of fewer than three words is a single shingle; a text without words has the signature of the empty shingle.
    """
    shingles = _shingles(_keys(text))
    hashes = np.array([xxhash.xxh3_64_intdigest(shingle.encode()) for shingle in shingles], dtype=np.uint64)
    multipliers, addends = _hash_parameters()
    slots = np.full(_SLOTS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(hashes), _HASH_BATCH):
        mixed = multipliers[:, None] * hashes[None, start : start + _HASH_BATCH] + addends[:, None]
        np.minimum(slots, mixed.min(axis=1), out=slots)
    return (slots >> np.uint64(32)).astype("<u4").tobytes()


@lru_cache(maxsize=1_000)  # called several times for an entry while its batch is stored
def bands(signature: bytes) -> tuple[int, ...]:
    """The BANDS lookup keys of a signature, as signed 64-bit integers for SQLite; a common key makes a candidate.

    The band's number is hashed into its key, so that a single indexed column can hold all bands. Raises ValueError for
    bytes that are not a signature.
    """
    _check_signature(signature)
    width = SIGNATURE_BYTES // BANDS
    keys = (xxhash.xxh3_64_intdigest(signature[at * width : (at + 1) * width], seed=at) for at in range(BANDS))
    return tuple(key - (1 << 64) if key >> 63 else key for key in keys)


def likeness(a: bytes, b: bytes) -> float:
    """The share of their shingles that two texts have in common (Jaccard index), estimated from their signatures.

    The standard error is sqrt(j (1 - j) / 128): .04 at .7. Raises ValueError for bytes that are not a signature.
    """
    _check_signature(a)
    _check_signature(b)
    return float(np.mean(np.frombuffer(a, dtype="<u4") == np.frombuffer(b, dtype="<u4")))


def compare_signatures(a: bytes, others: Sequence[bytes], minimum: float) -> list[bool]:
    """For each of these signatures, whether its `likeness` to `a` is `minimum` or more. Raises ValueError likewise."""
    for signature in (a, *others):
        _check_signature(signature)
    slots = np.frombuffer(b"".join(others), dtype="<u4").reshape(len(others), _SLOTS)
    similar: list[bool] = (np.mean(slots == np.frombuffer(a, dtype="<u4"), axis=1) >= minimum).tolist()
    return similar


def same_story(a: str, b: str) -> bool:
    """Whether two texts tell the same story: the same words, apart from by-lines, credits and a few words of wording.

    They are different stories, whatever else they share, if a number, a day, a negation or a word for a rise, a fall or
    an outcome differs (one says four injured, the other six), if a name is replaced by another name, if one has a
    sentence more than the other (an update, or a cut: the shorter is not the whole story), or if the texts are short
    and their words differ.

    It cannot detect a change of meaning by one ordinary word for another ("praised" for "blamed"), or by a name left
    out of a list.
    """
    # Sorted, so that the result does not depend on the order of the arguments.
    words_a, words_b = sorted((_words(a), _words(b)), key=lambda words: [word.key for word in words])
    keys_a, keys_b = [word.key for word in words_a], [word.key for word in words_b]
    if keys_a == keys_b:
        return bool(keys_a)
    if min(len(keys_a), len(keys_b)) < MIN_FUZZY_WORDS or _facts(keys_a) != _facts(keys_b):
        return False
    shingles_a, shingles_b = _shingles(keys_a), _shingles(keys_b)
    if len(shingles_a & shingles_b) < MIN_LIKENESS * len(shingles_a | shingles_b):
        return False
    return all(_is_harmless(words_a, words_b, in_a, in_b) for in_a, in_b in _changes(keys_a, keys_b))


def _changes(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[slice, slice]]:
    """The differences between two texts, each as the slices of `a` and `b` that differ; either may be empty.

    This is not a minimal diff: any explanation of the difference by harmless changes is proof enough. Looking ahead no
    further than the length of a harmless change keeps the time linear, even for texts that repeat themselves.
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
                if a[i + skip_a : i + skip_a + _RESYNC_WORDS] == b[j + skip_b : j + skip_b + _RESYNC_WORDS]
            ),
            (len(a) - i, len(b) - j),
        )
        yield slice(i, i + skip_a), slice(j, j + skip_b)
        i, j = i + skip_a, j + skip_b


def _is_harmless(a: Sequence[_TextWord], b: Sequence[_TextWord], in_a: slice, in_b: slice) -> bool:
    """Whether a difference is mere wording or a line of credits."""
    at_start = in_a.start == in_b.start == 0
    at_end = in_a.stop == len(a) and in_b.stop == len(b)
    sides = [side for side in (a[in_a], b[in_b]) if side]
    if (at_start or at_end) and all(_is_credit(side, at_start and len(sides) == 1) for side in sides):
        return True
    if at_end and len(sides) == 1:  # a cut, if only of the attribution of the last sentence
        return False
    if max(in_a.stop - in_a.start, in_b.stop - in_b.start) > _MAX_WORDING_WORDS:
        return False
    if _is_sentence(a, in_a) or _is_sentence(b, in_b):
        return False
    names_a, names_b = _names(a[in_a]), _names(b[in_b])
    return names_a <= names_b or names_b <= names_a


def _is_credit(words: Sequence[_TextWord], by_line: bool) -> bool:
    """Whether words at the edge of a text are its credits: names and words of the trade, including one of the latter.

    `by_line` also accepts bare names, since above a text they can only be its author or a place.
    """
    if len(words) > _MAX_CREDIT_WORDS or not all(word.is_capitalised or word.key in _BESIDE_CREDITS for word in words):
        return False
    return any(word.key in _CREDITS for word in words) or (by_line and len(words) <= _MAX_WORDING_WORDS)


def _is_sentence(words: Sequence[_TextWord], part: slice) -> bool:
    """Whether a part of a text consists of one or more whole sentences or lines."""
    if part.start == part.stop:
        return False
    return all(at == len(words) or words[at].begins_sentence for at in (part.start, part.stop))


def _names(words: Sequence[_TextWord]) -> Counter[str]:
    return Counter(word.key for word in words if word.is_capitalised and word.key not in STOPWORDS)


def _facts(keys: Sequence[str]) -> list[str]:
    """The words that must not differ, in order: "six killed, four injured" is not "four killed, six injured"."""
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
    # Nearly every word consists of ASCII letters, none of which is numeric, so this check comes first.
    return not (key.isascii() and key.isalpha()) and any(character.isnumeric() for character in key)


def _normalize(text: str) -> str:
    """A text with a single way to write an apostrophe, a minus sign, "U.S." and 1,000."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("−", "-")
    return _THOUSANDS.sub("", _INITIALS.sub(lambda match: match.group().replace(".", ""), text))


def _keys(text: str) -> list[str]:
    """The words of a text in order, without regard to case and typography."""
    return [word.casefold() for word in _WORD.findall(_normalize(text))]


@lru_cache(maxsize=8)  # a text is compared with several candidates in turn
def _words(text: str) -> list[_TextWord]:
    """The same words as `_keys`, with what identifies names and sentences."""
    text = _normalize(text)
    words: list[_TextWord] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        begins_sentence = not words or _STOP.search(text, end, match.start()) is not None
        words.append(_TextWord(word.casefold(), word[0].isupper(), begins_sentence))
        end = match.end()
    return words


def _shingles(keys: Sequence[str]) -> set[str]:
    """Every run of three words, or the whole text if it is shorter."""
    return {" ".join(keys[at : at + _SHINGLE_WORDS]) for at in range(max(1, len(keys) - _SHINGLE_WORDS + 1))}


@cache
def _hash_parameters() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """An odd multiplier and an addend for each slot, shape (128,) each: XXH3 values, which never change either."""
    hashes = [xxhash.xxh3_64_intdigest(at.to_bytes(8, "little")) for at in range(2 * _SLOTS)]
    values = np.array(hashes, dtype=np.uint64)
    return values[:_SLOTS] | np.uint64(1), values[_SLOTS:]


def _check_signature(signature: bytes) -> None:
    if len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"a signature has {SIGNATURE_BYTES} bytes, not {len(signature)}")
