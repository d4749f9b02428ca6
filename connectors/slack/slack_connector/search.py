"""The real work: a query and a credential in, Slack's messages and files out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from connector_sdk import Document, Forbidden

from . import access, messages
from .errors import Refused
from .oauth import CLASSIC, PUBLIC
from .question import Asked, read
from .realtime import Realtime
from .slack import Context, Slack

# What says that this token, app or workspace cannot use the Real-time Search API.
_NOT_REALTIME = {
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "invalid_action_token",
    "enterprise_is_restricted",
    "feature_not_enabled",
    "assistant_search_context_disabled",
    "method_deprecated",
    "deprecated_endpoint",
    "unknown_method",
}


def search(query: str, context: Context) -> Iterator[Document]:
    """Yield the messages and files that answer the query.

    By the Real-time Search API or by search.messages, as `SLACK_SEARCH_METHOD` says, else as the
    token's scopes say, else by trying the first and then the second.

    Args:
        query: as it was asked.
        context: the request.

    Raises:
        BadRequest: the query has no word.
        ConnectorError: as Slack's answer says.
    """
    asked = read(query, datetime.now(UTC))
    slack = Slack(context)
    if access.method(context) == "messages":
        yield from messages.search(asked, context, slack)
        return
    realtime = Realtime(query, asked, context, slack)
    try:
        page = realtime.first()
    except Refused as refusal:
        if context.settings.search_method != "auto" or refusal.code not in _NOT_REALTIME:
            raise refusal.error from None
        yield from _instead(refusal, asked, context, slack)
        return
    # The answer has shown the token's scopes, which may ask for the other way.
    if access.method(context) == "messages":
        yield from messages.search(asked, context, slack)
    else:
        yield from realtime.documents(page)


def _instead(refusal: Refused, asked: Asked, context: Context, slack: Slack) -> Iterator[Document]:
    # A missing scope is known by the scopes themselves, where the answer has shown them.
    if refusal.code != "missing_scope" or access.scopes(context) is None:
        access.note_realtime(context, refused=True)
    try:
        yield from messages.search(asked, context, slack)
    except Forbidden:
        access.note_realtime(context, refused=False)
        if refusal.code != "missing_scope":
            raise refusal.error from None
        raise Forbidden(
            f"The token lacks a scope: {PUBLIC} is needed for the Real-time Search API, or "
            f"{CLASSIC} for search.messages. Add one to the app as a user token scope, and have "
            "the user authorize it again.",
            scope=PUBLIC,
        ) from None
