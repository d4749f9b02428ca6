"""Settings come from the environment or `.env`, and are checked before the first request."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from connector_sdk import ConfigurationError, ConnectorSettings, ProviderUrl
from connector_sdk.settings import load_settings

KEY, OTHER_KEY = "k" * 32, "o" * 40


class Settings(ConnectorSettings):
    model_config = SettingsConfigDict(env_prefix="TOY_")

    service_token: SecretStr | None = None
    base_url: ProviderUrl = "https://toy.example/"
    folder: str | None = Field(default=None)

    @property
    def service_credential(self) -> object | None:
        return self.service_token


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _set(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_the_prefixed_variable_replaces_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever each of them is set."""
    Path(".env").write_text(f"TOY_CONNECTOR_API_KEY={OTHER_KEY}\nSEARCH_LIMIT=3\n")
    _set(monkeypatch, CONNECTOR_API_KEY=KEY)
    settings = load_settings(Settings)
    assert settings.keys == [OTHER_KEY]
    assert settings.search_limit == 3


def test_a_connectors_own_setting_is_read_with_its_prefix_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A FOLDER of somebody else's means nothing."""
    _set(monkeypatch, FOLDER="no", BASE_URL="https://no.example")
    assert load_settings(Settings).folder is None
    _set(monkeypatch, TOY_FOLDER="yes")
    assert load_settings(Settings).folder == "yes"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """As twelve-factor apps have it."""
    Path(".env").write_text("TOY_SEARCH_LIMIT=3\n")
    _set(monkeypatch, TOY_SEARCH_LIMIT="4")
    assert load_settings(Settings).search_limit == 4


def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files and CI set empty ones."""
    _set(monkeypatch, TOY_FOLDER="", TOY_SEARCH_LIMIT="", TOY_SERVICE_TOKEN="")
    settings = load_settings(Settings)
    assert (settings.folder, settings.search_limit, settings.service_token) == (None, 10, None)


def test_white_space_around_a_value_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that comes from a file often ends with a line break."""
    _set(monkeypatch, CONNECTOR_API_KEY=f"{KEY}\n", TOY_SERVICE_TOKEN=" token-1 \n")
    settings = load_settings(Settings)
    assert settings.keys == [KEY]
    assert settings.service_token == SecretStr("token-1")


@pytest.mark.parametrize(
    "key", ["", "short", "k" * 31, f"{KEY},", f",{KEY}", f"{KEY},short", "ü" * 32, " " * 40]
)
@pytest.mark.parametrize("variable", ["CONNECTOR_API_KEY", "TOY_CONNECTOR_API_KEY"])
def test_a_weak_or_empty_key_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, variable: str, key: str
) -> None:
    """Somebody who sets a key means to be protected by it."""
    _set(monkeypatch, **{variable: key})
    with pytest.raises(ConfigurationError, match=r"CONNECTOR_API_KEY.*32") as raised:
        load_settings(Settings)
    assert not key or key not in str(raised.value).replace("32", "")


def test_an_empty_prefixed_key_does_not_fall_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Presence, not truthiness."""
    _set(monkeypatch, TOY_CONNECTOR_API_KEY="", CONNECTOR_API_KEY=KEY)
    with pytest.raises(ConfigurationError):
        load_settings(Settings)


def test_several_keys_may_be_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is rotated out."""
    _set(monkeypatch, CONNECTOR_API_KEY=f"{KEY}, {OTHER_KEY}")
    assert load_settings(Settings).keys == [KEY, OTHER_KEY]


def test_a_service_credential_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else anybody would search with it; the message names both ways out, not the credential."""
    _set(monkeypatch, TOY_SERVICE_TOKEN="canary-service-token")
    with pytest.raises(ConfigurationError, match=r"TOY_CONNECTOR_API_KEY.*ALLOW_UNAUTH") as raised:
        load_settings(Settings)
    assert "canary" not in str(raised.value)
    _set(monkeypatch, ALLOW_UNAUTHENTICATED="true")
    assert load_settings(Settings).allow_unauthenticated


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TOY_SEARCH_LIMIT", "0"),
        ("TOY_SEARCH_LIMIT", "many"),
        ("SEARCH_LIMIT", "101"),
        ("TOY_SEARCH_TIMEOUT_SECONDS", "-1"),
        ("TOY_LOG_LEVEL", "LOUD"),
        ("TOY_BASE_URL", "http://example.com"),
        ("TOY_BASE_URL", "toy.example"),
        ("TOY_BASE_URL", "https://user:pass@toy.example"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """With the variable, and not with its value."""
    _set(monkeypatch, **{variable: value})
    named = variable if variable.startswith("TOY_") else f"TOY_{variable}"
    with pytest.raises(ConfigurationError, match=named) as raised:
        load_settings(Settings)
    assert f"'{value}'" not in str(raised.value)


def test_a_variable_that_nothing_reads_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A misspelled name would otherwise be silent."""
    _set(monkeypatch, TOY_SERACH_LIMIT="5")
    load_settings(Settings)
    assert "TOY_SERACH_LIMIT is set, but nothing reads it; did you mean TOY_SEARCH_LIMIT?" in (
        caplog.text
    )


def test_secrets_are_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the settings as a whole."""
    _set(monkeypatch, CONNECTOR_API_KEY=KEY, TOY_SERVICE_TOKEN="canary-service-token")
    settings = load_settings(Settings)
    assert KEY not in repr(settings)
    assert "canary" not in repr(settings)
    assert {KEY, "canary-service-token"} <= set(settings.secrets)
