"""The project's own programs as processes: started, waited for, and ended."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 30.0
_STOP_SECONDS = 40.0  # longer than gunicorn gives the requests under way

T = TypeVar("T")


GATEWAY = "gateway"


def services() -> dict[str, Path]:
    """Return the folder of each service that can be run and deployed, by its name."""
    found = {path.parent.name: path.parent for path in ROOT.glob("connectors/*/pyproject.toml")}
    return dict(sorted(found.items())) | {GATEWAY: ROOT / GATEWAY}


def package_of(name: str) -> str:
    """Return the import package of a service's folder: `generic_rest_connector`."""
    return "connector_gateway" if name == GATEWAY else f"{name.replace('-', '_')}_connector"


def gunicorn(name: str, app: str | None = None) -> list[str]:
    """Return the command that serves a connector, as it is deployed."""
    return [
        *(sys.executable, "-m", "gunicorn", "-c", "python:connector_sdk.gunicorn_conf"),
        app or f"{package_of(name)}.app:app",
    ]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with these settings and nothing else that a connector reads."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "LANG", "PYTHONPATH")
        if name in os.environ
    }
    return {**kept, "PYTHONUNBUFFERED": "1", **settings}


def start_connector(
    name: str, settings: Mapping[str, str], folder: Path, app: str | None = None
) -> subprocess.Popen[bytes]:
    """Start a connector in `folder`, whose file `log` gets its output.

    It listens on loopback, on a port that the system chooses unless the settings say which.
    """
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            gunicorn(name, app),
            env=environment({"HOST": "127.0.0.1", "PORT": "0", **settings}),
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def connector_url(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Return where a connector that was started in `folder` listens, once it does.

    Raises:
        RuntimeError: it ended, or took too long; the message has its log.
    """
    log = folder / "log"

    def listening() -> str | None:
        found = re.search(r"Listening at: (http://[\d.]+:\d+)", log.read_text())
        return found[1] if found else None

    return wait_for(listening, process, log.read_text)


def start_module(
    module: str, folder: Path, *arguments: str
) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """Start a stand-in for a provider, and return what its ready file says.

    Raises:
        RuntimeError: it ended, or took too long; the message has its output.
    """
    ready, output = folder / f"{module}.ready", folder / f"{module}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "--ready-file", str(ready), *arguments],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    text = wait_for(
        lambda: ready.read_text() if ready.exists() else None, process, output.read_text
    )
    said: dict[str, Any] = json.loads(text)
    return process, said


def wait_for(
    ready: Callable[[], T | None], process: subprocess.Popen[bytes], output: Callable[[], str]
) -> T:
    """Return the first answer of `ready` that is one.

    Raises:
        RuntimeError: the process ended, or took too long; the message has its output.
    """
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        answer = ready()
        if answer is not None:
            return answer
        time.sleep(0.02)
    stop(process)
    raise RuntimeError(f"it did not start:\n{output()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process: SIGTERM, and SIGKILL when that is not heeded."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
