"""Reading what earlier releases wrote: their backups, their libraries and their `.env`.

`backups/schema-N.onrecord.gz` is a backup of the eight sample articles, made by the last release with schema N.
"""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.answer.quoting import answer_question
from retrieval.library import open_library
from retrieval.library.restore import restore
from retrieval.models.local import LocalEmbeddings
from retrieval.store import backup
from retrieval.types import Answer, Query, Status
from tests.command import Ran

BACKUPS = Path(__file__).parent / "backups"
QUESTION = "What did Wendt say about the inspection?"

Run = Callable[..., Ran]


@pytest.fixture(params=["schema-5", "schema-6"])
def saved(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / f"{request.param}.onrecord"
    with gzip.open(BACKUPS / f"{request.param}.onrecord.gz") as packed, file.open("wb") as out:
        shutil.copyfileobj(packed, out)
    return file


def answer_from(folder: Path, embedder: LocalEmbeddings) -> Answer:
    library = open_library(folder, embedder)
    try:
        checkup = library.check(deep=True)
        assert (checkup.problems, checkup.figures["articles"]) == ((), 8)
        return answer_question(library, Query(QUESTION, ("public",)))
    finally:
        library.close()


def test_a_backup_of_an_earlier_release_is_restored(saved: Path, tmp_path: Path, embedder: LocalEmbeddings) -> None:
    """The library is sound, and a question is answered by a speaker's words with citations."""
    restore(tmp_path / "data", saved)
    answer = answer_from(tmp_path / "data", embedder)
    assert answer.status is Status.ANSWERED
    assert all(citation.excerpt in citation.article.text for citation in answer.citations)
    assert any("Wendt" in (citation.speaker or "") for citation in answer.citations)


def test_a_library_of_an_earlier_release_is_opened(saved: Path, tmp_path: Path, onrecord: Run) -> None:
    """The command line opens it, answers from it, and ingests further articles."""
    data = tmp_path / "data"
    data.mkdir()
    with saved.open("rb") as file:
        (data / "catalog.sqlite").write_bytes(file.read(backup.read_manifest(saved).bytes))
    assert "[1]" in onrecord("ask", QUESTION).out
    assert onrecord("ingest", "-", stdin="A tug leaves\n\nOla Brand said the tug was late.").code == 0
    assert len(onrecord("articles", "list", "--json").json["articles"]) == 9


def test_the_settings_of_the_last_release_are_read(tmp_path: Path, onrecord: Run) -> None:
    """A `.env` with every setting of that release at its default is accepted."""
    (tmp_path / ".env").write_text((BACKUPS / "schema-6.env").read_text("utf-8"), "utf-8")
    assert onrecord("articles", "list", "--json").json == {"articles": []}
