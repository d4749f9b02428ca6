"""Run the image of a connector from its own tree, as a container that may write nothing would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from scripts.processes import GATEWAY, ROOT, connector_url, start_module, stop
from scripts.standins import stand_in_of

_STOP_SECONDS = 10.0
# The variables that a service is started with, and how to try it at its URL.
Trial = tuple[dict[str, str], Callable[[str], str]]


class Failed(Exception):
    """An image is not as it must be."""


def run_image(name: str, tree: Path, config: dict[str, Any]) -> str:
    """Start a connector from its image's tree, try it, end it, and say how it went.

    Raises:
        Failed: it does not do what it must.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings, try_it = (_gateway if name == GATEWAY else _connector)(name, folder, stack)
        environment = dict(variable.split("=", 1) for variable in config["Env"])
        environment |= {"HOST": "127.0.0.1", "PORT": "0", **settings}
        started = time.monotonic()
        with (folder / "log").open("wb") as log:
            unshare = subprocess.Popen(
                [
                    *("setpriv", "--no-new-privs"),
                    *("unshare", "--mount", "--pid", "--fork"),
                    *(sys.executable, "-m", "scripts.image_enter"),
                    *(str(tree), config["User"], config["WorkingDir"]),
                    *config["Entrypoint"],
                    *(config["Cmd"] or []),
                ],
                env=environment,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        stack.callback(_kill, unshare)
        url = connector_url(unshare, folder)
        environment["PORT"] = url.rpartition(":")[2]
        requests.get(f"{url}/health", timeout=10).raise_for_status()
        took = time.monotonic() - started
        tried = try_it(url)
        (process,) = _children(unshare)
        inside = _entering(process, config["User"])
        kind, *health_check = config["Healthcheck"]["Test"]
        if kind != "CMD":
            raise Failed("the health check needs a shell")
        if subprocess.run([*inside, *health_check], env=environment, check=False).returncode:
            raise Failed("the health check says that it is not healthy")
        _expect_read_only(inside, config["Entrypoint"][0])
        ended = _end(unshare, process)
        if ended:
            raise Failed(f"it ended with {ended}:\n{(folder / 'log').read_text()}")
        return f"{took:.1f} s to /health, {tried}"


def _connector(name: str, folder: Path, stack: ExitStack) -> Trial:
    """A connector is started beside a stand-in for its provider, and searches it."""
    stand_in = stand_in_of(name)
    provider, ready = start_module(stand_in.module, folder, "--port", "0")
    stack.callback(stop, provider)

    def search(url: str) -> str:
        token = next(iter(stand_in.callers(ready).values()))
        found = requests.post(
            f"{url}/search",
            json={"query": stand_in.query},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        if found.status_code != 200 or not found.json()["results"]:
            raise Failed(f"a search was answered with {found.status_code}: {found.text}")
        return f"{len(found.json()['results'])} documents for a search"

    return stand_in.settings(ready), search


def _gateway(_name: str, _folder: Path, _stack: ExitStack) -> Trial:
    """The gateway is started on a database in its folder for temporary files."""

    def ask(url: str) -> str:
        page, refused = (
            requests.get(url, timeout=30),
            requests.get(f"{url}/v1/connectors", timeout=30),
        )
        if (page.status_code, refused.status_code) != (200, 401):
            raise Failed(f"its page and API answered {page.status_code}, {refused.status_code}")
        return "its page is served, and its API wants a key"

    return {"GATEWAY_DATA_DIR": "/tmp"}, ask  # noqa: S108 - of the image


def _entering(process: int, user: str) -> list[str]:
    """The start of a command that runs where and as whom a process does."""
    uid, gid = user.split(":")
    return [
        *("nsenter", "--target", str(process), "--mount", "--pid", "--root", "--wd"),
        *("--setuid", uid, "--setgid", gid, "--"),
    ]


def _expect_read_only(inside: list[str], program: str) -> None:
    python = str(Path(program).with_name("python"))
    for path in ("/written", "/app/written", "/dev/written"):
        writing = subprocess.run(
            [*inside, python, "-c", f"open('{path}', 'w')"],
            capture_output=True,
            text=True,
            check=False,
        )
        if "Read-only file system" not in writing.stderr:
            raise Failed(f"writing to {path} was not refused: {writing.stderr}")
    allowed = [*inside, python, "-c", "import tempfile; tempfile.TemporaryFile()"]
    if subprocess.run(allowed, check=False).returncode:
        raise Failed("there is no folder for temporary files")


def _children(unshare: subprocess.Popen[bytes]) -> list[int]:
    if unshare.poll() is not None:
        return []
    children = Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children")
    return [int(number) for number in children.read_text().split()]


def _kill(unshare: subprocess.Popen[bytes]) -> None:
    children = _children(unshare)
    for process in children:
        os.kill(process, signal.SIGKILL)  # the first of its namespace, which ends with it
    if not children:
        unshare.kill()
    unshare.wait()


def _end(unshare: subprocess.Popen[bytes], process: int) -> int:
    os.kill(process, signal.SIGTERM)
    try:
        return unshare.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        raise Failed(f"SIGTERM did not end it within {_STOP_SECONDS:.0f} s") from None
