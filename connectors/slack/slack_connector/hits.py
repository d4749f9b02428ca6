"""Hits as documents: what the two ways to search have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from connector_sdk import Document, TextUnavailable
from connector_sdk.unspaced import is_unspaced

from .settings import Options
from .text import Names, first_string, mappings

_SHORTEST_STEM = 4
_WORD = re.compile(r"[^\W_]+")
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


def attachments_of(message: dict[str, Any]) -> list[str]:
    """Return a line for each file of a message: its title, and what Slack shows of its text."""
    if not first_string(message, "text", "content"):
        return []  # the titles stand in place of a text
    lines = []
    for item in mappings(message.get("files")):
        title = first_string(item, "title", "name")
        text = first_string(item, "plain_text", "preview_plain_text", "preview")
        lines.append(f"[file] {title}: {text}" if text else f"[file] {title}")
    return lines


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


def held(text: str, words: Iterable[str]) -> int:
    """Return how many of the words a text holds; Slack finds other endings too."""
    line = f" {' '.join(_WORD.findall(text.casefold()))} "
    return sum(_beginning(word.casefold()) in line for word in words)


def _beginning(word: str) -> str:
    if is_unspaced(word):
        return word
    if len(word) < _SHORTEST_STEM:
        return f" {word} "
    return f" {word[: max(_SHORTEST_STEM, len(word) - 2)]}"


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


def moment(ts: str) -> str:
    """Return when a message was sent, for people: `2026-03-14 09:40 UTC`."""
    value = seconds(ts)
    return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M UTC") if value else ""


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
    return is_within(options, timestamp)


def is_within(options: Options, timestamp: float | None) -> bool:
    """Say whether something was sent in the time that the options ask for."""
    after, before = options.modified_after, options.modified_before
    if after is None and before is None:
        return True
    if timestamp is None:
        return False
    sent = datetime.fromtimestamp(timestamp, UTC)
    return (after is None or sent > after) and (before is None or sent < before)


def names_of(authors: Iterable[tuple[Any, Any]], texts: Iterable[Any], names: Names) -> None:
    """Learn who is who from the authors and the texts of hits."""
    for user_id, name in authors:
        names.learn_user(user_id, name)
    for text in texts:
        names.learn_mentions(text)
