"""What the tests share: the real embedding, libraries in temporary folders, the command line as a process."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ingest.article.build import ArticleMetadata
from ingest.pipeline import IngestReport, ingest
from retrieval.library import Library, open_library
from retrieval.models import Reranker
from retrieval.models.local import LocalEmbeddings, open_local
from tests import command
from tests.command import Ran
from tests.loopback.site import Site
from tests.progress import Progress

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

SHARED = Path(__file__).parents[2] / "shared"


def pytest_configure(config: pytest.Config) -> None:
    """Show the progress, but in a process whose tests another one tells of, and where every test has a line."""
    if not hasattr(config, "workerinput") and config.get_verbosity() <= 0:
        config.pluginmanager.register(Progress(config), "progress")


def shared(path: str) -> Path:
    """A file of the shared data; the test is skipped by name where it is absent."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"../shared/{path} is not there")
    return found


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def embedder(cache: Path) -> LocalEmbeddings:
    return open_local(None, cache / "onrecord")


@pytest.fixture(scope="session")
def reranker(cache: Path) -> Reranker:
    return Reranker(cache / "onrecord")


@pytest.fixture
def library(tmp_path: Path, embedder: LocalEmbeddings, reranker: Reranker) -> Iterator[Library]:
    opened = open_library(tmp_path / "library", embedder, reranker)
    yield opened
    opened.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def take_in(library: Library) -> Callable[..., list[IngestReport]]:
    def run(*sources: Path | str, given: ArticleMetadata | None = None, stdin: bytes = b"") -> list[IngestReport]:
        return list(ingest(library, [str(one) for one in sources], given or ArticleMetadata(), io.BytesIO(stdin)))

    return run


@pytest.fixture
def onrecord(tmp_path: Path, cache: Path) -> Callable[..., Ran]:
    def run(*arguments: str | Path, stdin: str = "", env: dict[str, str] | None = None) -> Ran:
        given = command.environment(tmp_path / "data", cache) | {"COLUMNS": "200"} | (env or {})
        return command.run([str(one) for one in arguments], given, tmp_path, stdin)

    return run
