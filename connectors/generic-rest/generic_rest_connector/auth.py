"""How a source's requests are authenticated: the `auth:` block, and what becomes of it.

A kind of credential is a model with `credentials(env)`. Client credentials and a choice between
kinds join the two unions below.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from connector_sdk import ConfigurationError

from .model import Model
from .template import Template, TemplateField, as_text

# What may stand in a header without changing it: visible ASCII, and spaces within (RFC 9110 §5.5).
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
ParameterName = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, repr=False)
class Credentials:
    """What a request carries to be let in.

    Args:
        headers: sent with every request.
        params: added to the query string of every request.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Credentials(…)"


def bearer(token: str) -> Credentials:
    """Return what sends a token as RFC 6750 §2.1 has it."""
    return Credentials(headers={"Authorization": f"Bearer {token}"})


class NoAuth(Model):
    """The API is open to everybody."""

    type: Literal["none"]

    def credentials(self, env: Mapping[str, Any]) -> Credentials | None:  # noqa: ARG002
        """Return None: nothing is sent."""
        return None


class BearerAuth(Model):
    """A token in `Authorization: Bearer`."""

    type: Literal["bearer"]
    token: TemplateField

    def credentials(self, env: Mapping[str, Any]) -> Credentials | None:
        """Return what is sent, None when an optional variable is not set."""
        token = _fill(self.token, env)
        return None if token is None else bearer(_header_value("auth.token", token))


class HeaderAuth(Model):
    """One or several headers of the API's own."""

    type: Literal["header"]
    headers: Annotated[dict[HeaderName, TemplateField], Field(min_length=1)]

    def credentials(self, env: Mapping[str, Any]) -> Credentials | None:
        """Return what is sent, None when an optional variable is not set."""
        values = _fill_all(self.headers, env)
        if values is None:
            return None
        return Credentials(
            headers={k: _header_value(f"auth.headers.{k}", v) for k, v in values.items()}
        )


class BasicAuth(Model):
    """A user name and a password (RFC 7617)."""

    type: Literal["basic"]
    username: TemplateField
    password: TemplateField = Template("")

    def credentials(self, env: Mapping[str, Any]) -> Credentials | None:
        """Return what is sent, None when an optional variable is not set."""
        username, password = _fill(self.username, env), _fill(self.password, env)
        if username is None or password is None:
            return None
        if ":" in username:
            raise ConfigurationError("auth.username holds a colon, which ends it (RFC 7617 §2)")
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        return Credentials(headers={"Authorization": f"Basic {pair}"})


class QueryAuth(Model):
    """One or several parameters of the query string."""

    type: Literal["query"]
    params: Annotated[dict[ParameterName, TemplateField], Field(min_length=1)]

    def credentials(self, env: Mapping[str, Any]) -> Credentials | None:
        """Return what is sent, None when an optional variable is not set."""
        values = _fill_all(self.params, env)
        return None if values is None else Credentials(params=values)


Static = BearerAuth | HeaderAuth | BasicAuth | QueryAuth


class RelayAuth(Model):
    """The caller's own token, as `Authorization: Bearer`.

    `fallback` is for callers who send none; it never stands in for a token that was refused.
    """

    type: Literal["relay"]
    fallback: Annotated[NoAuth | Static, Field(discriminator="type")] | None = None

    def credentials(self, env: Mapping[str, Any]) -> Credentials | None:
        """Return the fallback's, None when there is none or an optional variable is not set."""
        return None if self.fallback is None else self.fallback.credentials(env)


Auth = Annotated[NoAuth | RelayAuth | Static, Field(discriminator="type")]


def static_part(auth: NoAuth | RelayAuth | Static) -> Static | None:
    """Return the block that holds the operator's credential, if there is one."""
    block = auth.fallback if isinstance(auth, RelayAuth) else auth
    return block if isinstance(block, Static) else None


def is_open(auth: NoAuth | RelayAuth | Static) -> bool:
    """Whether the API may be called without a credential."""
    block = auth.fallback if isinstance(auth, RelayAuth) else auth
    return isinstance(block, NoAuth)


def is_header_value(text: str) -> bool:
    """Whether a text can stand in a header as it is."""
    return _HEADER_VALUE.fullmatch(text) is not None


def _header_value(place: str, text: str) -> str:
    if not is_header_value(text):
        raise ConfigurationError(
            f"{place} is empty or has a line break, a space at its end or a letter beyond ASCII, "
            "none of which a header can hold"
        )
    return text


def _fill(template: Template, env: Mapping[str, Any]) -> str | None:
    value = template.value({"env": env})
    return None if value is None else as_text(value)


def _fill_all(templates: Mapping[str, Template], env: Mapping[str, Any]) -> dict[str, str] | None:
    values = {name: _fill(template, env) for name, template in templates.items()}
    filled = {name: value for name, value in values.items() if value is not None}
    return filled if len(filled) == len(values) else None
