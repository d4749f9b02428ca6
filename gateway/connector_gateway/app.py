"""The WSGI app: `gunicorn -c python:connector_sdk.gunicorn_conf connector_gateway.app:app`."""

from __future__ import annotations

import logging
import sys
import time
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, request
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.exceptions import HTTPException

from connector_sdk import ConfigurationError, logs

from . import api, connect, pages
from .errors import ApiError
from .gateway import Gateway
from .openapi import openapi
from .payloads import MAX_BODY_BYTES
from .settings import load_settings

_log = logging.getLogger("connector_gateway")
_APP_LOAD_ERROR = 4  # by which gunicorn knows not to start the worker again


def create_app() -> Flask:
    """Return the gateway's Flask app, its database at the newest schema.

    Raises:
        SystemExit: a setting is wrong; the variable has been named on standard output.
    """
    try:
        settings = load_settings()
        logs.configure(settings.log_level)
        _log.setLevel(settings.log_level)
        gateway = Gateway.start(settings)
    except ConfigurationError as error:
        logs.configure("INFO")
        _log.critical("the gateway does not start: %s", error)
        sys.exit(_APP_LOAD_ERROR)
    app = Flask("connector_gateway")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.extensions["gateway"] = gateway
    for blueprint in (api.blueprint, connect.blueprint, pages.blueprint):
        app.register_blueprint(blueprint)
    app.register_blueprint(get_swaggerui_blueprint("/ui", "/openapi.json"))
    app.add_url_rule("/health", view_func=_health)
    app.add_url_rule("/openapi.json", view_func=_openapi)
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_forget)
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _internal_error)
    return app


def _health() -> Response:
    return api.answer({"status": "ok"})


def _openapi() -> Response:
    return api.answer(openapi())


def _begin() -> None:
    g.started = time.monotonic()
    logs.begin_request(request.headers.get("X-Request-Id", ""))


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = logs.request_id.get()
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    entry: dict[str, Any] = {
        "method": request.method,
        "route": str(request.url_rule),  # not the path, which may hold a link's secret
        "status": response.status_code,
        "duration_ms": round((time.monotonic() - g.started) * 1000),
    }
    entry |= {name: g.get(name) for name in ("user", "error", "documents") if name in g}
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    if request.path == "/health":
        level = logging.DEBUG
    _log.log(level, "%s %s %d", request.method, entry["route"], response.status_code, extra=entry)
    return response


def _forget(_: BaseException | None) -> None:
    logs.end_request()


def _error(status: int, message: str) -> Response:
    body = {"message": logs.redact(message), "request_id": logs.request_id.get()}
    return api.answer(body, status)


def _api_error(error: ApiError) -> Response:
    g.error = error.message
    response = _error(error.status, error.message)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="gateway"'
    return response


def _http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    if status < 400:  # a redirect of the router's own
        return error.get_response()  # type: ignore[return-value]
    g.error = error.name
    response = _error(status, error.description or status.description)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _internal_error(error: Exception) -> Response:
    g.error = type(error).__name__
    _log.error("the gateway failed", exc_info=error)
    return _error(500, "the gateway failed: its log says why, under this request_id")


app = create_app()
