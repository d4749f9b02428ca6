"""Slack's OAuth: the user-only pair and the classic one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from slack_sdk import WebClient

from sandbox.server import Sandbox

BACK = "https://connector.example/back"


@pytest.fixture
def rotating() -> Iterator[Sandbox]:
    with Sandbox(rotation=True) as sandbox:
        yield sandbox


def code(sandbox: Sandbox, http: requests.Session, endpoint: str, **scopes: str) -> str:
    parameters = {"client_id": "sandbox-slack-client", "redirect_uri": BACK, "state": "s", **scopes}
    answer = http.post(
        f"{sandbox.url}/slack/oauth/{endpoint}/authorize",
        params=parameters,
        data={"user": "bob", "decision": "allow"},
        allow_redirects=False,
        timeout=5,
    )
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def access(
    sandbox: Sandbox, http: requests.Session, method: str = "oauth.v2.user.access", **form: str
) -> dict[str, Any]:
    client = {"client_id": "sandbox-slack-client", "client_secret": "sandbox-slack-secret"}
    sent = {**client, "redirect_uri": BACK, **form}
    answer = http.post(sandbox.slack_base_url + method, data=sent, timeout=5)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_the_user_pair_gives_a_top_level_token(
    sandbox: Sandbox, http: requests.Session, slack: Callable[..., WebClient]
) -> None:
    given = code(sandbox, http, "v2_user", scope="search:read,users:read")
    body = access(sandbox, http, code=given)
    assert body["token_type"] == "user"
    assert body["scope"] == "search:read,users:read"
    assert body["user_id"] == "U0BOB"
    assert "expires_in" not in body
    assert slack(body["access_token"]).auth_test()["user"] == "bob"
    assert access(sandbox, http, code=given) == {"ok": False, "error": "code_already_used"}


def test_the_classic_pair_nests_the_users_token(sandbox: Sandbox, http: requests.Session) -> None:
    given = code(sandbox, http, "v2", scope="channels:read", user_scope="search:read")
    body = access(sandbox, http, "oauth.v2.access", code=given)
    assert body["access_token"].startswith("xoxb-")
    assert body["authed_user"]["access_token"].startswith("xoxp-")
    given = code(sandbox, http, "v2", user_scope="search:read")
    body = access(sandbox, http, "oauth.v2.access", code=given)
    assert "access_token" not in body


def test_errors_come_with_200(sandbox: Sandbox, http: requests.Session) -> None:
    def scoped() -> str:
        return code(sandbox, http, "v2_user", scope="search:read")

    wrong = {
        "invalid_code": {"code": "nonsense"},
        "bad_redirect_uri": {"code": scoped(), "redirect_uri": "https://elsewhere.example"},
        "bad_client_secret": {"code": scoped(), "client_secret": "x"},
        "invalid_client_id": {"code": scoped(), "client_id": "x"},
        "invalid_grant_type": {"code": scoped(), "grant_type": "password"},
        "invalid_refresh_token": {"grant_type": "refresh_token", "refresh_token": "x"},
    }
    for error, form in wrong.items():
        assert access(sandbox, http, **form) == {"ok": False, "error": error}
    mixed = access(sandbox, http, "oauth.v2.access", code=scoped())
    assert mixed["error"] == "oauth_authorization_url_mismatch"
    challenge = code(sandbox, http, "v2_user", scope="search:read", code_challenge="plain-one")
    assert access(sandbox, http, code=challenge)["ok"] is False


def test_rotation_uses_a_refresh_token_once(rotating: Sandbox, http: requests.Session) -> None:
    first = access(rotating, http, code=code(rotating, http, "v2_user", scope="search:read"))
    assert first["expires_in"] == 43200
    assert first["access_token"].startswith("xoxe.xoxp-")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = access(rotating, http, **form)
    assert second["access_token"] != first["access_token"]
    assert access(rotating, http, **form)["error"] == "invalid_refresh_token"


def test_deny(sandbox: Sandbox, http: requests.Session) -> None:
    answer = http.post(
        f"{sandbox.url}/slack/oauth/v2_user/authorize",
        params={"client_id": "sandbox-slack-client", "redirect_uri": BACK, "scope": "search:read"},
        data={"user": "bob", "decision": "deny"},
        allow_redirects=False,
        timeout=5,
    )
    assert answer.headers["Location"] == BACK + "?error=access_denied"
