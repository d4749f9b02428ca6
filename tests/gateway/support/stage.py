"""A gateway inside this process, on a real database, with connectors and tokens put into it."""

from __future__ import annotations

import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import update

from connector_gateway import connections
from connector_gateway.authorization import ConnectorAuth
from connector_gateway.database import now
from connector_gateway.gateway import Gateway
from connector_gateway.models import Connection, Connector, User
from connector_gateway.oauth_client import TokenEndpoint
from connector_gateway.settings import GatewaySettings
from connector_gateway.tokens import Tokens
from connector_sdk import Deadline
from tests.support.gateway import a_database

PUBLIC_URL = "https://gateway.example.com"
CLIENT_ID, CLIENT_SECRET = "client-id-4711", "Client-Secret-4711"
ACCESS_TOKEN, REFRESH_TOKEN = "access-0", "refresh-0"
TOKEN_TIMEOUT = 3.0


@dataclass(frozen=True)
class Stage:
    """A gateway, and what other processes must be told to be of the same.

    Args:
        gateway: in this process.
        environment: for others.
    """

    gateway: Gateway
    environment: dict[str, str]

    def connector(self, token_url: str, **fields: Any) -> Connector:
        """Register a connector with OAuth, without asking it."""
        identifier = f"drive-{uuid.uuid4().hex[:6]}"
        vault = self.gateway.vault
        values: dict[str, Any] = {
            "name": "Drive",
            "url": "https://drive.example.com/search",
            "excludes": [],
            "active": True,
            "continue_on_failure": False,
            "created_at": now(),
            "updated_at": now(),
            "version": 1,
            "auth_type": "oauth",
            "authorize_url": "https://provider.example.com/authorize",
            "pkce": True,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            **fields,
        }
        for name in ("client_id", "client_secret"):
            column = f"sealed_{name}"
            values[column] = vault.seal(values.pop(name), column, identifier)
        connector = Connector(id=identifier, token_url=token_url, **values)
        with self.gateway.database.write() as session:
            session.add(connector)
        return self.again(connector)

    def again(self, connector: Connector) -> Connector:
        """Return a connector's row as it is now."""
        with self.gateway.database.read() as session:
            return session.get_one(Connector, connector.id)

    def user(self) -> str:
        """Add a user, and return the id."""
        identifier = f"user_{uuid.uuid4().hex}"
        with self.gateway.database.write() as session:
            row = User(id=identifier, name=identifier, role="member", disabled=False)
            row.created_at = now()
            session.add(row)
        return identifier

    def connect(
        self,
        connector: Connector,
        access_token: str = ACCESS_TOKEN,
        refresh_token: str | None = REFRESH_TOKEN,
        *,
        ends_in: float | None = -1.0,
        user: str | None = None,
    ) -> str:
        """Give a user tokens, which have ended unless told otherwise; return the user's id."""
        user = user or self.user()
        expires_at = None if ends_in is None else now() + ends_in
        tokens = Tokens(access_token, refresh_token, expires_at)
        connections.store(self.gateway, user, connector, tokens)
        return user

    def change(self, user: str, connector: Connector, **values: Any) -> None:
        """Change a connection's row, such as to let time pass for it."""
        with self.gateway.database.write() as session:
            session.execute(
                update(Connection)
                .where(Connection.user_id == user, Connection.connector_id == connector.id)
                .values(**values)
            )

    def row(self, user: str, connector: Connector) -> Connection | None:
        """Return a connection's row."""
        with self.gateway.database.read() as session:
            return session.get(Connection, (user, connector.id))

    def status(self, user: str, connector: Connector) -> str | None:
        """Return what `auth_status` says."""
        return connections.status(self.row(user, connector))

    def refresh_token(self, user: str, connector: Connector) -> str | None:
        """Return the refresh token that is kept."""
        row = self.row(user, connector)
        assert row is not None
        sealed, place = row.sealed_refresh_token, ("sealed_refresh_token", user, connector.id)
        return sealed and self.gateway.vault.open(sealed, *place)

    def token(self, user: str, connector: Connector, **more: Any) -> str:
        """Return a user's access token, as a search gets it."""
        deadline = Deadline(more.pop("seconds", 20.0))
        return connections.access_token(self.gateway, user, connector, deadline, **more)

    def auth(self, connector: Connector) -> ConnectorAuth:
        """Return the connector's authorization."""
        return ConnectorAuth(self.gateway, connector)

    def endpoint(self, method: str | None = None) -> TokenEndpoint:
        """Return a token endpoint's client that no connector is behind."""
        return TokenEndpoint(self.gateway.http, "drive", CLIENT_ID, CLIENT_SECRET, method)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody write connections until the end of the block; they can be read."""
        url = self.environment.get("DATABASE_URL")
        if url is None:
            path = Path(self.environment["GATEWAY_DATA_DIR"]) / "gateway.sqlite3"
            with closing(sqlite3.connect(path, timeout=15)) as database:
                database.execute("BEGIN IMMEDIATE")
                yield
                database.rollback()
            return
        with psycopg.connect(url) as database:
            database.execute("LOCK TABLE connections, authorizations IN EXCLUSIVE MODE")
            yield
            database.rollback()


@contextmanager
def a_stage(database: str) -> Iterator[Stage]:
    """Give a gateway until the end of the block, on SQLite or PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, a_database(database) as where:
        environment = {
            "GATEWAY_PUBLIC_URL": PUBLIC_URL,
            "GATEWAY_DATA_DIR": folder,
            "GATEWAY_ALLOW_PRIVATE_ADDRESSES": "true",
            "GATEWAY_TOKEN_TIMEOUT_SECONDS": f"{TOKEN_TIMEOUT:g}",
            "GATEWAY_CONNECT": "direct",
            **where,
        }
        settings = GatewaySettings(
            public_url=PUBLIC_URL,
            data_dir=Path(folder),
            allow_private_addresses=True,
            token_timeout_seconds=TOKEN_TIMEOUT,
            connect="direct",
            database_url=where.get("DATABASE_URL", ""),
        )
        gateway = Gateway.start(settings)
        try:
            yield Stage(gateway, environment)
        finally:
            gateway.database.engine.dispose()
            gateway.http.session.close()
