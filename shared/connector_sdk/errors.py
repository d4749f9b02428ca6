"""Everything that can go wrong, named by the HTTP answer it becomes.

    ConnectorError
    ├── BadRequest            400  the caller's request is wrong
    │   ├── PayloadTooLarge       413
    │   └── UnsupportedMediaType  415
    ├── Unauthorized          401  no token, or the provider says it is expired or revoked
    ├── Forbidden             403  the provider refuses: a scope is missing, a policy
    ├── NotFound              404  there is no such document for this caller
    ├── RateLimited           429  the provider's rate limit
    ├── ProviderError         502  the provider failed, or refused our request
    │   ├── ResponseTooLarge          its answer is larger than we read
    │   └── ServiceCredentialRefused  the operator's credential, not the caller's
    ├── ProviderUnavailable   503  the provider is unavailable
    ├── DeadlineExceeded      504  no search call had answered in time
    └── Unsupported           501  this connector cannot do it
    TextUnavailable           a document's text was left out; a warning, never an answer of its own
    ConfigurationError        a setting is wrong: the app does not start

Raise the class whose answer the caller should get; `problems.py` turns it into
`application/problem+json` (RFC 9457). A message says what to do next and holds neither a token
nor the provider's raw body.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


class ConnectorError(Exception):
    """An answer that is not 200.

    Args:
        detail: one or two sentences for the person who must act.
        retry_after: seconds until another try makes sense, for the `Retry-After` header.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after

    @property
    def reason(self) -> str:
        """The word by which a warning names this error: `rate_limited`."""
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class BadRequest(ConnectorError):
    """400: the request is wrong, and sending it again will not help."""

    status = HTTPStatus.BAD_REQUEST


class PayloadTooLarge(BadRequest):
    """413: the body is larger than a search can be."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaType(BadRequest):
    """415: the body is not `application/json`."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class Unauthorized(ConnectorError):
    """401: the caller needs a token, or another one.

    Args:
        detail: what to do.
        invalid_token: a token was sent and is not good (RFC 6750 §3.1, `error="invalid_token"`).
    """

    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, detail: str, *, invalid_token: bool = True) -> None:
        super().__init__(detail)
        self.invalid_token = invalid_token


class Forbidden(ConnectorError):
    """403: the provider knows the caller and refuses.

    Args:
        detail: what to do.
        scope: the scope that is missing, where the provider or the connector knows it
            (RFC 6750 §3.1, `error="insufficient_scope"`).
    """

    status = HTTPStatus.FORBIDDEN

    def __init__(self, detail: str, *, scope: str | None = None) -> None:
        super().__init__(detail)
        self.scope = scope


class NotFound(ConnectorError):
    """404: there is no such document, or this caller may not see it."""

    status = HTTPStatus.NOT_FOUND


class RateLimited(ConnectorError):
    """429: the provider's rate limit, passed on with its `Retry-After`."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class ProviderError(ConnectorError):
    """502: the provider failed, or refused the request we made of it."""

    status = HTTPStatus.BAD_GATEWAY


class ResponseTooLarge(ProviderError):
    """502: the provider's answer is larger than is read."""


class ServiceCredentialRefused(ProviderError):
    """502: the provider refused the operator's own credential, so that no caller refreshes."""


class ProviderUnavailable(ConnectorError):
    """503: the provider cannot be reached, or says that it is unavailable."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


class DeadlineExceeded(ConnectorError):
    """504: the time for this request is over."""

    status = HTTPStatus.GATEWAY_TIMEOUT


class Unsupported(ConnectorError):
    """501: this connector has no way to do it; the detail says why."""

    status = HTTPStatus.NOT_IMPLEMENTED


class TextUnavailable(Exception):
    """A hit stays in the answer without its text; raised by a document's `text` callable.

    Args:
        reason: a stable word: `unsupported_type`, `too_large`, `download_refused`.
        detail: which document, and why.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class ConfigurationError(Exception):
    """A setting is wrong or missing; the message names the variable and what it should hold."""
