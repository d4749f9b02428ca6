"""The calls that a search makes of Slack, as one caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from connector_sdk import ProviderError, SearchContext

from . import access
from .errors import Refused, refused, scopes_in
from .settings import Options, Settings
from .text import first_string, mappings
from .transport import Client

_NOT_FOUND = {"thread_not_found", "message_not_found", "channel_not_found", "file_not_found"}
_MAX_REPLIES = 100  # of a thread; what lies behind them is found by itself or not at all

Context = SearchContext[Settings, Options]
Answer = dict[str, Any]


class Slack:
    """One caller's view of Slack.

    Args:
        context: the request; its credential signs every call, its deadline ends them.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._client = Client(context, context.credential.value)
        self._host = urlsplit(context.settings.base_url).netloc

    def search_messages(self, query: str, count: int, page: int = 1) -> Answer:
        """search.messages: a page of the messages that hold all words of the query.

        https://docs.slack.dev/reference/methods/search.messages

        Raises:
            ConnectorError: as Slack's answer says.
        """
        return self._section("messages", self._client.search_messages, query, count, page)

    def search_files(self, query: str, count: int, page: int = 1) -> Answer:
        """search.files: a page of the files that hold all words of the query.

        https://docs.slack.dev/reference/methods/search.files

        Raises:
            ConnectorError: as Slack's answer says.
        """
        return self._section("files", self._client.search_files, query, count, page)

    def search_all(self, query: str, count: int) -> tuple[Answer, Answer]:
        """search.all: the messages and the files of one query, in one call.

        https://docs.slack.dev/reference/methods/search.all

        Raises:
            ConnectorError: as Slack's answer says.
        """
        answer = self._search(self._client.search_all, query, count, 1)
        return _section_of(answer, "messages"), _section_of(answer, "files")

    def search_context(self, **arguments: Any) -> Answer:
        """assistant.search.context: a page of the Real-time Search API.

        https://docs.slack.dev/reference/methods/assistant.search.context

        Raises:
            Refused: Slack answered `ok: false`.
            ConnectorError: Slack could not be asked.
        """
        page = self._ask(lambda: self._client.api_call("assistant.search.context", json=arguments))
        _object(page, "results")
        return page

    def replies(self, channel_id: str, ts: str) -> list[dict[str, Any]]:
        """conversations.replies: a thread, its first message first; nothing where there is none.

        https://docs.slack.dev/reference/methods/conversations.replies

        Args:
            channel_id: where the thread is.
            ts: its first message; by a reply's own ts only that reply is given.

        Raises:
            ConnectorError: as Slack's answer says.
        """
        try:
            answer = self._ask(
                lambda: self._client.conversations_replies(
                    channel=channel_id, ts=ts, limit=_MAX_REPLIES
                )
            )
        except Refused as refusal:
            if refusal.code in _NOT_FOUND:
                return []
            raise refusal.error from None
        return mappings(answer.get("messages"))

    def user_name(self, user_id: str) -> str:
        """users.info: what somebody is called, "" where Slack does not say.

        https://docs.slack.dev/reference/methods/users.info

        Raises:
            ConnectorError: as Slack's answer says.
        """
        user = _object(self._look_up(lambda: self._client.users_info(user=user_id)), "user")
        profile = user.get("profile")
        named = profile if isinstance(profile, dict) else {}
        return first_string(named, "real_name", "display_name") or first_string(
            user, "real_name", "name"
        )

    def channel_name(self, channel_id: str) -> str:
        """conversations.info: what a channel is called, "" for a direct conversation.

        https://docs.slack.dev/reference/methods/conversations.info

        Raises:
            ConnectorError: as Slack's answer says.
        """
        return first_string(self.channel(channel_id), "name")

    def channel(self, channel_id: str) -> Answer:
        """conversations.info: a channel; nothing where the caller sees none.

        Raises:
            ConnectorError: as Slack's answer says.
        """
        return self._one("channel", lambda: self._client.conversations_info(channel=channel_id))

    def file(self, file_id: str) -> Answer:
        """files.info: a file, with its text where it is a snippet; nothing where there is none.

        https://docs.slack.dev/reference/methods/files.info

        Raises:
            ConnectorError: as Slack's answer says.
        """
        return self._one("file", lambda: self._client.files_info(file=file_id))

    def permalink(self, channel_id: str, ts: str) -> str:
        """Return the address of a message, by that of the workspace, which auth.test tells.

        Raises:
            ConnectorError: as Slack's answer says.
        """
        url = first_string(self._look_up(self._client.auth_test), "url").rstrip("/")
        return f"{url}/archives/{channel_id}/p{ts.replace('.', '')}" if url else ""

    def _one(self, name: str, call: Callable[[], SlackResponse]) -> Answer:
        try:
            return _object(self._ask(call), name)
        except Refused as refusal:
            if refusal.code in _NOT_FOUND:
                return {}
            raise refusal.error from None

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of the caller's token, as far as Slack's answers have shown them."""
        return access.scopes(self._context) or frozenset()

    def _look_up(self, call: Callable[[], SlackResponse]) -> Answer:
        try:
            return self._ask(call)
        except Refused as refusal:
            raise refusal.error from None

    def _section(
        self,
        name: str,
        method: Callable[..., SlackResponse],
        query: str,
        count: int,
        page: int,
    ) -> Answer:
        return _section_of(self._search(method, query, count, page), name)

    def _search(
        self, method: Callable[..., SlackResponse], query: str, count: int, page: int
    ) -> Answer:
        team_id = self._context.settings.team_id
        return self._look_up(lambda: method(query=query, count=count, page=page, team_id=team_id))

    def _ask(self, call: Callable[[], SlackResponse]) -> Answer:
        try:
            response = call()
            answer = response.data
        except SlackApiError as error:
            refusal = refused(error, self._host)
            self._learn(error.response, refusal.provided)
            raise refusal from None
        except (ValueError, AttributeError, TypeError, RecursionError):
            # Where the client meets an answer that it did not expect.
            raise ProviderError("Slack answered with something other than JSON.") from None
        if not isinstance(answer, dict):
            raise ProviderError("Slack answered with something other than an object.")
        self._learn(response, frozenset())
        self._context.mark_answered()
        return answer

    def _learn(self, response: SlackResponse, provided: frozenset[str]) -> None:
        # The header comes in a case of its own choosing, and is not promised.
        for name, value in response.headers.items():
            if name.lower() == "x-oauth-scopes":
                provided = frozenset(scopes_in(value)) or provided
        if provided:
            access.learn(self._context, provided)


def _object(answer: Answer, name: str) -> Answer:
    # An answer without its results is no answer without results.
    value = answer.get(name)
    if not isinstance(value, dict):
        raise ProviderError(f"Slack's answer has no {name}.")
    return value


def _section_of(answer: Answer, name: str) -> Answer:
    section = _object(answer, name)
    if not isinstance(section.get("matches"), list):
        raise ProviderError(f"Slack's answer has no list of {name}.")
    return section
