"""What the tests of the bot share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import command
from tests.loopback.discord_bot import Start, starting


@pytest.fixture(scope="session")
def start(cache: Path) -> Start:
    return starting(cache)


@pytest.fixture(scope="session")
def onrecord_in(cache: Path) -> Callable[..., command.Ran]:
    """The command line on the library in the folder `data` of a folder."""

    def run(folder: Path, *arguments: str | Path) -> command.Ran:
        env = command.environment(folder / "data", cache)
        return command.run([str(one) for one in arguments], env, folder, "")

    return run
