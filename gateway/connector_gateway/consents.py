"""Consents under way: each is a row that is found by a secret's digest, and used once."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Literal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from .database import now
from .errors import BadRequest
from .gateway import Gateway
from .models import Authorization, Connector
from .secrets import digest, new_token
from .tokens import Tokens

LIFETIME_SECONDS = 600
Stage = Literal["link", "state", "code"]


def consume(
    session: Session, secret: str, stage: Stage, *, user_id: str | None = None
) -> Authorization | None:
    """Delete a row and return it, to the one caller who comes first.

    Args:
        session: a session that writes.
        secret: the link's ticket, the state or the code.
        stage: which of them it must be.
        user_id: whose it must be, else it stays; None for anybody's.

    Returns:
        None when there is no such row, or its time is over.
    """
    statement = delete(Authorization).where(
        Authorization.digest == digest(secret), Authorization.stage == stage
    )
    if user_id is not None:
        statement = statement.where(Authorization.user_id == user_id)
    row = session.scalar(statement.returning(Authorization))
    return None if row is None or row.expires_at <= now() else row


def add(session: Session, row: Authorization) -> None:
    """Store a row for ten minutes, and delete those that nobody came back for."""
    session.execute(delete(Authorization).where(Authorization.expires_at <= now()))
    row.expires_at = now() + LIFETIME_SECONDS
    session.add(row)


def fits(row: Authorization, connector: Connector | None) -> bool:
    """Whether the connector is still what the user was asked about."""
    return (
        connector is not None
        and connector.id == row.connector_id
        and connector.version == row.connector_version
    )


def keep(gateway: Gateway, row: Authorization, tokens: Tokens) -> str:
    """Store tokens until they are confirmed, and return the code that does it.

    Args:
        gateway: the gateway.
        row: the consent that they came of.
        tokens: as the provider gave them.

    Raises:
        BadRequest: the connector was changed or deleted meanwhile; nothing is kept.
    """
    code = new_token()
    found = digest(code)
    waiting = Authorization(
        digest=found,
        stage="code",
        user_id=row.user_id,
        connector_id=row.connector_id,
        connector_version=row.connector_version,
        redirect_uri=row.redirect_uri,
        sealed_tokens=gateway.vault.seal(json.dumps(asdict(tokens)), "sealed_tokens", found),
    )
    with gateway.database.write() as session:
        if not fits(row, session.get(Connector, row.connector_id)):
            raise BadRequest("the connector changed meanwhile: connect the account again")
        add(session, waiting)
    return code


def kept(gateway: Gateway, row: Authorization) -> Tokens:
    """Return the tokens that a row keeps."""
    sealed = row.sealed_tokens or ""
    return Tokens(**json.loads(gateway.vault.open(sealed, "sealed_tokens", row.digest)))
