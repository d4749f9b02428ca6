"""Hits as documents: what the two ways to search have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from connector_sdk import Document, TextUnavailable

from .settings import Options
from .text import Names

_MAX_LINE = 300  # characters of a message that only surrounds a hit
_GROUP_NAME = re.compile(r"mpdm-(.+)-\d+")
_ID = re.compile(r"[A-Z][A-Z0-9]{2,}")  # channel and user names are lower-case


@dataclass(frozen=True)
class Channel:
    """Where a message was sent."""

    id: str
    name: str
    direct: bool = False

    @property
    def label(self) -> str:
        """What a person calls it: `#general`, `Direct message`."""
        if self.direct or self.id.startswith("D"):
            return "Direct message"
        if group := _GROUP_NAME.fullmatch(self.name):
            return f"Group message ({', '.join(group[1].split('--'))})"
        return f"#{self.name or self.id}"


def message_document(
    *,
    channel: Channel,
    ts: str,
    author: str,
    text: str,
    before: Iterable[tuple[str, str]],
    after: Iterable[tuple[str, str]],
    url: str,
) -> Document:
    """Return a message, with the messages around it after its own text.

    Args:
        channel: where it was sent.
        ts: its time, which is its name in the channel.
        author: who wrote it.
        text: what it says.
        before: author and text of the messages before it, the oldest first.
        after: the same of those after it.
        url: its permalink.
    """
    around = [
        f"[{when}] {_line(who, said)}"
        for when, messages in (("before", before), ("after", after))
        for who, said in messages
        if said.strip()
    ]
    return Document(
        id=f"{channel.id}:{ts}",
        title=f"{channel.label} – {author}" if author else channel.label,
        text="\n".join([text, "", *around]) if around else text,
        url=url,
        timestamp=seconds(ts),
        author=author,
        type="message",
        container=channel.label,
    )


def file_document(
    *,
    file_id: str,
    title: str,
    kind: str,
    text: str,
    author: str,
    container: str,
    timestamp: float | None,
    url: str,
) -> Document:
    """Return a file with what Slack's search says of its text.

    The file itself is never fetched: that would need another scope.
    """
    return Document(
        id=file_id,
        title=title,
        text=text or partial(_no_text, title or file_id, kind),
        url=url,
        timestamp=timestamp,
        author=author,
        type="file",
        container=container,
    )


def _no_text(title: str, kind: str) -> str:
    raise TextUnavailable(
        "no_text", f"{title}: Slack's search gives no text of this file ({kind or 'no type'})."
    )


def _line(author: str, text: str) -> str:
    line = " ".join(text.split())
    return f"{author or 'somebody'}: {line[:_MAX_LINE]}"


def seconds(value: Any) -> float | None:
    """Return a time of Slack's in seconds; the schema of files speaks of microseconds."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if not 0 < number < 1e18:
        return None
    while number > 1e11:  # the year 5138 in seconds, 1973 in milliseconds
        number /= 1000
    return number


def modifiers(options: Options) -> list[str]:
    """Return the parts of a query that narrow it to a channel and to a person."""
    found = []
    if options.channel:
        by_id = _ID.fullmatch(options.channel)
        found.append(f"in:<#{options.channel}>" if by_id else f"in:#{options.channel}")
    if options.from_:
        by_id = _ID.fullmatch(options.from_)
        me = options.from_.lower() == "me"
        found.append(
            f"from:<@{options.from_}>" if by_id else f"from:{'me' if me else '@' + options.from_}"
        )
    return found


def is_wanted(
    options: Options, *, channel: Channel | None, user_id: str, timestamp: float | None
) -> bool:
    """Say whether a hit meets the options, as far as the hit tells.

    Slack's days are those of the user's time zone, and its reference leaves open what modifiers
    do in the Real-time Search API, so what can be compared is compared.
    """
    if options.channel and channel is not None:
        names = {channel.id.casefold(), channel.name.casefold()}
        if options.channel.casefold() not in names:
            return False
    if options.from_ and _ID.fullmatch(options.from_) and user_id != options.from_:
        return False
    if options.modified_after or options.modified_before:
        return timestamp is not None and _is_within(options, timestamp)
    return True


def _is_within(options: Options, timestamp: float) -> bool:
    moment = datetime.fromtimestamp(timestamp, UTC)
    after, before = options.modified_after, options.modified_before
    return (after is None or moment > after) and (before is None or moment < before)


def names_of(authors: Iterable[tuple[Any, Any]], texts: Iterable[Any], names: Names) -> None:
    """Learn who is who from the authors and the texts of hits."""
    for user_id, name in authors:
        names.learn_user(user_id, name)
    for text in texts:
        names.learn_mentions(text)
