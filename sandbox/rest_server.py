"""A real REST search server for demo and tests: Datasette over an SQLite full-text index.

    python -m sandbox.rest_server --port 0 --ready-file ready.json

serves the handbook in `data_rest/handbook.yaml` behind a bearer token, until SIGTERM or SIGINT.
Nothing of it is ours but the data: it is `datasette serve` with datasette-auth-tokens.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import yaml

HANDBOOK = Path(__file__).with_name("data_rest") / "handbook.yaml"
DATABASE = "handbook"
_COLUMNS = ("slug", "title", "body", "author", "updated")
_LISTENING = re.compile(rb"Uvicorn running on (http://[\d.]+:\d+)")

# Double quotes around the name of the content table: Datasette looks for them (or for brackets)
# to recognise the index, and silently ignores `_search` on a table that has none.
SCHEMA = """
    create table articles (
        id integer primary key, slug text, title text, body text, author text, updated text
    );
    create virtual table articles_fts using fts5(
        title, body, content="articles", content_rowid="id",
        tokenize="porter unicode61 remove_diacritics 2"
    );
"""


def handbook() -> list[dict[str, Any]]:
    """Return the articles of the handbook."""
    # As strings: a time is stored as it stands in the file.
    articles: list[dict[str, Any]] = yaml.load(HANDBOOK.read_text(), yaml.BaseLoader)  # noqa: S506 - builds nothing but strings, lists and dicts
    return articles


def build_database(path: Path, rows: Iterable[Mapping[str, Any]], schema: str = SCHEMA) -> None:
    """Write an SQLite database with a full-text index.

    Args:
        path: the file to make; its name without suffix is the database's name in URLs.
        rows: the articles; what they lack of the columns stays null.
        schema: the tables, of which `articles` and `articles_fts` are filled.
    """
    values = [tuple(row.get(column) for column in _COLUMNS) for row in rows]
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(schema)
        database.executemany(
            "insert into articles (slug, title, body, author, updated) values (?, ?, ?, ?, ?)",
            values,
        )
        database.execute("insert into articles_fts (articles_fts) values ('rebuild')")


def command(
    folder: Path,
    port: int,
    tokens: Mapping[str, str],
    rows: Iterable[Mapping[str, Any]],
    schema: str = SCHEMA,
) -> list[str]:
    """Write what Datasette serves, and return the command that serves it.

    Args:
        folder: where database and configuration are written.
        port: where to listen on loopback; 0 lets the system choose.
        tokens: whom each bearer token stands for; nobody is let in without one.
        rows: the articles.
        schema: the tables that they are put into.
    """
    database, metadata = folder / f"{DATABASE}.db", folder / "metadata.json"
    build_database(database, rows, schema)
    known = [{"token": token, "actor": {"id": actor}} for token, actor in tokens.items()]
    _write_private(
        metadata,
        {
            "title": "Lindner Optics handbook",
            "allow": {"id": "*"},
            "plugins": {"datasette-auth-tokens": {"tokens": known}},
        },
    )
    return [
        *(sys.executable, "-m", "datasette", "serve", str(database)),
        *("--metadata", str(metadata), "--host", "127.0.0.1", "--port", str(port)),
    ]


def serve(folder: Path, port: int, token: str, ready_file: Path | None) -> int:
    """Serve the handbook until a signal ends it.

    Args:
        folder: where database and configuration are written.
        port: where to listen on loopback; 0 lets the system choose.
        token: what callers must send.
        ready_file: is written, for its owner only, once the server listens: `{"url", "token"}`.

    Returns:
        The exit status: 0 when a signal ended it.
    """
    stopped = False
    server: subprocess.Popen[bytes] | None = None

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True
        if server is not None:
            server.terminate()

    for end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(end, stop)
    arguments = command(folder, port, {token: "reader"}, handbook())
    if stopped:
        return 0
    server = subprocess.Popen(arguments, stderr=subprocess.PIPE)  # noqa: S603 - our own
    if stopped:
        server.terminate()
    assert server.stderr is not None  # noqa: S101 - for the type checker: it was asked for
    _relay(server.stderr, token, ready_file)
    status = server.wait()
    return 0 if stopped else status or 1


def _relay(log: IO[bytes], token: str, ready_file: Path | None) -> None:
    """Pass the server's log on until its end; announce where it listens when it says so."""
    for line in log:
        sys.stderr.buffer.write(line)
        sys.stderr.flush()
        found = _LISTENING.search(line)
        if found:
            url = found[1].decode()
            print(f"The handbook is at {url}, for 'Authorization: Bearer {token}'", flush=True)
            if ready_file is not None:
                _write_private(ready_file, {"url": url, "token": token})


def _write_private(path: Path, value: Any) -> None:
    """Write JSON that only its owner can read, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(value, file)
    part.replace(path)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8090, help="0 lets the system choose")
    parser.add_argument("--ready-file", type=Path, help="where to write url and token")
    parser.add_argument("--token", help="what callers must send; made up when not given")
    arguments = parser.parse_args()
    token = arguments.token or secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="handbook-") as folder:
        return serve(Path(folder), arguments.port, token, arguments.ready_file)


if __name__ == "__main__":
    sys.exit(main())
