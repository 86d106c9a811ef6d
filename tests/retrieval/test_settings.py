from pathlib import Path

import pytest

from retrieval import settings
from retrieval.errors import SettingsError


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ONRECORD_DATA_DIR", "ONRECORD_EMBEDDINGS", "ONRECORD_LOG_LEVEL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_need_nothing() -> None:
    """Without any setting there are a data folder and the local embedding."""
    loaded = settings.load()
    assert loaded.embeddings == "local"
    assert loaded.data_dir.name == "onrecord"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` is read, and the environment takes precedence."""
    Path(".env").write_text("ONRECORD_DATA_DIR=/from/file\nONRECORD_LOG_LEVEL=info\n")
    assert settings.load().data_dir == Path("/from/file")
    assert settings.load().log_level == "INFO"
    monkeypatch.setenv("ONRECORD_DATA_DIR", str(tmp_path))
    assert settings.load().data_dir == tmp_path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ONRECORD_DATADIR", "x"),
        ("ONRECORD_LOG_LEVEL", "loud"),
        ("ONRECORD_EMBEDDINGS", "magic"),
        ("ONRECORD_FETCH_ALLOW", "10.0.0.1/8"),
        ("ONRECORD_USER_AGENT", "on\nrecord"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Unknown settings and invalid values fail with the name of the setting."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        settings.load()


def test_networks_are_read_from_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of both families are separated by commas."""
    monkeypatch.setenv("ONRECORD_FETCH_ALLOW", "10.20.0.0/16, fd12:3456::/48")
    assert [str(network) for network in settings.load().fetch_allow] == ["10.20.0.0/16", "fd12:3456::/48"]


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key does not appear when settings are printed."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    assert "very-secret" not in repr(settings.load())


def test_every_setting_is_explained() -> None:
    """`.env.example` names each setting there is."""
    example = (Path(__file__).parents[2] / ".env.example").read_text()
    for field in settings.Settings.model_fields.values():
        assert f"{field.validation_alias}=" in example
