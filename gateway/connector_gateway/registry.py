"""Registered connectors: made, listed, changed and deleted."""

from __future__ import annotations

import re
import secrets
import string
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connector_sdk.documents import rfc3339

from . import audit, connections, registration
from .database import now
from .errors import NotFound, Unavailable
from .gateway import Gateway
from .models import Authorization, Connection, Connector
from .payloads import ConnectorChange, NewConnector
from .probe import probe
from .users import Caller

_SUFFIX = string.ascii_lowercase + string.digits


def create(gateway: Gateway, caller: Caller, payload: NewConnector) -> dict[str, Any]:
    """Store a new connector, once it has answered a search.

    Raises:
        BadRequest: something is missing or wrong, or the connector does not answer as it must.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", payload.name.lower()).strip("-")[:50] or "connector"
    suffix = "".join(secrets.choice(_SUFFIX) for _ in range(6))
    connector = Connector(
        id=f"{slug}-{suffix}",
        excludes=[],
        active=True,
        continue_on_failure=False,
        created_at=now(),
        version=1,
        auth_type=None,
        pkce=True,
    )
    registration.apply(gateway, connector, payload)
    _probe(gateway, connector)
    with gateway.database.write() as session:
        session.add(connector)
        audit.record(
            session,
            "connector.created",
            user_id=caller.id,
            connector_id=connector.id,
            url=connector.url,
            auth_type=connector.auth_type,
        )
    return describe(gateway, connector, None)


def newest(
    gateway: Gateway, caller: Caller, *, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """Return connectors, newest first, as the caller sees them, and how many there are in all."""
    with gateway.database.read() as session:
        total = session.scalar(select(func.count()).select_from(Connector)) or 0
        found = session.execute(
            _with_connection(caller)
            .order_by(Connector.created_at.desc(), Connector.id)
            .limit(limit)
            .offset(offset)
        ).all()
    return [describe(gateway, connector, connection) for connector, connection in found], total


def get(gateway: Gateway, connector_id: str) -> Connector:
    """Return a connector's row.

    Raises:
        NotFound: there is none of this id.
    """
    with gateway.database.read() as session:
        return _get(session, connector_id)


def show(gateway: Gateway, caller: Caller, connector_id: str) -> dict[str, Any]:
    """Return a connector as the caller sees it.

    Raises:
        NotFound: there is none of this id.
    """
    with gateway.database.read() as session:
        found = session.execute(
            _with_connection(caller).where(Connector.id == connector_id)
        ).one_or_none()
    if found is None:
        raise _not_found(connector_id)
    return describe(gateway, found[0], found[1])


def update(
    gateway: Gateway, caller: Caller, connector_id: str, payload: ConnectorChange
) -> dict[str, Any]:
    """Change what the payload names.

    Raises:
        NotFound: there is no such connector.
        BadRequest: something is wrong, secrets are missing that must come again, or the changed
            connector does not answer as it must.
    """
    before = get(gateway, connector_id)
    connector = get(gateway, connector_id)
    changed = registration.apply(gateway, connector, payload)
    moved = registration.moved(before, connector)
    if moved:
        registration.secrets_must_come_again(connector, payload, moved)
    if changed:
        _probe(gateway, connector)
        connector.version += 1
    with gateway.database.write() as session:
        current = _get(session, connector_id, lock=True)
        if (current.version, current.updated_at) != (before.version, before.updated_at):
            raise Unavailable("the connector was changed by somebody else meanwhile: try again")
        if moved or connector.auth_type != before.auth_type or registration.client_changed(payload):
            connections.drop_all(session, connector_id)
        if changed:
            session.execute(delete(Authorization).where(Authorization.connector_id == connector_id))
        session.merge(connector)
        audit.record(
            session,
            "connector.changed",
            user_id=caller.id,
            connector_id=connector_id,
            keys=sorted(payload.model_fields_set),
            moved=moved,
        )
    return show(gateway, caller, connector_id)


def remove(gateway: Gateway, caller: Caller, connector_id: str) -> None:
    """Delete a connector, and everybody's tokens for it.

    Raises:
        NotFound: there is none of this id.
    """
    with gateway.database.write() as session:
        connector = _get(session, connector_id)
        connections.drop_all(session, connector_id)
        session.delete(connector)
        audit.record(session, "connector.deleted", user_id=caller.id, connector_id=connector_id)


def describe(
    gateway: Gateway, connector: Connector, connection: Connection | None
) -> dict[str, Any]:
    """Return a connector as the API gives it; no secret is in it."""
    described: dict[str, Any] = {
        "id": connector.id,
        "organization_id": "self-hosted",
        "name": connector.name,
        "description": connector.description,
        "url": connector.url,
        "created_at": rfc3339(connector.created_at),
        "updated_at": rfc3339(connector.updated_at),
        "excludes": connector.excludes,
        "auth_type": connector.auth_type,
        "active": connector.active,
        "continue_on_failure": connector.continue_on_failure,
    }
    if connector.auth_type == "oauth":
        client_id = connector.sealed_client_id or ""
        described["oauth"] = {
            "client_id": gateway.vault.open(client_id, "sealed_client_id", connector.id),
            "authorize_url": connector.authorize_url,
            "token_url": connector.token_url,
            "scope": connector.scope,
            "redirect_uri": gateway.settings.redirect_uri(connector.id),
        }
        described["auth_status"] = connections.status(connection)
    return {key: value for key, value in described.items() if value is not None}


def _with_connection(caller: Caller) -> Any:
    mine = (Connection.connector_id == Connector.id) & (Connection.user_id == caller.id)
    return select(Connector, Connection).outerjoin(Connection, mine)


def _get(session: Session, connector_id: str, *, lock: bool = False) -> Connector:
    # Locked where it is changed, so that no consent is stored between what is dropped and that.
    connector = session.get(Connector, connector_id, with_for_update=lock or None)
    if connector is None:
        raise _not_found(connector_id)
    return connector


def _not_found(connector_id: str) -> NotFound:
    return NotFound(f"connector '{connector_id[:80]}' does not exist")


def _probe(gateway: Gateway, connector: Connector) -> None:
    sealed = connector.sealed_service_token
    token = gateway.vault.open(sealed, "sealed_service_token", connector.id) if sealed else None
    probe(gateway, connector.url, service_token=token)
