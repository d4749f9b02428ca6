"""How a source's requests are authenticated: the `auth:` block, and what becomes of it."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from connector_sdk import ConfigurationError, ProviderError, SearchContext, ServiceCredentialRefused
from connector_sdk.logs import protect

from .expressions import Template, TemplateField, Unfit
from .places import Headers, Model, Params, check_header, render_headers, render_params
from .yaml_document import Place

_SECONDS_BEFORE_END = 60  # so that a token does not end on its way
_SECONDS_UNSAID = 300  # how long a token is kept whose life the provider does not state
Scope = Mapping[str, Any]


@dataclass(frozen=True, repr=False)
class Credentials:
    """What a request carries to be let in.

    Args:
        headers: sent with every request.
        params: added to the query string of every request.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            check_header(name, value)

    def get(self, context: SearchContext[Any, Any]) -> Credentials:  # noqa: ARG002
        """Return them: nothing need be asked for."""
        return self

    def forget(self) -> None:
        """Do nothing: they were given by the operator."""


def bearer(token: str) -> Credentials:
    """Return what sends a token as RFC 6750 §2.1 has it."""
    return Credentials({"Authorization": f"Bearer {token}"})


def basic(username: str, password: str) -> Credentials:
    """Return what sends a user name and a password as RFC 7617 has it.

    Raises:
        ConfigurationError: the user name holds a colon.
    """
    if ":" in username:
        raise ConfigurationError("auth.username holds a colon, which ends it (RFC 7617 §2)")
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    return Credentials({"Authorization": f"Basic {pair}"})


@dataclass(repr=False)
class ClientCredentials:
    """A token that the provider gives for a client id and secret (RFC 6749 §4.4).

    It is asked for by the first search, by one of several at once, and kept until it ends.

    Args:
        url: the token endpoint.
        form: what is sent to it.
        client: the id and secret, where they go into a header.
    """

    url: str
    form: Mapping[str, Any]
    client: Credentials

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Have the next search ask for another token."""
        self._ends = 0.0

    def get(self, context: SearchContext[Any, Any]) -> Credentials:
        """Return the token, asked for within this search's deadline where there is none.

        Raises:
            ServiceCredentialRefused: the provider does not accept the client.
            ConnectorError: it could not be asked.
        """
        with self._lock:
            if time.monotonic() >= self._ends:
                headers = {"Accept": "application/json", **self.client.headers}
                response = context.request("POST", self.url, headers=headers, data=self.form)
                if response.status in (400, 401, 403):
                    raise ServiceCredentialRefused(
                        f"{response.host} does not accept the client id and secret of `auth:` "
                        f"({response.status})."
                    )
                response.raise_for_status()
                answer = response.json()
                try:
                    self._token = bearer(str(answer["access_token"]))
                    seconds = float(answer.get("expires_in") or _SECONDS_UNSAID)
                except (KeyError, TypeError, ValueError, Unfit):
                    raise ProviderError(f"{response.host} answered with no token.") from None
                protect(str(answer["access_token"]))
                self._ends = time.monotonic() + seconds - _SECONDS_BEFORE_END
            return self._token


class NoAuth(Model):
    """The API is open to everybody."""

    type: Literal["none"]


class BearerAuth(Model):
    """A token in `Authorization: Bearer`."""

    type: Literal["bearer"]
    token: TemplateField

    def credentials(self, scope: Scope) -> Credentials:
        """Return what is sent."""
        return bearer(self.token.value(scope))


class HeaderAuth(Model):
    """One or several headers of the API's own."""

    type: Literal["header"]
    headers: Annotated[Headers, Field(min_length=1)]

    def credentials(self, scope: Scope) -> Credentials:
        """Return what is sent."""
        return Credentials(render_headers(self.headers, scope))


class BasicAuth(Model):
    """A user name and a password (RFC 7617)."""

    type: Literal["basic"]
    username: TemplateField
    password: TemplateField = Field(default_factory=lambda: Template(""))

    def credentials(self, scope: Scope) -> Credentials:
        """Return what is sent."""
        return basic(self.username.value(scope), self.password.value(scope))


class QueryAuth(Model):
    """One or several parameters of the query string."""

    type: Literal["query"]
    params: Annotated[Params, Field(min_length=1)]

    def credentials(self, scope: Scope) -> Credentials:
        """Return what is sent."""
        return Credentials(params=render_params(self.params, scope))


class ClientCredentialsAuth(Model):
    """A token that the provider gives for a client id and secret."""

    type: Literal["client_credentials"]
    token_url: TemplateField
    client_id: TemplateField
    client_secret: TemplateField
    scope: TemplateField = Field(default_factory=lambda: Template(""))
    send: Literal["post", "basic"] = "post"
    params: Params = Field(default_factory=dict)

    def credentials(self, scope: Scope) -> ClientCredentials:
        """Return what asks for the token."""
        form = {"grant_type": "client_credentials", **render_params(self.params, scope)}
        form |= {"scope": self.scope.value(scope)} if self.scope.text else {}
        client = {"client_id": self.client_id, "client_secret": self.client_secret}
        sent = {name: template.value(scope) for name, template in client.items()}
        if self.send == "basic":
            header = basic(sent["client_id"], sent["client_secret"])
            return ClientCredentials(self.token_url.value(scope), form, header)
        return ClientCredentials(self.token_url.value(scope), form | sent, Credentials())


Kind = BearerAuth | HeaderAuth | BasicAuth | QueryAuth | ClientCredentialsAuth


class RelayAuth(Model):
    """The caller's own token, as `Authorization: Bearer`.

    `fallback` is for callers who send none; it never stands in for a token that was refused.
    """

    type: Literal["relay"]
    fallback: Annotated[NoAuth | Kind, Field(discriminator="type")] | None = None


class AnyAuth(Model):
    """The caller's token where one was sent; else the first kind whose variables are all set."""

    type: Literal["any"]
    of: Annotated[
        list[Annotated[NoAuth | RelayAuth | Kind, Field(discriminator="type")]],
        Field(min_length=1),
    ]


Auth = Annotated[NoAuth | RelayAuth | AnyAuth | Kind, Field(discriminator="type")]
Operators = Credentials | ClientCredentials


def kinds(auth: Any, place: Place = ("auth",)) -> Iterator[tuple[Place, Any]]:
    """Yield the kinds that a block offers, in order, each with its place."""
    if isinstance(auth, AnyAuth):
        for position, one in enumerate(auth.of):
            yield from kinds(one, (*place, "of", position))
    elif auth is not None:
        yield place, auth
        yield from kinds(getattr(auth, "fallback", None), (*place, "fallback"))
