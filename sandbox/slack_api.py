"""Slack's Web API: one route for every method, and the files' own addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from sandbox import slack_assistant, slack_methods, slack_search
from sandbox.answers import json_answer, sign_in_page
from sandbox.office import docx, pdf
from sandbox.slack_auth import SlackError, authenticate
from sandbox.slack_call import Call, arguments_of
from sandbox.slack_message import SlackFile
from sandbox.world import World

Method = Callable[[Call], dict[str, Any]]
_CHANNELS = "channels:read,groups:read,mpim:read,im:read"
_HISTORY = "channels:history,groups:history,mpim:history,im:history"
_METHODS: dict[str, tuple[Method, str]] = {
    "auth.test": (slack_methods.auth_test, ""),
    "search.messages": (slack_search.search_messages, "search:read"),
    "search.files": (slack_search.search_files, "search:read"),
    "search.all": (slack_search.search_all, "search:read"),
    "assistant.search.context": (slack_assistant.search_context, "search:read.public"),
    "assistant.search.info": (slack_assistant.search_info, "search:read.public"),
    "conversations.info": (slack_methods.conversations_info, _CHANNELS),
    "conversations.list": (slack_methods.conversations_list, _CHANNELS),
    "conversations.members": (slack_methods.conversations_members, _CHANNELS),
    "conversations.history": (slack_methods.conversations_history, _HISTORY),
    "conversations.replies": (slack_methods.conversations_replies, _HISTORY),
    "users.info": (slack_methods.users_info, "users:read"),
    "users.list": (slack_methods.users_list, "users:read"),
    "files.info": (slack_methods.files_info, "files:read"),
}


class SlackApi:
    """The routes below /slack/api/ and /slack/files-pri/."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, app: Flask) -> None:
        """Add the routes to the app."""
        both = ["GET", "POST"]
        app.add_url_rule("/slack/api/<method>", "slack_method", self.method, methods=both)
        app.add_url_rule("/slack/files-pri/<team>/<name>", "slack_file", self.file)

    def method(self, method: str) -> Response:
        """Answer a method; errors come with status 200 too."""
        if method not in _METHODS:
            return json_answer(SlackError("unknown_method", req_method=method).body)
        answer, accepted = _METHODS[method]
        scopes: frozenset[str] = frozenset()
        try:
            caller = authenticate(self._world, request)
            scopes = caller.token.scopes
            body = {"ok": True, **answer(Call(caller, arguments_of(request)))}
        except SlackError as error:
            body = error.body
        response = json_answer(body)
        response.headers["X-OAuth-Scopes"] = ",".join(sorted(scopes))
        response.headers["X-Accepted-OAuth-Scopes"] = accepted
        return response

    def file(self, team: str, name: str) -> Response:
        """Answer a file's content; without a right to it, a page to sign in at, with 200."""
        del name
        file, messages = self._world.slack.files.get(team.partition("-")[2], (None, []))
        try:
            caller = authenticate(self._world, request)
            caller.need("files:read")
        except SlackError:
            return sign_in_page()
        if file is None or not any(caller.sees(message.channel) for message in messages):
            return sign_in_page()
        return Response(_content(file), content_type=file.mimetype)


def _content(file: SlackFile) -> bytes:
    lines = file.text.splitlines()
    if file.filetype == "pdf":
        return pdf(lines)
    return docx(lines) if file.filetype == "docx" else file.text.encode()
