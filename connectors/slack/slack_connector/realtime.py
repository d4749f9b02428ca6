"""The Real-time Search API: questions in words, answered by meaning where the plan has it.

https://docs.slack.dev/apis/web-api/real-time-search-api; its policy forbids to keep what it
returns, so nothing of an answer outlives its request.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from connector_sdk import Document

from . import access
from .errors import Refused
from .hits import modifiers
from .oauth import DIRECT, FILES, GROUP, PRIVATE, PUBLIC
from .question import keywords, question
from .realtime_hits import Reader
from .slack import Answer, Context, Slack
from .text import string

_PAGE = 20  # the most that Slack gives at once
_SPARE_PAGES = 2  # beyond those that the limit needs, for hits that the options exclude
_CHANNEL_TYPES = {
    PUBLIC: "public_channel",
    PRIVATE: "private_channel",
    GROUP: "mpim",
    DIRECT: "im",
}
_MEANS = {
    PRIVATE: "private channels",
    GROUP: "group messages",
    DIRECT: "direct messages",
    FILES: "files",
}


class Realtime:
    """One search.

    Args:
        query: as it was asked.
        context: the request.
        slack: the caller's view of Slack.
    """

    def __init__(self, query: str, context: Context, slack: Slack) -> None:
        self._query = query
        self._context = context
        self._slack = slack
        self._reader = Reader(context)
        self._public_only = access.public_only(context)
        wanted = (PUBLIC, FILES) if self._public_only else (*_CHANNEL_TYPES, FILES)
        known = access.scopes(context)
        self._wanted = wanted
        self._asked = [s for s in wanted if known is None or s in known or s == PUBLIC]
        self._arguments = self._first_arguments()

    def first(self) -> Answer:
        """Return the first page, narrowed to what the token's scopes allow.

        Raises:
            Refused: Slack does not let this token search in this way.
            ConnectorError: Slack could not be asked.
        """
        try:
            return self._page()
        except Refused as refusal:
            if refusal.code != "missing_scope":
                raise
            # One scope too many refuses the whole search; the answer says which there are.
            known = access.scopes(self._context)
            allowed = [s for s in self._asked if known is None or s in known]
            allowed = [PUBLIC] if known is None else allowed
            if PUBLIC not in allowed or allowed == self._asked:
                raise
            self._asked = allowed
            return self._page()

    def documents(self, page: Answer) -> Iterator[Document]:
        """Yield the documents of the first page and of as many more as the limit needs.

        Where a question finds nothing, its words are searched for, any of them.

        Raises:
            ConnectorError: as Slack's answer says.
        """
        self._warn_of_scopes()
        found = 0
        try:
            for document in self._documents(page):
                found += 1
                yield document
            if not found and "term_clauses" not in self._arguments:
                self._arguments |= self._by_words()
                yield from self._documents(self._page())
        except Refused as refusal:
            raise refusal.error from None

    def _documents(self, page: Answer) -> Iterator[Document]:
        found, pages, cursor = 0, 1, ""
        while True:
            for document in self._reader.documents(
                page, files=self._may_return_files(unknown=False)
            ):
                found += 1
                yield document
            following = _next_cursor(page)
            last = math.ceil(self._context.limit / _PAGE) + _SPARE_PAGES
            if found >= self._context.limit or following in ("", cursor) or pages >= last:
                return
            cursor = following
            page = self._page(cursor=cursor)
            pages += 1

    def _page(self, **more: Any) -> Answer:
        channel_types = [kind for scope, kind in _CHANNEL_TYPES.items() if scope in self._asked]
        content_types = ["messages", "files"] if self._asks_for_files else ["messages"]
        return self._slack.search_context(
            **self._arguments, channel_types=channel_types, content_types=content_types, **more
        )

    def _first_arguments(self) -> dict[str, Any]:
        options = self._context.options
        arguments: dict[str, Any] = {
            "query": " ".join([question(self._query), *modifiers(options)]),
            "limit": min(self._context.limit, _PAGE),
            "include_context_messages": True,
            "include_message_blocks": True,
            # As search.messages has it, which knows neither of the two.
            "include_bots": True,
            "include_archived_channels": True,
        }
        # A second wider than asked for: whether the bounds belong to the span is not stated.
        if options.modified_after:
            arguments["after"] = math.floor(options.modified_after.timestamp()) - 1
        if options.modified_before:
            arguments["before"] = math.ceil(options.modified_before.timestamp()) + 1
        return arguments | (self._by_words() if modifiers(options) else {})

    def _by_words(self) -> dict[str, Any]:
        """A clause finds any of its words, and modifiers are promised to act on clauses alone."""
        narrowing = modifiers(self._context.options)
        return {
            "term_clauses": [" ".join(keywords(self._query))],
            "disable_semantic_search": True,
        } | ({"modifiers": " ".join(narrowing)} if narrowing else {})

    @property
    def _asks_for_files(self) -> bool:
        return FILES in self._asked and self._may_return_files(unknown=True)

    def _may_return_files(self, *, unknown: bool) -> bool:
        """Whether files can be returned: a hit does not say where a file was shared.

        What a token may find is bound to its scopes, so where only public channels may be
        returned, the token must be good for those alone.
        """
        if not self._public_only:
            return True
        known = access.scopes(self._context)
        return unknown if known is None else not known & access.NOT_PUBLIC

    def _warn_of_scopes(self) -> None:
        missing = [scope for scope in self._wanted if scope not in self._asked]
        if missing:
            self._context.warn(
                "scope_missing",
                f"Not searched: {', '.join(_MEANS[scope] for scope in missing)}. The token lacks "
                f"{', '.join(missing)}.",
            )
        elif not self._may_return_files(unknown=False):
            self._context.warn(
                "files_not_verified",
                "Files were left out: the service credential may search private channels, and "
                "the Real-time Search API does not say where a file was shared. Give it "
                f"{PUBLIC} and {FILES} only, or set SLACK_SERVICE_PRIVATE=true.",
            )


def _next_cursor(page: Answer) -> str:
    metadata = page.get("response_metadata")
    return string(metadata.get("next_cursor")) if isinstance(metadata, dict) else ""
