"""Canary tokens and keys appear nowhere but at the provider, over every connector."""

from __future__ import annotations

import json
import socket

import pytest

from sandbox.faults import Fault
from tests.contract.conftest import KEY, NEXT_KEY, Subject

CANARY = "canary-user-token-Zm9vYmFy"


def _talk(subject: Subject, data: bytes) -> bytes:
    """Send bytes to the connector as they are, and read until it hangs up."""
    host, _, port = subject.relay.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"status": 401, "body": f'{{"echo": "{CANARY}"}}', "content_type": "application/json"},
        {"status": 403, "body": f'{{"error": {{"message": "{CANARY}"}}}}'},
        {"status": 500, "body": CANARY},
        {"status": 200, "body": f'{{"ok": false, "error": "{CANARY}"}}'},
        {"status": 200, "body": CANARY},
        {"redirect": f"http://127.0.0.1:9/?token={CANARY}"},
        {"drop": True},
    ],
    ids=lambda fault: "-".join(map(str, fault.values()))[:30] or "none",
)
def test_a_user_token_is_in_no_answer_and_no_log(
    subject: Subject, fault: dict[str, object]
) -> None:
    """Not even where the provider gives it back."""
    if fault:
        subject.sandbox.inject(Fault(path=subject.provider.search_path, **fault))  # type: ignore[arg-type]
    response = subject.relay.search(subject.provider.query, CANARY)
    assert response.status_code >= 400
    assert CANARY not in response.text + str(response.headers)
    assert CANARY not in subject.relay.log()


MALFORMED_HEADS = {
    "space before the colon": b"Authorization : Bearer %s\r\n",
    "no colon": b"Authorization Bearer %s\r\n",
    "folded": b"Authorization: Bearer\r\n %s\r\n",
    "bad name": b"Auth{orization: Bearer %s\r\n",
    "NUL": b"Authorization: Bearer %s\x00\r\n",
    "bad length": b"Authorization: Bearer %s\r\nContent-Length: x\r\n",
    "bad encoding": b"Authorization: Bearer %s\r\nTransfer-Encoding: canary\r\n",
    "too many": b"Authorization: Bearer %s\r\n" + b"X-A: b\r\n" * 200,
    "too large": b"Authorization: Bearer %s" + b"a" * 70_000 + b"\r\n",
}


@pytest.mark.parametrize("lines", MALFORMED_HEADS.values(), ids=MALFORMED_HEADS.keys())
def test_a_malformed_head_is_not_repeated(subject: Subject, lines: bytes) -> None:
    """Gunicorn's own answer would hold the line, and so would its log."""
    head = b"POST /search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    answer = _talk(subject, head + lines.replace(b"%s", CANARY.encode()) + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 4"), answer
    assert b"canary" not in answer
    assert CANARY not in subject.relay.log()


def test_a_malformed_request_line_is_not_repeated(subject: Subject) -> None:
    """Nor a token that somebody put into a URL."""
    answers = _talk(subject, f"GET /{CANARY} HTTP/9.9\r\n\r\n".encode())
    answers += _talk(
        subject, f"GET /health?access_token={CANARY} HTTP/1.1\r\nConnection: close\r\n\r\n".encode()
    )
    assert b"canary" not in answers
    assert CANARY not in subject.relay.log()


def test_the_connector_key_never_reaches_the_provider(subject: Subject) -> None:
    """And the user's token only in the one header that the provider reads."""
    connector = subject.connector(key=True, service=True)
    connector.search(subject.provider.query, KEY)
    connector.search(subject.provider.query, NEXT_KEY, user_token=subject.token())
    received = json.dumps([request.to_json() for request in subject.sandbox.requests])
    assert subject.search_calls()
    for secret in (KEY, NEXT_KEY):
        assert secret not in received
    for request in subject.sandbox.requests:
        body = json.dumps({**request.to_json(), "headers": {}})
        assert subject.token() not in body


def test_no_process_has_written_a_secret(subject: Subject) -> None:
    """In anything that it has printed, in any set-up, at the finest level of logging."""
    connector = subject.connector(key=True, service=True)
    connector.search(subject.provider.query, KEY)
    connector.search(subject.provider.query, KEY, user_token=subject.token("bob"))
    connector.search(subject.provider.query, KEY, user_token=CANARY)
    service = subject.provider.service(subject.sandbox).values()
    for process in subject.everything_running:
        log = process.log()
        for secret in (
            KEY,
            NEXT_KEY,
            CANARY,
            subject.token("alice"),
            subject.token("bob"),
            *service,
        ):
            assert secret not in log
        assert "PRIVATE KEY" not in log


def test_the_log_is_json_lines(subject: Subject) -> None:
    """Each with the request's id where it belongs to one."""
    subject.relay.search(subject.provider.query, subject.token())
    entries = subject.relay.log_entries()
    assert all({"time", "severity", "message"} <= entry.keys() for entry in entries)
    searches = [entry for entry in entries if entry.get("path") == "/search"]
    assert all(entry["request_id"] for entry in searches)
