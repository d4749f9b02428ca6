"""The settings of the Drive connector."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from connector_sdk import (
    ConnectorSettings,
    ModifiedOptions,
    Name,
    ProviderUrl,
    SearchOptions,
    with_path,
)
from connector_sdk.http import origin

from .service_account import ServiceAccount

Kind = Literal["document", "spreadsheet", "presentation", "pdf", "text"]


class Options(ModifiedOptions):
    """How a request may narrow the search."""

    folder_id: Name | None = Field(
        default=None, description="Only what is in this folder, or in a folder below it."
    )
    drive_id: Name | None = Field(default=None, description="Only what is in this shared drive.")
    type: Kind | None = Field(default=None, description="Only files of this kind.")
    owner: Name | None = Field(
        default=None, description="Only files that this person owns, by e-mail address."
    )


class Settings(ConnectorSettings):
    """What the Drive connector can be told, each by a variable with the prefix `GDRIVE_`."""

    model_config = SettingsConfigDict(env_prefix="GDRIVE_")

    service_account_info: SecretStr | None = Field(
        default=None, description="A service account's key, the JSON itself."
    )
    delegated_subject: str | None = Field(
        default=None,
        description="E-mail address of the user that the service account acts as "
        "(domain-wide delegation).",
    )
    folder_id: str | None = Field(
        default=None, description="Only what is in this folder, or in a folder below it."
    )
    shared_drive_id: str | None = Field(
        default=None, description="Only what is in this shared drive."
    )
    unreadable: Literal["name", "skip"] = Field(
        default="name",
        description="What becomes of images, video and other files without text: a result with "
        "name and description, or none.",
    )
    max_downloads: int = Field(
        default=10,
        ge=1,
        le=100,
        description="How many files a search reads at the most; each costs Drive quota.",
    )
    api_endpoint: ProviderUrl = Field(
        default="https://www.googleapis.com/drive/v3/", description="Where the Drive API is."
    )

    @field_validator("api_endpoint")
    @classmethod
    def _with_path(cls, value: str) -> str:
        # The client takes it as root and path in one.
        return with_path(value, "drive/v3/")

    @model_validator(mode="after")
    def _subject_needs_account(self) -> Self:
        if self.delegated_subject and self.service_account_info is None:
            raise ValueError(
                "GDRIVE_DELEGATED_SUBJECT is set without GDRIVE_SERVICE_ACCOUNT_INFO: it names the "
                "user that a service account acts as"
            )
        return self

    @cached_property
    def service_credential(self) -> ServiceAccount | None:
        """The service account, where one is set."""
        if self.service_account_info is None:
            return None
        return ServiceAccount(self._info, self.delegated_subject)

    @property
    def provider_urls(self) -> Iterable[str]:
        """The Drive API, and where the service account's tokens are made."""
        yield self.api_endpoint
        if self.service_account_info is not None:
            yield self._info["token_uri"]

    @property
    def options_model(self) -> type[SearchOptions]:
        """How a request may narrow the search."""
        return Options

    @property
    def secrets(self) -> Iterable[str]:
        """The keys, and the private key by itself."""
        yield from super().secrets
        if self.service_account_info is not None:
            yield self._info["private_key"]

    @cached_property
    def _info(self) -> dict[str, str]:
        try:
            info = json.loads((self.service_account_info or SecretStr("")).get_secret_value())
            missing = {"client_email", "private_key", "token_uri"} - info.keys()
        except (ValueError, AttributeError):
            raise ValueError(
                "GDRIVE_SERVICE_ACCOUNT_INFO is not JSON: it holds the content of the key file "
                "that the Google Cloud console gives for a service account"
            ) from None
        if missing:
            raise ValueError(
                f"GDRIVE_SERVICE_ACCOUNT_INFO lacks {', '.join(sorted(missing))}: it holds the "
                "whole content of the service account's key file"
            )
        try:
            origin(str(info["token_uri"]))
        except ValueError as error:
            raise ValueError(f"GDRIVE_SERVICE_ACCOUNT_INFO: its token_uri {error}") from None
        return dict(info)
