"""The shape of the code: names that tell modules, classes and functions apart, in every package."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "ingest", "retrieval")

MAX_PARTICIPLES = 0.01
"""The largest share of functions that may be named by a past participle alone, which says neither what is done nor
what is returned."""

IRREGULAR = frozenset(
    """become begun bound bought broken brought built caught chosen come dealt done drawn driven fallen felt forgotten
    found given gone got grown heard held hidden kept known laid led left lent lost made meant met overtaken paid proven
    rewritten said seen sent shown sold sought spent split spoken stood struck taken taught thought thrown told torn
    understood withdrawn won worn written""".split()
)
"""Those that differ from the verb itself: `read` or `put` may be what a function does."""

NO_PARTICIPLES = frozenset("embed exceed feed need proceed seed speed succeed".split())


def modules(package: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / package).rglob("*.py")) if "migrations" not in path.parts)


def defined(package: str, *kinds: type[ast.AST]) -> Iterator[tuple[str, Path]]:
    for path in modules(package):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, kinds):
                yield node.name, path.relative_to(ROOT)  # type: ignore[attr-defined]


def is_participle(name: str) -> bool:
    word = name.strip("_")
    return word in IRREGULAR or (word.endswith("ed") and "_" not in word and word not in NO_PARTICIPLES)


@pytest.mark.parametrize("name", ["told", "_settled", "chosen"])
def test_a_participle_is_told_from_a_verb(name: str) -> None:
    assert is_participle(name)
    assert not is_participle(f"{name}_by_whom") and not is_participle("_read") and not is_participle("feed")


def test_functions_are_named_by_what_they_do_or_return() -> None:
    """Fewer than one in a hundred is named by a past participle alone."""
    functions = [found for package in PACKAGES for found in defined(package, ast.FunctionDef, ast.AsyncFunctionDef)]
    named_so = [f"{path}: {name}" for name, path in functions if is_participle(name)]
    assert len(named_so) < MAX_PARTICIPLES * len(functions), named_so


@pytest.mark.parametrize("package", PACKAGES)
def test_a_class_has_a_name_of_its_own(package: str) -> None:
    """No two classes of one package have the same name, a leading underscore aside."""
    counted = Counter(name.lstrip("_") for name, _ in defined(package, ast.ClassDef))
    assert [name for name, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_module_has_a_name_of_its_own(package: str) -> None:
    """No two modules of one package have the same name."""
    counted = Counter(path.stem for path in modules(package) if path.stem != "__init__")
    assert [name for name, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_room_says_what_it_is_for(package: str) -> None:
    """Every folder with modules has an `__init__.py` that begins with a docstring."""
    for folder in sorted({path.parent for path in modules(package)}):
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))), folder
