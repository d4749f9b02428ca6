"""The API described, for people (`/ui/`) and programs (`/openapi.json`)."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .payloads import Confirmation, ConnectorChange, NewConnector, SearchRequest

_ERRORS = {
    400: "The request is wrong, or the connector did not stand its trial.",
    401: "The gateway's API key is missing or not good.",
    403: "Only an admin may do this, or the user must connect an account first.",
    404: "There is no such connector.",
    429: "Too many requests; `Retry-After` says when to try again.",
    500: "The gateway failed; its log has the rest under the request id.",
    501: "The gateway does not do this.",
    502: "A connector or a provider failed.",
    503: "A connector or a provider is unavailable.",
    504: "A connector or a provider did not answer in time.",
}
_STRING = {"type": "string"}
_ID = {"name": "id", "in": "path", "required": True, "schema": _STRING}
_CONNECTOR = {
    "type": "object",
    "properties": {
        **dict.fromkeys(
            ("id", "organization_id", "name", "description", "url", "auth_type"), _STRING
        ),
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
        "excludes": {"type": "array", "items": _STRING},
        "auth_status": {
            "enum": ["valid", "expired"],
            "description": "The calling user's; absent without a connection.",
        },
        "active": {"type": "boolean"},
        "continue_on_failure": {"type": "boolean"},
        "oauth": {
            "type": "object",
            "properties": dict.fromkeys(
                ("client_id", "authorize_url", "token_url", "scope", "redirect_uri"), _STRING
            ),
        },
    },
}
_DOCUMENT = {"type": "object", "additionalProperties": _STRING}
_FOUND = {
    "type": "object",
    "properties": {
        "documents": {"type": "array", "items": _DOCUMENT},
        "search_results": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "connector": {"type": "object", "properties": {"id": _STRING}},
                    "document_ids": {"type": "array", "items": _STRING},
                    "error_message": _STRING,
                    "warnings": {"type": "array", "items": _DOCUMENT},
                },
            },
        },
    },
}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _call(
    summary: str,
    answer: dict[str, Any],
    *errors: int,
    body: type[BaseModel] | None = None,
    query: dict[str, dict[str, Any]] | None = None,
    path: bool = False,
) -> dict[str, Any]:
    operation: dict[str, Any] = {"summary": summary, "responses": {}}
    parameters = [_ID] if path else []
    parameters += [{"name": name, "in": "query", "schema": s} for name, s in (query or {}).items()]
    if parameters:
        operation["parameters"] = parameters
    if body is not None:
        content = {"application/json": {"schema": _ref(body.__name__)}}
        operation["requestBody"] = {"required": True, "content": content}
    operation["responses"]["200"] = {
        "description": HTTPStatus.OK.phrase,
        "content": {"application/json": {"schema": answer}},
    }
    for status in (401, *errors, 429, 500):
        operation["responses"][str(status)] = {
            "description": _ERRORS[status],
            "content": {"application/json": {"schema": _ref("Error")}},
        }
    return operation


_ONE = _object(connector=_ref("Connector"))
_MANY = _object(
    connectors={"type": "array", "items": _ref("Connector")}, total_count={"type": "integer"}
)
_PAGE = {"limit": {"type": "integer", "default": 30}, "offset": {"type": "integer", "default": 0}}
_EMPTY: dict[str, Any] = {"type": "object"}


def _paths() -> dict[str, Any]:
    one = "/v1/connectors/{id}"
    return {
        "/v1/connectors": {
            "post": _call("Register a connector (admins)", _ONE, 400, 403, body=NewConnector),
            "get": _call("List connectors, newest first", _MANY, 400, query=_PAGE),
        },
        one: {
            "get": _call("Show a connector", _ONE, 404, path=True),
            "patch": _call(
                "Change a connector (admins)", _ONE, 400, 403, 404, body=ConnectorChange, path=True
            ),
            "delete": _call("Delete a connector (admins)", _EMPTY, 403, 404, path=True),
        },
        f"{one}/oauth/authorize": {
            "post": _call(
                "Say where the user's browser goes to connect an account",
                _object(redirect_url=_STRING),
                *(400, 404),
                query={"after_token_redirect": _STRING},
                path=True,
            )
        },
        f"{one}/oauth/confirm": {
            "post": _call(
                "Confirm a connection (GATEWAY_CONNECT=confirm)",
                _ONE,
                *(400, 403, 404),
                body=Confirmation,
                path=True,
            )
        },
        f"{one}/oauth": {
            "delete": _call("Forget the user's tokens", _EMPTY, 404, path=True),
        },
        "/v1/sign-in-codes": {
            "post": _call(
                "Hand out a code to sign in to the gateway's page with, once",
                _object(code=_STRING, expires_at=_STRING),
            )
        },
        "/v1/search": {
            "post": _call(
                "Search several connectors at once",
                _FOUND,
                *(400, 403, 404, 502, 503, 504),
                body=SearchRequest,
                query={"format": {"enum": ["v1", "v2"], "default": "v1"}},
            )
        },
        "/v1/chat": {"post": _call("Not done here", _EMPTY, 501)},
    }


@functools.cache
def openapi() -> dict[str, Any]:
    """Return the description of the API."""
    bodies = (NewConnector, ConnectorChange, SearchRequest, Confirmation)
    _, schemas = models_json_schema(
        [(body, "validation") for body in bodies], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Connector gateway",
            "version": "1",
            "description": "Cohere's connectors API, self-hosted: the `cohere` SDK works with only "
            "`base_url` changed.",
        },
        "security": [{"key": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A gateway API key."}
            },
            "schemas": {
                **schemas["$defs"],
                "Connector": _CONNECTOR,
                "Error": _object(message=_STRING, request_id=_STRING),
            },
        },
    }
