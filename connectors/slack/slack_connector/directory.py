"""Who is who: the names that Slack's answers leave out, each asked for once and kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import wait
from functools import partial

from connector_sdk import ConnectorError, TokenCache, Unauthorized

from .slack import Context, Slack
from .text import Names

_USERS = 4  # asked for in one search: each is a call
_CHANNELS = 2
_CHANNEL_SCOPES = {"channels:read", "groups:read", "im:read", "mpim:read"}

# Of one token, in one workspace: what another may see is another's. An hour, as people are
# renamed rarely. Nothing of the Real-time Search API is kept, whose policy forbids it.
_names: TokenCache[str] = TokenCache(seconds=3600, size=8192)


class Directory:
    """The names that one caller may see.

    Args:
        context: the request.
        slack: the caller's view of Slack.
    """

    def __init__(self, context: Context, slack: Slack) -> None:
        self._context = context
        self._slack = slack
        self._team = context.settings.team_id or ""
        self._left = {"user": _USERS, "channel": _CHANNELS}
        self._asked: set[str] = set()

    def complete(self, names: Names) -> None:
        """Fill in what was looked up in vain, as far as the token's scopes and the time allow."""
        users = self._unknown("user", names.missing_users, names.learn_user)
        channels = self._unknown("channel", names.missing_channels, names.learn_channel)
        calls: list[Callable[[], str]] = []
        wanted: list[tuple[str, str]] = []
        if "users:read" in self._slack.scopes:
            wanted += self._affordable("user", users)
        if self._slack.scopes & _CHANNEL_SCOPES:
            wanted += self._affordable("channel", channels)
        for kind, identifier in wanted:
            ask = self._slack.user_name if kind == "user" else self._slack.channel_name
            calls.append(partial(ask, identifier))
        if not calls:
            return
        futures = self._context.side_by_side(*calls)
        wait(futures, timeout=self._context.deadline.remaining() / 4)
        for (kind, identifier), future in zip(wanted, futures, strict=True):
            try:
                name = future.result(timeout=0)
            except Unauthorized:
                raise
            except (ConnectorError, TimeoutError):
                continue  # a name is no part of the answer: the id stays
            _names.put(self._context.credential, (kind, self._team, identifier), name)
            learn = names.learn_user if kind == "user" else names.learn_channel
            learn(identifier, name)

    def _affordable(self, kind: str, identifiers: list[str]) -> list[tuple[str, str]]:
        """Those that are asked for now: each once in a search, and few of them."""
        chosen = [name for name in identifiers if name not in self._asked][: self._left[kind]]
        self._left[kind] -= len(chosen)
        self._asked.update(chosen)
        return [(kind, name) for name in chosen]

    def _unknown(
        self, kind: str, missing: set[str], learn: Callable[[object, object], None]
    ) -> list[str]:
        """Those that are not known from earlier, in an order of their own."""
        unknown = []
        for identifier in sorted(missing):
            name = _names.get(self._context.credential, (kind, self._team, identifier))
            if name is None:
                unknown.append(identifier)
            else:
                learn(identifier, name)
        return unknown
