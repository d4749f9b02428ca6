"""What the tokens of an answer are, and when they end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from connector_gateway.database import now
from connector_gateway.tokens import Tokens, read_tokens
from connector_sdk import Response

GOOD = {"access_token": "access-4711", "token_type": "Bearer"}
SLACK_USER = {"ok": True, "access_token": "xoxp-4711", "token_type": "user", "expires_in": 43200}


def _read(body: Any) -> Tokens:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_tokens("it", Response(200, CaseInsensitiveDict(), content, "provider.example.com"))


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (3599, 3599),
        ("3599", 3599),
        (1.5, 1.5),
        (10**400, 10 * 365 * 86400),
        (float("inf"), 10 * 365 * 86400),
        (float("nan"), None),
        (float("-inf"), None),
        (0, None),
        (-5, None),
        (None, None),
        ("soon", None),
        (True, None),
        ([3600], None),
    ],
)
def test_when_the_token_ends(expires_in: object, seconds: float | None) -> None:
    expires_at = _read(GOOD | {"expires_in": expires_in}).expires_at
    if seconds is None:
        assert expires_at is None
    else:
        assert expires_at == pytest.approx(now() + seconds, abs=30)


@pytest.mark.parametrize(
    "body",
    [
        SLACK_USER,
        {"ok": True, "authed_user": {"id": "U1", **SLACK_USER}},
        {
            "ok": True,
            "access_token": "xoxb-the-bot",
            "token_type": "bot",
            "refresh_token": "xoxe-of-the-bot",
            "authed_user": {"id": "U1", **SLACK_USER},
        },
        SLACK_USER | {"authed_user": {"id": "U1"}},
    ],
)
def test_slack_s_tokens_of_the_user(body: dict[str, Any]) -> None:
    tokens = _read(body)
    assert (tokens.access_token, tokens.refresh_token) == ("xoxp-4711", None)
    assert tokens.expires_at == pytest.approx(now() + 43200, abs=30)


@pytest.mark.parametrize("refresh_token", [None, ""])
def test_no_refresh_token_is_none(refresh_token: str | None) -> None:
    assert _read(GOOD | {"refresh_token": refresh_token}).refresh_token is None


def test_salesforce_s_tokens() -> None:
    assert _read({"access_token": "00D4711!AQ.x_=", "issued_at": "17"}) == Tokens("00D4711!AQ.x_=")


def test_tokens_show_nothing() -> None:
    tokens = Tokens("access-4711", "refresh-4711", 1.0)
    assert "4711" not in f"{tokens} {tokens!r}"
