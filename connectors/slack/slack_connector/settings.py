"""The settings of the Slack connector."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from connector_sdk import ConnectorSettings, ModifiedOptions, ProviderUrl, SearchOptions, with_path

_NAME = re.compile(r"[\w.\-]{1,80}")


def _one_name(value: str) -> str:
    # It becomes part of Slack's query, where a space would end it and begin a word to search for.
    if not _NAME.fullmatch(value.lstrip("#@")):
        raise ValueError("give one name or id: letters, digits, '.', '-' and '_'")
    return value.lstrip("#@")


SlackName = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_one_name)]


class Options(ModifiedOptions):
    """How a request may narrow the search."""

    channel: SlackName | None = Field(
        default=None, description="Only what is in this channel, by name or id: general."
    )
    from_: SlackName | None = Field(
        default=None,
        alias="from",
        description="Only what this person wrote, by user name or id; 'me' is the caller.",
    )


class Settings(ConnectorSettings):
    """What the Slack connector can be told, each by a variable with the prefix `SLACK_`."""

    model_config = SettingsConfigDict(env_prefix="SLACK_")

    oauth_access_token: SecretStr | None = Field(
        default=None,
        description="The service credential: a user token (xoxp-…) that searches for whoever "
        "sends the connector key and no token of their own.",
    )
    service_private: bool = Field(
        default=False,
        description="Let the service credential also find what is in private channels and direct "
        "messages of the person it belongs to.",
    )
    search_method: Literal["auto", "realtime", "messages"] = Field(
        default="auto",
        description="realtime: the Real-time Search API (assistant.search.context); messages: "
        "search.messages and search.files; auto: what the token's scopes allow.",
    )
    team_id: str | None = Field(
        default=None, description="The workspace to search in, for tokens of a whole organization."
    )
    base_url: ProviderUrl = Field(
        default="https://slack.com/api/", description="Where the Web API is."
    )

    @field_validator("base_url")
    @classmethod
    def _with_path(cls, value: str) -> str:
        # The client replaces whatever follows the last slash by the method's name.
        return with_path(value, "api/")

    @property
    def service_credential(self) -> str | None:
        """The service's token, where one is set."""
        return self.oauth_access_token.get_secret_value() if self.oauth_access_token else None

    @property
    def provider_urls(self) -> Iterable[str]:
        """The Web API, and nothing else."""
        yield self.base_url

    @property
    def options_model(self) -> type[SearchOptions]:
        """How a request may narrow the search."""
        return Options
