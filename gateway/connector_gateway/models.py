"""The tables. Times are seconds since 1970; a column named `sealed_…` holds a secret, encrypted.

What comes to the gateway as a bearer of rights (API keys, links, states, codes, cookies) is stored
as its SHA-256 digest, by which it is found.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Id = String(80)
Digest = String(64)


class Base(DeclarativeBase):
    """The metadata that Alembic's migrations are checked against."""


class User(Base):
    """A user of the gateway."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    role: Mapped[str] = mapped_column(String(10))  # admin or member
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[float] = mapped_column(Float)


class ApiKey(Base):
    """An API key of a user."""

    __tablename__ = "api_keys"

    digest: Mapped[str] = mapped_column(Digest, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[float] = mapped_column(Float)


class Connector(Base):
    """A registered connector."""

    __tablename__ = "connectors"
    __table_args__ = (Index("connectors_newest_first", "created_at", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    excludes: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool]
    continue_on_failure: Mapped[bool]
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)
    # Rises with every change of what authorizes; consent under way is bound to it.
    version: Mapped[int] = mapped_column(Integer)
    auth_type: Mapped[str | None] = mapped_column(String(20))  # service_auth, oauth, or none
    sealed_service_token: Mapped[str | None] = mapped_column(Text)
    sealed_client_id: Mapped[str | None] = mapped_column(Text)
    sealed_client_secret: Mapped[str | None] = mapped_column(Text)
    authorize_url: Mapped[str | None] = mapped_column(Text)
    token_url: Mapped[str | None] = mapped_column(Text)
    revocation_url: Mapped[str | None] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(Text)
    scope: Mapped[str | None] = mapped_column(Text)
    pkce: Mapped[bool]
    token_auth_method: Mapped[str | None] = mapped_column(String(30))  # None until it is known


class Connection(Base):
    """A user's tokens for a connector."""

    __tablename__ = "connections"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    connector_id: Mapped[str] = mapped_column(
        ForeignKey("connectors.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    sealed_access_token: Mapped[str] = mapped_column(Text)
    sealed_refresh_token: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[float | None] = mapped_column(Float)  # of the access token; None: not said
    refused: Mapped[bool]  # the provider has made the tokens useless: the user must connect anew
    created_at: Mapped[float] = mapped_column(Float)
    # Rises with every change of the tokens: who writes says which version was read.
    version: Mapped[int] = mapped_column(BigInteger)
    leased_until: Mapped[float | None] = mapped_column(Float)  # by the one who refreshes


class Authorization(Base):
    """A consent under way: a link, then a state at the provider, then perhaps a confirmation."""

    __tablename__ = "authorizations"

    digest: Mapped[str] = mapped_column(Digest, primary_key=True)  # of the link, state or code
    stage: Mapped[str] = mapped_column(String(10))  # link, state, code
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    connector_id: Mapped[str] = mapped_column(
        ForeignKey("connectors.id", ondelete="CASCADE"), index=True
    )
    connector_version: Mapped[int] = mapped_column(Integer)
    browser: Mapped[str | None] = mapped_column(Digest)  # of the cookie that it is bound to
    redirect_uri: Mapped[str] = mapped_column(Text)
    after_token_redirect: Mapped[str | None] = mapped_column(Text)
    sealed_code_verifier: Mapped[str | None] = mapped_column(Text)
    sealed_tokens: Mapped[str | None] = mapped_column(Text)  # that wait for the confirmation
    expires_at: Mapped[float] = mapped_column(Float, index=True)


class BrowserSession(Base):
    """A browser that a user signed in with, or a code to sign in with once."""

    __tablename__ = "browser_sessions"

    digest: Mapped[str] = mapped_column(Digest, primary_key=True)
    stage: Mapped[str] = mapped_column(String(10))  # code, session
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[float] = mapped_column(Float, index=True)


class RequestCount(Base):
    """How many requests an API key has made in a minute."""

    __tablename__ = "request_counts"

    key_digest: Mapped[str] = mapped_column(Digest, primary_key=True)
    minute: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


class AuditEvent(Base):
    """Who did, or was refused, what. Rows are only added; users and connectors are named as then."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[float] = mapped_column(Float, index=True)
    user_id: Mapped[str | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(40))
    connector_id: Mapped[str | None] = mapped_column(Id)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_id: Mapped[str] = mapped_column(String(128))


class KeyCheck(Base):
    """One row, encrypted: shows at the start whether the keys are those of this database."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
