"""The requests that a source file describes, and what their answers' statuses mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector_sdk import (
    Credential,
    Kind,
    ProviderError,
    Response,
    SearchContext,
    SearchOptions,
    Unauthorized,
    decode_text,
)

from .auth import Credentials, bearer
from .loader import Loaded
from .positions import Unplaceable, render_headers, render_json, render_params
from .settings import Settings
from .source import Fetch, Step
from .template import Scope

Context = SearchContext[Settings, SearchOptions]


@dataclass(frozen=True)
class Call:
    """A request with every value in its place, but without credentials.

    Args:
        method: the HTTP method.
        url: absolute, without its query string.
        headers: the source's own.
        params: the query string.
        json: a JSON body, if there is one.
        form: a form, if there is one.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str | list[str]] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str | list[str]] | None = None


def search_call(loaded: Loaded, step: Step, scope: Scope) -> Call:
    """Return the request of a search step.

    Args:
        loaded: the source.
        step: one of its steps.
        scope: `query`, `env`, `options` and `limit`.

    Raises:
        Unplaceable: a value cannot stand where the file puts it.
        ExpressionFailed: an expression cannot work with the query or an option.
    """
    json = None
    if step.graphql is not None:
        variables = render_json(step.graphql.variables, scope)
        json = {"query": step.graphql.query, "variables": variables}
    elif step.json_ is not None:
        json = render_json(step.json_, scope)
    form = None if step.form is None else render_params(step.form, scope)
    return Call(
        method=step.method or ("GET" if json is None and form is None else "POST"),
        url=loaded.base_url + step.path.render(scope),
        headers=render_headers(loaded.source.headers, scope),
        params=render_params(step.params, scope),
        json=json,
        form=form,
    )


def fetch_call(loaded: Loaded, fetch: Fetch, scope: Scope, request_scope: Scope) -> Call:
    """Return the request of a fetch.

    Args:
        loaded: the source.
        fetch: one of a step's fetches.
        scope: the hit's fields, and what stands beside them.
        request_scope: what the headers see.

    Raises:
        Unplaceable: a value cannot stand where the file puts it.
        ExpressionFailed: an expression cannot work with the hit.
    """
    if fetch.url is not None:
        url = fetch.url.value(scope)
        if not isinstance(url, str):
            raise Unplaceable(f"there is no link at {fetch.url.text}")
    else:
        assert fetch.path is not None  # noqa: S101 - the model has one or the other
        url = loaded.base_url + fetch.path.render(scope)
    return Call(
        method="GET",
        url=url,
        headers=render_headers(loaded.source.headers, request_scope),
        params=render_params(fetch.params, scope),
    )


def send(call: Call, context: Context) -> Response:
    """Send a request with the credential of this search; its status is the caller's to read.

    Raises:
        ConnectorError: as `SearchContext.request` does; a host that is not the source's is
            refused there, before anything is sent.
    """
    loaded = context.settings.loaded
    credentials = _credentials(context.credential)
    return context.request(
        call.method,
        call.url,
        headers={"Accept": "application/json", **call.headers, **credentials.headers},
        params={**call.params, **credentials.params},
        json=call.json,
        data=call.form,
        max_bytes=loaded.source.limits.bytes,
    )


def ask(call: Call, context: Context) -> Any:
    """Send a search request and return the JSON that it is answered with.

    Raises:
        Unauthorized: the provider does not accept the token.
        ConnectorError: what another status stands for.
    """
    response = send(call, context)
    if response.status in context.settings.loaded.source.unauthorized:
        raise _unauthorized(response, context)
    response.raise_for_status()
    answer = response.json()
    context.mark_answered()
    return answer


def fetch_content(call: Call, fetch: Fetch, context: Context) -> Any:
    """Send the request of a fetch and return its answer as JSON or text.

    Raises:
        Unauthorized: the provider does not accept the token.
        ConnectorError: what another status stands for. Of a single hit 403 says no more than that
            this one is not for the caller, whatever it says of a search.
    """
    response = send(call, context)
    if response.status == 401:
        raise _unauthorized(response, context)
    response.raise_for_status()
    return decode_text(response.content) if fetch.as_ == "text" else response.json()


def _credentials(credential: Credential) -> Credentials:
    if credential.kind is Kind.USER:
        return bearer(credential.value)
    if credential.kind is Kind.SERVICE:
        operators: Credentials = credential.value
        return operators
    return Credentials()


def _unauthorized(response: Response, context: Context) -> Unauthorized | ProviderError:
    if context.credential.kind is Kind.NONE:
        return ProviderError(
            f"{response.host} wants a credential ({response.status}), and this source is set up "
            "without one: its operator must add it to `auth:`."
        )
    return Unauthorized(f"{response.host} does not accept the token ({response.status}).")
