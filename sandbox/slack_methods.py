"""The Slack methods that look things up: conversations.*, users.*, files.info, auth.test."""

from __future__ import annotations

from typing import Any

from sandbox.slack_auth import SlackError
from sandbox.slack_call import Call
from sandbox.slack_message import CHANNEL_TYPES, Channel, Message
from sandbox.slack_resource import channel_json, file_json, message_json, user_json

_READ = {"public": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}
_HISTORY = {kind: scope.replace("read", "history") for kind, scope in _READ.items()}
_MAX = 1000


def auth_test(call: Call) -> dict[str, Any]:
    """auth.test."""
    workspace = call.world.people.workspace
    user = call.caller.user
    return {
        "url": workspace.url,
        "team": workspace.name,
        "user": user.key,
        "team_id": workspace.id,
        "user_id": user.slack_id,
        "is_enterprise_install": False,
    }


def conversations_info(call: Call) -> dict[str, Any]:
    """conversations.info."""
    channel = _channel(call, _READ)
    return {"channel": channel_json(call.world, channel, call.caller.who)}


def conversations_list(call: Call) -> dict[str, Any]:
    """conversations.list."""
    types = call.names("types", "public_channel")
    if not set(types) <= set(CHANNEL_TYPES):
        raise SlackError("invalid_types")
    kinds = {CHANNEL_TYPES[name] for name in types}
    for kind in sorted(kinds):
        call.caller.need(_READ[kind])
    found = [
        channel
        for channel in call.world.slack.channels.values()
        if channel.kind in kinds
        and call.caller.sees(channel)
        and not (channel.archived and call.flag("exclude_archived"))
    ]
    page, following = call.page(found, call.number("limit", 100, _MAX))
    return {
        "channels": [channel_json(call.world, channel, call.caller.who) for channel in page],
        "response_metadata": {"next_cursor": following},
    }


def conversations_members(call: Call) -> dict[str, Any]:
    """conversations.members."""
    channel = _channel(call, _READ)
    users = call.world.people.users
    members = sorted(users[key].slack_id for key in channel.members if key in users)
    page, following = call.page(members, call.number("limit", 100, _MAX))
    return {"members": list(page), "response_metadata": {"next_cursor": following}}


def conversations_history(call: Call) -> dict[str, Any]:
    """conversations.history: what is not in a thread, the newest first."""
    channel = _channel(call, _HISTORY)
    line = [message for message in call.world.slack.messages[channel.id] if not message.is_reply]
    return _messages(call, line[::-1])


def conversations_replies(call: Call) -> dict[str, Any]:
    """conversations.replies: a thread by its parent; by a reply's own ts only that reply."""
    channel = _channel(call, _HISTORY)
    ts = call.text("ts")
    for message in call.world.slack.messages[channel.id]:
        if message.ts == ts:
            return _messages(call, [message, *message.replies])
    raise SlackError("thread_not_found")


def users_info(call: Call) -> dict[str, Any]:
    """users.info."""
    call.caller.need("users:read")
    user = call.world.people.by_slack_id.get(call.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    with_email = "users:read.email" in call.caller.token.scopes
    return {"user": user_json(call.world, user, with_email=with_email)}


def users_list(call: Call) -> dict[str, Any]:
    """users.list."""
    call.caller.need("users:read")
    with_email = "users:read.email" in call.caller.token.scopes
    users = list(call.world.people.users.values())
    page, following = call.page(users, call.number("limit", 200, _MAX))
    return {
        "members": [user_json(call.world, user, with_email=with_email) for user in page],
        "response_metadata": {"next_cursor": following},
    }


def files_info(call: Call) -> dict[str, Any]:
    """files.info."""
    call.caller.need("files:read")
    file, messages = call.world.slack.files.get(call.text("file"), (None, []))
    if file is None or not any(call.caller.sees(message.channel) for message in messages):
        raise SlackError("file_not_found")
    return {"file": file_json(call.world, file), "comments": []}


def _channel(call: Call, scopes: dict[str, str]) -> Channel:
    channel = call.world.slack.channels.get(call.text("channel"))
    if channel is None or not call.caller.sees(channel):
        raise SlackError("channel_not_found")
    call.caller.need(scopes[channel.kind])
    return channel


def _messages(call: Call, line: list[Message]) -> dict[str, Any]:
    oldest, latest = call.text("oldest") or "0", call.text("latest") or "9999999999"
    try:
        first, last = float(oldest), float(latest)
    except ValueError:
        raise SlackError("invalid_arguments") from None
    inclusive = call.flag("inclusive")
    kept = [
        message
        for message in line
        if first < float(message.ts) < last or (inclusive and float(message.ts) in {first, last})
    ]
    page, following = call.page(kept, call.number("limit", 100, _MAX))
    body: dict[str, Any] = {
        "messages": [message_json(call.world, message) for message in page],
        "has_more": bool(following),
    }
    if following:
        body["response_metadata"] = {"next_cursor": following}
    return body
