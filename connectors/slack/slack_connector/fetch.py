"""The whole behind a result: a thread from its first message to its last, or a file's text."""

from __future__ import annotations

import re
from dataclasses import replace

from connector_sdk import Document, NotFound

from . import access
from .conversations import document
from .directory import Directory
from .hits import Channel, file_document, seconds
from .messages_hits import file_text
from .slack import Context, Slack
from .text import Names, first_string, string
from .turns import Conversation, MessageHit, Turn

_MESSAGE = re.compile(r"([CGD][A-Z0-9]{2,20}):(\d{1,12}\.\d{1,8})")
_FILE = re.compile(r"F[A-Z0-9]{2,20}")


def fetch(document_id: str, context: Context) -> Document:
    """Return the thread or the file that a result was of.

    Args:
        document_id: as a search gave it, without the passage.
        context: the request.

    Raises:
        NotFound: it is no id of this connector, or this caller sees nothing there.
        ConnectorError: as Slack's answer says; the scopes are those of conversations.replies
            (`channels:history` and its siblings) and files.info (`files:read`).
    """
    slack = Slack(context)
    if _FILE.fullmatch(document_id):
        return _file(document_id, context, slack)
    named = _MESSAGE.fullmatch(document_id)
    if named is None:
        raise _unknown(document_id)
    return _thread(named[1], named[2], context, slack)


def _thread(channel_id: str, ts: str, context: Context, slack: Slack) -> Document:
    channel = slack.channel(channel_id) if access.public_only(context) else {}
    if access.public_only(context) and channel.get("is_private") is not False:
        raise _unknown(f"{channel_id}:{ts}")
    said = slack.replies(channel_id, ts)
    first = string(said[0].get("thread_ts")) if said else ""
    if first and first != ts:  # by a reply's own ts only that reply is given
        said = slack.replies(channel_id, first)
    turns = [Turn.of(message) for message in said if string(message.get("ts"))]
    if not turns:
        raise _unknown(f"{channel_id}:{ts}")
    names = Names()
    directory = Directory(context, slack)
    names.channel(channel_id)
    hit = MessageHit(
        channel=Channel(channel_id, ""),
        turn=turns[0],
        url=slack.permalink(channel_id, turns[0].ts),
        thread_ts=turns[0].ts if len(turns) > 1 else "",
    )
    document(Conversation([hit], thread=turns), names)  # notes which names are missing
    directory.complete(names)
    named = replace(hit, channel=Channel(channel_id, names.channel(channel_id)))
    return document(Conversation([named], thread=turns), names)


def _file(file_id: str, context: Context, slack: Slack) -> Document:
    file = slack.file(file_id)
    if not file:
        raise _unknown(file_id)
    if access.public_only(context) and not (file.get("is_public") is True and file.get("channels")):
        raise _unknown(file_id)
    return file_document(
        file_id=file_id,
        title=first_string(file, "title", "name"),
        kind=first_string(file, "filetype", "mimetype"),
        text=file_text(file),
        author=string(file.get("username")),
        container="",
        timestamp=seconds(file.get("timestamp")) or seconds(file.get("created")),
        url=string(file.get("permalink")),
    )


def _unknown(document_id: str) -> NotFound:
    return NotFound(f"There is no document '{document_id[:60]}' that this caller may read.")
