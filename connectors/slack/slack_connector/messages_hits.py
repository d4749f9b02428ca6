"""What search.messages, search.files and search.all return: which hits may be shown, and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from connector_sdk import Document

from . import access
from .blocks import body
from .hits import Channel, file_document, held, is_wanted, names_of, seconds
from .slack import Answer, Context
from .text import Names, first_string, mappings, string
from .turns import MessageHit, Turn, thread_in

Kind = Literal["message", "file"]

_BEFORE = ("previous_2", "previous")
_AFTER = ("next", "next_2")


@dataclass(frozen=True)
class Hit:
    """A match as Slack gives it."""

    kind: Kind
    id: str
    match: dict[str, Any]

    def count(self, words: Iterable[str]) -> int:
        """Return how many of the words it holds."""
        text = body(self.match, Names()) if self.kind == "message" else file_text(self.match)
        return held(f"{text} {first_string(self.match, 'title', 'name')}", words)


class Reader:
    """Reads the hits of one search.

    Args:
        context: the request; its credential and options decide what may be shown.
    """

    def __init__(self, context: Context) -> None:
        self._options = context.options
        self._public_only = access.public_only(context)
        self.names = Names()

    def hits(self, kind: Kind, section: Answer) -> list[Hit]:
        """Return the hits of a page that may be shown, in Slack's order."""
        if kind == "file":
            return [
                Hit("file", string(match.get("id")), match)
                for match in mappings(section.get("matches"))
                if string(match.get("id")) and self._shows_file(match)
            ]
        return [
            Hit("message", f"{_channel(match).id}:{match['ts']}", match)
            for match in mappings(section.get("matches"))
            if string(match.get("ts")) and self._shows_message(match)
        ]

    def learn(self, hits: Iterable[Hit]) -> None:
        """Keep the names that hits tell, for mentions in any of them."""
        for hit in hits:
            if hit.kind == "file":
                continue
            said = [hit.match, *_others(hit.match, *_BEFORE, *_AFTER)]
            names_of(
                ((message.get("user"), message.get("username")) for message in said),
                (message.get("text") for message in said),
                self.names,
            )
            channel = _channel(hit.match)
            if not channel.direct:
                self.names.learn_channel(channel.id, channel.name)

    def read(self, hit: Hit) -> MessageHit | Document:
        """Return a hit as what was said, or as a file."""
        return self._file(hit) if hit.kind == "file" else _message(hit)

    def _shows_message(self, match: dict[str, Any]) -> bool:
        channel = _channel(match)
        if self._public_only and not _is_public(match.get("channel"), channel.id):
            return False
        return is_wanted(
            self._options,
            channel=channel,
            user_id=string(match.get("user")),
            timestamp=seconds(match["ts"]),
        )

    def _shows_file(self, match: dict[str, Any]) -> bool:
        # Both are asked for, as what is unknown counts as private.
        if self._public_only and not (match.get("is_public") is True and match.get("channels")):
            return False
        return is_wanted(
            self._options,
            channel=None,
            user_id=string(match.get("user")),
            timestamp=_created(match),
        )

    def _file(self, hit: Hit) -> Document:
        match = hit.match
        channels = match.get("channels")
        ids = filter(None, map(string, channels)) if isinstance(channels, list) else ()
        places = filter(None, map(self.names.channel, ids))
        return file_document(
            file_id=hit.id,
            title=first_string(match, "title", "name"),
            kind=first_string(match, "filetype", "mimetype"),
            text=file_text(match),
            author=string(match.get("username")) or self.names.user(string(match.get("user"))),
            container=", ".join(f"#{name}" for name in places),
            timestamp=_created(match),
            url=string(match.get("permalink")),
        )


def _message(hit: Hit) -> MessageHit:
    match = hit.match
    url = string(match.get("permalink"))
    return MessageHit(
        channel=_channel(match),
        turn=_turn(match),
        url=url,
        thread_ts=string(match.get("thread_ts")) or thread_in(url),
        before=tuple(map(_turn, _others(match, *_BEFORE))),
        after=tuple(map(_turn, _others(match, *_AFTER))),
    )


def _turn(message: dict[str, Any]) -> Turn:
    return Turn(
        ts=string(message.get("ts")),
        message=message,
        user_id=string(message.get("user")),
        author=string(message.get("username")),
    )


def _channel(match: dict[str, Any]) -> Channel:
    channel = match.get("channel")
    channel = channel if isinstance(channel, dict) else {}
    return Channel(
        string(channel.get("id")), string(channel.get("name")), channel.get("is_im") is True
    )


def _is_public(channel: object, channel_id: str) -> bool:
    return (
        isinstance(channel, dict)
        and channel_id.startswith("C")
        and channel.get("is_private") is False
        and not channel.get("is_im")
        and not channel.get("is_mpim")
    )


def _others(match: dict[str, Any], *keys: str) -> list[dict[str, Any]]:
    return [other for key in keys if isinstance(other := match.get(key), dict)]


def _created(match: dict[str, Any]) -> float | None:
    return seconds(match.get("timestamp")) or seconds(match.get("created"))


def file_text(match: dict[str, Any]) -> str:
    """Return whatever of a file's text is there.

    https://docs.slack.dev/reference/objects/file-object
    """
    text = first_string(match, "content", "plain_text", "preview_plain_text", "preview")
    comment = match.get("initial_comment")
    said = string(comment.get("comment")) if isinstance(comment, dict) else ""
    return "\n\n".join(filter(None, [text, said]))
