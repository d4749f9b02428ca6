"""`POST /v1/search`: which header a connector gets, and what becomes of its answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.conftest import Start
from tests.gateway.conftest import StartGateway
from tests.support.gateway import RunningGateway
from tests.support.wire import Wire, answer, serving

SERVICE = "registered-service-token-canary"
USER = "user-access-token-canary"
CHALLENGE = "WWW-Authenticate: Bearer"
Behave = Callable[[socket.socket, bytes, threading.Event], None]


def results(*rows: dict[str, Any], **more: Any) -> bytes:
    body = json.dumps({"results": list(rows), **more}).encode()
    return answer(body, "200 OK", "Content-Type: application/json")


def after_the_trial(then: bytes) -> Behave:
    """Stand the trial, and answer everything later with these bytes."""

    def behave(connection: socket.socket, request: bytes, over: threading.Event) -> None:
        trial = b'"query": "hello"' in request
        connection.sendall(results() if trial else then)

    return behave


def header(request: bytes, name: str) -> str | None:
    for line in request.decode().split("\r\n"):
        key, _, value = line.partition(": ")
        if key.lower() == name.lower():
            return value
    return None


def register(gateway: RunningGateway, wire: Wire, name: str = "one", **more: Any) -> str:
    body = {"name": name, "url": f"{wire.url}/search", **more}
    made = gateway.call("POST", "/v1/connectors", gateway.admin, json=body)
    assert made.status_code == 200, made.text
    connector_id: str = made.json()["connector"]["id"]
    return connector_id


@pytest.mark.parametrize(
    ("service_auth", "user_token", "authorization", "user_header"),
    [
        (True, None, f"Bearer {SERVICE}", None),
        (True, USER, f"Bearer {SERVICE}", USER),
        (False, USER, f"Bearer {USER}", None),
        (False, None, None, None),
    ],
)
def test_which_header_goes_to_the_connector(
    gateway: RunningGateway,
    service_auth: bool,
    user_token: str | None,
    authorization: str | None,
    user_header: str | None,
) -> None:
    with serving(after_the_trial(results({"id": "1", "text": "x"}))) as wire:
        auth = {"service_auth": {"type": "bearer", "token": SERVICE}}
        one = register(gateway, wire, "one", **(auth if service_auth else {}))
        asked = {"user_access_token": user_token} if user_token else {}
        found = gateway.search(gateway.key("mia"), one, **asked, options={"limit": 3})
        assert found.status_code == 200
        sent = wire.requests[-1]
        assert header(sent, "Authorization") == authorization
        assert header(sent, "X-User-Access-Token") == user_header
        assert gateway.key("mia").encode() not in sent
        body = json.loads(sent.partition(b"\r\n\r\n")[2])
        assert body == {"query": "travel policy", "options": {"limit": 3}}
    assert "canary" not in gateway.log()


@pytest.mark.parametrize("token", ["a b", "a\r\nX-Injected: 1", "", "Bearer x", "ключ"])
def test_a_token_that_is_none_reaches_no_connector(gateway: RunningGateway, token: str) -> None:
    with serving(after_the_trial(results())) as wire:
        one = register(gateway, wire)
        before = len(wire.requests)
        refused = gateway.search(gateway.key("mia"), one, user_access_token=token)
        assert refused.status_code == 400
        assert "user_access_token" in refused.json()["message"]
        assert len(wire.requests) == before


def test_answers_of_several_connectors_are_one(gateway: RunningGateway) -> None:
    """In the order asked; what is excluded is left out, what was found twice is there once."""
    first = results(
        {"id": "a", "title": "Policy", "text": "Meals up to 45 EUR", "author": "Dana"},
        {"id": "b", "text": "Trains", "n": 7, "list": ["x", "y"], "none": None},
    )
    second = results(
        {"id": "z", "title": "Copy", "text": "Meals  up to\n45 EUR"}, {"id": "y", "text": "Planes"}
    )
    with ExitStack() as stack:
        one = register(
            gateway,
            stack.enter_context(serving(after_the_trial(first))),
            excludes=["author"],
        )
        two = register(gateway, stack.enter_context(serving(after_the_trial(second))))
        key = gateway.key("mia")
        found = gateway.search(key, one, two)
        documents = [
            {"id": f"{one}_0", "title": "Policy", "text": "Meals up to 45 EUR"},
            {"id": f"{one}_1", "text": "Trains", "n": "7", "list": "x, y"},
            {"id": f"{two}_1", "text": "Planes"},
        ]
        assert found.json() == {
            "documents": documents,
            "search_results": [
                {"connector": {"id": one}, "document_ids": [f"{one}_0", f"{one}_1"]},
                {"connector": {"id": two}, "document_ids": [f"{two}_1"]},
            ],
        }
        assert found.headers["X-Search-Status"] == "complete"
        body = {"query": "q", "connectors": [{"id": one}]}
        v2 = gateway.call("POST", "/v1/search?format=v2", key, json=body).json()
        assert v2["documents"][1] == {
            "id": f"{one}_1",
            "data": {"text": "Trains", "n": "7", "list": "x, y"},
        }
        parts = [{"type": "document", "document": one} for one in v2["documents"]]
        assert v2["tool_results"] == parts


def _problem(status: str, detail: str, *headers: str) -> bytes:
    body = json.dumps({"detail": detail}).encode()
    return answer(body, status, "Content-Type: application/problem+json", *headers)


FAILURES = {
    "500": (answer(b"boom secret-canary", "500 Oops"), 502, "answered with 500"),
    "503": (answer(b"", "503 Busy"), 503, "503"),
    "429": (_problem("429 Slow", "Drive limits.", "Retry-After: 70"), 429, "Drive limits."),
    "400": (_problem("400 Bad", "Option 'folder': no."), 400, "Option 'folder': no."),
    "403": (_problem("403 No", "The scope drive is missing."), 403, "scope drive"),
    "401": (answer(b"", "401 No", CHALLENGE), 403, "refused the user_access_token"),
    "redirect": (answer(b"", "302 Found", "Location: http://127.0.0.1:1/"), 502, "302"),
    "html": (answer(b"<html>canary"), 502, "other than a list"),
    "not a list": (answer(b'{"results": {}}'), 502, "other than a list"),
    "not objects": (answer(b'{"results": ["x"]}'), 502, "other than a list"),
    "nothing": (answer(b"[]"), 502, "other than a list"),
    "nested": (answer(b"[" * 100_000), 502, "other than a list"),
    "too large": (answer(b'{"results": ["' + b"x" * 5_000_000 + b'"]}'), 502, "more than"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_connector_that_fails(gateway: RunningGateway, case: str) -> None:
    """Fails the search and is named; or is only said, where it may continue."""
    bytes_, status, says = FAILURES[case]
    with ExitStack() as stack:
        bad = register(gateway, stack.enter_context(serving(after_the_trial(bytes_))), "bad")
        good = register(
            gateway,
            stack.enter_context(serving(after_the_trial(results({"id": "1", "text": "t"})))),
        )
        key = gateway.key("mia")
        failed = gateway.search(key, bad, good, user_access_token=USER)
        assert failed.status_code == status, failed.text
        message = failed.json()["message"]
        assert bad in message
        assert says in message
        if case == "429":
            assert failed.headers["Retry-After"] == "70"
        on = gateway.search(key, bad, good, user_access_token=USER, continue_on_failure=True)
        assert on.status_code == 200
        assert on.headers["X-Search-Status"] == "partial"
        told, went = on.json()["search_results"]
        assert says in told["error_message"]
        assert told["document_ids"] == []
        assert went["document_ids"] == [f"{good}_0"]
        assert "canary" not in failed.text + on.text + gateway.log()


def test_a_connector_may_be_registered_to_continue(gateway: RunningGateway) -> None:
    with serving(after_the_trial(answer(b"", "500 Oops"))) as wire:
        one = register(gateway, wire, continue_on_failure=True)
        key = gateway.key("mia")
        assert gateway.search(key, one).status_code == 200
        assert gateway.search(key, one, continue_on_failure=False).status_code == 502


def test_connectors_are_asked_side_by_side_until_the_deadline(start_gateway: StartGateway) -> None:
    """One that never answers is cut off; the other's documents are there."""
    gateway = start_gateway(GATEWAY_SEARCH_TIMEOUT_SECONDS="1.5")

    def silent(connection: socket.socket, request: bytes, over: threading.Event) -> None:
        if b'"query": "hello"' in request:
            connection.sendall(results())
        else:
            over.wait(30)

    with ExitStack() as stack:
        slow = register(gateway, stack.enter_context(serving(silent)), "slow")
        fast = register(
            gateway,
            stack.enter_context(serving(after_the_trial(results({"id": "1", "text": "t"})))),
        )
        found = gateway.search(gateway.key("mia"), slow, fast, continue_on_failure=True)
        assert found.status_code == 200
        told, went = found.json()["search_results"]
        assert "1.5 seconds" in told["error_message"]
        assert went["document_ids"] == [f"{fast}_0"]
        assert gateway.search(gateway.key("mia"), slow).status_code == 504


def test_what_a_connector_left_out_is_handed_on(gateway: RunningGateway) -> None:
    warned = results({"id": "1"}, warnings=[{"reason": "too_large", "detail": "A file."}])
    with serving(after_the_trial(warned)) as wire:
        found = gateway.search(gateway.key("mia"), register(gateway, wire))
        assert found.headers["X-Search-Status"] == "partial"
        (told,) = found.json()["search_results"]
        assert told["warnings"] == [{"reason": "too_large", "detail": "A file."}]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 400, "object"),
        (b"[" * 100_000, 400, "JSON"),
        (b'{"query": "x"}', 400, "connectors"),
        (b'{"query": "x", "connectors": []}', 400, "connectors"),
        (b'{"query": " ", "connectors": [{"id": "x"}]}', 400, "query"),
        (b'{"query": "x", "connectors": [{"id": "nothing-x1x1x1"}]}', 404, "nothing-x1x1x1"),
        (b"x" * 400_000, 400, "bytes"),
    ],
)
def test_a_wrong_search(gateway: RunningGateway, body: bytes, status: int, says: str) -> None:
    refused = gateway.call("POST", "/v1/search", gateway.key("mia"), data=body)
    assert refused.status_code == status
    assert says in refused.json()["message"]


def test_a_connector_is_named_once_and_must_be_active(gateway: RunningGateway) -> None:
    with serving(after_the_trial(results())) as wire:
        one = register(gateway, wire, active=False)
        key = gateway.key("mia")
        assert "once" in gateway.search(key, one, one).json()["message"]
        refused = gateway.search(key, one)
        assert refused.status_code == 400
        assert "not active" in refused.json()["message"]


def test_real_connectors_with_a_user_s_own_tokens(
    gateway: RunningGateway, sandbox: Sandbox, start_connector: Start
) -> None:
    """Pass-through over Drive and Slack: what each caller's token may see, and no more."""
    drive = start_connector("gdrive", GDRIVE_API_ENDPOINT=sandbox.gdrive_api_endpoint)
    created = gateway.sdk(gateway.admin).connectors.create(name="d", url=f"{drive.url}/search")
    key = gateway.key("mia")
    found = {
        user: {
            document["title"]
            for document in gateway.search(
                key, created.connector.id, user_access_token=sandbox.gdrive_token(user)
            ).json()["documents"]
        }
        for user in ("alice", "bob")
    }
    assert found["alice"] - found["bob"]
    assert found["bob"] - found["alice"]
    revoked = sandbox.special_tokens["gdrive_revoked"]
    refused = gateway.search(key, created.connector.id, user_access_token=revoked)
    assert refused.status_code == 403
    missing = gateway.search(key, created.connector.id)
    assert missing.status_code == 403
    assert "needs a user_access_token" in missing.json()["message"]
