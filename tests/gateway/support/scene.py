"""What the tests of the pages share: a connector that is registered, and a look into the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import requests

from sandbox.server import Sandbox
from tests.support.connectors import Connector
from tests.support.gateway import RunningGateway

APP = "https://app.example.com"  # where an application lives, to which browsers may return
AFTER = f"{APP}/done?tab=1"
ALLOWED = {"GATEWAY_ALLOWED_REDIRECT_ORIGINS": f"{APP}, http://localhost:3000"}
SCOPE = "https://www.googleapis.com/auth/drive.readonly"


def google(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    """Return the client that is registered with the stand-in for Google."""
    return {
        "client_id": "sandbox-google-client",
        "client_secret": "sandbox-google-secret",
        "authorize_url": f"{sandbox.url}/google/o/oauth2/v2/auth?access_type=offline&prompt=consent",
        "token_url": f"{sandbox.url}/google/token",
        "revocation_url": f"{sandbox.url}/google/revoke",
        "scope": SCOPE,
        **more,
    }


def slack(sandbox: Sandbox) -> dict[str, Any]:
    """Return the client that is registered with the stand-in for Slack."""
    return {
        "client_id": "sandbox-slack-client",
        "client_secret": "sandbox-slack-secret",
        "authorize_url": f"{sandbox.url}/slack/oauth/v2_user/authorize",
        "token_url": f"{sandbox.url}/slack/api/oauth.v2.user.access",
        "scope": "search:read",
    }


def register(gateway: RunningGateway, drive: Connector, **fields: Any) -> str:
    """Register a connector, and return its id."""
    body = {"name": "Drive", "url": f"{drive.url}/search", **fields}
    answer = gateway.call("POST", "/v1/connectors", gateway.admin, json=body)
    assert answer.status_code == 200, answer.text
    identifier: str = answer.json()["connector"]["id"]
    return identifier


def authorize(
    gateway: RunningGateway, key: str, connector_id: str, after: str | None = None
) -> requests.Response:
    """Ask for the link with which a user connects an account."""
    parameters = {} if after is None else {"after_token_redirect": after}
    return gateway.call(
        "POST", f"/v1/connectors/{connector_id}/oauth/authorize", key, params=parameters
    )


def link(gateway: RunningGateway, key: str, connector_id: str, after: str | None = None) -> str:
    """Return the link with which a user connects an account."""
    answer = authorize(gateway, key, connector_id, after)
    assert answer.status_code == 200, answer.text
    url: str = answer.json()["redirect_url"]
    return url


def sign_in_code(gateway: RunningGateway, name: str) -> str:
    """Have a code made with which a user signs in once."""
    answer = gateway.call("POST", "/v1/sign-in-codes", gateway.key(name))
    assert answer.status_code == 200, answer.text
    code: str = answer.json()["code"]
    return code


def auth_status(gateway: RunningGateway, key: str, connector_id: str) -> str | None:
    """Return what the API says of a user's connection."""
    connector = gateway.call("GET", f"/v1/connectors/{connector_id}", key).json()["connector"]
    status: str | None = connector.get("auth_status")
    return status


def connected_users(gateway: RunningGateway, connector_id: str) -> list[str]:
    """Return the names of all who have tokens for a connector."""
    rows = rows_of(
        gateway,
        "SELECT name FROM connections JOIN users ON users.id = user_id WHERE connector_id = ?",
        connector_id,
    )
    return [name for (name,) in rows]


def audited(gateway: RunningGateway, connector_id: str) -> list[str]:
    """Return what the audit table says was done with a connector, the oldest first."""
    rows = rows_of(
        gateway,
        "SELECT action FROM audit_events WHERE connector_id = ? ORDER BY id",
        connector_id,
    )
    return [action for (action,) in rows]


def rows_of(gateway: RunningGateway, statement: str, *values: Any) -> list[Any]:
    """Run a statement on the gateway's own SQLite file; what it changes is kept."""
    with closing(sqlite3.connect(gateway.folder / "gateway.sqlite3", timeout=15)) as database:
        rows = database.execute(statement, values).fetchall()
        database.commit()
        return rows


def token_requests(sandbox: Sandbox) -> list[str]:
    """Return the paths of the token endpoints that were called."""
    paths = [received.path for received in sandbox.requests]
    return [path for path in paths if path.endswith(("/token", "oauth.v2.user.access"))]
