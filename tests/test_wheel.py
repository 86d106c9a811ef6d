"""The wheel holds what the program needs: an editable install, on which the other tests run, cannot show it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "ingest", "retrieval")
CACHES = {"__pycache__"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the sources, so that building leaves nothing in them."""
    sources, out = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    tracked = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()]
    for path in (*tracked, *(ROOT / name for name in ("pyproject.toml", "README.md", "LICENSE"))):
        if CACHES.isdisjoint(path.parts):
            target = sources / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*command, "--wheel-dir", str(out), str(sources)], check=True, capture_output=True)
    return next(out.glob("onrecord-*.whl"))


def test_every_file_of_the_packages_is_in_it(wheel: Path) -> None:
    """Modules of every room, and the data that stands beside them."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    needed = {path.relative_to(ROOT).as_posix() for path in files if CACHES.isdisjoint(path.parts)}
    assert sorted(needed - held) == []


def test_it_answers_from_another_folder(wheel: Path, tmp_path: Path, cache: Path) -> None:
    """Unpacked elsewhere and run there, it reads its samples and answers."""
    installed, folder = tmp_path / "installed", tmp_path / "elsewhere"
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ONRECORD_", "OPENAI_"))}
    settings = {"ONRECORD_DATA_DIR": str(tmp_path / "data"), "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(installed)}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-P", *arguments]
        env = inherited | settings
        ran = subprocess.run(command, cwd=folder, env=env, input="", capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert str(installed) in run("-c", "import bot, ingest, retrieval; print(bot.__file__, retrieval.__file__)")
    assert "Wendt" in run("-m", "bot.cli.app", "demo")
