"""A provider's token endpoint, at the wire: it rotates, and can be held at a point of an answer."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import parse_qsl

from tests.support.wire import Wire, answer

Point = Literal["connected", "received", "decided", "head", "body", "answered"]
WAIT_SECONDS = 30.0  # for what a test waits for; nothing takes that long


class TokenProvider(Wire):
    """Gives out access tokens; every code and every refresh token is good once.

    Args:
        rotates: whether refresh tokens are good once, or for ever.
        lifetime: what `expires_in` says.
    """

    def __init__(self, *, rotates: bool = True, lifetime: object = 3600) -> None:
        self.rotates = rotates
        self.lifetime = lifetime
        self.client_secret: str | None = None  # the one that is taken; None for any
        self.good: set[str] = set()  # codes and refresh tokens
        self.given: list[str] = []  # access tokens
        self.forms: list[dict[str, str]] = []
        self._held: Point | None = None
        self._hung_up = False
        self._lock = threading.Lock()
        self.reached = threading.Event()
        self._go_on = threading.Event()
        super().__init__(self._answer)
        self.token_url = f"{self.url}/token"

    def hold(self, point: Point) -> None:
        """Stop the next exchange at a point, once; `reached` is set when it is there."""
        self.reached.clear()
        self._go_on.clear()
        self._hung_up = False
        self._held = point

    def go_on(self) -> None:
        """Let what is held continue."""
        self._go_on.set()

    def hang_up(self) -> None:
        """Break off what is held: from that point on nothing happens."""
        self._hung_up = True
        self._go_on.set()

    def grant(self, secret: str) -> str:
        """Make a code or a refresh token good."""
        self.good.add(secret)
        return secret

    def close(self) -> None:
        self.go_on()
        super().close()

    def _at(self, point: Point) -> None:
        with self._lock:
            if self._held != point:
                return
            self._held = None
        self.reached.set()
        self._go_on.wait(WAIT_SECONDS)
        if self._hung_up:
            raise ConnectionAbortedError

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(ConnectionAbortedError):
            self._at("connected")
            super()._serve(connection)

    def _answer(self, connection: socket.socket, request: bytes, _: threading.Event) -> None:
        self._at("received")
        form = form_of(request)
        with self._lock:
            self.forms.append(form)
            status, body = self._decide(form)
        self._at("decided")
        whole = answer(json.dumps(body).encode(), status, "Content-Type: application/json")
        head = whole.index(b"\r\n\r\n") + 4
        for part, point in (
            (whole[:20], "head"),
            (whole[20 : head + 10], "body"),
            (whole[head + 10 :], "answered"),
        ):
            connection.sendall(part)
            self._at(point)  # type: ignore[arg-type]

    def _decide(self, form: dict[str, str]) -> tuple[str, dict[str, Any]]:
        if self.client_secret not in (None, form.get("client_secret")):
            return "401 Unauthorized", {"error": "invalid_client"}
        secret = form.get("code") or form.get("refresh_token", "")
        if secret not in self.good:
            return "400 Bad Request", {"error": "invalid_grant"}
        number = len(self.given) + 1
        body: dict[str, Any] = {"access_token": f"access-{number}", "token_type": "Bearer"}
        self.given.append(body["access_token"])
        if self.lifetime is not None:
            body["expires_in"] = self.lifetime
        if self.rotates or "code" in form:
            self.good.discard(secret)
            body["refresh_token"] = self.grant(f"refresh-{number}")
        return "200 OK", body


def form_of(request: bytes) -> dict[str, str]:
    """Return the form of a request, each field of which is there once."""
    fields = parse_qsl(request.partition(b"\r\n\r\n")[2].decode(), keep_blank_values=True)
    assert len(dict(fields)) == len(fields)
    return dict(fields)


@contextlib.contextmanager
def token_provider(*, rotates: bool = True, lifetime: object = 3600) -> Iterator[TokenProvider]:
    """Serve until the end of the block."""
    provider = TokenProvider(rotates=rotates, lifetime=lifetime)
    try:
        yield provider
    finally:
        provider.close()
