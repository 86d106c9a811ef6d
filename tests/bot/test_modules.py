from collections import Counter
from pathlib import Path

BOT = Path(__file__).parents[2] / "bot"


def test_no_two_modules_of_the_bot_have_one_name() -> None:
    """A name leads to one file."""
    names = Counter(path.stem for path in BOT.rglob("*.py") if path.stem != "__init__")
    assert [name for name, number in names.items() if number > 1] == []
