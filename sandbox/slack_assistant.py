"""The Real-time Search API: assistant.search.context and assistant.search.info."""

from __future__ import annotations

from typing import Any

from sandbox.slack_auth import SlackCaller, SlackError
from sandbox.slack_call import Call, readable
from sandbox.slack_message import CHANNEL_TYPES, Message, SlackFile
from sandbox.slack_query import SlackQuery, parse
from sandbox.slack_resource import file_json
from sandbox.words import WordIndex

MAX_LIMIT = 20
MAX_QUERY = 500  # Slack does not say; what it does say for a term clause
MAX_CLAUSES = 5
_SCOPES = {
    "public_channel": "search:read.public",
    "private_channel": "search:read.private",
    "mpim": "search:read.mpim",
    "im": "search:read.im",
}
_CONTENT_SCOPES = {"files": "search:read.files", "users": "search:read.users"}
_CONTENT = ("messages", "files", "channels", "users")
_MICROSECONDS = 1_000_000


def search_info(call: Call) -> dict[str, Any]:
    """assistant.search.info: the sandbox knows words, not meanings."""
    call.caller.need("search:read.public")
    return {"is_ai_search_enabled": False}


def search_context(call: Call) -> dict[str, Any]:
    """assistant.search.context."""
    search = _ContextSearch(call)
    found: dict[str, Any] = {}
    following = ""
    for content in search.content_types:
        items = getattr(search, content)()
        page, more = call.page(items, search.limit)
        describe = getattr(search, f"{content[:-1]}_json")
        found[content] = [describe(item) for item in page]
        following = following or more
    return {"results": found, "response_metadata": {"next_cursor": following}}


class _ContextSearch:
    def __init__(self, call: Call) -> None:
        self._call = call
        self._caller: SlackCaller = call.caller
        self._world = call.world
        self.content_types = call.names("content_types", "messages")
        channel_types = call.names("channel_types", "public_channel")
        self._check(channel_types)
        self._kinds = {CHANNEL_TYPES[name] for name in channel_types}
        limit = call.text("limit", str(MAX_LIMIT))
        if not limit.isdecimal() or not 1 <= int(limit) <= MAX_LIMIT:
            raise SlackError("invalid_arguments")
        self.limit = int(limit)
        text = call.text("query").strip()
        self._clauses = self._term_clauses()
        if not text and not self._clauses:
            raise SlackError("missing_query")
        if len(text) > MAX_QUERY:
            raise SlackError("query_too_long")
        self._query = parse(text, self._caller.who, self._world)
        self._modifiers = parse(call.text("modifiers"), self._caller.who, self._world)

    def _check(self, channel_types: list[str]) -> None:
        if not set(channel_types) <= set(_SCOPES) or not set(self.content_types) <= set(_CONTENT):
            raise SlackError("invalid_arguments")
        if self._caller.token.bot and not self._call.text("action_token"):
            raise SlackError("invalid_action_token")
        # Public search is the least a token must be able to do, whatever is asked.
        needed = ["search:read.public", *(_SCOPES[name] for name in channel_types)]
        needed += [_CONTENT_SCOPES[name] for name in self.content_types if name in _CONTENT_SCOPES]
        missing = [
            scope for scope in dict.fromkeys(needed) if scope not in self._caller.token.scopes
        ]
        if missing:
            raise self._caller.missing(missing)

    def _term_clauses(self) -> list[SlackQuery]:
        clauses = self._call.arguments.get("term_clauses") or []
        if not isinstance(clauses, list) or len(clauses) > MAX_CLAUSES:
            raise SlackError("invalid_arguments")
        if any(not isinstance(text, str) or len(text) > MAX_QUERY for text in clauses):
            raise SlackError("invalid_arguments")
        return [parse(text, self._caller.who, self._world) for text in clauses]

    def _score(self, index: WordIndex) -> int:
        """Count the words found; none when a clause fails or an excluded word is there."""
        if any(term.within(index) for term in self._query.excluded):
            return 0
        counts = [clause.count(index) for clause in self._clauses]
        return 0 if 0 in counts else self._query.count(index) + sum(counts)

    def _wanted(self, message: Message) -> bool:
        channel = message.channel
        call = self._call
        at = int(float(message.ts))
        return (
            channel.kind in self._kinds
            and (bool(message.user) or call.flag("include_bots"))
            and (not channel.archived or call.flag("include_archived_channels"))
            and (not call.text("after") or at > int(call.text("after")))
            and (not call.text("before") or at < int(call.text("before")))
            and self._query.allows(message)
            and self._modifiers.allows(message)
        )

    def messages(self) -> list[Message]:
        """Return the messages found, those with most of the words first."""
        scored = [
            (score, message)
            for message in readable(self._caller)
            if (score := self._score(message.index)) and self._wanted(message)
        ]
        by_time = self._call.text("sort", "score") == "timestamp"
        scored.sort(
            key=lambda hit: (0 if by_time else hit[0], hit[1].ts),
            reverse=self._call.text("sort_dir", "desc") != "asc",
        )
        return [message for _, message in scored]

    def files(self) -> list[tuple[SlackFile, Message]]:
        """Return the files found in the messages asked about."""
        mine = set(readable(self._caller))
        scored = []
        for file, messages in self._world.slack.files.values():
            score = self._score(file.index)
            message = next((item for item in messages if item in mine and self._wanted(item)), None)
            if score and message and (file.text or file.mimetype.startswith("text/")):
                scored.append((score, file.created, file, message))
        scored.sort(key=lambda hit: hit[:2], reverse=True)
        return [(file, message) for _, _, file, message in scored]

    def channels(self) -> list[dict[str, Any]]:
        """Return the channels whose name, topic or purpose holds a word."""
        workspace = self._world.people.workspace
        return [
            {
                "name": channel.name,
                "topic": channel.topic,
                "purpose": channel.purpose,
                "permalink": f"{workspace.url.rstrip('/')}/archives/{channel.id}",
                "team_id": workspace.id,
                "creator_user_id": self._world.people.users[channel.creator].slack_id,
                "date_created": int(channel.created.timestamp()) * _MICROSECONDS,
                "date_updated": int(channel.created.timestamp()) * _MICROSECONDS,
                "is_archived": channel.archived,
            }
            for channel in self._world.slack.channels.values()
            if channel.kind in self._kinds
            and self._caller.sees(channel)
            and self._score(WordIndex(f"{channel.name}\n{channel.topic}\n{channel.purpose}"))
        ]

    def users(self) -> list[dict[str, Any]]:
        """Return the users whose name or title holds a word."""
        workspace = self._world.people.workspace
        return [
            {
                "user_id": user.slack_id,
                "full_name": user.name,
                "title": user.title,
                "timezone": user.timezone,
                "email": user.email,
                "permalink": f"{workspace.url.rstrip('/')}/team/{user.slack_id}",
            }
            for user in self._world.people.users.values()
            if self._score(WordIndex(f"{user.name}\n{user.title}"))
            and (not user.deactivated or self._call.flag("include_deleted_users"))
        ]

    def message_json(self, message: Message) -> dict[str, Any]:
        """Describe a message."""
        people = self._world.people
        user = people.users.get(message.user)
        body: dict[str, Any] = {
            "author_name": user.name if user else message.username,
            "author_user_id": user.slack_id if user else "",
            "team_id": people.workspace.id,
            "channel_id": message.channel.id,
            "channel_name": message.channel.name,
            "message_ts": message.ts,
            "content": message.text,
            "is_author_bot": user is None,
            "permalink": message.permalink(people.workspace.url),
        }
        if message.replies:
            body["reply_count"] = len(message.replies)
        if message.is_reply:
            body["thread_ts"] = message.thread_ts
        if message.blocks and self._call.flag("include_message_blocks"):
            body["blocks"] = message.blocks
        if self._call.flag("include_context_messages"):
            body["context_messages"] = {
                "before": [self._context_json(other) for other in message.previous],
                "after": [self._context_json(other) for other in message.following],
            }
        return body

    def _context_json(self, message: Message) -> dict[str, Any]:
        user = self._world.people.users.get(message.user)
        return {
            "text": message.text,
            "user_id": user.slack_id if user else "",
            "author_name": user.name if user else message.username,
            "ts": message.ts,
        }

    def file_json(self, hit: tuple[SlackFile, Message]) -> dict[str, Any]:
        """Describe a file, with its text."""
        file, message = hit
        described = file_json(self._world, file)
        user = self._world.people.users.get(file.user)
        return {
            "file_id": file.id,
            "title": file.title,
            "file_type": file.filetype,
            "content": file.text,
            "author_name": user.name if user else message.username,
            "author_user_id": described["user"],
            "uploader_user_id": described["user"],
            "team_id": self._world.people.workspace.id,
            "date_created": file.created * _MICROSECONDS,
            "date_updated": file.created * _MICROSECONDS,
            "size": described["size"],
            "permalink": described["permalink"],
        }

    @staticmethod
    def channel_json(channel: dict[str, Any]) -> dict[str, Any]:
        """Describe a channel."""
        return channel

    user_json = channel_json
