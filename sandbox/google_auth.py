"""Who calls Google, by the access token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from werkzeug.wrappers import Request

from sandbox.google_errors import scope_missing, unauthenticated
from sandbox.tokens import DRIVE, DRIVE_FILE, DRIVE_METADATA
from sandbox.world import World

_FULL = "https://www.googleapis.com/auth/drive"
_METADATA_WRITE = "https://www.googleapis.com/auth/drive.metadata"
_MEET = "https://www.googleapis.com/auth/drive.meet.readonly"
CONTENT = (DRIVE, _FULL, DRIVE_FILE, _MEET)
METADATA = (*CONTENT, DRIVE_METADATA, _METADATA_WRITE)


@dataclass(frozen=True)
class Caller:
    """The user behind a token, and what the token is for."""

    who: str
    scopes: frozenset[str]

    @property
    def app_files_only(self) -> bool:
        """Whether the token opens only files that its user opened with the app."""
        return not self.scopes & ({*METADATA} - {DRIVE_FILE})

    def need(self, scopes: Iterable[str], method: str) -> None:
        """Refuse a token without any of the scopes."""
        if self.scopes.isdisjoint(scopes):
            raise scope_missing(f"google.apps.drive.v3.{method}")


def authenticate(world: World, request: Request) -> Caller:
    """Return the caller, or refuse the token."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    token = world.tokens.find("gdrive", value.strip()) if scheme.lower() == "bearer" else None
    if token is None or token.expired or token.state != "live":
        raise unauthenticated()
    return Caller(token.user, token.scopes)
