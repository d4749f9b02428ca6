"""Users, roles and API keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connector_sdk.auth import BEARER

from . import audit
from .database import now
from .errors import Forbidden, Unauthorized
from .gateway import Gateway
from .models import ApiKey, Authorization, BrowserSession, Connection, User
from .secrets import digest, new_token

Role = Literal["admin", "member"]
_KEY_PREFIX = "gw_"  # by which secret scanners and people know it


class NoSuchUser(Exception):
    """There is no user of this name; the message names it."""


@dataclass(frozen=True)
class Caller:
    """Who a request is from.

    Args:
        id: the user's.
        name: what people call the user.
        role: `admin` may register connectors, `member` may use them.
        key_digest: of the API key, for its rate limit.
    """

    id: str
    name: str
    role: str
    key_digest: str

    def must_be_admin(self) -> None:
        """Let admins through.

        Raises:
            Forbidden: the caller is a member.
        """
        if self.role != "admin":
            raise Forbidden(
                f"The user '{self.name}' is a member, and only an admin may register, change or "
                "delete connectors: gateway users add NAME --role admin makes one."
            )


def authenticate(gateway: Gateway, authorization: str | None) -> Caller:
    """Return whose API key a request carries.

    Args:
        gateway: the gateway.
        authorization: the value of the `Authorization` header.

    Raises:
        Unauthorized: there is none, or it is no user's.
    """
    if authorization is None:
        raise Unauthorized("no API key: send 'Authorization: Bearer <your gateway API key>'")
    match = BEARER.fullmatch(authorization)
    caller = by_key(gateway, match[1]) if match else None
    if caller is None:
        raise Unauthorized(
            "invalid API key: this gateway does not know it, or its user is disabled"
        )
    return caller


def by_key(gateway: Gateway, key: str) -> Caller | None:
    """Return whose API key this is, None for nobody's or a disabled user's."""
    # Looked up by digest: the time that takes says nothing about the key.
    found = digest(key)
    with gateway.database.read() as session:
        user = session.scalar(
            select(User).join(ApiKey, ApiKey.user_id == User.id).where(ApiKey.digest == found)
        )
    if user is None or user.disabled:
        return None
    return Caller(user.id, user.name, user.role, found)


def add(session: Session, name: str, role: Role) -> str:
    """Add a user and return the first API key, which is shown this once.

    Raises:
        sqlalchemy.exc.IntegrityError: the name is taken.
    """
    user = User(
        id=f"user_{new_token()[:16]}", name=name, role=role, disabled=False, created_at=now()
    )
    session.add(user)
    session.flush()
    audit.record(session, "user.added", user_id=user.id, name=name, role=role)
    return _add_key(session, user.id)


def new_key(session: Session, name: str, *, keep_old: bool = False) -> str:
    """Give a user a new API key and return it; the old ones end, unless they are kept.

    Raises:
        NoSuchUser: there is no user of this name.
    """
    user = _by_name(session, name)
    if not keep_old:
        session.execute(delete(ApiKey).where(ApiKey.user_id == user.id))
        session.execute(delete(BrowserSession).where(BrowserSession.user_id == user.id))
    audit.record(session, "user.new_key", user_id=user.id, keep_old=keep_old)
    return _add_key(session, user.id)


def disable(session: Session, name: str) -> None:
    """End a user's keys, sessions and tokens; the name stays taken, for the audit.

    Raises:
        NoSuchUser: there is no user of this name.
    """
    user = _by_name(session, name)
    user.disabled = True
    for table in (ApiKey, BrowserSession, Authorization, Connection):
        session.execute(delete(table).where(table.user_id == user.id))
    audit.record(session, "user.disabled", user_id=user.id)


def _by_name(session: Session, name: str) -> User:
    user = session.scalar(select(User).where(User.name == name))
    if user is None:
        raise NoSuchUser(f"there is no user '{name}'")
    return user


def _add_key(session: Session, user_id: str) -> str:
    key = f"{_KEY_PREFIX}{new_token()}"
    session.add(ApiKey(digest=digest(key), user_id=user_id, created_at=now()))
    return key
