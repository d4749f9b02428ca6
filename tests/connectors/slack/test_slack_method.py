"""Which of Slack's two search APIs is asked, and what is remembered of it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterable

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.connectors.slack.test_slack_search import FINANCE, GENERAL, Start, asked
from tests.support.wire import answer, serving

REALTIME = "assistant.search.context"
CLASSIC = {"search.messages", "search.files"}
QUERY = "policy"


def _token(sandbox: Sandbox, *scopes: str) -> str:
    return sandbox.issue_token(provider="slack", user="alice", scopes=scopes)


def _methods(sandbox: Sandbox) -> list[str]:
    return [method for method, _ in asked(sandbox)]


def test_granular_scopes_take_one_call(connector: Start, sandbox: Sandbox) -> None:
    """No call is spent on finding out."""
    connector().search(QUERY, _token(sandbox, *_all()))
    assert _methods(sandbox) == [REALTIME]


def _all() -> Iterable[str]:
    return (f"search:read.{kind}" for kind in ("public", "private", "im", "mpim", "files"))


def test_the_classic_scope_is_found_out_once(connector: Start, sandbox: Sandbox) -> None:
    """The Real-time Search API refuses; the next search of the token does not ask it."""
    token = _token(sandbox, "search:read")
    assert GENERAL in connector().search(QUERY, token).text
    assert _methods(sandbox)[0] == REALTIME
    sandbox.clear()
    assert GENERAL in connector().search(QUERY, token).text
    assert set(_methods(sandbox)) == CLASSIC


def test_what_one_token_shows_is_not_used_for_another(connector: Start, sandbox: Sandbox) -> None:
    """Each token's scopes are its own."""
    connector().search(QUERY, _token(sandbox, "search:read"))
    sandbox.clear()
    connector().search(QUERY, _token(sandbox, "search:read"))
    assert _methods(sandbox)[0] == REALTIME


def test_missing_scopes_narrow_the_search_and_are_named(connector: Start, sandbox: Sandbox) -> None:
    """One scope too many would refuse all of it; the second search knows."""
    token = _token(sandbox, "search:read.public", "search:read.files")
    for calls in (2, 1):
        sandbox.clear()
        response = connector().search(QUERY, token)
        ids = {row["id"] for row in response.json()["results"]}
        assert GENERAL in ids
        assert FINANCE not in ids
        (warning,) = response.json()["warnings"]
        assert warning["reason"] == "scope_missing"
        for scope in ("search:read.private", "search:read.mpim", "search:read.im"):
            assert scope in warning["detail"]
        assert _methods(sandbox) == [REALTIME] * calls


def test_without_any_scope_the_answer_names_both_ways(connector: Start, sandbox: Sandbox) -> None:
    """403 with the challenge of RFC 6750."""
    response = connector().search(QUERY, _token(sandbox, "users:read"))
    assert response.status_code == 403
    assert "search:read.public" in response.json()["detail"]
    assert "search:read for search.messages" in response.json()["detail"]
    assert 'scope="search:read.public"' in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "code", ["feature_not_enabled", "unknown_method", "not_allowed_token_type"]
)
def test_search_messages_is_tried_where_the_other_way_is_shut(
    connector: Start, sandbox: Sandbox, code: str
) -> None:
    """And from then on asked at once."""
    token = _token(sandbox, "search:read", *_all())
    sandbox.inject(Fault(path=f"/slack/api/{REALTIME}", slack_error=code, times=1))
    assert GENERAL in connector().search(QUERY, token).text
    assert GENERAL in connector().search(QUERY, token).text
    assert _methods(sandbox).count(REALTIME) == 1


def test_where_both_ways_are_shut_the_first_reason_is_told(
    connector: Start, sandbox: Sandbox
) -> None:
    """The token has the newer scopes, so the older ones are not what is missing."""
    token = _token(sandbox, *_all())
    sandbox.inject(Fault(path=f"/slack/api/{REALTIME}", slack_error="feature_not_enabled"))
    for _ in range(2):
        response = connector().search(QUERY, token)
        assert response.status_code == 502
        assert "feature_not_enabled" in response.json()["detail"]


@pytest.mark.parametrize("name", ["X-OAuth-Scopes", "x-oauth-scopes"])
def test_the_header_is_not_relied_on(connector: Start, name: str) -> None:
    """Scopes are learnt from it in any case, and without it by being refused."""
    refusal = json.dumps({"ok": False, "error": "missing_scope"}).encode()
    empty = json.dumps({"ok": True, "messages": {"matches": []}, "files": {"matches": []}}).encode()
    shown = {"X-OAuth-Scopes": [], "x-oauth-scopes": [f"{name}: search:read,users:read"]}

    def behave(connection: socket.socket, request: bytes, _: threading.Event) -> None:
        is_realtime = REALTIME.encode() in request.split(b"\r\n")[0]
        connection.sendall(answer(refusal if is_realtime else empty, "200 OK", *shown[name]))

    with serving(behave) as wire:
        slack = connector(SLACK_BASE_URL=f"{wire.url}/api/")
        for _ in range(2):
            assert slack.search("policy", "xoxp-canary").json() == {"results": []}
        lines = [request.split(b"\r\n")[0].decode() for request in wire.requests]
    # With all scopes, with the public one, and then in the other way; the second search knows.
    assert sum(REALTIME in line for line in lines) == (2 if name == "X-OAuth-Scopes" else 1)


@pytest.mark.parametrize(("method", "scope"), [("messages", "public"), ("realtime", "")])
def test_a_method_that_is_set_is_the_only_one(
    connector: Start, sandbox: Sandbox, method: str, scope: str
) -> None:
    """SLACK_SEARCH_METHOD: what it needs is named when the token lacks it."""
    token = _token(sandbox, f"search:read.{scope}".rstrip("."))
    response = connector(SLACK_SEARCH_METHOD=method).search(QUERY, token)
    assert response.status_code == 403
    needed = "search:read.public" if method == "realtime" else "search:read"
    assert f'scope="{needed}' in response.headers["WWW-Authenticate"]
    assert set(_methods(sandbox)) == ({REALTIME} if method == "realtime" else CLASSIC)
