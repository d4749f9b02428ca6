"""What users have consented to: authorization codes and refresh tokens."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass

CODE_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One consent of one user to one client."""

    endpoint: str  # the authorize page it was given on
    client_id: str
    user: str
    scopes: tuple[str, ...]
    bot_scopes: tuple[str, ...] = ()
    redirect_uri: str = ""
    challenge: str = ""
    challenge_method: str = ""
    offline: bool = False


class GrantError(ValueError):
    """A code or refresh token is not good; the text is Slack's name for what is wrong."""


class GrantBook:
    """Open codes, live refresh tokens and who has consented to what; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[str, tuple[Grant, float]] = {}
        self._used: set[str] = set()
        self._refresh: dict[str, Grant] = {}
        self._consents: set[tuple[str, str]] = set()

    def first_consent(self, client_id: str, user: str) -> bool:
        """Note a consent, and say whether it is the user's first to this client."""
        with self._lock:
            first = (client_id, user) not in self._consents
            self._consents.add((client_id, user))
            return first

    def code(self, grant: Grant) -> str:
        """Give out a code."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = (grant, time.monotonic() + CODE_SECONDS)
        return code

    def redeem(self, code: str, *, client_id: str, redirect_uri: str, verifier: str) -> Grant:
        """Take a code back, once, from the client it was for."""
        with self._lock:
            if code in self._used:
                raise GrantError("code_already_used")
            grant, until = self._codes.pop(code, (None, 0.0))
            self._used.add(code)
        if grant is None or until < time.monotonic() or grant.client_id != client_id:
            raise GrantError("invalid_code")
        if redirect_uri != grant.redirect_uri:
            raise GrantError("bad_redirect_uri")
        if not _verified(grant, verifier):
            raise GrantError("invalid_code_verifier")
        return grant

    def refresh_token(self, grant: Grant, prefix: str) -> str:
        """Give out a refresh token."""
        token = prefix + secrets.token_urlsafe(24)
        with self._lock:
            self._refresh[token] = grant
        return token

    def refreshed(self, token: str, client_id: str, *, once: bool) -> Grant:
        """Return what a refresh token stands for; one for single use ends with it."""
        with self._lock:
            grant = self._refresh.get(token)
            if grant is None or grant.client_id != client_id:
                raise GrantError("invalid_refresh_token")
            if once:
                del self._refresh[token]
        return grant

    def end(self, user: str) -> None:
        """End all that a user has consented to."""
        with self._lock:
            for token, grant in list(self._refresh.items()):
                if grant.user == user:
                    del self._refresh[token]
            self._consents = {one for one in self._consents if one[1] != user}

    def revoke(self, token: str) -> bool:
        """End a refresh token and the consent behind it; false when there is none."""
        with self._lock:
            grant = self._refresh.pop(token, None)
            if grant is not None:
                self._consents.discard((grant.client_id, grant.user))
        return grant is not None


def _verified(grant: Grant, verifier: str) -> bool:
    if not grant.challenge:
        return True
    if grant.challenge_method != "S256":
        return verifier == grant.challenge
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == grant.challenge
