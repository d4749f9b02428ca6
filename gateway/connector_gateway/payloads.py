"""What callers send, read strictly; the names are those of the `cohere` SDK."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from flask import json, request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from connector_sdk.auth import B64TOKEN

from .errors import BadRequest

MAX_BODY_BYTES = 256 * 1024
MAX_QUERY = 2000
MAX_CONNECTORS = 32

Text = Annotated[str, StringConstraints(max_length=4000)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[\x21-\x7e]+$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[\x20-\x7e]+$")]
Token = Annotated[str, StringConstraints(min_length=1, max_length=8000, pattern=f"^{B64TOKEN}$")]
ConnectorName = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]


class Payload(BaseModel):
    """A body; keys that nothing reads are ignored, as the cloud service did."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class ServiceAuth(Payload):
    """A token that the gateway sends to the connector, the same for every user."""

    type: str
    token: Token


class OAuthClient(Payload):
    """The client that is registered with the provider; the last four are this gateway's own.

    `pkce` false switches RFC 7636 off for providers that refuse it. `issuer` is compared with the
    `iss` of RFC 9207 where a provider sends it.
    """

    client_id: Secret | None = None
    client_secret: Secret | None = None
    authorize_url: Url | None = None
    token_url: Url | None = None
    scope: Text | None = None
    revocation_url: Url | None = None
    issuer: Url | None = None
    pkce: bool | None = None
    token_endpoint_auth_method: Literal["client_secret_post", "client_secret_basic"] | None = None


class ConnectorChange(Payload):
    """The body of `PATCH /v1/connectors/{id}`: what is left out stays."""

    name: ConnectorName | None = None
    url: Url | None = None
    description: Text | None = None
    excludes: list[Text] | None = None
    active: bool | None = None
    continue_on_failure: bool | None = None
    service_auth: ServiceAuth | None = None
    oauth: OAuthClient | None = None


class NewConnector(ConnectorChange):
    """The body of `POST /v1/connectors`."""

    name: ConnectorName
    url: Url


class AskedConnector(Payload):
    """One connector of a search, as chat's `connectors` had it."""

    id: Text
    user_access_token: Token | None = None
    continue_on_failure: bool | None = None
    options: dict[str, Any] | None = None


class SearchRequest(Payload):
    """The body of `POST /v1/search`."""

    query: Annotated[
        str, StringConstraints(max_length=MAX_QUERY, strip_whitespace=True, min_length=1)
    ]
    connectors: Annotated[list[AskedConnector], Field(min_length=1, max_length=MAX_CONNECTORS)]


class Confirmation(Payload):
    """The body of `POST /v1/connectors/{id}/oauth/confirm`."""

    code: Text


Model = TypeVar("Model", bound=Payload)


def read(model: type[Model]) -> Model:
    """Return the request's body.

    Raises:
        BadRequest: it is not JSON, or not what the call takes; the message names the key.
    """
    try:
        content = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise BadRequest(f"the body has more than {MAX_BODY_BYTES} bytes") from None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(value, dict):
        raise BadRequest("the body must be a JSON object")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        raise BadRequest("; ".join(map(_explain, problems[:5]))) from None


def _explain(problem: Any) -> str:
    place = ".".join(map(str, problem["loc"]))
    message = problem["msg"]
    if problem["type"] == "string_pattern_mismatch":
        message = "holds characters that may not stand there, such as spaces or line breaks"
    return f"{place}: {message}"


def whole_number(name: str, default: int, maximum: int) -> int:
    """Return a parameter of the query string.

    Raises:
        BadRequest: it is not a number from 0 to `maximum`.
    """
    text = request.args.get(name, str(default))
    if not re.fullmatch(r"\d{1,9}", text) or int(text) > maximum:
        raise BadRequest(f"{name}: must be a whole number from 0 to {maximum}")
    return int(text)
