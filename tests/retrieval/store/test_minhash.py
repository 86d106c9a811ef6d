from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys
import tarfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.store.minhash import (
    BANDS,
    MIN_FUZZY_WORDS,
    MIN_LIKENESS,
    SIGNATURE_BYTES,
    bands,
    likeness,
    same_story,
    signature,
)
from tests.conftest import shared

STORY = """A crane fell across the harbour road in Westhaven on Monday, and four people were injured, the port said.

The driver, Anna Berg, was not in the cabin when the wind brought it down shortly after 6.30 am. "We heard a noise
like thunder and then the whole quay shook," said Tom Ellis, who sells fish there.

The port's director promised an inquiry and told reporters that the crane had passed its inspection in March. Two
ships were sent to another harbour, and the ferry to the islands is expected to run again within 12 hours.

Mayor Ruth Olsen thanked the firemen. She said the town would pay $1,200 to every family that had to leave its home.
"""
ROOT = Path(__file__).parents[3]
words = st.lists(st.sampled_from("ada bob not six 6 Paris won is the at , . \n".split(" ")), max_size=80).map(" ".join)


def swap(old: str, new: str) -> str:
    """The story with one passage changed."""
    assert STORY.count(old) == 1
    return STORY.replace(old, new)


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param("  ".join(STORY.split()), id="other line breaks"),
        pytest.param(STORY.upper(), id="other case"),
        pytest.param(STORY.replace("'", "’").replace('"', "”"), id="curly quotes"),
        pytest.param("By Jane Doe, Reuters\n\n" + STORY, id="by-line"),
        pytest.param("Jane Doe\n\n" + STORY, id="bare by-line"),
        pytest.param("WESTHAVEN (AP) — " + STORY, id="place and agency"),
        pytest.param(STORY + "\n(Reporting by Jane Doe; Editing by John Roe)", id="credits"),
        pytest.param(STORY + "\nThe Associated Press contributed to this report.", id="agency's notice"),
        pytest.param(swap("shortly after", "soon after"), id="another word"),
        pytest.param(swap("promised an inquiry", "has promised a full inquiry"), id="other wording"),
        pytest.param(swap("four people", "4 people"), id="the number in figures"),
        pytest.param(swap("$1,200", "$1200"), id="the figure without its comma"),
        pytest.param(swap("was not in", "wasn't in"), id="the negation shortened"),
        pytest.param(swap("Anna Berg", "Berg"), id="the first name left out"),
    ],
)
def test_a_syndicated_copy_is_the_same_story(copy: str) -> None:
    """Typography, by-lines, credits and a few words of wording make no difference, and the signatures find the copy."""
    assert same_story(STORY, copy)
    ours, theirs = signature(STORY), signature(copy)
    assert set(bands(ours)) & set(bands(theirs))
    assert likeness(ours, theirs) >= MIN_LIKENESS


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(swap("four people", "six people"), id="another number"),
        pytest.param(swap("6.30", "8.30"), id="another time"),
        pytest.param(swap("$1,200", "£1,200"), id="another currency"),
        pytest.param(swap("on Monday", "on Tuesday"), id="another day"),
        pytest.param(swap("was not in", "was in"), id="no negation"),
        pytest.param(swap("is expected", "isn't expected"), id="a negation"),
        pytest.param(swap("injured", "killed"), id="another outcome"),
        pytest.param(swap("Anna Berg", "Anna Holm"), id="another name"),
        pytest.param(STORY + "\nPolice later arrested a man.", id="an update at the end"),
        pytest.param(STORY + "\nHe resigned.", id="a very short update"),
        pytest.param("The director has resigned.\n\n" + STORY, id="an update at the start"),
        pytest.param(swap("thanked the firemen.", "thanked the firemen. An arrest followed."), id="an update inside"),
        pytest.param(STORY.rsplit("She said", 1)[0], id="a cut at the end"),
        pytest.param(STORY.split("\n\n", 1)[1], id="a cut at the start"),
        pytest.param(STORY + "\nWinners: Arsenal, Chelsea, Leeds, Everton, Fulham", id="a list of names"),
    ],
)
def test_what_says_more_less_or_otherwise_is_another_story(other: str) -> None:
    """Texts that differ by a changed fact, an update or a cut are never merged, however many words they share."""
    assert not same_story(STORY, other)
    assert likeness(signature(STORY), signature(other)) > 0.4


def test_numbers_in_other_places_are_other_facts() -> None:
    """The same figures in another order make another story."""
    one = STORY + "\nWesthaven scored 3 goals in May and 5 in June."
    assert not same_story(one, one.replace("3 goals", "5 goals").replace("5 in June", "3 in June"))


def test_reports_made_from_one_form_are_apart() -> None:
    """A weekly report shares its boilerplate with the next week's but is another story."""
    form = (
        "This is the weekly report of the grain market, compiled by the exchange from the returns of its members. "
        "Prices are those of the last day, per tonne, delivered to the port, and do not include tax. "
        "Wheat closed {} and barley closed {} after trading that dealers called {}. The next report follows in a week."
    )
    assert not same_story(form.format("at 182", "at 164", "thin"), form.format("at 179", "at 166", "lively"))
    assert not same_story(form.format("up", "down", "thin"), form.format("down", "up", "thin"))


def test_a_short_text_is_the_same_only_word_for_word() -> None:
    """In texts below the minimum length no difference is harmless."""
    short = " ".join(STORY.split()[: MIN_FUZZY_WORDS - 1])
    assert same_story(short, short.upper())
    assert not same_story(short, short.replace("fell", "dropped"))
    assert not same_story(short, "By Jane Doe, Reuters. " + short)
    assert not same_story("", "")
    assert not same_story("", STORY)


@given(words)
def test_a_text_is_its_own_copy(text: str) -> None:
    """Every text that has a word is the same story as itself, whatever its case and white space."""
    again = "\n".join(text.split()).upper()
    assert same_story(text, again) == any(character.isalnum() for character in text)
    assert likeness(signature(text), signature(again)) == 1.0
    assert bands(signature(text)) == bands(signature(again))


@given(words, words)
def test_which_text_is_named_first_does_not_matter(one: str, other: str) -> None:
    """Both comparisons are symmetric."""
    story, changed = STORY + one, STORY + other
    assert same_story(story, changed) == same_story(changed, story)
    assert likeness(signature(one), signature(other)) == likeness(signature(other), signature(one))


@given(st.text(max_size=300))
def test_any_text_has_a_signature_and_keys_that_sqlite_holds(text: str) -> None:
    """Sizes are fixed and bands are signed 64-bit integers, whatever the script."""
    minhash = signature(text)
    assert len(minhash) == SIGNATURE_BYTES
    assert len(bands(minhash)) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in bands(minhash))


@given(st.integers(0, 400))
def test_likeness_estimates_the_share_of_common_shingles(common: int) -> None:
    """The estimate lies within five standard errors of the true share."""

    def text(tail: str) -> str:
        return " ".join([f"w{n}" for n in range(common)] + [f"{tail}{n}" for n in range(400 - common)])

    shared_shingles = max(0, common - 2)
    true = shared_shingles / (2 * 398 - shared_shingles)
    estimate = likeness(signature(text("a")), signature(text("b")))
    assert abs(estimate - true) <= max(0.02, 5 * (true * (1 - true) / 128) ** 0.5)


def test_a_signature_never_changes() -> None:
    """Stored signatures stay comparable: if these values change, every stored signature has to be computed again."""
    assert hashlib.sha256(signature(STORY)).hexdigest()[:16] == "fe3c7a42e5d8a766"
    assert bands(signature(STORY))[:2] == (-1486659759529719929, 1332120857728811407)


def test_a_signature_is_the_same_in_every_process() -> None:
    """Python's hash randomisation does not affect it."""
    code = "import sys; from retrieval.store.minhash import signature; print(signature(sys.argv[1]).hex())"
    process = subprocess.run([sys.executable, "-c", code, STORY], cwd=ROOT, capture_output=True, text=True, check=True)
    assert process.stdout.strip() == signature(STORY).hex()


@pytest.mark.parametrize("wrong", [b"", bytes(SIGNATURE_BYTES - 1), bytes(SIGNATURE_BYTES + 1)])
def test_what_is_no_signature_is_refused(wrong: bytes) -> None:
    """Bytes of any other size raise ValueError."""
    with pytest.raises(ValueError, match="bytes"):
        bands(wrong)
    with pytest.raises(ValueError, match="bytes"):
        likeness(wrong, bytes(SIGNATURE_BYTES))


def test_a_text_that_repeats_itself_takes_no_longer() -> None:
    """Comparing takes linear time, so a hostile page cannot stall it; this would take hours otherwise."""
    long = "a b " * 50_000
    assert not same_story(long + "one", long + "two")
    assert not same_story(long + "c d " * 20_000, "b a " + long + "d c " * 20_000 + "two")


def test_exact_copies_of_the_bbc_are_all_found() -> None:
    """All pairs of equal texts among 2,225 articles share a band, and only nearly equal texts are merged."""
    with tarfile.open(shared("data/bbc-news/articles.tar.gz")) as archive:
        files = [archive.extractfile(member) for member in archive.getmembers() if member.isfile()]
        texts = [file.read().decode("utf-8", "replace") for file in files if file is not None]
    by_band: dict[int, list[int]] = defaultdict(list)
    by_text: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        by_text[" ".join(text.split())].append(number)
        for band in bands(signature(text)):
            by_band[band].append(number)
    candidates = {pair for numbers in by_band.values() for pair in itertools.combinations(numbers, 2)}
    copies = {pair for numbers in by_text.values() for pair in itertools.combinations(numbers, 2)}
    assert len(copies) >= 98
    assert copies <= candidates
    merged = {(one, other) for one, other in candidates if same_story(texts[one], texts[other])}
    assert copies <= merged
    assert all(likeness(signature(texts[one]), signature(texts[other])) > 0.85 for one, other in merged)
