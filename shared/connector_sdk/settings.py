"""Settings from the environment or `.env`, typed, and checked before the first request."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from .addresses import AddressCheck
from .errors import ConfigurationError
from .http import origin
from .options import MAX_LIMIT, SearchOptions

MIN_KEY_LENGTH = 32
MIN_PASSAGE, MAX_PASSAGE = 50, 1000  # words


def _callable_url(url: str) -> str:
    origin(url)
    return url


# The address of a provider: https, or http to loopback.
ProviderUrl = Annotated[str, AfterValidator(_callable_url)]


def with_path(url: str, path: str) -> str:
    """Return an API's address as clients take it: ended by a slash, with `path` if it has none.

    Args:
        url: as an operator gave it, perhaps without a path.
        path: the API's usual one: `drive/v3/`.
    """
    return f"{url.rstrip('/')}/" + ("" if urlsplit(url).path.strip("/") else path)


_log = logging.getLogger(__name__)


class ConnectorSettings(BaseSettings):
    """What every connector can be told.

    A connector subclasses it with `env_prefix="<NAME>_"` and its own fields. The settings here
    are read under that prefix first (`GDRIVE_SEARCH_LIMIT`) and then without it
    (`SEARCH_LIMIT`); a connector's own only under the prefix.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    connector_api_key: SecretStr | None = Field(
        default=None,
        description="Key that callers must send; several, comma separated, while one is rotated.",
    )
    allow_unauthenticated: bool = Field(
        default=False,
        description="Let anybody search with the service credential, without a connector key.",
    )
    search_limit: int = Field(
        default=10, ge=1, le=MAX_LIMIT, description="Passages in an answer, if not asked for more."
    )
    passage_words: int = Field(
        default=300,
        description="The most that a passage has; a longer document is cut. 0: whole texts.",
    )
    passages_per_file: int = Field(
        default=3,
        ge=0,
        description="Passages of one document while others have any; 0 for no limit.",
    )
    passage_ranking: bool = Field(
        default=True,
        description="false: in the provider's order, to measure what the ranking is worth.",
    )
    search_timeout_seconds: float = Field(
        default=20.0, gt=0, le=300, description="The deadline of a request; the platform waits 30."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged, as JSON lines on standard output."
    )

    @property
    def service_credential(self) -> object | None:
        """What the provider is called with when no user's token is sent, or None."""
        return None

    @property
    def accepts_user_token(self) -> bool:
        """Whether the provider can be called with a user's token."""
        return True

    @property
    def needs_credential(self) -> bool:
        """Whether the provider can be called only with a credential."""
        return True

    @property
    def provider_urls(self) -> Iterable[str]:
        """URLs whose scheme, host and port may be called, and no others."""
        raise NotImplementedError

    @property
    def allowed_address(self) -> AddressCheck | None:
        """Which addresses may be called, whatever a name resolves to; None: all of them."""
        return None

    @property
    def connector_name(self) -> str | None:
        """The name of this connector where it is not its folder's."""
        return None

    @property
    def options_model(self) -> type[SearchOptions]:
        """The options that a request may carry."""
        return SearchOptions

    @property
    def secrets(self) -> Iterable[str]:
        """Everything that must appear in no log and no answer."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                yield value.get_secret_value()
        yield from self.keys

    @property
    def keys(self) -> list[str]:
        """The connector keys."""
        if self.connector_api_key is None:
            return []
        return [key.strip() for key in self.connector_api_key.get_secret_value().split(",")]

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any, info: Any) -> Any:
        if isinstance(value, str):
            value = value.strip()  # a secret from a file often ends with a line break
        # Not the key: somebody who sets it means to be protected, so an empty one is refused.
        if value == "" and info.field_name != "connector_api_key":
            return cls.model_fields[info.field_name].get_default(call_default_factory=True)
        return value

    @field_validator("passage_words")
    @classmethod
    def _enough_for_a_sentence(cls, value: int) -> int:
        if value and not MIN_PASSAGE <= value <= MAX_PASSAGE:
            raise ValueError(f"{MIN_PASSAGE} to {MAX_PASSAGE} words, or 0 for whole texts")
        return value

    @field_validator("connector_api_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        for key in value.get_secret_value().split(",") if value is not None else []:
            if len(key.strip()) < MIN_KEY_LENGTH or not key.isascii():
                raise ValueError(
                    f"every key needs at least {MIN_KEY_LENGTH} ASCII characters, and none may be "
                    "empty; make one with: python3 -c 'import secrets; "
                    "print(secrets.token_urlsafe(32))'"
                )
        return value

    @model_validator(mode="after")
    def _not_open_to_everybody(self) -> Self:
        if self.service_credential is not None and not (self.keys or self.allow_unauthenticated):
            prefix = self.model_config["env_prefix"]
            raise ValueError(
                f"{prefix}CONNECTOR_API_KEY (or CONNECTOR_API_KEY) is missing: with a service "
                "credential and no key, anybody who reaches this connector searches with that "
                f"credential. Set a key, or {prefix}ALLOW_UNAUTHENTICATED=true to mean it"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the prefixed variables, then the plain ones that every connector shares."""
        return (
            init_settings,
            env_settings,
            dotenv_settings,
            _PlainEnv(settings_cls, env_prefix=""),
            _PlainDotEnv(settings_cls, env_prefix=""),
        )


class _Common:
    """Keeps of a source what is a setting of every connector."""

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = super().__call__()  # type: ignore[misc]
        return {key: value for key, value in found.items() if key in ConnectorSettings.model_fields}


class _PlainEnv(_Common, EnvSettingsSource):
    pass


class _PlainDotEnv(_Common, DotEnvSettingsSource):
    pass


Settings = TypeVar("Settings", bound=ConnectorSettings)


def load_settings(cls: type[Settings]) -> Settings:
    """Read the settings of a connector.

    Raises:
        ConfigurationError: a variable is missing or wrong; the message names it, not its value.
    """
    prefix = cls.model_config["env_prefix"]
    try:
        settings = cls()
    except ValidationError as error:
        lines = [_explain(prefix, problem) for problem in error.errors(include_input=False)]
        raise ConfigurationError("; ".join(lines)) from None
    known = {f"{prefix}{name}".upper() for name in cls.model_fields}
    for variable in os.environ:
        if variable.startswith(prefix) and variable not in known:
            near = difflib.get_close_matches(variable, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            _log.warning("%s is set, but nothing reads it%s", variable, hint)
    return settings


def _explain(prefix: str, problem: Any) -> str:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return str(message)
    return f"{prefix}{str(problem['loc'][0]).upper()}: {message}"
