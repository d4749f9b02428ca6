"""Slack's content, read from slack/channels.yaml and slack/messages/*.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

from sandbox.people import SERVICE, People
from sandbox.sections import Section, read_yaml
from sandbox.slack_message import Channel, Kind, Message, SlackFile, texts_in
from sandbox.words import WordIndex

_MESSAGE_KEYS = tuple(
    "at ts user bot text blocks attachments files reactions pinned saved replies".split()  # noqa: SIM905
)
_MENTION = re.compile(r"<([@#])(\w+)(?:\|([^>]*))?>")
_NEIGHBOURS = 2


@dataclass(kw_only=True)
class Slack:
    """All channels and messages."""

    channels: dict[str, Channel] = field(default_factory=dict)
    messages: dict[str, list[Message]] = field(default_factory=dict)  # by channel, oldest first
    files: dict[str, tuple[SlackFile, list[Message]]] = field(default_factory=dict)
    bots: dict[str, str] = field(default_factory=dict)
    # What each caller may read, kept once it was worked out.
    readable: dict[tuple[str, bool], list[Message]] = field(default_factory=dict)


def load_slack(folder: Path, people: People) -> Slack:
    """Read the channels and every message file."""
    slack = Slack()
    for section in read_yaml(folder / "channels.yaml").only("channels").sections("channels"):
        channel = _channel(section, people)
        if channel.id in slack.channels:
            raise section.error("id", "is used twice")
        slack.channels[channel.id] = channel
        slack.messages[channel.id] = []
    for path in sorted((folder / "messages").glob("*.yaml")):
        _Reader(slack, people, path).read()
    return slack


def _channel(section: Section, people: People) -> Channel:
    section.only(
        "id",
        "name",
        "type",
        "members",
        "topic",
        "purpose",
        "created",
        "creator",
        "archived",
        "external",
    )
    kind = section.text("type")
    if kind not in get_args(Kind):
        raise section.error("type", f"must be one of {', '.join(get_args(Kind))}")
    members = people.expand(section, "members") - {SERVICE}  # Slack knows no service accounts
    if kind == "im" and len(members) > 2:
        raise section.error("members", "a direct conversation has two")
    if not members:
        raise section.error("members", "nobody is in it")
    return Channel(
        id=section.text("id"),
        name=section.text("name", "" if kind == "im" else None),
        kind=cast("Kind", kind),
        members=members,
        created=section.time("created", datetime(2024, 1, 1, tzinfo=UTC)),
        creator=people.require(section, "creator") if "creator" in section else min(members),
        topic=section.text("topic", ""),
        purpose=section.text("purpose", ""),
        archived=section.flag("archived"),
        external=section.flag("external"),
    )


class _Reader:
    """Reads one message file."""

    def __init__(self, slack: Slack, people: People, path: Path) -> None:
        self._slack = slack
        self._people = people
        self._top = read_yaml(path).only("channel", "messages")
        name = self._top.text("channel")
        if name not in slack.channels:
            raise self._top.error("channel", f"channels.yaml has no channel {name!r}")
        self._channel = slack.channels[name]
        self._known = {message.ts for message in slack.messages[name]}

    def read(self) -> None:
        added: list[Message] = []
        for section in self._top.sections("messages"):
            message = self._message(section)
            added.append(message)
            for reply_section in section.sections("replies"):
                reply = self._message(reply_section)
                reply.thread_ts = message.thread_ts = message.ts
                message.replies.append(reply)
                added.append(reply)
        line = self._slack.messages[self._channel.id]
        line += added
        line.sort(key=lambda message: message.ts)
        _link_neighbours([message for message in line if not message.is_reply])
        for message in added:
            _link_neighbours([message, *message.replies], first=1)

    def _message(self, section: Section) -> Message:
        section.only(*_MESSAGE_KEYS)
        user, bot = section.text("user", ""), section.section("bot").only("id", "name")
        if user:
            self._people.require(section, "user")
            if user not in self._channel.members and self._channel.kind != "public":
                raise section.error("user", f"{user!r} is not in {self._channel.id}")
        else:
            self._slack.bots[bot.text("id")] = bot.text("name")
        reactions = section.section("reactions")
        message = Message(
            channel=self._channel,
            ts=self._ts(section),
            user=user,
            bot_id=bot.text("id", ""),
            username=user or bot.text("name"),
            text=section.text("text", ""),
            blocks=section.raw_list("blocks"),
            attachments=section.raw_list("attachments"),
            files=[],
            reactions={
                name: tuple(sorted(self._people.expand(reactions, name)))
                for name in reactions.keys()  # noqa: SIM118
            },
            pinned=section.flag("pinned"),
            saved=self._people.expand(section, "saved"),
        )
        for file_section in section.sections("files"):
            file = self._file(file_section, message)
            message.files.append(file)
            self._slack.files.setdefault(file.id, (file, []))[1].append(message)
        titles = [f"{file.title} {file.name}" for file in message.files]
        found = [message.text, *texts_in([message.blocks, message.attachments]), *titles]
        message.index = WordIndex(self._readable("\n".join(found)))
        return message

    def _ts(self, section: Section) -> str:
        if "ts" in section:
            ts = section.text("ts")
            if not re.fullmatch(r"\d{10}\.\d{6}", ts) or ts in self._known:
                raise section.error("ts", "must look like 1767603600.000100 and be used once")
        else:
            seconds = int(section.time("at").timestamp())
            # A ts is also the message's name: make it one that no other has.
            number = 109
            while (ts := f"{seconds}.{number:06d}") in self._known:
                number += 10
        self._known.add(ts)
        return ts

    def _file(self, section: Section, message: Message) -> SlackFile:
        section.only("id", "name", "title", "mimetype", "filetype", "text")
        name, title, text = (
            section.text("name"),
            section.text("title", ""),
            section.text("text", ""),
        )
        return SlackFile(
            id=section.text("id"),
            name=name,
            title=title or name,
            mimetype=section.text("mimetype", "text/plain"),
            filetype=section.text("filetype", "text"),
            text=text,
            user=message.user,
            created=int(float(message.ts)),
            index=WordIndex(f"{title}\n{name}\n{text}"),
        )

    def _readable(self, text: str) -> str:
        """Put names where mentions stand, and drop what only encodes."""

        def name(mention: re.Match[str]) -> str:
            kind, identifier, label = mention.groups()
            if kind == "@":
                user = self._people.by_slack_id.get(identifier)
                return user.name if user else label or ""
            channel = self._slack.channels.get(identifier)
            return channel.name if channel else label or ""

        text = _MENTION.sub(name, text)
        return text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")


def _link_neighbours(line: list[Message], *, first: int = 0) -> None:
    for at, message in enumerate(line[first:], start=first):
        message.previous = line[max(0, at - _NEIGHBOURS) : at]
        message.following = line[at + 1 : at + 1 + _NEIGHBOURS]
