"""Asking one connector: with which headers, and what its answer stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector_sdk import ConnectorError, Deadline, DeadlineExceeded, Response, logs
from connector_sdk.documents import stringify

from . import connect, connections, registry
from .errors import ApiError, BadGateway, BadRequest, Forbidden, RateLimited, of_upstream
from .gateway import Gateway
from .models import Connector
from .payloads import AskedConnector
from .probe import MAX_ANSWER_BYTES
from .users import Caller

_MAX_ROWS = 200
_MAX_DETAIL = 300
_TRIES = 2  # a connector tries its provider again by itself


@dataclass(frozen=True)
class Answer:
    """What a connector answered.

    Args:
        rows: its documents, flat, strings only.
        warnings: what it says that it left out.
    """

    rows: list[dict[str, str]]
    warnings: list[dict[str, str]]


def ask(
    gateway: Gateway,
    caller: Caller,
    connector: Connector,
    asked: AskedConnector,
    query: str,
    deadline: Deadline,
) -> Answer:
    """Send a query to a connector, as the caller.

    A token that the connector refuses is refreshed once, as a provider can end it before its time.

    Raises:
        ApiError: it failed; the message names the connector and says what to do.
    """
    body: dict[str, Any] = {"query": query}
    if asked.options is not None:
        body["options"] = asked.options
    if asked.user_access_token is not None or connector.auth_type != "oauth":
        headers = _headers(gateway, connector, asked.user_access_token)
        answer = _send(gateway, connector, headers, body, deadline)
        if answer.status == 401:
            raise _refused(connector, with_user_token=asked.user_access_token is not None)
        return _read(connector, answer)
    token = _token(gateway, caller, connector, deadline, None)
    answer = _send(gateway, connector, _bearer(token), body, deadline)
    if answer.status == 401:
        token = _token(gateway, caller, connector, deadline, token)
        answer = _send(gateway, connector, _bearer(token), body, deadline)
    if answer.status == 401:
        raise _must_connect(gateway, caller, connector)
    return _read(connector, answer)


def _headers(
    gateway: Gateway, connector: Connector, user_access_token: str | None
) -> dict[str, str]:
    sealed = connector.sealed_service_token
    if sealed is None:
        return _bearer(user_access_token) if user_access_token is not None else {}
    headers = _bearer(gateway.vault.open(sealed, "sealed_service_token", connector.id))
    if user_access_token is not None:
        headers["X-User-Access-Token"] = user_access_token
    return headers


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _token(
    gateway: Gateway,
    caller: Caller,
    connector: Connector,
    deadline: Deadline,
    not_this: str | None,
) -> str:
    try:
        return connections.access_token(gateway, caller.id, connector, deadline, not_this=not_this)
    except connections.NotConnected:
        raise _must_connect(gateway, caller, connector) from None


def _must_connect(gateway: Gateway, caller: Caller, connector: Connector) -> Forbidden:
    return Forbidden(
        f"the user '{caller.name}' has no valid token for connector '{connector.id}': "
        # As it is now: it may be why there are no tokens any more.
        + connect.how_to(gateway, caller.id, registry.get(gateway, connector.id))
    )


def _send(
    gateway: Gateway,
    connector: Connector,
    headers: Mapping[str, str],
    body: Mapping[str, Any],
    deadline: Deadline,
) -> Response:
    try:
        return gateway.http.request(
            "POST",
            connector.url,
            deadline=deadline,
            headers={
                "Accept": "application/json",
                "X-Request-Id": logs.request_id.get(),
                **headers,
            },
            json=body,
            max_bytes=MAX_ANSWER_BYTES,
            tries=_TRIES,
        )
    except DeadlineExceeded as error:
        raise of_upstream(
            error,
            f"connector '{connector.id}' had not answered within {deadline.seconds:g} seconds "
            "(GATEWAY_SEARCH_TIMEOUT_SECONDS)",
        ) from None
    except ConnectorError as error:
        raise of_upstream(error, f"connector '{connector.id}' failed: {error.detail}") from None


def _refused(connector: Connector, *, with_user_token: bool) -> ApiError:
    if with_user_token:
        return Forbidden(
            f"connector '{connector.id}' refused the user_access_token: it is expired, revoked or "
            "not its provider's"
        )
    if connector.auth_type == "service_auth":
        return BadGateway(
            f"connector '{connector.id}' refused its registered service_auth token, or needs a "
            "user_access_token beside it: an admin can register the token anew"
        )
    return Forbidden(
        f"connector '{connector.id}' needs a user_access_token: it is registered without "
        "service_auth and oauth"
    )


def _read(connector: Connector, answer: Response) -> Answer:
    if not 200 <= answer.status < 300:
        raise _failure(connector, answer)
    try:
        body = answer.json()
    except ConnectorError:
        body = None
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list) or not all(isinstance(row, dict) for row in results):
        raise BadGateway(
            f"connector '{connector.id}' answered with something other than a list of 'results'"
        )
    rows = [
        {stringify(key): stringify(value) for key, value in row.items() if stringify(value)}
        for row in results[:_MAX_ROWS]
    ]
    return Answer(rows, _warnings(body.get("warnings")))


def _warnings(value: Any) -> list[dict[str, str]]:
    items = value if isinstance(value, list) else []
    return [
        {key: stringify(item.get(key))[:_MAX_DETAIL] for key in ("reason", "detail")}
        for item in items[:20]
        if isinstance(item, dict)
    ]


def _failure(connector: Connector, answer: Response) -> ApiError:
    message = f"connector '{connector.id}' answered with {answer.status}{_detail(answer)}"
    if answer.status == 429:
        return RateLimited(message, retry_after=answer.retry_after)
    if answer.status in (400, 413):
        return BadRequest(message)
    if answer.status == 403 and connector.auth_type != "service_auth":
        return Forbidden(message)
    try:
        answer.raise_for_status()
    except ConnectorError as error:
        return of_upstream(error, message)
    raise AssertionError("unreachable")


def _detail(answer: Response) -> str:
    """What a connector says for people (RFC 9457); the bodies of others are not repeated."""
    if not answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        return ""
    try:
        body = answer.json()
    except ConnectorError:
        return ""
    detail = body.get("detail") if isinstance(body, dict) else None
    return f": {logs.redact(stringify(detail))[:_MAX_DETAIL]}" if isinstance(detail, str) else ""
