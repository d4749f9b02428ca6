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
from .blocks import body
from .errors import Refused
from .hits import held, modifiers
from .oauth import DIRECT, FILES, GROUP, PRIVATE, PUBLIC
from .question import Asked, keywords, question
from .realtime_hits import Reader
from .slack import Answer, Context, Slack
from .text import Names, string
from .threads import Threads
from .turns import MessageHit

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
        asked: the same, read.
        context: the request.
        slack: the caller's view of Slack.
    """

    def __init__(self, query: str, asked: Asked, context: Context, slack: Slack) -> None:
        self._query = query
        self._asked_for = asked
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

        Where nothing that a question finds holds most of its words, or where the time that it names
        leaves little, it is asked for by its words, any of them, at any time: a name or a number is
        found so which the search by meaning does not know.

        Raises:
            ConnectorError: as Slack's answer says.
        """
        self._warn_of_scopes()
        threads = Threads(self._context, self._slack, self._reader.names)
        found = 0
        told = False
        try:
            for hits in self._hits(page):
                told = told or any(self._tells(hit) for hit in hits)
                for document in threads.documents(hits):
                    found += 1
                    yield document
            too_few = self._is_bounded and found * 2 < self._context.limit
            if too_few or (not told and "term_clauses" not in self._arguments):
                self._arguments = self._first_arguments(bounded=False) | self._by_words()
                for hits in self._hits(self._page()):
                    yield from threads.documents(hits)
        except Refused as refusal:
            raise refusal.error from None

    def _tells(self, hit: MessageHit | Document) -> bool:
        """Whether a hit holds most of the question's words, if perhaps in another form."""
        words = self._asked_for.words
        if isinstance(hit, MessageHit):
            text = body(hit.turn.message, Names())
        else:
            text = f"{hit.title} {hit.text if isinstance(hit.text, str) else ''}"
        return held(text, words) * 2 > len(words)

    def _hits(self, page: Answer) -> Iterator[list[MessageHit | Document]]:
        """Yield what may be shown of this page and of those that follow."""
        found, pages, cursor = 0, 1, ""
        while True:
            hits = list(self._reader.read(page, files=self._may_return_files(unknown=False)))
            found += len(hits)
            yield hits
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

    @property
    def _is_bounded(self) -> bool:
        """Whether the question names a time, and the options do not."""
        options = self._context.options
        return bool(self._asked_for.span) and not (
            options.modified_after or options.modified_before
        )

    def _first_arguments(self, *, bounded: bool = True) -> dict[str, Any]:
        options = self._context.options
        arguments: dict[str, Any] = {
            "query": " ".join([question(self._query), *modifiers(options)]),
            # Which hit answers best is known when they are read, and a page costs what it costs.
            "limit": _PAGE,
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
        span = self._asked_for.span
        if bounded and self._is_bounded and span:
            arguments |= {"after": math.floor(span.start.timestamp()) - 1} if span.start else {}
            arguments |= {"before": math.ceil(span.end.timestamp())} if span.end else {}
        return arguments | (self._by_words() if modifiers(options) else {})

    def _by_words(self) -> dict[str, Any]:
        """A clause finds any of its words, and modifiers are promised to act on clauses alone."""
        narrowing = modifiers(self._context.options)
        words = " ".join(keywords(self._query))
        return {
            "query": " ".join([words, *narrowing]),
            "term_clauses": [words],
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
