"""The HTTP client against servers that misbehave."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector_sdk import (
    ConfigurationError,
    Deadline,
    DeadlineExceeded,
    HttpClient,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    ResponseTooLarge,
)
from connector_sdk.http import origin
from tests.support.wire import answer, serving

TOKEN = {"Authorization": "Bearer canary-token"}


def _answering(response: bytes):  # type: ignore[no-untyped-def]
    return lambda connection, request, over: connection.sendall(response)


def test_an_answer_is_read_whole_and_its_connection_kept() -> None:
    """Two calls go over one connection, headers and body as they were given."""
    with serving(_answering(answer(b'{"ok": true}'))) as wire:
        http = HttpClient([wire.url])
        for _ in range(2):
            response = http.request(
                "POST", f"{wire.url}/x", deadline=Deadline(5), headers=TOKEN, json={"q": 'a"b'}
            )
            assert response.json() == {"ok": True}
        assert wire.connections == 1
        assert b"Authorization: Bearer canary-token" in wire.requests[0]
        assert wire.requests[0].endswith(b'{"q": "a\\"b"}')


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed(status: str) -> None:
    """The other host hears nothing, token or not."""
    with serving(_answering(answer())) as other:
        location = f"Location: {other.url}/elsewhere"
        with serving(_answering(answer(b"", status, location))) as wire:
            http = HttpClient([wire.url, other.url])
            response = http.request("GET", wire.url, deadline=Deadline(5), headers=TOKEN)
            with pytest.raises(ProviderError, match="redirect"):
                response.raise_for_status()
        assert other.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "https://example.com/",
        "http://example.com/",
        "file:///etc/passwd",
        "//127.0.0.1/",
        "http://user:secret@{host}/",
        "http://{host}@127.0.0.2/",
        "http://127.0.0.2\\@{host}/",
        "",
    ],
)
def test_only_listed_hosts_are_called(url: str) -> None:
    """Scheme, host and port are compared before anything is sent."""
    with serving(_answering(answer())) as wire:
        http = HttpClient([wire.url])
        target = url.replace("{host}", wire.url.removeprefix("http://"))
        with pytest.raises(ProviderError):
            http.request("GET", target, deadline=Deadline(5), headers=TOKEN)
        assert wire.connections == 0


def test_a_header_that_http_forbids_is_said_and_not_sent() -> None:
    """Without its value."""
    with serving(_answering(answer())) as wire:
        http = HttpClient([wire.url])
        with pytest.raises(ProviderError, match="HTTP forbids") as raised:
            http.request("GET", wire.url, deadline=Deadline(5), headers={"X-Key": "canary\nkey"})
        assert "canary" not in str(raised.value)
        assert wire.connections == 0


def test_plain_http_to_other_hosts_cannot_be_configured() -> None:
    """A list with plain http to anything but loopback is refused."""
    with pytest.raises(ConfigurationError, match="https"):
        HttpClient(["http://example.com"])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Slack.com/api/", "https://slack.com:443"),
        ("http://[::1]:8080/x", "http://[::1]:8080"),
        ("http://localhost", "http://localhost:80"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: str) -> None:
    """Case and default ports make no difference."""
    assert origin(url) == expected


def test_a_cookie_of_one_answer_is_not_sent_with_the_next() -> None:
    """Callers share a session, and must share nothing that a provider set."""
    with serving(_answering(answer(b"{}", "200 OK", "Set-Cookie: session=alice"))) as wire:
        http = HttpClient([wire.url])
        for _ in range(2):
            http.request("GET", wire.url, deadline=Deadline(5))
        assert b"cookie" not in b"".join(wire.requests).lower()


def test_netrc_adds_no_credentials(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """The operator's .netrc is not the connector's business."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(_answering(answer())) as wire:
        HttpClient([wire.url]).request("GET", wire.url, deadline=Deadline(5))
        assert b"authorization" not in wire.requests[0].lower()


def _bomb() -> bytes:
    return answer(gzip.compress(b"0" * 50_000_000), "200 OK", "Content-Encoding: gzip")


@pytest.mark.parametrize("response", [answer(b"x" * 200_000), _bomb()], ids=["large", "bomb"])
def test_an_answer_is_read_up_to_its_cap(response: bytes) -> None:
    """The cap counts decompressed bytes."""
    with serving(_answering(response)) as wire:
        http = HttpClient([wire.url])
        with pytest.raises(ResponseTooLarge):
            http.request("GET", wire.url, deadline=Deadline(5), max_bytes=100_000)


def _trickle(connection: socket.socket, request: bytes, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(0.02):
        connection.sendall(b"x")


def _slow_head(connection: socket.socket, request: bytes, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.wait(0.02):
        connection.sendall(b"X-Filler: 1\r\n")


def _silent(connection: socket.socket, request: bytes, over: threading.Event) -> None:
    over.wait(60)


@pytest.mark.parametrize("behave", [_trickle, _slow_head, _silent])
def test_closing_the_deadline_ends_a_call_whatever_it_does(behave) -> None:  # type: ignore[no-untyped-def]
    """Each of these would go on past any read timeout; the socket is closed under it."""
    with serving(behave) as wire, ThreadPoolExecutor() as threads:
        deadline = Deadline(30)
        http = HttpClient([wire.url])
        call = threads.submit(http.request, "GET", wire.url, deadline=deadline)
        while not wire.requests:
            time.sleep(0.01)
        started = time.monotonic()
        deadline.close()
        with pytest.raises(DeadlineExceeded):
            call.result(timeout=5)
        assert time.monotonic() - started < 1


def test_a_closed_deadline_starts_no_call() -> None:
    """Nothing is sent for a request that is over."""
    with serving(_answering(answer())) as wire:
        deadline = Deadline(5)
        deadline.close()
        with pytest.raises(DeadlineExceeded):
            HttpClient([wire.url]).request("GET", wire.url, deadline=deadline)
        assert wire.connections == 0


@pytest.mark.parametrize("status", ["429 Too Many", "502 Bad", "503 Unavailable", "504 Timeout"])
def test_a_passing_fault_is_tried_again(status: str) -> None:
    """The third try succeeds."""

    def behave(connection: socket.socket, request: bytes, over: threading.Event) -> None:
        failed = len(wire.requests) < 3
        connection.sendall(answer(b"{}", status, "Retry-After: 0") if failed else answer())

    with serving(behave) as wire:
        http = HttpClient([wire.url])
        assert http.request("GET", wire.url, deadline=Deadline(10)).status == 200
        assert len(wire.requests) == 3


def test_a_dropped_connection_is_tried_again() -> None:
    """A kept connection may have been closed by the other side."""

    def behave(connection: socket.socket, request: bytes, over: threading.Event) -> None:
        if len(wire.requests) == 1:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            connection.sendall(answer())

    with serving(behave) as wire:
        assert HttpClient([wire.url]).request("GET", wire.url, deadline=Deadline(10)).status == 200


def test_a_wait_longer_than_the_request_lives_is_passed_on() -> None:
    """The provider's own Retry-After reaches the caller at once."""
    response = answer(b"{}", "429 Too Many", "Retry-After: 30")
    with serving(_answering(response)) as wire:
        given = HttpClient([wire.url]).request("GET", wire.url, deadline=Deadline(5))
        assert len(wire.requests) == 1
        with pytest.raises(RateLimited) as raised:
            given.raise_for_status()
        assert raised.value.retry_after == 30


def test_an_error_of_our_own_request_is_not_tried_again() -> None:
    """A 400 stays a 400."""
    with serving(_answering(answer(b"{}", "400 Bad"))) as wire:
        http = HttpClient([wire.url])
        assert http.request("GET", wire.url, deadline=Deadline(5)).status == 400
        assert len(wire.requests) == 1


def test_a_failing_host_is_left_alone_and_then_tried_again() -> None:
    """After twenty failures in a row calls fail at once; one success mends it."""
    with serving(_answering(answer(b"{}", "500 Broken"))) as wire:
        http = HttpClient([wire.url])
        for _ in range(20):
            http.request("GET", wire.url, deadline=Deadline(5))
        with pytest.raises(ProviderUnavailable, match="in a row") as raised:
            http.request("GET", wire.url, deadline=Deadline(5))
        assert raised.value.retry_after is not None
        assert 0 < raised.value.retry_after <= 2
        assert len(wire.requests) == 20
        wire.behave = _answering(answer())
        Deadline(10).wait(raised.value.retry_after)  # the circuit's own time, at most two seconds
        assert http.request("GET", wire.url, deadline=Deadline(5)).status == 200


@pytest.mark.parametrize("status", ["401 No", "403 No", "429 Slow", "404 Gone"])
def test_what_one_caller_is_refused_closes_no_host(status: str) -> None:
    """One caller's expired token is not the provider's failure."""
    with serving(_answering(answer(b"{}", status, "Retry-After: 60"))) as wire:
        http = HttpClient([wire.url])
        for _ in range(25):
            http.request("GET", wire.url, deadline=Deadline(5))
        assert len(wire.requests) == 25


def test_a_host_that_refuses_connections_is_unavailable() -> None:
    """The message names the host."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(ProviderUnavailable, match=r"127\.0\.0\.1"):
        HttpClient([url]).request("GET", url, deadline=Deadline(3))


@pytest.mark.parametrize("body", [b"<html>", b"", b"[" * 100_000, b"\xff\xfe"])
def test_an_answer_that_is_not_json_is_the_providers_fault(body: bytes) -> None:
    """The message says what came, not its text."""
    with serving(_answering(answer(body, "200 OK", "Content-Type: text/html"))) as wire:
        response = HttpClient([wire.url]).request("GET", wire.url, deadline=Deadline(5))
        with pytest.raises(ProviderError, match="text/html"):
            response.json()
