"""The app factory: a search function becomes a connector that is served over HTTP."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, g, json, request
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import BaseConverter

from . import logs, problems
from .auth import AUTHORIZATION, USER_ACCESS_TOKEN
from .connector import Connector
from .context import FetchFunction, SearchContext, SearchFunction
from .documents import for_chat
from .errors import (
    BadRequest,
    ConfigurationError,
    ConnectorError,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from .oauth import OAuth
from .options import MAX_BODY_BYTES
from .settings import ConnectorSettings, load_settings
from .tools import fetch_tool, search_tool
from .whole import parse_wanted

_log = logging.getLogger(__name__)
_APP_LOAD_ERROR = 4  # by which gunicorn knows not to start the worker again
_FORMATS = ("v1", "v2")


def create_app(
    name: str,
    search: SearchFunction,
    settings_class: type[ConnectorSettings],
    oauth: OAuth | Callable[[Any], OAuth | None] | None = None,
    fetch: FetchFunction | None = None,
) -> Flask:
    """Return the Flask app of a connector.

    Args:
        name: the connector's name as its folder has it: `generic-rest`.
        search: the connector's work.
        settings_class: its settings; read here, once.
        oauth: its provider's OAuth endpoints, or how to tell them from the settings.
        fetch: how it gets the document that a result's id stands for; without it
            `GET /documents/{id}` answers 501.

    Raises:
        SystemExit: a setting is wrong; the variable has been named on standard output.
    """
    try:
        settings = load_settings(settings_class)
        named = settings.connector_name or name
        endpoints = oauth(settings) if callable(oauth) else oauth
        connector = Connector(named, search, settings, endpoints, fetch)
        logs.configure(settings.log_level)
        connector.prepare()
    except ConfigurationError as error:
        logs.configure("INFO")
        _log.critical("%s does not start: %s", name, error)
        sys.exit(_APP_LOAD_ERROR)
    app = Flask(name, static_folder=None)
    # One more than is taken: of a body without a length Werkzeug gives what is below the maximum.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES + 1
    app.extensions["connector"] = connector
    _add_routes(app)
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_forget)
    app.register_error_handler(ConnectorError, _connector_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _internal_error)
    return app


class _Id(BaseConverter):
    """Whatever is behind `/documents/`: ids hold slashes too."""

    regex = r"[\s\S]+"
    part_isolating = False


def _connector() -> Connector:
    connector: Connector = current_app.extensions["connector"]
    return connector


def _add_routes(app: Flask) -> None:
    app.url_map.converters["id"] = _Id
    app.url_map.merge_slashes = False  # an id may have several
    app.add_url_rule("/search", view_func=_search, methods=["POST"])
    app.add_url_rule("/documents/<id:result_id>", view_func=_document)
    app.add_url_rule("/health", view_func=_health)
    app.add_url_rule("/openapi.json", view_func=_openapi)
    app.add_url_rule("/tool.json", view_func=_tool)
    app.register_blueprint(get_swaggerui_blueprint("/ui", "/openapi.json"))


def _search() -> Response:
    _connector().search_rows(request.environ, _body)
    rows: list[dict[str, str]] = g.rows
    if request.args.get("format", "v1") == "v2":
        return _answer({"documents": [for_chat(row) for row in rows]})
    return _answer({"results": rows})


def _document(result_id: str) -> Response:
    _connector().fetch_row(
        request.environ, lambda: parse_wanted(result_id, request.args.get("around"))
    )
    return _answer(g.rows[0])


def _answer(answer: dict[str, Any]) -> Response:
    context: SearchContext[Any, Any] = g.context
    # A copy: what was cut off at the deadline may still have something to say.
    warnings = list(context.warnings)
    if warnings:
        answer["warnings"] = [
            {"reason": omission.reason, "detail": logs.redact(omission.detail)}
            for omission in warnings
        ]
    response = _json(answer)
    response.headers["X-Search-Status"] = "partial" if warnings else "complete"
    return response


def _body() -> bytes:
    if request.args.get("format", "v1") not in _FORMATS:
        raise BadRequest(f"Unknown format. Known formats: {', '.join(_FORMATS)}.")
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the query as 'Content-Type: application/json'.")
    with contextlib.suppress(RequestEntityTooLarge):
        body = request.get_data(cache=False)
        if len(body) <= MAX_BODY_BYTES:
            return body
    raise PayloadTooLarge(f"The body has more than {MAX_BODY_BYTES} bytes, which no search needs.")


def _health() -> Response:
    return _json({"status": "ok", "connector": _connector().name})


def _openapi() -> Response:
    return _json(_connector().openapi)


def _tool() -> Response:
    connector = _connector()
    if request.args.get("name", "search") == "fetch":
        return _json(fetch_tool(connector.name))
    return _json(search_tool(connector.name, connector.settings.options_model))


def _json(value: Any) -> Response:
    # Not jsonify: it would sort the keys, whose order is part of the contract.
    text = json.dumps(value, sort_keys=False, ensure_ascii=False)
    return Response(text, mimetype="application/json")


def _begin() -> None:
    g.started = time.monotonic()
    logs.begin_request(request.headers.get("X-Request-Id", ""))
    sent = (request.environ.get(header, "") for header in (AUTHORIZATION, USER_ACCESS_TOKEN))
    logs.protect_in_request(word for value in sent for word in (value, *value.split()))


def _finish(response: Response) -> Response:
    response.headers["X-Connector-Id"] = _connector().name
    response.headers["X-Request-Id"] = logs.request_id.get()
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    _log_request(response)
    return response


def _forget(_: BaseException | None) -> None:
    logs.end_request()


def _log_request(response: Response) -> None:
    """Write the one line that says what became of a request."""
    context: SearchContext[Any, Any] | None = g.get("context")
    entry: dict[str, Any] = {
        "connector": _connector().name,
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "duration_ms": round((time.monotonic() - g.started) * 1000),
    }
    if "credential" in g:
        entry["credential"] = g.credential
    if context is not None:
        entry["provider_calls"] = context.calls
        entry["failed_calls"] = context.failed_calls[:10]
        entry["warnings"] = [omission.reason for omission in context.warnings]
    if "rows" in g:
        entry["documents"] = len(g.rows)
    if "error" in g:
        entry["error"] = g.error
    level = logging.INFO if request.path.startswith(("/search", "/documents")) else logging.DEBUG
    if response.status_code >= 500:
        level = logging.ERROR
    _log.log(level, "%s %s %d", request.method, request.path, response.status_code, extra=entry)


def _connector_error(error: ConnectorError) -> Response:
    g.error = f"{error.reason}: {error.detail}"
    return problems.problem(error, _connector().name)


def _http_error(error: HTTPException) -> Response:
    g.error = error.name
    return problems.http_problem(error)


def _internal_error(error: Exception) -> Response:
    g.error = type(error).__name__
    _log.error("the connector failed", exc_info=error)
    return problems.internal_problem()
