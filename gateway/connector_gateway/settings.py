"""The gateway's settings, from the environment or `.env`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from connector_sdk import ConfigurationError
from connector_sdk.http import origin

PREFIX = "GATEWAY_"
CALLBACK_PATH = "/v1/connectors/oauth/token"


class GatewaySettings(BaseSettings):
    """What an operator can tell the gateway; every variable begins with `GATEWAY_`, but one."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=("gateway/.env", ".env"),  # the former when started in the repository
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    public_url: str = Field(
        default="http://localhost:8080",
        description="Where browsers and providers reach the gateway; redirect URIs begin with it.",
    )
    data_dir: Path = Field(
        default=Path(".gateway"),
        description="Folder of the SQLite file and of the encryption keys, where those are not set.",
    )
    database_url: str = Field(
        default="",
        validation_alias=AliasChoices("GATEWAY_DATABASE_URL", "DATABASE_URL"),
        description="postgresql://…; a SQLite file in the data folder when not set.",
    )
    encryption_keys: SecretStr | None = Field(
        default=None, description="Fernet keys, comma separated, the newest first."
    )
    connect: Literal["signin", "confirm", "direct"] = Field(
        default="signin", description="How the browser that gives consent is tied to the user."
    )
    allowed_redirect_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Origins, comma separated, that browsers may be sent back to.",
    )
    allow_private_addresses: bool = Field(
        default=False,
        description="Let connectors and OAuth endpoints be on private networks, and plain http.",
    )
    legacy_callback: bool = Field(
        default=False,
        description=f"Use {CALLBACK_PATH}, one redirect URI for all connectors, as Cohere had it.",
    )
    search_timeout_seconds: float = Field(
        default=25.0, gt=0, le=300, description="The deadline of a search over all its connectors."
    )
    token_timeout_seconds: float = Field(
        default=8.0, gt=0, le=60, description="How long a provider's token endpoint may take."
    )
    requests_per_minute: int = Field(
        default=600, ge=0, description="For each API key, over all processes; 0 for no limit."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged, as JSON lines on standard output."
    )

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object, info: object) -> object:
        if isinstance(value, str):
            value = value.strip()
            if value == "":
                name = info.field_name  # type: ignore[attr-defined]
                return cls.model_fields[name].get_default()
        return value

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        return _only_origin(value)

    @field_validator("allowed_redirect_origins", mode="before")
    @classmethod
    def _are_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(_only_origin(item.strip()) for item in value.split(","))
        return value

    @functools.cached_property
    def database(self) -> str:
        """The database's URL, as SQLAlchemy takes it."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'gateway.sqlite3'}"
        scheme, _, rest = self.database_url.partition("://")
        # Platforms hand out both of these; the driver is ours to choose.
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg://{rest}"
        return self.database_url

    @property
    def secure(self) -> bool:
        """Whether browsers come by https."""
        return self.public_url.startswith("https:")

    def redirect_uri(self, connector_id: str) -> str:
        """The redirect URI of a connector (RFC 6749 §3.1.2): its own, or the old shared one."""
        if self.legacy_callback:
            return f"{self.public_url}{CALLBACK_PATH}"
        return f"{self.public_url}{CALLBACK_PATH}/{connector_id}"

    def may_redirect_to(self, url: str) -> bool:
        """Whether browsers may be sent to a URL: its origin must be on the list, exactly."""
        try:
            target = origin(url, plain_http=True)
        except ValueError:
            return False
        clean = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
        return clean and target in {
            origin(allowed, plain_http=True) for allowed in self.allowed_redirect_origins
        }


def _only_origin(value: str) -> str:
    url = value.rstrip("/")
    parts = urlsplit(url)
    if parts.path or parts.query or parts.fragment:
        raise ValueError("must be scheme, host and port alone: https://gateway.example.com")
    try:
        origin(url, plain_http=True)
    except ValueError as error:
        raise ValueError(f"{error}; such as https://gateway.example.com") from None
    return url


def load_settings() -> GatewaySettings:
    """Read the settings.

    Raises:
        ConfigurationError: a variable is wrong; the message names it, not its value.
    """
    try:
        return GatewaySettings()
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_input=False):
            name = str(problem["loc"][0]) if problem["loc"] else ""
            variable = name if name.isupper() else f"{PREFIX}{name.upper()}"
            lines.append(f"{variable}: {problem['msg'].removeprefix('Value error, ')}")
        raise ConfigurationError("; ".join(lines)) from None
