"""The requests that a source file describes, and what their answers' statuses mean."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from connector_sdk import (
    Kind,
    ProviderError,
    Response,
    SearchContext,
    SearchOptions,
    Unauthorized,
    decode_text,
)

from .auth import Credentials, bearer
from .expressions import Scope, Template, Unfit
from .places import render_headers, render_json, render_params
from .settings import Settings
from .source import Request

Context = SearchContext[Settings, SearchOptions]
Call = dict[str, Any]  # the arguments of `SearchContext.request`


def build(request: Request, scope: Scope, request_scope: Scope, context: Context) -> Call:
    """Return a request with every value in its place, but without credentials.

    Args:
        request: what the file says.
        scope: what its expressions see.
        request_scope: what those of the headers see.
        context: the search.

    Raises:
        Unfit: a value cannot stand where the file puts it, or an expression cannot work with it.
    """
    loaded = context.settings.loaded
    if request.path is not None:
        url = loaded.base_url + request.path.render(scope)
    elif request.url is not None:
        url = request.url.value(scope)
        if not isinstance(url, str):
            raise Unfit(f"there is no link at {request.url.text}")
    json = None if request.json_ is None else render_json(request.json_, scope)
    if request.graphql is not None:
        variables = render_json(request.graphql.variables, scope)
        json = {"query": request.graphql.query, "variables": variables}
    return {
        "method": request.verb,
        "url": url,
        "headers": {
            "Accept": "application/json",
            **render_headers(loaded.source.headers, request_scope),
        },
        "params": render_params(request.params, scope),
        "json": json,
        "data": None if request.form is None else render_params(request.form, scope),
    }


def send(call: Call, request: Request, context: Context, *, one_hit: bool = False) -> Any:
    """Send a request with the credential of this search, and return its answer.

    Args:
        call: the request, in which a host that is not the source's is refused before it is sent.
        request: what the file says of it.
        context: the search.
        one_hit: 403 says no more than that this hit is not for the caller, whatever it says of a
            search.

    Returns:
        The parsed JSON, or the text, also that of a file, where the source file says so.

    Raises:
        Unauthorized: the provider does not accept the token.
        ConnectorError: what another status stands for, or an error within a 200.
        TextUnavailable: a file has no text to be had.
    """
    source, credential = context.settings.loaded.source, context.credential
    sent = Credentials()
    if credential.kind is Kind.USER:
        sent = bearer(credential.value)
    elif credential.kind is Kind.SERVICE:
        sent = credential.value.get(context)
    headers, params = {**call["headers"], **sent.headers}, {**call["params"], **sent.params}
    response = context.request(
        **{**call, "headers": headers, "params": params}, max_bytes=source.limits.bytes
    )
    if response.status in ([401] if one_hit else source.unauthorized):
        raise _unauthorized(response, context)
    response.raise_for_status()
    kind = getattr(request, "as_", "json")
    if kind == "text":
        return decode_text(response.content)
    if kind == "file":
        return _file_text(response, call["url"], context)
    answer = response.json()
    if _finds(request.refused, answer):
        raise _unauthorized(response, context)
    if request.errors is not None and _finds(request.errors, answer):
        raise ProviderError(
            f"The provider answered 200 with an error in it, at `errors: {request.errors.text}`."
        )
    return answer


def _file_text(response: Response, url: str, context: Context) -> str:
    # Few sources fetch files, and what reads them comes with an extra.
    from connector_sdk.files import read_file
    from connector_sdk.passages import whole

    name = PurePosixPath(urlsplit(url).path).name or response.host
    content_type = response.headers.get("Content-Type", "")
    return whole(
        read_file(
            response.content, content_type, name, deadline=context.deadline, warn=context.warn
        )
    )


def _unauthorized(response: Response, context: Context) -> Unauthorized | ProviderError:
    credential, said = context.credential, f"({response.status})"
    if credential.kind is Kind.SERVICE:
        credential.value.forget()
    if credential.kind is not Kind.NONE:
        return Unauthorized(f"{response.host} does not accept the token {said}.")
    if context.settings.loaded.relays:
        wanted = f"{response.host} wants a token {said}: send the user's own."
        return Unauthorized(wanted, invalid_token=False)
    return ProviderError(
        f"{response.host} wants a credential {said}, and this source is set up without one: its "
        "operator must add it to `auth:`."
    )


def _finds(selector: Template | None, answer: Any) -> bool:
    try:
        return selector is not None and bool(selector.value(answer))
    except Unfit:
        return False  # an answer without what the file looks at says no such thing
