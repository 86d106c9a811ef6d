import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retrieval.errors import OverBudget, StorageFull
from retrieval.llm.ledger import Budget, Cost, Ledger
from retrieval.llm.prices import Price, price_of, read_prices
from retrieval.models.remote import retry_after
from retrieval.text.token_count import count_last_within, estimate_tokens, token_counter


def test_calls_side_by_side_keep_within_a_budget(tmp_path: Path) -> None:
    """However many reserve at once, no more is given out than the day holds."""

    def reserve(_: int) -> bool:
        try:
            Ledger(tmp_path).reserve("1", Cost(10, 0), Budget(tokens=95))
        except OverBudget:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(reserve, range(30))) == 9
    assert Ledger(tmp_path).spending("1") == Cost(90, 0)


def test_what_was_set_aside_is_settled(tmp_path: Path) -> None:
    """After a call its true cost counts, for its scope and day alone."""
    now = [datetime(2026, 3, 4, 23, 59, tzinfo=UTC)]
    ledger = Ledger(tmp_path, lambda: now[0])
    day = ledger.reserve("1", Cost(1_000, 50), Budget())
    over_midnight = ledger.reserve("1", Cost(1_000, 50), Budget())
    ledger.settle("1", Cost(1_000, 50), Cost(200, 10), day)
    assert (ledger.spending("1"), ledger.spending("2")) == (Cost(1_200, 60), Cost())
    now[0] += timedelta(minutes=2)
    ledger.settle("1", Cost(1_000, 50), Cost(200, 10), over_midnight)
    assert ledger.spending("1") == Cost()
    now[0] -= timedelta(minutes=2)
    assert ledger.spending("1") == Cost(400, 20)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """It is said as of any other file of the library."""
    (tmp_path / "writing.sqlite").write_bytes(b"no database " * 100)
    with pytest.raises(StorageFull, match=r"writing\.sqlite"):
        Ledger(tmp_path).spending("1")


def test_prices() -> None:
    """A setting goes before the table that is built in; a dated model costs what the plain one does."""
    given = read_prices("mine=1/2, gpt-4o=3/4")
    assert price_of("mine", given) == Price(1, 2)
    assert price_of("gpt-4o", given) == Price(3, 4)
    assert price_of("gpt-4.1-mini-2025-04-14", {}) == price_of("gpt-4.1-mini", {})
    assert price_of("gpt-5.4-mini", {}) != price_of("gpt-5.4", {})
    assert price_of("gpt-5.4-2026-03-05", {}) == price_of("gpt-5.4", {})
    assert price_of("unheard-of", given) is None
    assert Price(0.4, 1.6).micros(1_000, 100) == 560
    for wrong in ("mine", "mine=", "mine=a/b", "mine=-1", "=1", "mine=nan"):
        with pytest.raises(ValueError, match="MODEL=READ/WRITTEN"):
            read_prices(wrong)


def test_how_long_a_service_asks_to_wait() -> None:
    """In seconds, milliseconds or as a date; nonsense asks for nothing."""
    assert retry_after({"retry-after": "3"}) == 3
    assert retry_after({"retry-after-ms": "250"}) == 0.25
    assert (retry_after({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}) or 0) > 1_000
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


def test_tokens_are_counted_by_the_table_of_the_folder(tmp_path: Path) -> None:
    """A small table stands for tiktoken's: parts are joined as it says, nothing is fetched and nothing written."""
    tokens = [bytes([one]) for one in range(256)] + [b"th", b"the", b" the", b"cr", b"12", b"123"]
    table = b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens))
    (tmp_path / "another").write_bytes(b"no table")
    (tmp_path / "fb374d419588a4632f3f557e76b4b70aebbca790").write_bytes(table)
    tmp_path.chmod(0o500)
    count = token_counter(tmp_path, hashlib.sha256(table).hexdigest())
    # the | " the" | " " cr an e | " " 123 4 | "!" | the | T h e
    assert [count(text) for text in ("the", "the the crane", " 1234", "", "the!The")] == [1, 7, 3, 0, 5]
    assert count("\ud800 <|endoftext|>") > 3
    assert len(list(tmp_path.iterdir())) == 2
    assert token_counter(tmp_path / "absent", "0") is estimate_tokens


def test_tokens_are_estimated_where_no_table_is(tmp_path: Path) -> None:
    """Nothing is fetched; the estimate is on the safe side of a token for four letters."""
    (tmp_path / "other").write_bytes(b"x" * 2_000_000)
    assert token_counter(tmp_path) is estimate_tokens
    text = "The harbour crane fell on two trucks on Tuesday, and four dock workers were hurt."
    assert len(text) / 5 <= estimate_tokens(text) <= len(text) / 3
    assert count_last_within(["one two", "three", "four five six"], 4, estimate_tokens) == 2
    assert count_last_within(["one two"], 1, estimate_tokens) == 0
