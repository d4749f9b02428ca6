"""A server that misbehaves on purpose, below HTTP: what it sends is up to the test."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Behaviour = Callable[[socket.socket, bytes, threading.Event], None]


class Wire:
    """A listening socket; each request that arrives is recorded and answered by `behave`.

    Args:
        behave: called with the connection, the request as it came, and an event that is set when
            the test is over, for those who would answer for ever.
    """

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.requests: list[bytes] = []
        self.connections = 0
        self.over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while request := _read_request(connection):
                self.requests.append(request)
                self.behave(connection, request, self.over)

    def close(self) -> None:
        """Stop listening, and let every behaviour that waits end."""
        self.over.set()
        self._socket.close()


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def serving(behave: Behaviour) -> Iterator[Wire]:
    """Serve with one behaviour until the end of the block."""
    wire = Wire(behave)
    try:
        yield wire
    finally:
        wire.close()


def answer(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
