"""Browsers: the cookie by which they are known, signing in and signing out."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any, Literal

from flask import request
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from connector_sdk.documents import rfc3339

from . import audit, users
from .database import now
from .gateway import Gateway
from .models import ApiKey, AuditEvent, BrowserSession, User
from .secrets import digest, new_token
from .settings import GatewaySettings
from .users import Caller

SESSION_SECONDS = 12 * 3600
CODE_SECONDS = 600
COOKIE = "__Host-gateway"  # the prefix keeps other hosts from setting it (RFC 6265bis §4.1.3.2)
PLAIN_COOKIE = "gateway"  # where browsers come by plain http, and some return no Secure cookie
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32 that nobody takes for one another
_CODE_GROUPS, _CODE_GROUP = 4, 5  # 100 bits
_BETWEEN = re.compile(r"[\s-]+")
_REFUSALS_A_MINUTE = 60  # that are written down: strangers must not fill the disk


@dataclass(frozen=True)
class Browser:
    """The browser that a request is from.

    Args:
        token: its cookie, or the one it is about to get.
        caller: who is signed in there, None for nobody.
        known: whether it sent the cookie.
    """

    token: str
    caller: Caller | None
    known: bool

    def __repr__(self) -> str:
        return f"Browser(caller={self.caller!r}, known={self.known})"


def browser(gateway: Gateway) -> Browser:
    """Return the browser that the request in hand is from."""
    token = _cookie(gateway.settings)
    if token is None:
        return Browser(new_token(), None, known=False)
    found = digest(token)
    with gateway.database.read() as session:
        user = session.scalar(
            select(User)
            .join(BrowserSession, BrowserSession.user_id == User.id)
            .where(BrowserSession.digest == found, BrowserSession.stage == "session")
            .where(BrowserSession.expires_at > now(), User.disabled.is_(False))
        )
    caller = None if user is None else Caller(user.id, user.name, user.role, found)
    return Browser(token, caller, known=True)


def new_code(gateway: Gateway, user_id: str) -> dict[str, Any]:
    """Make a code with which a user signs in once, within ten minutes.

    It is typed into the form: a link that held it would sign whoever opens it in as this user.
    """
    groups = (
        "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_GROUP))
        for _ in range(_CODE_GROUPS)
    )
    code = "-".join(groups)
    expires_at = now() + CODE_SECONDS
    with gateway.database.write() as session:
        _add(session, "code", _normal(code), user_id, expires_at)
        audit.record(session, "sign_in_code.made", user_id=user_id)
    return {"code": code, "expires_at": rfc3339(expires_at)}


def sign_in(gateway: Gateway, before: Browser, secret: str) -> str | None:
    """Start a session, and return the new cookie for it.

    The cookie from before is never taken over: somebody else may have planted it.

    Args:
        gateway: the gateway.
        before: the browser; a session that it had ends.
        secret: an API key, or a code from `new_code`.

    Returns:
        None when the secret is nobody's.
    """
    secret = secret.strip()
    caller = users.by_key(gateway, secret)
    with gateway.database.write() as session:
        if caller is None:
            how, user_id = "code", _redeem(session, secret)
        else:
            # Its user may have got a new key since it was looked up.
            kept = session.get(ApiKey, caller.key_digest)
            how, user_id = "api_key", None if kept is None else caller.id
        if user_id is None:
            _record_refusal(session)
            return None
        token = new_token()
        session.execute(delete(BrowserSession).where(BrowserSession.digest == digest(before.token)))
        _add(session, "session", token, user_id, now() + SESSION_SECONDS)
        audit.record(session, "signed_in", user_id=user_id, how=how)
    return token


def sign_out(gateway: Gateway, browser: Browser) -> None:
    """End the browser's session."""
    if browser.caller is None:
        return
    with gateway.database.write() as session:
        session.execute(
            delete(BrowserSession).where(BrowserSession.digest == digest(browser.token))
        )
        audit.record(session, "signed_out", user_id=browser.caller.id)


def set_cookie(
    response: Response, settings: GatewaySettings, token: str, *, seconds: int | None = None
) -> None:
    """Give the browser its cookie.

    Args:
        response: the answer that carries it.
        settings: the gateway's.
        token: the cookie's value.
        seconds: how long it is kept; until the browser is closed when None.
    """
    for name in (COOKIE,) if settings.secure else (COOKIE, PLAIN_COOKIE):
        response.set_cookie(
            name,
            token,
            max_age=seconds,
            path="/",
            secure=name == COOKIE,
            httponly=True,
            samesite="Lax",  # Strict would not come back with the browser from the provider
        )


def end_cookie(response: Response, settings: GatewaySettings) -> None:
    """Take the cookie away."""
    set_cookie(response, settings, "", seconds=0)


def _cookie(settings: GatewaySettings) -> str | None:
    token = request.cookies.get(COOKIE)
    if token is None and not settings.secure:
        token = request.cookies.get(PLAIN_COOKIE)
    return token if token is not None and _TOKEN.fullmatch(token) else None


def _normal(code: str) -> str:
    return _BETWEEN.sub("", code).upper()


def _redeem(session: Session, code: str) -> str | None:
    """Delete a code; return whom it signs in, if it is good."""
    row = session.scalar(
        delete(BrowserSession)
        .where(BrowserSession.digest == digest(_normal(code)), BrowserSession.stage == "code")
        .returning(BrowserSession)
    )
    if row is None or row.expires_at <= now():
        return None
    user = session.get(User, row.user_id)
    return None if user is None or user.disabled else user.id


def _add(
    session: Session, stage: Literal["code", "session"], token: str, user_id: str, until: float
) -> None:
    session.execute(delete(BrowserSession).where(BrowserSession.expires_at <= now()))
    session.add(
        BrowserSession(digest=digest(token), stage=stage, user_id=user_id, expires_at=until)
    )


def _record_refusal(session: Session) -> None:
    action = "sign_in.refused"
    lately = session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(AuditEvent.at > now() - 60, AuditEvent.action == action)
    )
    if (lately or 0) < _REFUSALS_A_MINUTE:
        audit.record(session, action, user_id=None)
