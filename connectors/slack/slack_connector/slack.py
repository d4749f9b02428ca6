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
from .transport import Client

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
        try:
            return self._ask(lambda: method(query=query, count=count, page=page, team_id=team_id))
        except Refused as refusal:
            raise refusal.error from None

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
