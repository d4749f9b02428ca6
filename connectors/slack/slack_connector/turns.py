"""What was said in Slack, and what belongs together: threads, and messages next to each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from .hits import Channel, seconds
from .text import string

_PAUSE = 12 * 3600  # seconds, after which people speak of something else
_TS = re.compile(r"\d{1,12}\.\d{1,8}")


@dataclass(frozen=True)
class Turn:
    """What one person said.

    Args:
        ts: when, which is its name in the channel.
        message: as Slack gives it.
        user_id: who said it.
        author: their name, "" where Slack does not say it.
    """

    ts: str
    message: dict[str, Any]
    user_id: str = ""
    author: str = ""

    @classmethod
    def of(cls, message: dict[str, Any]) -> Self:
        """Read a message of conversations.replies: apps' have a name in place of a user's id."""
        user_id = string(message.get("user"))
        return cls(
            ts=string(message.get("ts")),
            message=message,
            user_id=user_id,
            author="" if user_id else string(message.get("username")),
        )


@dataclass(frozen=True)
class MessageHit:
    """A message that was found.

    Args:
        channel: where it was sent.
        turn: what was said.
        url: its permalink.
        thread_ts: the first message of its thread; "" where none is known.
        replies: how many it has, where Slack says so.
        before: the messages before it, the oldest first.
        after: those after it.
    """

    channel: Channel
    turn: Turn
    url: str
    thread_ts: str = ""
    replies: int | None = None
    before: tuple[Turn, ...] = ()
    after: tuple[Turn, ...] = ()

    @property
    def id(self) -> str:
        """Its name in the workspace."""
        return f"{self.channel.id}:{self.turn.ts}"


@dataclass
class Conversation:
    """Hits that belong together, the best first."""

    hits: list[MessageHit]
    thread: list[Turn] = field(default_factory=list)

    @property
    def best(self) -> MessageHit:
        """The hit that was found first."""
        return self.hits[0]

    @property
    def thread_ts(self) -> str:
        """The first message of the thread; "" where there is none."""
        return next((hit.thread_ts for hit in self.hits if hit.thread_ts), "")

    @property
    def turns(self) -> list[Turn]:
        """What was found and what was read of the thread, in the order it was said."""
        said = {turn.ts: turn for turn in self.thread}
        said |= {hit.turn.ts: hit.turn for hit in self.hits}
        return [said[ts] for ts in sorted(said, key=order)]

    @property
    def first(self) -> Turn:
        """What it is named after: the beginning of the thread, where that was read, or the best."""
        return next((t for t in self.turns if t.ts == self.thread_ts), self.best.turn)

    def touches(self, hit: MessageHit) -> bool:
        """Say whether a hit is of the same thread, or next to one of these."""
        return any(_touch(hit, other) for other in self.hits)


def _touch(one: MessageHit, other: MessageHit) -> bool:
    if one.channel.id != other.channel.id:
        return False
    if (one.thread_ts or one.turn.ts) == (other.thread_ts or other.turn.ts):
        return True
    return _is_near(one, other) or _is_near(other, one)


def _is_near(one: MessageHit, other: MessageHit) -> bool:
    nearest = (*one.before[-1:], *one.after[:1])
    apart = abs(order(one.turn.ts) - order(other.turn.ts))
    return apart < _PAUSE and any(turn.ts == other.turn.ts for turn in nearest)


def order(ts: str) -> float:
    """Return a message's time as a number."""
    return seconds(ts) or 0.0


def thread_in(url: str) -> str:
    """Return the thread that a permalink names; only that of a reply names one."""
    try:
        found = parse_qs(urlsplit(url).query).get("thread_ts", [""])[0]
    except ValueError:
        return ""
    return found if _TS.fullmatch(found) else ""


def opened(url: str, channel_id: str, thread_ts: str) -> str:
    """Return a permalink that opens the thread, as Slack's own of a reply do."""
    if not url or not thread_ts or thread_in(url):
        return url
    return (
        f"{url}{'&' if '?' in url else '?'}{urlencode({'thread_ts': thread_ts, 'cid': channel_id})}"
    )


def conversations(hits: Iterable[MessageHit]) -> list[Conversation]:
    """Return hits as conversations, in the order of the best hit of each."""
    found: list[Conversation] = []
    for hit in hits:
        near = [conversation for conversation in found if conversation.touches(hit)]
        if not near:
            found.append(Conversation([hit]))
            continue
        near[0].hits.append(hit)
        for other in near[1:]:  # which this hit has joined to the first
            near[0].hits += other.hits
            found.remove(other)
    return found
