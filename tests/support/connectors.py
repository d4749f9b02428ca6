"""Connectors as real processes under gunicorn, as they are deployed."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from scripts.processes import START_SECONDS, connector_url, start_connector, stop


@dataclass
class Connector:
    """A connector that is running.

    Args:
        name: its folder below `connectors/`.
        url: where it listens.
        process: gunicorn's.
        log_file: everything that it has printed.
        http: keeps connections to it.
    """

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log_file: Path
    http: requests.Session

    def search(
        self,
        query: str = "travel policy",
        token: str | None = None,
        *,
        user_token: str | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        timeout: float = 35,
        **body: Any,
    ) -> requests.Response:
        """POST a search; `token` goes into `Authorization: Bearer`."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if user_token is not None:
            sent["X-User-Access-Token"] = user_token
        return self.http.post(
            f"{self.url}/search",
            json={"query": query, **body},
            headers=sent,
            params=params,
            timeout=timeout,
        )

    def log(self) -> str:
        """Return all that it has printed."""
        return self.log_file.read_text()

    def log_entries(self) -> list[dict[str, Any]]:
        """Return the log as it is meant to be read: a JSON object a line."""
        return [json.loads(line) for line in self.log().splitlines()]


@contextmanager
def running(name: str, settings: Mapping[str, str], app: str | None = None) -> Iterator[Connector]:
    """Run a connector, or another WSGI app in its place, until the end of the block."""
    with tempfile.TemporaryDirectory() as name_of_folder, requests.Session() as http:
        folder = Path(name_of_folder)
        process = start_connector(name, settings, folder, app)
        try:
            url = connector_url(process, folder)
            # The socket is bound: the connection waits in its queue until the worker is ready.
            requests.get(f"{url}/health", timeout=START_SECONDS).raise_for_status()
            yield Connector(name, url, process, folder / "log", http)
        finally:
            http.close()  # gunicorn waits for connections that are kept
            stop(process)


def refused_start(name: str, settings: Mapping[str, str]) -> str:
    """Start a connector that must not start, and return what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        process = start_connector(name, settings, Path(folder))
        assert process.wait(timeout=START_SECONDS) != 0
        return Path(folder, "log").read_text()
