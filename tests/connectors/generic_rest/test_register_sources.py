"""`make register-generic-rest SOURCE=…` for every source that states its provider's OAuth."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from connector_sdk import register
from generic_rest_connector.auth import RelayAuth, kinds
from generic_rest_connector.loader import SOURCES, read
from tests.connectors.generic_rest.connector import Starter
from tests.connectors.generic_rest.standin import CASES, Case

URL = "https://search.example.com/search"
WITH_OAUTH = [path for path in CASES if read(SOURCES / path.name).oauth is not None]


def test_most_sources_state_it() -> None:
    assert len(WITH_OAUTH) > 25


@pytest.mark.parametrize("path", WITH_OAUTH, ids=lambda path: path.stem)
def test_what_to_enter_at_the_provider_is_printed(
    path: Path, starter: Starter, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a client is made, with which redirect URI; and the body for the platform."""
    source = read(SOURCES / path.name)
    block = source.oauth
    assert block is not None
    # What none of the endpoints says is not asked for.
    for name, value in (Case.read(path).data.get("env") or {}).items():
        if f"env.{_name(path, name)}" in f"{block.authorization_endpoint.text}":
            starter.monkeypatch.setenv(name, str(value))
    starter.monkeypatch.setenv("GENERIC_REST_SOURCE", path.stem)
    assert register.main(["generic-rest", "--url", URL]) == 0, capsys.readouterr().err
    printed = capsys.readouterr().out
    assert re.search(r"Make an OAuth client at \S", printed)
    assert "with this redirect URI: https://api.cohere.com/v1/connectors/oauth/token" in printed
    bodies = [json.loads(body) for body in re.findall(r"-d '(\{.*?\n\})'", printed, re.DOTALL)]
    service, oauth, pass_through = bodies
    assert service["name"] == oauth["name"] == pass_through["name"] == source.name
    for endpoint in ("authorize_url", "token_url"):
        assert urlsplit(oauth["oauth"][endpoint]).scheme == "https"
        assert "${" not in oauth["oauth"][endpoint]
    assert oauth["oauth"]["scope"] == block.scope_separator.join(block.scopes)
    sent = parse_qs(urlsplit(oauth["oauth"]["authorize_url"]).query)
    assert {name: [value] for name, value in block.extra_parameters.items()} == sent
    assert any(isinstance(kind, RelayAuth) for _, kind in kinds(source.auth))


def _name(path: Path, variable: str) -> str:
    """Return the name that a variable has in its source file."""
    env = read(SOURCES / path.name).env
    return next(name for name, one in env.items() if one.var == variable)
