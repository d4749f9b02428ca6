"""Errors as answers: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import math
from http import HTTPStatus

from flask import Response, json
from werkzeug.exceptions import HTTPException

from .errors import ConnectorError, Forbidden, Unauthorized
from .logs import redact, request_id


def problem(error: ConnectorError, realm: str) -> Response:
    """Return the answer that an error stands for.

    Args:
        error: what went wrong.
        realm: the connector's name, for `WWW-Authenticate` (RFC 6750 §3).
    """
    response = _response(error.status, f"urn:problem:{error.reason}", error.detail)
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = f'Bearer realm="{realm}"' + (
            ', error="invalid_token"' if error.invalid_token else ""
        )
    elif isinstance(error, Forbidden) and error.scope:
        response.headers["WWW-Authenticate"] = (
            f'Bearer realm="{realm}", error="insufficient_scope", scope="{error.scope}"'
        )
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response


def http_problem(error: HTTPException) -> Response:
    """Return the answer for what Flask itself refuses: an unknown path, a wrong method."""
    status = HTTPStatus(error.code or 500)
    response = _response(
        status, f"urn:problem:{status.name.lower()}", error.description or status.description
    )
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def internal_problem() -> Response:
    """Return the answer for our own fault; the log has the rest under the request id."""
    return _response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "urn:problem:internal_error",
        "The connector failed. Its log says why, under this request_id.",
    )


def _response(status: HTTPStatus, kind: str, detail: str) -> Response:
    body = {
        "type": kind,
        "title": status.phrase,
        "status": status.value,
        "detail": redact(detail),
        "request_id": request_id.get(),
    }
    text = json.dumps(body, sort_keys=False, ensure_ascii=False)
    return Response(text, status.value, mimetype="application/problem+json")
