"""What assistant.search.context returns: which hits may be shown, and how."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, zip_longest

from connector_sdk import Document

from . import access
from .hits import Channel, file_document, is_wanted, names_of, seconds
from .slack import Answer, Context
from .text import Names, first_string, mappings, string
from .turns import MessageHit, Turn, thread_in


class Reader:
    """Reads the hits of one search.

    Args:
        context: the request; its credential and options decide what may be shown.
    """

    def __init__(self, context: Context) -> None:
        self._options = context.options
        self._public_only = access.public_only(context)
        self.names = Names()

    def read(self, page: Answer, *, files: bool) -> Iterator[MessageHit | Document]:
        """Yield the messages of a page and, if they may be shown, its files, in turn."""
        results = page.get("results")
        results = results if isinstance(results, dict) else {}
        messages = mappings(results.get("messages"))
        shown = mappings(results.get("files")) if files else []
        around = [other for hit in messages for other in chain(*_around(hit))]
        everybody = [
            *((hit.get("author_user_id"), hit.get("author_name")) for hit in (*messages, *shown)),
            *((other.get("user_id"), other.get("author_name")) for other in around),
        ]
        texts = [string(hit.get("content")) for hit in messages]
        names_of(everybody, [*texts, *(string(other.get("text")) for other in around)], self.names)
        for hit in messages:
            self.names.learn_channel(hit.get("channel_id"), hit.get("channel_name"))
        for pair in zip_longest(map(self._message, messages), map(self._file, shown)):
            yield from (hit for hit in pair if hit is not None)

    def _message(self, hit: Answer) -> MessageHit | None:
        channel = Channel(string(hit.get("channel_id")), string(hit.get("channel_name")))
        ts = string(hit.get("message_ts"))
        user_id = string(hit.get("author_user_id"))
        if not ts or (self._public_only and not channel.id.startswith("C")):
            return None
        if not is_wanted(self._options, channel=channel, user_id=user_id, timestamp=seconds(ts)):
            return None
        before, after = _around(hit)
        url = string(hit.get("permalink"))
        replies = hit.get("reply_count")
        return MessageHit(
            channel=channel,
            turn=Turn(ts, hit, user_id, string(hit.get("author_name"))),
            url=url,
            thread_ts=string(hit.get("thread_ts")) or thread_in(url),
            # The schema promises the number, so a hit without it has no replies.
            replies=replies if isinstance(replies, int) else 0,
            before=tuple(map(_turn, before)),
            after=tuple(map(_turn, after)),
        )

    def _file(self, hit: Answer) -> Document | None:
        timestamp = seconds(hit.get("date_updated")) or seconds(hit.get("date_created"))
        user_id = first_string(hit, "author_user_id", "uploader_user_id")
        file_id = string(hit.get("file_id"))
        if not file_id or not is_wanted(
            self._options, channel=None, user_id=user_id, timestamp=timestamp
        ):
            return None
        return file_document(
            file_id=file_id,
            title=string(hit.get("title")),
            kind=string(hit.get("file_type")),
            text=first_string(hit, "content"),
            author=string(hit.get("author_name")) or self.names.user(user_id),
            container="",
            timestamp=timestamp,
            url=string(hit.get("permalink")),
        )


def _turn(message: Answer) -> Turn:
    return Turn(
        ts=string(message.get("ts")),
        message=message,
        user_id=string(message.get("user_id")),
        author=string(message.get("author_name")),
    )


def _around(hit: Answer) -> tuple[list[Answer], list[Answer]]:
    context = hit.get("context_messages")
    context = context if isinstance(context, dict) else {}
    return mappings(context.get("before")), mappings(context.get("after"))
