"""The gateway as real processes, with the operator's commands beside it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cohere
import httpx
import psycopg
import requests

from connector_gateway import users
from connector_gateway.database import Database
from connector_gateway.settings import GatewaySettings
from scripts.processes import START_SECONDS, connector_url, environment, start_connector, stop

APP = "connector_gateway.app:app"


@dataclass
class RunningGateway:
    """A gateway that is running.

    Args:
        url: where it listens, and where browsers are sent.
        folder: its data folder, with the file `log`.
        settings: its variables.
        process: gunicorn's, which has the workers below it.
        http: of the SDK's clients.
    """

    url: str
    folder: Path
    settings: Mapping[str, str]
    process: subprocess.Popen[bytes]
    http: httpx.Client
    keys: dict[str, str] = field(default_factory=dict)

    def command(self, *words: str, settings: Mapping[str, str] | None = None) -> str:
        """Run `gateway …` as the operator would, and return what it printed."""
        return command(self.folder, {**self.settings, **(settings or {})}, *words)

    def key(self, name: str, role: users.Role = "member") -> str:
        """Return a user's API key; the user is added at the first call."""
        if name not in self.keys:
            # As the command does it, which takes its time to start.
            with self.database() as database, database.write() as session:
                self.keys[name] = users.add(session, name, role)
        return self.keys[name]

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Open the database that it works with."""
        settings = GatewaySettings(
            data_dir=Path(self.settings["GATEWAY_DATA_DIR"]),
            database_url=self.settings.get("DATABASE_URL", ""),
        )
        database = Database(settings.database)
        try:
            yield database
        finally:
            database.engine.dispose()

    @property
    def admin(self) -> str:
        """An admin's API key."""
        return self.key("admin", "admin")

    def sdk(self, key: str) -> cohere.Client:
        """Return the unmodified SDK, pointed here."""
        return cohere.Client(api_key=key, base_url=self.url, httpx_client=self.http)

    def call(self, method: str, path: str, key: str | None, **arguments: Any) -> requests.Response:
        """Call the API with an HTTP client."""
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        return requests.request(
            method, f"{self.url}{path}", headers=headers, timeout=60, **arguments
        )

    def search(self, key: str, *connectors: str, query: str = "travel policy", **more: Any) -> Any:
        """Search connectors by their ids, and return the answer."""
        asked = [{"id": one, **more} for one in connectors]
        return self.call("POST", "/v1/search", key, json={"query": query, "connectors": asked})

    def kill(self) -> None:
        """SIGKILL the processes that serve; gunicorn starts others in their place."""
        booted = re.findall(r"Booting worker with pid: (\d+)", self.log())
        for pid in booted[-int(self.settings.get("WEB_CONCURRENCY", "1")) :]:
            os.kill(int(pid), signal.SIGKILL)
            while Path("/proc", pid).exists():  # gunicorn takes note of it
                time.sleep(0.005)

    def restart(self, **settings: str) -> None:
        """Stop it, and start it again on the same data, with other settings; its log begins anew."""
        stop(self.process)
        self.settings = {**self.settings, **settings}
        self.process = start_connector("gateway", self.settings, self.folder, APP)
        self.wait()

    def wait(self) -> None:
        """Wait until it serves."""
        connector_url(self.process, self.folder)
        requests.get(f"{self.url}/health", timeout=START_SECONDS).raise_for_status()

    def log(self) -> str:
        """Return all that it has printed."""
        return (self.folder / "log").read_text()


def command(folder: Path, settings: Mapping[str, str], *words: str) -> str:
    """Run `gateway …` in a folder, and return what it printed; its failure is the test's."""
    run = subprocess.run(
        [sys.executable, "-m", "connector_gateway", *words],
        env=environment(settings),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@contextmanager
def running_gateway(database: str = "sqlite", **settings: str) -> Iterator[RunningGateway]:
    """Run a gateway until the end of the block: on loopback, so private addresses are allowed.

    Args:
        database: `sqlite`, or `postgresql` on the server that `TEST_DATABASE_URL` names.
        settings: further variables.
    """
    with (
        tempfile.TemporaryDirectory() as name,
        a_database(database) as where,
        httpx.Client(timeout=60) as http,
    ):
        folder = Path(name)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        told = {
            "PORT": str(port),
            "GATEWAY_PUBLIC_URL": url,
            "GATEWAY_DATA_DIR": str(folder),
            "GATEWAY_ALLOW_PRIVATE_ADDRESSES": "true",
            **where,
            **settings,
        }
        gateway = RunningGateway(
            url, folder, told, start_connector("gateway", told, folder, APP), http
        )
        try:
            gateway.wait()
            yield gateway
        finally:
            http.close()  # gunicorn waits for connections that are kept
            stop(gateway.process)


def free_port() -> int:
    """Return a port for a gateway, which must know it beforehand: its redirect URIs name it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def a_database(kind: str) -> Iterator[dict[str, str]]:
    """Give a database of its own on the server that `TEST_DATABASE_URL` names, or SQLite's file."""
    if kind == "sqlite":
        yield {}
        return
    server = os.environ["TEST_DATABASE_URL"]
    name = f"gateway_{os.urandom(6).hex()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield {"DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl()}
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
