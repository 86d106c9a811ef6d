"""What the tests of the bot share."""

from pathlib import Path

import pytest

from tests.loopback.discord_bot import Start, starting


@pytest.fixture(scope="session")
def start(cache: Path) -> Start:
    return starting(cache)
