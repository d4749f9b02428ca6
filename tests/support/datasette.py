"""A real REST search server: Datasette over a full-text index, behind bearer tokens."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.rest_server import command, handbook
from scripts.processes import environment

TOKEN = "datasette-reader-token-3f9c1d"
_START_SECONDS = 30


@dataclass(frozen=True)
class Datasette:
    """A server that is running.

    Args:
        url: where it listens.
        token: one that it accepts.
        log_file: everything that it has printed; a line for each request.
    """

    url: str
    token: str
    log_file: Path

    def log(self) -> str:
        """Return all that it has printed."""
        return self.log_file.read_text()


@contextmanager
def running_datasette(
    folder: Path,
    rows: Iterable[Mapping[str, Any]] | None = None,
    tokens: Mapping[str, str] | None = None,
) -> Iterator[Datasette]:
    """Run Datasette on a port that the system chooses until the end of the block.

    Args:
        folder: an empty folder for the database and the log.
        rows: the articles; the handbook's when not given.
        tokens: whom each bearer token stands for; `TOKEN` alone when not given.
    """
    known = dict(tokens or {TOKEN: "reader"})
    arguments = command(folder, 0, known, handbook() if rows is None else rows)
    log = folder / "datasette.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments, env=environment({}), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield Datasette(_wait_until_up(process, log), next(iter(known)), log)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_up(process: subprocess.Popen[bytes], log: Path) -> str:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        found = re.search(r"Uvicorn running on (http://[\d.]+:\d+)", log.read_text())
        if found:  # it says so when its socket is bound
            return found[1]
        time.sleep(0.02)
    raise AssertionError(f"Datasette did not start:\n{log.read_text()}")
