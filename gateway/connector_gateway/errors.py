"""What the API refuses, in the form that the `cohere` SDK reads: a status and a `message`."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import ClassVar

from connector_sdk import ConnectorError


class ApiError(Exception):
    """An answer that is not 200.

    Args:
        message: what is wrong and what to do, for the person who must act; holds no secret.
        retry_after: seconds until another try makes sense.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = None if retry_after is None else math.ceil(retry_after)


class BadRequest(ApiError):
    """400: the request is wrong, and sending it again will not help."""

    status = HTTPStatus.BAD_REQUEST


class Unauthorized(ApiError):
    """401: the gateway's own API key is missing or not good."""

    status = HTTPStatus.UNAUTHORIZED


class Forbidden(ApiError):
    """403: the user may not, or must first connect an account."""

    status = HTTPStatus.FORBIDDEN


class NotFound(ApiError):
    """404: there is no such thing for this user."""

    status = HTTPStatus.NOT_FOUND


class RateLimited(ApiError):
    """429: too many requests with this API key, or a connector says so."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class NotImplementedHere(ApiError):
    """501: the cloud service did this, and the gateway does not."""

    status = HTTPStatus.NOT_IMPLEMENTED


class BadGateway(ApiError):
    """502: a connector or a provider failed."""

    status = HTTPStatus.BAD_GATEWAY


class Unavailable(ApiError):
    """503: a connector or a provider cannot be reached just now."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class GatewayTimeout(ApiError):
    """504: a connector or a provider did not answer in time."""

    status = HTTPStatus.GATEWAY_TIMEOUT


_BY_STATUS: dict[int, type[ApiError]] = {
    error.status: error for error in (RateLimited, Unavailable, GatewayTimeout)
}


def of_upstream(error: ConnectorError, message: str = "") -> ApiError:
    """Return the answer to a call that failed somewhere behind the gateway.

    Never 400, 401 or 403, which would speak of the caller's own request and key.

    Args:
        error: as the HTTP client raised it.
        message: instead of the error's own words.
    """
    kind = _BY_STATUS.get(error.status, BadGateway)
    return kind(message or error.detail, retry_after=error.retry_after)
