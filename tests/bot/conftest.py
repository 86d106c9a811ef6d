"""What the tests of the bot share."""

import os
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
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ONRECORD_", "OPENAI_"))}
        settings = {"ONRECORD_DATA_DIR": str(folder / "data"), "XDG_CACHE_HOME": str(cache)}
        settings["PYTHONPATH"] = str(Path(__file__).parents[2])
        return command.run([str(one) for one in arguments], inherited | settings, folder, "")

    return run
