"""What a token may search, kept for a while after Slack has shown it."""

from __future__ import annotations

from typing import Any

from connector_sdk import SearchContext, TokenCache

from .oauth import CLASSIC, DIRECT, GROUP, PRIVATE, PUBLIC

NOT_PUBLIC = frozenset({PRIVATE, GROUP, DIRECT})

_Context = SearchContext[Any, Any]
# Ten minutes: a user who has just granted another scope should not wait for long.
_scopes: TokenCache[frozenset[str]] = TokenCache(seconds=600)
_refusals: TokenCache[bool] = TokenCache(seconds=600)


def scopes(context: _Context) -> frozenset[str] | None:
    """Return the scopes of the caller's token, or None where they are not known."""
    return _scopes.get(context.credential)


def learn(context: _Context, shown: frozenset[str]) -> None:
    """Keep the scopes that an answer has shown."""
    _scopes.put(context.credential, None, shown)


def note_realtime(context: _Context, *, refused: bool) -> None:
    """Keep whether the Real-time Search API refuses this token for other reasons than scopes."""
    _refusals.put(context.credential, None, refused)


def public_only(context: _Context) -> bool:
    """Say whether nothing but public channels may be searched and returned.

    The service credential belongs to a person, and sees what that person sees.
    """
    return context.credential.is_service and not context.settings.service_private


def method(context: _Context) -> str:
    """Return how to search: `realtime` or `messages`."""
    if context.settings.search_method != "auto":
        return str(context.settings.search_method)
    if _refusals.get(context.credential):
        return "messages"
    known = scopes(context)
    if known is None or CLASSIC not in known:
        return "realtime"
    if PUBLIC not in known:
        return "messages"
    # The Real-time Search API does not say where a file was shared; search.files does.
    return "messages" if public_only(context) and known & NOT_PUBLIC else "realtime"
