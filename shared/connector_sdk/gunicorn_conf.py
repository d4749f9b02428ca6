"""How gunicorn serves a connector: `gunicorn -c python:connector_sdk.gunicorn_conf …`.

One process with many threads: a search waits for the network nearly all the time, and one process
keeps one pool of connections.
"""

from __future__ import annotations

import os
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """Answers a malformed request head without repeating it.

    gunicorn's own worker puts the offending header line, which may hold a token, into its answer
    and into its log.
    """

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ARG002
        """Log the kind of the error alone, and answer 400."""
        self.log.warning("refused a malformed request: %s", type(exc).__name__)
        body = (
            '{"type": "urn:problem:bad_request", "title": "Bad Request", "status": 400, '
            '"detail": "The head of the request is not well-formed HTTP/1.1.", "request_id": ""}'
        )
        head = (
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nCache-Control: no-store\r\n"
            f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            util.write_nonblock(client, (head + body).encode("latin-1"))
        except OSError:
            self.log.debug("the caller had gone")


bind = f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '8080')}"  # noqa: S104 - a container's
# Set in images, whose command has no shell to put a name into it.
wsgi_app = os.environ.get("WSGI_APP")
worker_class = "connector_sdk.gunicorn_conf.Worker"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = int(os.environ.get("THREADS", "64"))
keepalive = 75
timeout = 60  # for the worker's heartbeat; a search has a deadline of its own
graceful_timeout = 30
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
control_socket_disable = True  # it would need a writable folder
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "connector_sdk.logs.JsonFormatter"}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "json",
        }
    },
    "root": {"level": "WARNING", "handlers": ["stdout"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}},
}
