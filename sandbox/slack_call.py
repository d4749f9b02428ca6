"""One call of a Slack method: its arguments and its caller."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from werkzeug.wrappers import Request

from sandbox.slack_auth import SlackCaller, SlackError
from sandbox.slack_message import Message
from sandbox.world import World

Item = TypeVar("Item")


@dataclass(frozen=True)
class Call:
    """A method's caller and arguments, whichever way they were sent."""

    caller: SlackCaller
    arguments: Mapping[str, Any]

    @property
    def world(self) -> World:
        """The sandbox's data."""
        return self.caller.world

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        value = self.arguments.get(name, default)
        return value if isinstance(value, str) else str(value)

    def number(self, name: str, default: int, largest: int) -> int:
        """Return a number from 1 to the largest; more is cut to it."""
        value = self.text(name) or str(default)
        if not value.isdecimal():
            raise SlackError("invalid_arguments")
        return max(1, min(int(value), largest))

    def flag(self, name: str) -> bool:
        """Return true or false."""
        return self.text(name).lower() in {"true", "1"}

    def names(self, name: str, default: str) -> list[str]:
        """Return a list, sent as such or with commas."""
        value = self.arguments.get(name) or default
        return (
            list(value) if isinstance(value, list) else [part.strip() for part in value.split(",")]
        )

    def page(self, items: Sequence[Item], size: int) -> tuple[Sequence[Item], str]:
        """Return the items the cursor is at, and the next cursor."""
        cursor = self.text("cursor")
        try:
            start = int(base64.b64decode(cursor, validate=True)) if cursor not in {"", "*"} else 0
        except (binascii.Error, ValueError):
            raise SlackError("invalid_cursor") from None
        more = start + size < len(items)
        following = base64.b64encode(str(start + size).encode()).decode() if more else ""
        return items[start : start + size], following


def arguments_of(request: Request) -> dict[str, Any]:
    """Return a request's arguments: query string, form or JSON."""
    found: dict[str, Any] = {**request.args.to_dict(), **request.form.to_dict()}
    if request.mimetype == "application/json" and request.content_length:
        content = request.get_json(silent=True)
        if not isinstance(content, dict):
            raise SlackError("invalid_json")
        found |= content
    return found


def readable(caller: SlackCaller) -> list[Message]:
    """Return the messages a caller may read, the newest first."""
    slack = caller.world.slack
    key = (caller.who, caller.token.bot)
    found = slack.readable.get(key)
    if found is None:
        found = [
            message
            for channel in slack.channels.values()
            if caller.sees(channel)
            for message in slack.messages[channel.id]
        ]
        found.sort(key=lambda message: message.ts, reverse=True)
        slack.readable[key] = found
    return found
