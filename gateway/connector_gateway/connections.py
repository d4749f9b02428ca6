"""Users' connections: their tokens for a connector, kept, used and forgotten."""

from __future__ import annotations

import logging
import random
from itertools import chain, repeat
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connector_sdk import Deadline, DeadlineExceeded

from . import audit, authorization, refresh
from .database import now
from .errors import ApiError, BadRequest, GatewayTimeout, Unavailable
from .gateway import Gateway
from .models import Authorization, Connection, Connector, User
from .tokens import Tokens
from .vault import SecretUnreadable

_log = logging.getLogger(__name__)
_EARLY = 60.0  # seconds before its end that an access token is refreshed
_FIRST_PAUSES = (0.05, 0.1, 0.2)
_PAUSE = 0.4
# Where the providers that everybody uses revoke, by the host of their token endpoint.
_REVOCATION = {
    "oauth2.googleapis.com": "https://oauth2.googleapis.com/revoke",
    "slack.com": "https://slack.com/api/auth.revoke",
}


class NotConnected(Exception):
    """The user has no usable tokens for the connector, and must connect an account."""


def store(gateway: Gateway, user_id: str, connector: Connector, tokens: Tokens) -> None:
    """Keep the tokens of a consent, in place of those before.

    Args:
        gateway: the gateway.
        user_id: whose they are.
        connector: as it was when the user was asked.
        tokens: as the provider gave them.

    Raises:
        BadRequest: the user was disabled or the connector changed meanwhile; nothing is kept.
    """
    place = (user_id, connector.id)
    moment = now()
    row = Connection(
        user_id=user_id,
        connector_id=connector.id,
        sealed_access_token=gateway.vault.seal(tokens.access_token, "sealed_access_token", *place),
        sealed_refresh_token=tokens.refresh_token
        and gateway.vault.seal(tokens.refresh_token, "sealed_refresh_token", *place),
        expires_at=tokens.expires_at,
        refused=False,
        created_at=moment,
        # Never that of a row before, which somebody may be refreshing.
        version=int(moment * 1_000_000),
        leased_until=None,
    )
    with gateway.database.write() as session:
        # Locked, so that neither is disabled or changed before the tokens are there to be dropped,
        # and that one consent of a user is stored after another.
        user = session.get(User, user_id, with_for_update={"key_share": True})
        current = session.get(Connector, connector.id, with_for_update={"read": True})
        if user is None or user.disabled or current is None or current.version != connector.version:
            raise BadRequest(
                "the user or the connector changed meanwhile: connect the account again"
            )
        session.merge(row)
        audit.record(session, "connection.made", user_id=user_id, connector_id=connector.id)


def access_token(
    gateway: Gateway,
    user_id: str,
    connector: Connector,
    deadline: Deadline,
    *,
    not_this: str | None = None,
) -> str:
    """Return a user's access token, refreshed first when it ends within a minute.

    While somebody else refreshes it, it is used as long as it is good, else waited for.

    Args:
        gateway: the gateway.
        user_id: whose.
        connector: for which.
        deadline: of the search.
        not_this: a token that the connector has refused.

    Raises:
        NotConnected: there is none, and none to be had without the user.
        ApiError: the provider failed, and there is no token that is still good.
    """
    before: int | None = None
    for pause in chain(_FIRST_PAUSES, repeat(_PAUSE)):
        row = _usable(gateway, user_id, connector)
        token = gateway.vault.open(
            row.sealed_access_token, "sealed_access_token", user_id, connector.id
        )
        left = float("inf") if row.expires_at is None else row.expires_at - now()
        good = token != not_this and left > 0
        if row.sealed_refresh_token is None:
            if good:
                return token
            refresh.end(gateway.database, row, "the access token is of no use any more")
            raise NotConnected
        # One that came since is used however short its life: there is none better.
        renewed = before is not None and row.version != before
        if (left > 0) if renewed else (good and left > _EARLY):
            return token
        before = row.version
        try:
            changed = _refresh(gateway, user_id, connector, row)
        except ApiError:
            if not good:
                raise
            changed = False
        if good and not changed:
            return token
        _wait(connector, deadline, 0.0 if changed else pause)
    raise AssertionError("unreachable")


def _usable(gateway: Gateway, user_id: str, connector: Connector) -> Connection:
    with gateway.database.read() as session:
        found = session.execute(
            select(Connection, Connector.version)
            .join(Connector, Connector.id == Connection.connector_id)
            .where(Connection.user_id == user_id, Connection.connector_id == connector.id)
        ).one_or_none()
    if found is None or found[0].refused:
        raise NotConnected
    row, version = found
    if version != connector.version:
        # These tokens may be another provider's, which nobody may send to the one before.
        raise Unavailable(f"connector '{connector.id}' was changed meanwhile: try again")
    return row


def _refresh(gateway: Gateway, user_id: str, connector: Connector, row: Connection) -> bool:
    if refresh.is_leased(row):
        return False
    auth = authorization.ConnectorAuth(gateway, connector)
    return auth.try_refresh_token(gateway.database, user_id, row)


def _wait(connector: Connector, deadline: Deadline, seconds: float) -> None:
    try:
        deadline.wait(seconds * (0.5 + random.random()))  # noqa: S311 - jitter only
    except DeadlineExceeded:
        raise GatewayTimeout(
            f"connector '{connector.id}': the user's token was still being refreshed at the deadline"
        ) from None


def status(connection: Connection | None) -> Literal["valid", "expired"] | None:
    """Return what `auth_status` says of a connection; None where there is none."""
    if connection is None:
        return None
    over = connection.expires_at is not None and connection.expires_at <= now()
    dead = connection.refused or (over and connection.sealed_refresh_token is None)
    return "expired" if dead else "valid"


def forget(gateway: Gateway, user_id: str, connector: Connector) -> None:
    """Delete a user's tokens, and have them revoked where that is known how."""
    with gateway.database.write() as session:
        row = session.scalar(
            delete(Connection)
            .where(Connection.user_id == user_id, Connection.connector_id == connector.id)
            .returning(Connection)
        )
        session.execute(
            delete(Authorization).where(
                Authorization.user_id == user_id, Authorization.connector_id == connector.id
            )
        )
        if row is not None:
            audit.record(session, "connection.ended", user_id=user_id, connector_id=connector.id)
    if row is not None:
        try:
            tokens = _opened(gateway, row)
        except SecretUnreadable:
            _log.warning("tokens for connector %s were not revoked: no key fits", connector.id)
        else:
            revoke(gateway, connector, tokens)


def _opened(gateway: Gateway, row: Connection) -> Tokens:
    place, sealed = (row.user_id, row.connector_id), row.sealed_refresh_token
    return Tokens(
        gateway.vault.open(row.sealed_access_token, "sealed_access_token", *place),
        sealed and gateway.vault.open(sealed, "sealed_refresh_token", *place),
    )


def drop_all(session: Session, connector_id: str) -> None:
    """Delete everybody's tokens for a connector."""
    session.execute(delete(Connection).where(Connection.connector_id == connector_id))


def revoke(gateway: Gateway, connector: Connector, tokens: Tokens) -> None:
    """Have tokens revoked that are kept no more; a failure is logged, as nothing waits for it."""
    host = urlsplit(connector.token_url or "").hostname or ""
    url = connector.revocation_url or _REVOCATION.get(host)
    if url is None:
        return
    deadline = Deadline(gateway.settings.token_timeout_seconds)
    try:
        authorization.ConnectorAuth(gateway, connector).endpoint.revoke(url, tokens, deadline)
    except ApiError as error:
        _log.warning("tokens of a user were not revoked: %s", error.message)
