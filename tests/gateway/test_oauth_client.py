"""The token endpoint's client, against answers as they come from the wire."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from connector_gateway.database import now
from connector_gateway.errors import ApiError, BadGateway, GatewayTimeout, Unavailable
from connector_gateway.tokens import GrantEnded, Tokens
from connector_sdk import Deadline
from tests.gateway.support.stage import CLIENT_ID, CLIENT_SECRET, Stage, a_stage
from tests.support.oauth_provider import form_of
from tests.support.wire import Wire, answer, serving

SECRETS = (CLIENT_SECRET, "the-code", "refresh-4711", "the-verifier", "access-4711")
GOOD = {"access_token": "access-4711", "token_type": "Bearer", "expires_in": 3600}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with a_stage("sqlite") as started:
        yield started


def _says(body: Any, status: str = "200 OK", *headers: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answer(content, status, "Content-Type: application/json", *headers)


class Cut(bytes):
    """An answer that ends before its end."""


def _replies(*replies: bytes) -> Any:
    """A behaviour that gives these answers in turn, the last one for ever."""
    left = list(replies)

    def behave(connection: socket.socket, _: bytes, over: threading.Event) -> None:
        reply = left.pop(0) if len(left) > 1 else left[0]
        connection.sendall(reply)
        if isinstance(reply, Cut):
            connection.shutdown(socket.SHUT_RDWR)

    return behave


def _redeem(stage: Stage, wire: Wire, seconds: float = 5.0) -> Tokens:
    return stage.endpoint().redeem(
        f"{wire.url}/token?tenant=1",
        code="the-code",
        redirect_uri="https://gateway.example.com/cb",
        code_verifier="the-verifier",
        deadline=Deadline(seconds),
    )


def _refresh(stage: Stage, wire: Wire, seconds: float = 5.0, method: str | None = None) -> Tokens:
    return stage.endpoint(method).refresh(
        f"{wire.url}/token", refresh_token="refresh-4711", deadline=Deadline(seconds)
    )


def test_a_code_is_redeemed(stage: Stage) -> None:
    with serving(_replies(_says(GOOD | {"refresh_token": "r e f/1"}))) as wire:
        tokens = _redeem(stage, wire)
    assert (tokens.access_token, tokens.refresh_token) == ("access-4711", "r e f/1")
    assert tokens.expires_at == pytest.approx(now() + 3600, abs=30)
    (request,) = wire.requests
    head = request.partition(b"\r\n\r\n")[0].decode().lower()
    assert head.startswith("post /token?tenant=1 http/1.1")
    assert "accept: application/json" in head
    assert "content-type: application/x-www-form-urlencoded" in head
    assert "authorization:" not in head
    assert form_of(request) == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": "https://gateway.example.com/cb",
        "code_verifier": "the-verifier",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }


def test_a_token_is_refreshed(stage: Stage) -> None:
    with serving(_replies(_says(GOOD))) as wire:
        assert _refresh(stage, wire).refresh_token is None
    (request,) = wire.requests
    assert form_of(request) == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-4711",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }


def test_basic_authentication_where_it_is_demanded(stage: Stage) -> None:
    refused = _says(
        {"error": "invalid_client"}, "401 Unauthorized", 'WWW-Authenticate: Basic realm="token"'
    )
    endpoint = stage.endpoint()
    with serving(_replies(refused, _says(GOOD))) as wire:
        for _ in range(2):
            endpoint.refresh(f"{wire.url}/", refresh_token="refresh-4711", deadline=Deadline(5))
    assert endpoint.method == "client_secret_basic"
    first, second, third = wire.requests
    assert form_of(first)["client_secret"] == CLIENT_SECRET
    expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode())
    for request in (second, third):
        assert b"\r\nAuthorization: Basic " + expected + b"\r\n" in request
        assert "client_secret" not in form_of(request)


FINAL = [
    ("400 Bad Request", {"error": "invalid_grant", "error_description": "refresh-4711 is over"}),
    ("401 Unauthorized", {"error": "invalid_grant"}),
    ("200 OK", {"ok": False, "error": "invalid_refresh_token"}),
    ("200 OK", {"ok": False, "error": "token_revoked"}),
    ("200 OK", {"error": "bad_refresh_token"}),
    ("400 Bad Request", {"error": "interaction_required"}),
]


@pytest.mark.parametrize(("status", "body"), FINAL)
def test_a_grant_that_is_over(stage: Stage, status: str, body: dict[str, Any]) -> None:
    with serving(_replies(_says(body, status))) as wire, pytest.raises(GrantEnded):
        _refresh(stage, wire)
    assert len(wire.requests) == 1


OPERATORS = [
    ("401 Unauthorized", {"error": "invalid_client"}, "client_id and client_secret"),
    ("400 Bad Request", {"error": "invalid_client"}, "client_id and client_secret"),
    ("401 Unauthorized", b"<html>no</html>", "client_id and client_secret"),
    ("200 OK", {"ok": False, "error": "bad_client_secret"}, "client_id and client_secret"),
    ("200 OK", {"ok": False, "error": "invalid_client_id"}, "client_id and client_secret"),
    ("400 Bad Request", {"error": "unauthorized_client"}, "unauthorized_client"),
    ("403 Forbidden", {"error": "unauthorized_client"}, "unauthorized_client"),
    ("400 Bad Request", {"error": "invalid_scope"}, "invalid_scope"),
    ("400 Bad Request", {"error": "unsupported_grant_type"}, "unsupported_grant_type"),
    ("200 OK", {"ok": False, "error": "oauth_authorization_url_mismatch"}, "url_mismatch"),
]


@pytest.mark.parametrize(("status", "body", "says"), OPERATORS)
def test_the_operator_s_mistake(stage: Stage, status: str, body: Any, says: str) -> None:
    with serving(_replies(_says(body, status))) as wire, pytest.raises(BadGateway) as caught:
        _refresh(stage, wire)
    assert "connector 'drive'" in caught.value.message
    assert "an admin must mend" in caught.value.message
    assert says in caught.value.message


MALFORMED = [
    b"<html>sign in</html>",
    b"[]",
    b'"access-4711"',
    b"{" * 100_000,
    b"\xff\xfe",
    b"{}",
    b'{"access_token": 1}',
    b'{"access_token": ""}',
    b'{"access_token": null}',
    b'{"access_token": ["access-4711"]}',
    b'{"access_token": "access 4711"}',
    b'{"access_token": "access-4711\\r\\nX-Evil: 1"}',
    b'{"access_token": "access-4711\\n"}',
    b'{"access_token": "t\xc3\xb6ken"}',
    b'{"access_token": "%s"}' % (b"a" * 9000),
    b'{"access_token": "access-4711", "refresh_token": 7}',
    b'{"access_token": "access-4711", "refresh_token": {"a": 1}}',
    b'{"access_token": "access-4711", "token_type": "mac"}',
    b'{"access_token": "access-4711", "token_type": ["Bearer"]}',
    b'{"ok": true, "access_token": "xoxb-1", "token_type": "bot", "authed_user": {"id": "U1"}}',
    b'{"ok": false}',
    b'{"ok": false, "error": {"code": 1}}',
    b'{"access_token": "access-4711", "error": "Client-Secret-4711"}',
    b'{"access_token": "%s"}' % (b"a" * 300_000),
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:60]))
def test_an_answer_that_is_none(stage: Stage, body: bytes) -> None:
    with serving(_replies(_says(body))) as wire, pytest.raises(BadGateway) as caught:
        _redeem(stage, wire)
    assert len(wire.requests) == 1, "a code is not sent again after an answer"
    _holds_no_secret(caught.value)


def test_a_redirect_is_not_followed(stage: Stage) -> None:
    with (
        serving(_replies(_says(GOOD))) as other,
        serving(_replies(answer(b"", "307 Temporary Redirect", f"Location: {other.url}"))) as wire,
        pytest.raises(BadGateway),
    ):
        _redeem(stage, wire)
    assert other.requests == []


TRANSIENT = [
    _says(b"", "500 Internal Server Error"),
    _says({"error": "temporarily_unavailable"}, "400 Bad Request"),
    _says({"error": "slow_down"}, "400 Bad Request"),
    _says({"ok": False, "error": "ratelimited"}, "429 Too Many Requests", "Retry-After: 1"),
    _says({"ok": False, "error": "internal_error"}),
    _says(b"<html>", "503 Service Unavailable", "Retry-After: 0"),
    Cut(),
    Cut(answer()[:20]),
    Cut(_says(GOOD)[:-20]),
]


@pytest.mark.parametrize("failure", TRANSIENT, ids=lambda failure: repr(failure[:40]))
def test_what_passes_is_tried_once_more(stage: Stage, failure: bytes) -> None:
    with serving(_replies(failure, _says(GOOD))) as wire:
        assert _refresh(stage, wire).access_token == "access-4711"
    assert len(wire.requests) == 2
    assert form_of(wire.requests[0]) == form_of(wire.requests[1])


def test_what_does_not_pass_is_said(stage: Stage) -> None:
    failure = _says(b"", "503 Service Unavailable")
    with serving(_replies(failure)) as wire, pytest.raises(Unavailable) as caught:
        _refresh(stage, wire)
    assert len(wire.requests) == 2
    assert "connector 'drive'" in caught.value.message
    _holds_no_secret(caught.value)


def test_a_long_pause_is_not_waited_for(stage: Stage) -> None:
    limited = _says(b"{}", "429 Too Many Requests", "Retry-After: 60")
    with serving(_replies(limited)) as wire, pytest.raises(Unavailable) as caught:
        _refresh(stage, wire)
    assert len(wire.requests) == 1
    assert caught.value.retry_after == 60


def test_an_endpoint_that_never_answers(stage: Stage) -> None:
    def silent(_: socket.socket, __: bytes, over: threading.Event) -> None:
        over.wait(20)

    with serving(silent) as wire, pytest.raises(GatewayTimeout) as caught:
        _refresh(stage, wire, seconds=0.4)
    assert "GATEWAY_TOKEN_TIMEOUT_SECONDS" in caught.value.message


def test_an_endpoint_that_is_not_there(stage: Stage) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/token"
        with pytest.raises(Unavailable) as caught:
            stage.endpoint().refresh(url, refresh_token="refresh-4711", deadline=Deadline(5))
    _holds_no_secret(caught.value)


def _holds_no_secret(error: ApiError) -> None:
    """An error tells neither what was sent nor what came, nor does what it came from."""
    said, cause = "", error
    while cause is not None:
        said += f"{cause!r} {cause.args} "
        assert cause.__cause__ is None
        cause = None if cause.__suppress_context__ else cause.__context__  # type: ignore[assignment]
    assert not [secret for secret in SECRETS if secret in said]
