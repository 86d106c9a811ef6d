import os
import signal
import time

import pytest

from ingest.article.page import read_page
from ingest.readers.sandbox import Readers
from retrieval.errors import IndexPage, SourceError
from tests.ingest.article.pages import ADDRESS, TITLE, page
from tests.waiting import NEVER


def hang(_: str) -> None:
    while True:
        time.sleep(60)


def eat(_: str) -> int:
    return len(bytearray(600 * 1024 * 1024))


def die(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail(text: str) -> None:
    raise ZeroDivisionError(text)


def index(_: str) -> None:
    raise IndexPage(["https://a.example/1", "https://a.example/2"])


def test_a_broken_reader_is_one_failed_document() -> None:
    """Hanging, eating memory, dying and failing are each one line that holds no text, and the next page is read."""
    broken = ((hang, "seconds", 1), (eat, "memory", NEVER), (die, "broke", NEVER), (fail, "ZeroDivisionError", NEVER))
    with Readers(1, memory=300 * 1024 * 1024) as readers:
        for function, reason, seconds in broken:
            readers._seconds = seconds
            with pytest.raises(SourceError, match=reason) as caught:
                readers.run(function, "secret words")
            assert "secret" not in str(caught.value)
        assert readers.run(read_page, page(), ADDRESS).title == TITLE


def test_the_reason_of_a_refusal_comes_through() -> None:
    """With the addresses that it found."""
    with Readers(1) as readers, pytest.raises(IndexPage) as caught:
        readers.run(index, "")
    assert caught.value.addresses == ("https://a.example/1", "https://a.example/2")
