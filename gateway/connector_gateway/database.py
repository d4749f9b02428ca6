"""The database: SQLite with no set-up, or PostgreSQL; brought to the newest schema at the start."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from connector_sdk import ConfigurationError

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 15.0
# Of a process to PostgreSQL, which takes 100 of all processes unless it is told otherwise. They are
# held for milliseconds, so that the many threads wait for each other here and not in vain there.
_CONNECTIONS = 16
_LOCK = 7_205_759  # of this project's migrations, among PostgreSQL's advisory locks


class Database:
    """The engine of a process, and its sessions.

    Args:
        url: as SQLAlchemy takes it.

    Raises:
        ConfigurationError: it is not a database's URL, or none that this gateway can use.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
        except ArgumentError:
            raise ConfigurationError(
                "DATABASE_URL is not a database's URL, such as postgresql://user@host/name"
            ) from None
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.engine = create_engine(
                self.url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True
            )
            event.listen(self.engine, "connect", _configure_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        elif self.url.get_backend_name() == "postgresql":
            self.engine = create_engine(
                self.url,
                pool_size=_CONNECTIONS,
                max_overflow=0,
                pool_pre_ping=True,
                hide_parameters=True,
            )
        else:
            raise ConfigurationError("DATABASE_URL must begin with postgresql:// or sqlite:///")
        self._readers = sessionmaker(self.engine, expire_on_commit=False)
        self._writers = sessionmaker(
            self.engine.execution_options(writes=True), expire_on_commit=False
        )

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that only reads."""
        with self._readers() as session:
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session that is committed at the end of the block."""
        turn = self._turn() if self.is_sqlite else contextlib.nullcontext()
        with turn, self._writers.begin() as session:
            yield session

    def migrate(self) -> None:
        """Bring the schema to the newest; processes that start together take turns.

        Raises:
            ConfigurationError: the database cannot be reached or written.
        """
        try:
            if not self._is_newest():
                with self._alone() as connection:
                    _upgrade(connection)
        except (SQLAlchemyError, OSError) as error:
            kind = type(getattr(error, "orig", None) or error).__name__
            where = self.url.database if self.is_sqlite else self.url.host
            raise ConfigurationError(
                f"DATABASE_URL: the database at {where} cannot be opened and brought to the newest "
                f"schema ({kind})"
            ) from None

    def _is_newest(self) -> bool:
        if self.is_sqlite and not Path(str(self.url.database)).exists():
            return False
        newest = max(path.name for path in (_MIGRATIONS / "versions").glob("*.py")).split("_")[0]
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
            return list(found) == [newest]

    @contextlib.contextmanager
    def _alone(self) -> Iterator[Connection]:
        if not self.is_sqlite:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
                connection.commit()
                try:
                    yield connection
                finally:
                    connection.rollback()
                    connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
                    connection.commit()
            return
        path = Path(str(self.url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._turn():
            path.touch(0o600)
            with self.engine.connect() as connection:
                yield connection

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Take one's turn in writing SQLite's file, as threads and processes asked for it.

        SQLite's own lock keeps no order, so that under load somebody waits until it gives up
        ("database is locked"), and a migration's transactions release it between them.
        """
        with open(f"{self.url.database}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _upgrade(connection: Connection) -> None:
    # Imported by the start that needs it: most find the schema as it is to be.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()


def _configure_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    # What is deleted is overwritten: a token that was forgotten is not left in the file.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes fails where another wrote in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def now() -> float:
    """Return the time, in seconds since 1970."""
    return time.time()
