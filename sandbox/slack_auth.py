"""Who calls Slack, by the token; and Slack's errors, which come with status 200."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from sandbox.people import User
from sandbox.slack_message import Channel
from sandbox.tokens import Token
from sandbox.world import World


class SlackError(Exception):
    """An answer with ok: false."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.body: dict[str, Any] = {"ok": False, "error": error, **extra}


@dataclass(frozen=True)
class SlackCaller:
    """The person behind a token, and what the token is for."""

    world: World
    token: Token

    @property
    def user(self) -> User:
        """The person."""
        return self.world.people.users[self.token.user]

    @property
    def who(self) -> str:
        """The person's name in users.yaml."""
        return self.token.user

    def need(self, scope: str) -> None:
        """Refuse a token without the scope."""
        if scope not in self.token.scopes:
            raise self.missing([scope])

    def missing(self, scopes: Iterable[str]) -> SlackError:
        """Return the refusal for want of scopes."""
        provided = ",".join(sorted(self.token.scopes))
        return SlackError("missing_scope", needed=",".join(scopes), provided=provided)

    def sees(self, channel: Channel) -> bool:
        """Whether the person may read a channel; a bot reads public ones and where it is in."""
        if self.token.bot:
            return channel.kind == "public"
        return channel.open_to(self.who, guest=self.user.guest)


def token_of(request: Request) -> str:
    """Return the token that was sent, in the header or the form."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, value = header.partition(" ")
        return value.strip() if scheme.lower() == "bearer" else ""
    return request.form.get("token", "")


def authenticate(world: World, request: Request) -> SlackCaller:
    """Return the caller, or refuse the token."""
    value = token_of(request)
    if not value:
        raise SlackError("not_authed")
    token = world.tokens.find("slack", value)
    if token is None:
        raise SlackError("invalid_auth")
    if token.state == "revoked":
        raise SlackError("token_revoked")
    if token.state == "deactivated" or world.people.users[token.user].deactivated:
        raise SlackError("account_inactive")
    if token.expired:
        raise SlackError("token_expired")
    return SlackCaller(world, token)
