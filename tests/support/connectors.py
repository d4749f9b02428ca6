"""Connectors as real processes under gunicorn, as they are deployed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 30


@dataclass
class Connector:
    """A connector that is running.

    Args:
        name: its folder below `connectors/`.
        url: where it listens.
        process: gunicorn's.
        log_file: everything that it has printed.
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


def package_of(name: str) -> str:
    """Return the import package of a connector's folder."""
    return f"{name.replace('-', '_')}_connector"


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with these settings and nothing else that a connector reads."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", **settings}


def start(
    name: str, settings: Mapping[str, str], folder: Path, app: str | None = None
) -> subprocess.Popen[bytes]:
    """Start a connector in `folder` on a port that the system chooses; its output is in `log`."""
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "-c", "python:connector_sdk.gunicorn_conf"),
                app or f"{package_of(name)}.app:app",
            ],
            env=environment({"HOST": "127.0.0.1", "PORT": "0", **settings}),
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


@contextmanager
def running(name: str, settings: Mapping[str, str], app: str | None = None) -> Iterator[Connector]:
    """Run a connector, or another WSGI app in its place, until the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
        process = start(name, settings, Path(folder), app)
        http = requests.Session()
        try:
            log = Path(folder, "log")
            yield Connector(name, _wait_until_up(process, log), process, log, http)
        finally:
            http.close()  # gunicorn waits for connections that are kept
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_up(process: subprocess.Popen[bytes], log: Path) -> str:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        found = re.search(r"Listening at: (http://[\d.]+:\d+)", log.read_text())
        if found:
            # The socket is bound: the connection waits in its queue until the worker is ready.
            requests.get(f"{found[1]}/health", timeout=_START_SECONDS).raise_for_status()
            return found[1]
        time.sleep(0.02)
    raise AssertionError(f"the connector did not start:\n{log.read_text()}")
