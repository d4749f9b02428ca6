"""The HTTP server: keep-alive, many threads, and connections that misbehave when told to."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from sandbox.fault_answers import fault_answer
from sandbox.faults import Fault, FaultBook
from sandbox.received import RequestLog, received

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOOPBACK = "127.0.0.1"
CONTROL = "/sandbox/"  # how the sandbox itself is steered: neither recorded nor disturbed


class Server(ThreadedWSGIServer):
    """Serves on loopback only."""

    request_queue_size = 512
    daemon_threads = True

    def __init__(
        self, app: WSGIApplication, port: int, faults: FaultBook, requests: RequestLog
    ) -> None:
        super().__init__(LOOPBACK, port, app, Handler)
        self.faults = faults
        self.requests = requests
        self._open: set[Any] = set()
        self._open_lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note a connection, then hand it to a thread."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ends."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open."""
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Handler(WSGIRequestHandler):
    """Answers one connection's requests.

    Werkzeug's own closes the connection after every answer, since it cannot know that the request
    was read to its end. This one reads it first.
    """

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # head and body leave in one packet

    def log(self, *_: Any) -> None:
        """Stay quiet: requests are kept, not printed."""

    def handle_expect_100(self) -> bool:
        """Tell the client to go on, at once and not only when the buffer is full."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def finish(self) -> None:
        """Close the streams; a client that has gone does not want what is left."""
        with contextlib.suppress(ConnectionError):
            super().finish()
        self.rfile.close()

    def run_wsgi(self) -> None:
        """Answer one request."""
        environ = self.make_environ()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        chunked = environ.get("wsgi.input_terminated", False)
        body = environ["wsgi.input"].read() if chunked else self.rfile.read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if path.startswith(CONTROL):
            self._answer(environ, None)
            return
        item = received(
            method=self.command,
            path=path,
            query=environ["QUERY_STRING"],
            headers=Headers(list(self.headers.items())),
            body=body,
            peer=(self.client_address[0], self.client_address[1]),
        )
        self.server.requests.add(item)
        fault, cleared = self.server.faults.meet(path, item.token)
        if fault is not None and fault.latency and cleared.wait(fault.latency):
            fault = None  # cleared while it waited
        if fault is not None and fault.drop:
            self._end()
        elif fault is not None and fault.trickle is not None:
            self._trickle(fault.trickle, fault.content_type or "application/json", cleared)
        else:
            self._answer(environ, fault, path)

    def _answer(self, environ: dict[str, Any], fault: Fault | None, path: str = "") -> None:
        response = fault_answer(fault, path) if fault is not None else None
        if response is None:
            if fault is not None and fault.incomplete_search:
                environ["sandbox.incomplete"] = True
            response = Response.from_app(self.server.app, environ, buffered=True)
        if fault is not None and fault.truncate:
            body = response.get_data()
            self._head(response, len(body) + 1000)
            self.wfile.write(body[: len(body) // 2])
            self._end()
            return
        self._head(response, response.headers.get("Content-Length", type=int))
        if self.command != "HEAD":
            for part in response.iter_encoded():
                self.wfile.write(part)
        response.close()
        self.wfile.flush()

    def _head(self, response: Response, length: int | None) -> None:
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        if length is None:
            length = len(response.get_data())
        if response.status_code not in {204, 304}:
            self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _trickle(self, seconds: float, content_type: str, cleared: threading.Event) -> None:
        """Send a byte now and then, until the faults are cleared or the client has gone."""
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(1 << 30))
        self.end_headers()
        self.wfile.flush()
        while not cleared.wait(seconds):
            self.wfile.write(b" ")
            self.wfile.flush()
        self._end()

    def _end(self) -> None:
        """Close the connection, answered or not."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
