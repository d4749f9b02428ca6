"""One Slack message, channel and file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from sandbox.words import WordIndex

Kind = Literal["public", "private", "im", "mpim"]
CHANNEL_TYPES: dict[str, Kind] = {
    "public_channel": "public",
    "private_channel": "private",
    "mpim": "mpim",
    "im": "im",
}
_TEXT_KEYS = ("text", "pretext", "title", "fallback", "value")
_LINK = re.compile(r"<(?:https?|mailto):")


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel or direct conversation."""

    id: str
    name: str
    kind: Kind
    members: frozenset[str]
    created: datetime
    creator: str
    topic: str = ""
    purpose: str = ""
    archived: bool = False
    external: bool = False

    def open_to(self, who: str, *, guest: bool = False) -> bool:
        """Whether a person may read it; guests read only where they are members."""
        return who in self.members or (self.kind == "public" and not guest)


@dataclass(frozen=True, kw_only=True)
class SlackFile:
    """A file in a message."""

    id: str
    name: str
    title: str
    mimetype: str
    filetype: str
    text: str
    user: str
    created: int
    index: WordIndex


@dataclass(kw_only=True, eq=False)
class Message:
    """A message, with its words."""

    channel: Channel
    ts: str
    user: str  # empty for a bot
    bot_id: str
    username: str
    text: str
    blocks: list[Any]
    attachments: list[Any]
    files: list[SlackFile]
    reactions: dict[str, tuple[str, ...]]
    pinned: bool
    saved: frozenset[str]
    thread_ts: str = ""  # the parent's, also on the parent itself
    replies: list[Message] = field(default_factory=list)
    previous: list[Message] = field(default_factory=list)  # the nearest last
    following: list[Message] = field(default_factory=list)  # the nearest first
    index: WordIndex = field(default_factory=lambda: WordIndex(""))

    @property
    def at(self) -> datetime:
        """When it was sent."""
        return datetime.fromtimestamp(float(self.ts), UTC)

    @property
    def is_reply(self) -> bool:
        """Whether it answers another in a thread."""
        return bool(self.thread_ts) and self.thread_ts != self.ts

    @property
    def has_link(self) -> bool:
        """Whether it holds a link."""
        return bool(_LINK.search(self.text)) or '"url"' in str(self.blocks).replace("'", '"')

    def permalink(self, workspace_url: str) -> str:
        """Return its address; a reply's names the thread."""
        link = f"{workspace_url.rstrip('/')}/archives/{self.channel.id}/p{self.ts.replace('.', '')}"
        return f"{link}?thread_ts={self.thread_ts}&cid={self.channel.id}" if self.is_reply else link


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in blocks or attachments."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in _TEXT_KEYS and isinstance(item, str):
                yield item
            else:
                yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
