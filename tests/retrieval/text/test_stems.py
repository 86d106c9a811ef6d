"""Stemming from many threads at once."""

import sys
from concurrent.futures import ThreadPoolExecutor

from retrieval.text.stems import stem

WORDS = [f"{begun}{ending}" for begun in ("relat", "nation", "hop", "agre", "organ", "conflat", "trouble", "fall")
         for ending in ("ional", "ization", "ing", "ed", "ement", "ously", "fulness", "s")]  # fmt: skip


def test_threads_do_not_disturb_each_other() -> None:
    """Each word gets the same stem as in a single thread, however often threads are switched within it."""
    alone = {word: stem(word) for word in WORDS}
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            stem.cache_clear()
            with ThreadPoolExecutor(4) as pool:
                stemmed = list(pool.map(lambda at: [(word, stem(word)) for word in WORDS[at:] + WORDS[:at]], range(4)))
            assert [pair for pairs in stemmed for pair in pairs if alone[pair[0]] != pair[1]] == []
    finally:
        sys.setswitchinterval(before)
