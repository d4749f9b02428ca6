"""Access tokens: who holds which, for what, and until when."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Provider = Literal["gdrive", "slack"]
State = Literal["live", "revoked", "deactivated"]

DRIVE = "https://www.googleapis.com/auth/drive.readonly"
DRIVE_METADATA = "https://www.googleapis.com/auth/drive.metadata.readonly"
DRIVE_FILE = "https://www.googleapis.com/auth/drive.file"
SLACK_CLASSIC = (
    "search:read",
    "channels:read",
    "groups:read",
    "im:read",
    "mpim:read",
    "channels:history",
    "groups:history",
    "im:history",
    "mpim:history",
    "files:read",
    "users:read",
    "users:read.email",
)
SLACK_GRANULAR = tuple(
    f"search:read.{kind}" for kind in ("public", "private", "im", "mpim", "files", "users")
)
_PREFIX = {"gdrive": "ya29.sandbox-", "slack": "xoxp-sandbox-"}


@dataclass(frozen=True, kw_only=True)
class Token:
    """One access token. A bot's has no user behind it but the one who installed it."""

    value: str
    provider: Provider
    user: str
    scopes: frozenset[str]
    expires_at: float | None = None
    state: State = "live"
    bot: bool = False

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= time.time()


def token_value(provider: Provider, name: str) -> str:
    """Return the token that is called so in the sandbox, the same at every start."""
    return f"{_PREFIX[provider]}{name}"


class TokenBook:
    """Every token ever issued; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, Token] = {}

    def add(self, token: Token) -> Token:
        """Keep a token."""
        with self._lock:
            self._tokens[token.value] = token
        return token

    def issue(
        self,
        provider: Provider,
        user: str,
        scopes: Iterable[str],
        *,
        expires_in: float | None = None,
        prefix: str | None = None,
        bot: bool = False,
    ) -> Token:
        """Make a new token with a value of its own."""
        return self.add(
            Token(
                value=f"{prefix or _PREFIX[provider]}{secrets.token_urlsafe(24)}",
                provider=provider,
                user=user,
                scopes=frozenset(scopes),
                expires_at=None if expires_in is None else time.time() + expires_in,
                bot=bot,
            )
        )

    def find(self, provider: Provider, value: str) -> Token | None:
        """Return a token of the provider, in whatever state, or nothing."""
        token = self._tokens.get(value)
        return token if token is not None and token.provider == provider else None

    def change(self, value: str, *, state: State = "live", expires_at: float | None = None) -> bool:
        """Set a token's state; false when there is none."""
        with self._lock:
            token = self._tokens.get(value)
            if token is None:
                return False
            self._tokens[value] = replace(token, state=state, expires_at=expires_at)
            return True

    def end(self, user: str, *, revoke: bool) -> int:
        """End the time of a user's tokens that have one, or revoke them; return how many."""
        with self._lock:
            theirs = [
                token
                for token in self._tokens.values()
                if token.user == user and token.expires_at is not None
            ]
            for token in theirs:
                ended = (
                    replace(token, state="revoked") if revoke else replace(token, expires_at=0.0)
                )
                self._tokens[token.value] = ended
        return len(theirs)

    def revoke(self, value: str) -> bool:
        """Revoke a token; false when there is none."""
        return self.change(value, state="revoked")

    def expire(self, value: str) -> bool:
        """End a token's time; false when there is none."""
        return self.change(value, expires_at=0.0)
