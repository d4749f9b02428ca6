"""How Slack describes messages, channels, users and files in JSON."""

from __future__ import annotations

import hashlib
from typing import Any

from sandbox.people import User
from sandbox.slack_message import Channel, Message, SlackFile
from sandbox.world import World

_PREVIEW = 400


def user_json(world: World, user: User, *, with_email: bool) -> dict[str, Any]:
    """Describe a user."""
    profile = {
        "real_name": user.name,
        "display_name": user.key,
        "title": user.title,
        "team": world.people.workspace.id,
    }
    if with_email:
        profile["email"] = user.email
    return {
        "id": user.slack_id,
        "team_id": world.people.workspace.id,
        "name": user.key,
        "real_name": user.name,
        "deleted": user.deactivated,
        "tz": user.timezone,
        "is_bot": False,
        "is_restricted": user.guest,
        "profile": profile,
    }


def channel_json(world: World, channel: Channel, who: str) -> dict[str, Any]:
    """Describe a channel, as one person sees it."""
    users = world.people.users
    created = int(channel.created.timestamp())
    body: dict[str, Any] = {
        "id": channel.id,
        "created": created,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "public",
        "is_archived": channel.archived,
        "is_member": who in channel.members,
        "is_ext_shared": channel.external,
        "is_shared": channel.external,
        "context_team_id": world.people.workspace.id,
    }
    if channel.kind == "im":
        other = next((member for member in sorted(channel.members) if member != who), who)
        return body | {"user": users[other].slack_id}
    creator = users[channel.creator].slack_id if channel.creator in users else ""
    return body | {
        "name": channel.name,
        "name_normalized": channel.name,
        "creator": creator,
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": creator, "last_set": created},
        "purpose": {"value": channel.purpose, "creator": creator, "last_set": created},
    }


def message_json(world: World, message: Message) -> dict[str, Any]:
    """Describe a message as conversations.* do."""
    body: dict[str, Any] = {"type": "message", "ts": message.ts, "text": message.text}
    body |= _author(world, message)
    if message.thread_ts:
        body["thread_ts"] = message.thread_ts
    if message.replies:
        body |= {"reply_count": len(message.replies), "latest_reply": message.replies[-1].ts}
    if message.blocks:
        body["blocks"] = message.blocks
    if message.attachments:
        body["attachments"] = message.attachments
    if message.files:
        body["files"] = [file_json(world, file) for file in message.files]
    if message.reactions:
        users = world.people.users
        body["reactions"] = [
            {"name": name, "count": len(who), "users": [users[key].slack_id for key in who]}
            for name, who in message.reactions.items()
        ]
    return body


def match_json(world: World, message: Message) -> dict[str, Any]:
    """Describe a hit of search.messages."""
    channel = message.channel
    team = world.people.workspace.id
    body: dict[str, Any] = {
        "iid": _iid(message),
        "team": team,
        "channel": {
            "id": channel.id,
            "name": _search_name(world, channel, message),
            "is_channel": channel.kind == "public",
            "is_group": channel.kind == "private",
            "is_im": channel.kind == "im",
            "is_mpim": channel.kind == "mpim",
            "is_private": channel.kind != "public",
            "is_shared": channel.external,
            "is_ext_shared": channel.external,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "pending_shared": [],
        },
        "type": "message",
        **_author(world, message),
        "username": message.username,
        "ts": message.ts,
        "text": message.text,
        "permalink": message.permalink(world.people.workspace.url),
    }
    for key in ("blocks", "attachments"):
        if value := getattr(message, key):
            body[key] = value
    if message.files:
        body["files"] = [file_json(world, file) for file in message.files]
    body |= _neighbours(world, message)
    return body


def _neighbours(world: World, message: Message) -> dict[str, Any]:
    near = {}
    for name, line in (("previous", message.previous[::-1]), ("next", message.following)):
        for number, other in enumerate(line, start=1):
            near[name if number == 1 else f"{name}_{number}"] = {
                "iid": _iid(other),
                **_author(world, other),
                "username": other.username,
                "ts": other.ts,
                "text": other.text,
                "type": "message",
            }
    return near


def _iid(message: Message) -> str:
    return hashlib.sha256(f"{message.channel.id}{message.ts}".encode()).hexdigest()[:32]


def _author(world: World, message: Message) -> dict[str, Any]:
    if message.user:
        return {"user": world.people.users[message.user].slack_id}
    return {"user": None, "bot_id": message.bot_id, "subtype": "bot_message"}


def _search_name(world: World, channel: Channel, message: Message) -> str:
    """Return a channel's name in a hit; a direct conversation's is the other person's id."""
    if channel.kind != "im":
        return channel.name
    return world.people.users[message.user or min(channel.members)].slack_id


def file_json(world: World, file: SlackFile) -> dict[str, Any]:
    """Describe a file."""
    workspace = world.people.workspace
    private = f"{world.url}/slack/files-pri/{workspace.id}-{file.id}/{file.name}"
    text = file.mimetype.startswith("text/")
    places = {message.channel for message in world.slack.files[file.id][1]}
    by_kind = {
        kind: sorted(place.id for place in places if place.kind == kind)
        for kind in ("public", "private", "mpim", "im")
    }
    body: dict[str, Any] = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": file.filetype.upper(),
        "user": world.people.users[file.user].slack_id if file.user else "",
        "mode": "snippet" if text else "hosted",
        "size": len(file.text.encode()),
        "url_private": private,
        "url_private_download": f"{private}?download=1",
        "permalink": f"{workspace.url.rstrip('/')}/files/{file.user}/{file.id}/{file.name}",
        "is_public": bool(by_kind["public"]),
        "channels": by_kind["public"],
        "groups": by_kind["private"] + by_kind["mpim"],
        "ims": by_kind["im"],
        "score": "0.00",
        "preview": file.text[:_PREVIEW] if text else None,
    }
    if file.text and not text:
        body |= {
            "plain_text": file.text,
            "preview_plain_text": file.text[:_PREVIEW],
            "preview_is_truncated": len(file.text) > _PREVIEW,
        }
    return body
