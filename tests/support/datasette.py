"""A real REST search server: Datasette over a full-text index, behind bearer tokens."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.rest_server import SCHEMA, command, handbook
from scripts.processes import environment, stop, wait_for

TOKEN = "datasette-reader-token-3f9c1d"
_LISTENING = re.compile(r"Uvicorn running on (http://[\d.]+:\d+)")


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
    schema: str = SCHEMA,
) -> Iterator[Datasette]:
    """Run Datasette on a port that the system chooses until the end of the block.

    Args:
        folder: an empty folder for the database and the log.
        rows: the articles; the handbook's when not given.
        tokens: whom each bearer token stands for; `TOKEN` alone when not given.
        schema: the tables that the articles are put into.
    """
    known = dict(tokens or {TOKEN: "reader"})
    arguments = command(folder, 0, known, handbook() if rows is None else rows, schema)
    log = folder / "datasette.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments, env=environment({}), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        # It says so when its socket is bound.
        found = wait_for(lambda: _LISTENING.search(log.read_text()), process, log.read_text)
        yield Datasette(found[1], next(iter(known)), log)
    finally:
        stop(process)
