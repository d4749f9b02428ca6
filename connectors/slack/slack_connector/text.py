"""Slack's message format, mrkdwn, as text for people and models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_TOKEN = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)
_USER_MENTION = re.compile(r"<@(\w+)\|([^<>]+)>")
_HIGHLIGHT = str.maketrans("", "", "\ue000\ue001")


@dataclass
class Names:
    """The names of people and channels that an answer of Slack has told, by their ids.

    What was looked up in vain is kept, to be asked for.
    """

    users: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    missing_users: set[str] = field(default_factory=set)
    missing_channels: set[str] = field(default_factory=set)

    def user(self, user_id: str, default: str = "") -> str:
        """Return what somebody is called."""
        if user_id and user_id not in self.users:
            self.missing_users.add(user_id)
        return self.users.get(user_id, default)

    def channel(self, channel_id: str, default: str = "") -> str:
        """Return what a channel is called."""
        if channel_id and channel_id not in self.channels:
            self.missing_channels.add(channel_id)
        return self.channels.get(channel_id, default)

    def learn_user(self, user_id: object, name: object) -> None:
        """Keep what somebody is called."""
        if string(user_id) and string(name):
            self.users.setdefault(string(user_id), string(name))

    def learn_channel(self, channel_id: object, name: object) -> None:
        """Keep what a channel is called."""
        if string(channel_id) and string(name):
            self.channels.setdefault(string(channel_id), string(name))

    def learn_mentions(self, text: object) -> None:
        """Keep the names that stand beside ids in a text."""
        for user_id, name in _USER_MENTION.findall(string(text)):
            self.users.setdefault(user_id, name)


def string(value: object) -> str:
    """Return a value that should be a string, or "": no field of a hit is promised."""
    return value if isinstance(value, str) else ""


def mappings(value: object) -> list[dict[str, Any]]:
    """Return the objects of a value that should be a list of them."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def readable(text: str, names: Names) -> str:
    """Return mrkdwn as plain text.

    https://docs.slack.dev/messaging/formatting-message-text

    Args:
        text: as Slack has it, with `<…>` tokens and three escaped characters.
        names: for mentions without a label.
    """
    text = text.translate(_HIGHLIGHT)
    # The tokens first: an escaped "<" is no delimiter.
    return unescaped(_TOKEN.sub(lambda token: _resolved(token, names), text))


def unescaped(text: str) -> str:
    """Return text with Slack's three escaped characters as they were written.

    `&amp;` comes last, so that what was written as "&lt;" stays it.
    """
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _resolved(token: re.Match[str], names: Names) -> str:
    mark, target, label = token[1], token[2], token[3] or ""
    if mark == "@":
        return mention("@", label or names.user(target, target))
    if mark == "#":
        return mention("#", label or names.channel(target, target))
    if mark == "!":
        return _special(target, label)
    if not _SCHEME.match(target):
        return token[0]
    return link(target, label)


def _special(target: str, label: str) -> str:
    """`<!here>`, `<!subteam^S1|@group>`, `<!date^1700000000^{date}|fallback>`."""
    name, *arguments = target.split("^")
    if name == "date":
        return label or date(arguments[0] if arguments else "")
    if name == "subteam":
        return mention("@", label or "".join(arguments[:1]))
    return mention("@", label or name)


def mention(mark: str, name: str) -> str:
    """Return a name with one mark before it."""
    return mark + name.removeprefix(mark)


def link(url: str, label: str) -> str:
    """Return a link as its label and its address, once where they are the same."""
    address = re.sub(r"^(?:mailto|tel):", "", url)
    bare = re.sub(r"^https?://", "", address).rstrip("/")
    if not label or label in (url, address) or label.rstrip("/") == bare:
        return address
    return f"{label} ({address})"


def date(seconds: object) -> str:
    """Return a time of Slack's as a date."""
    try:
        return (
            datetime.fromtimestamp(float(string(seconds) or str(seconds)), UTC).date().isoformat()
        )
    except (ValueError, OverflowError, OSError):
        return ""


def joined(parts: Iterable[str], separator: str = "\n") -> str:
    """Return the parts that are not empty, joined."""
    return separator.join(part for part in parts if part.strip())


def first_string(item: Mapping[str, Any], *keys: str) -> str:
    """Return the first of several fields that holds text."""
    return next((value for key in keys if (value := string(item.get(key)).strip())), "")
