"""The settings of the connector for any REST API."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from connector_sdk import ConfigurationError, ConnectorSettings, ProviderUrl, SearchOptions
from connector_sdk.addresses import AddressCheck, check_addresses

from .auth import Operators
from .loader import Loaded, load


class Settings(ConnectorSettings):
    """What the connector can be told, each by a variable with the prefix `GENERIC_REST_`.

    The source file names further variables of its own.
    """

    model_config = SettingsConfigDict(env_prefix="GENERIC_REST_")

    source: str = Field(
        default="",
        description="Path of a source file, or the name of one that ships: wikipedia.",
    )
    base_url: ProviderUrl | None = Field(
        default=None, description="Where the API is, instead of what the source file says."
    )

    @cached_property
    def loaded(self) -> Loaded:
        """The source, with the values of its variables.

        Raises:
            ConfigurationError: the file is wrong, or a variable that it names.
        """
        if not self.source:
            raise ConfigurationError(
                "GENERIC_REST_SOURCE is missing: the path of a source file, or the name of one "
                "that ships, for instance wikipedia"
            )
        try:
            return load(self.source, self.base_url)
        except ConfigurationError as error:
            raise ConfigurationError(f"GENERIC_REST_SOURCE: {error}") from None

    @model_validator(mode="after")
    def _source_is_right(self) -> Self:
        # Read now, so that a mistake in it stops the start. The settings are frozen for others.
        seconds = min(self.search_timeout_seconds, self.loaded.source.limits.seconds)
        self.__dict__["search_timeout_seconds"] = seconds
        return self

    @property
    def service_credential(self) -> Operators | None:
        """The operator's own credential, where the source file has one and it is set."""
        return self.loaded.credentials

    @property
    def accepts_user_token(self) -> bool:
        """Whether the source file relays the caller's token."""
        return self.loaded.relays

    @property
    def needs_credential(self) -> bool:
        """Whether the API is closed to those without a credential."""
        return self.loaded.needs_credential

    @property
    def provider_urls(self) -> Iterable[str]:
        """The hosts that the source file names."""
        yield self.loaded.base_url
        yield from self.loaded.urls

    @property
    def allowed_address(self) -> AddressCheck:
        """No private network but where the file, or an API on loopback, says that it is meant."""
        return check_addresses(private=self.loaded.may_be_private)

    @property
    def connector_name(self) -> str:
        """The source's name, by which models and logs tell one from another."""
        return self.loaded.source.name

    @property
    def options_model(self) -> type[SearchOptions]:
        """The options that the source file declares."""
        return self.loaded.source.options_model

    @property
    def secrets(self) -> Iterable[str]:
        """The keys, and every secret of the source in the forms in which it travels."""
        yield from super().secrets
        yield from self.loaded.secrets
