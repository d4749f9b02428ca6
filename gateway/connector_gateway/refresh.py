"""A token is refreshed once, whoever asks for it: processes agree by a lease in its row.

The lease is taken by a conditional UPDATE that is committed at once, so that it works alike on
SQLite and PostgreSQL and holds no connection while the provider is asked. What comes is stored only
over the version that was read: a row that was deleted or replaced meanwhile stays so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, or_, update

from connector_sdk import Deadline

from . import audit, connections
from .database import Database, now
from .gateway import Gateway
from .models import Connection, Connector
from .tokens import GrantEnded, Tokens

if TYPE_CHECKING:
    from .authorization import ConnectorAuth

_LEASE_MARGIN = 4.0  # seconds that a lease outlives the call that it is for


def refresh(
    gateway: Gateway,
    database: Database,
    connector: Connector,
    authorization: ConnectorAuth,
    user_id: str,
    row: Connection,
) -> bool:
    """Do what `ConnectorAuth.try_refresh_token` says."""
    if row.sealed_refresh_token is None or is_leased(row):
        return False
    seconds = gateway.settings.token_timeout_seconds
    lease = _take_lease(database, row, seconds)
    if lease is None:
        return False
    try:
        refresh_token = gateway.vault.open(
            row.sealed_refresh_token, "sealed_refresh_token", user_id, row.connector_id
        )
        tokens = authorization.endpoint.refresh(
            connector.token_url or "", refresh_token=refresh_token, deadline=Deadline(seconds)
        )
    except GrantEnded:
        end(database, row, "the provider ended the refresh token")
        return True
    except BaseException:
        _write(database, row, Connection.leased_until == lease, leased_until=None)
        raise
    if not _keep(gateway, database, row, tokens):
        connections.revoke(gateway, connector, tokens)
    authorization.remember_method()
    return True


def is_leased(row: Connection) -> bool:
    """Whether somebody was refreshing the tokens when the row was read, and has time left."""
    return row.leased_until is not None and row.leased_until >= now()


def end(database: Database, row: Connection, reason: str) -> None:
    """Drop the refresh token; the access token is used as long as it may be good.

    Args:
        database: where the row is.
        row: as it was read; if it has changed since, it stays as it is.
        reason: for the audit.
    """
    # Without a refresh token, whoever asks this has found the access token of no use.
    over = row.sealed_refresh_token is None or row.expires_at is None or row.expires_at <= now()
    with database.write() as session:
        ended = session.execute(
            update(Connection)
            .where(_is(row, row.version))
            .values(
                version=row.version + 1, leased_until=None, sealed_refresh_token=None, refused=over
            )
        )
        if ended.rowcount:  # type: ignore[attr-defined]
            audit.record(
                session,
                "connection.expired",
                user_id=row.user_id,
                connector_id=row.connector_id,
                reason=reason,
            )


def _take_lease(database: Database, row: Connection, seconds: float) -> float | None:
    moment = now()
    until = moment + seconds + _LEASE_MARGIN
    free = or_(Connection.leased_until.is_(None), Connection.leased_until < moment)
    return until if _write(database, row, free, leased_until=until) else None


def _keep(gateway: Gateway, database: Database, row: Connection, tokens: Tokens) -> bool:
    """Store both tokens together; the old refresh token stays where no new one came.

    Returns:
        Whether the user still has tokens for the connector: these, or others that came meanwhile.
    """
    place = (row.user_id, row.connector_id)
    access_token = gateway.vault.seal(tokens.access_token, "sealed_access_token", *place)
    values: dict[str, Any] = {"sealed_access_token": access_token, "expires_at": tokens.expires_at}
    if tokens.refresh_token is not None:
        values["sealed_refresh_token"] = gateway.vault.seal(
            tokens.refresh_token, "sealed_refresh_token", *place
        )
    # Whoever took over a lease that had run out was told that the old refresh token is used up.
    overtaken = and_(_is(row, row.version + 1), Connection.sealed_refresh_token.is_(None))
    with database.write() as session:
        session.execute(
            update(Connection)
            .where(or_(_is(row, row.version), overtaken))
            .values(version=row.version + 2, leased_until=None, refused=False, **values)
        )
        return session.get(Connection, place) is not None


def _is(row: Connection, version: int) -> ColumnElement[bool]:
    return and_(
        Connection.user_id == row.user_id,
        Connection.connector_id == row.connector_id,
        Connection.version == version,
    )


def _write(
    database: Database, row: Connection, *conditions: ColumnElement[bool], **values: Any
) -> bool:
    """Change the row if it is still the version that was read; whether it was."""
    with database.write() as session:
        done = session.execute(
            update(Connection).where(_is(row, row.version), *conditions).values(**values)
        )
    return bool(done.rowcount)  # type: ignore[attr-defined]
