"""The API described as OpenAPI."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from .oauth import OAuth
from .options import SearchOptions
from .tools import AROUND, request_schema

_ERRORS = {
    400: "The request is wrong: the body, the query, an option, or a token that cannot be used.",
    401: "No token, a wrong connector key, or the provider says the token is expired or revoked.",
    403: "The provider refuses: a scope is missing, or a policy forbids it.",
    413: "The body is too large.",
    415: "The body is not `application/json`.",
    429: "The provider's rate limit; `Retry-After` says when to try again.",
    500: "The connector failed; its log has the rest under the request id.",
    502: "The provider failed, or refused this connector's request or service credential.",
    503: "The provider is unavailable.",
    504: "No search call had answered by the deadline.",
}


def openapi(
    name: str, options_model: type[SearchOptions], oauth: OAuth | None, *, fetches: bool
) -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of a connector.

    Args:
        name: the connector's.
        options_model: what a search may be narrowed by.
        oauth: its provider's endpoints, if there are any.
        fetches: whether it gets a document by its id.
    """
    schemes: dict[str, Any] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The user's access token, or the connector key where one is set.",
        },
        "user": {
            "type": "apiKey",
            "in": "header",
            "name": "X-User-Access-Token",
            "description": "The user's access token, beside a connector key.",
        },
    }
    security: list[dict[str, list[str]]] = [{"bearer": []}, {"bearer": [], "user": []}]
    if oauth is not None:
        schemes["oauth"] = {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": oauth.authorize_url,
                    "tokenUrl": oauth.token_endpoint,
                    "scopes": dict.fromkeys(oauth.scopes, ""),
                }
            },
        }
        security.append({"oauth": list(oauth.scopes)})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{name} connector",
            "version": "1",
            "description": "Live search with the caller's own permissions. Nothing is stored.",
        },
        "paths": {
            "/search": {"post": _search_operation(options_model, security)},
            "/documents/{id}": {"get": _document_operation(security, fetches=fetches)},
            "/health": {"get": _operation("health", "Whether the connector is up.", security=[])},
            "/tool.json": {
                "get": _operation(
                    "tool", "The connector as a tool.", security=[], parameters=[_TOOL_NAME]
                )
            },
        },
        "components": {
            "securitySchemes": schemes,
            "schemas": {"Problem": _PROBLEM, "Warnings": _WARNINGS, "Row": _ROW},
        },
    }


def _operation(name: str, summary: str, **rest: Any) -> dict[str, Any]:
    ok = {"description": summary, "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"operationId": name, "summary": summary, "responses": {"200": ok}, **rest}


def _search_operation(
    options_model: type[SearchOptions], security: list[dict[str, list[str]]]
) -> dict[str, Any]:
    found = {
        "description": "What was found; `warnings` name what was left out.",
        "headers": _STATUS,
        "content": {"application/json": {"schema": {"oneOf": [_RESULTS, _DOCUMENTS]}}},
    }
    return {
        "operationId": "search",
        "summary": "Search with the caller's own permissions.",
        "security": security,
        "parameters": [
            {
                "name": "format",
                "in": "query",
                "description": "`v2` answers in the shape that Cohere's chat v2 takes.",
                "schema": {"type": "string", "enum": ["v1", "v2"], "default": "v1"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": request_schema(options_model)}},
        },
        "responses": {"200": found, **_problems(_ERRORS)},
    }


def _document_operation(security: list[dict[str, list[str]]], *, fetches: bool) -> dict[str, Any]:
    found = {
        "description": "The document; `warnings` name what was left out.",
        "headers": _STATUS,
        "content": {"application/json": {"schema": _DOCUMENT}},
    }
    errors = {status: text for status, text in _ERRORS.items() if status not in (413, 415)}
    none = {} if fetches else {501: "This connector cannot get a document by its id."}
    return {
        "operationId": "fetch",
        "summary": "The whole text behind a result, or the passages around it.",
        "security": security,
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "A result's id, percent-encoded: `1AbC%23p2`.",
                "schema": _TEXT,
            },
            {
                "name": "around",
                "in": "query",
                "description": AROUND["description"],
                "schema": {key: AROUND[key] for key in ("type", "minimum", "maximum")},
            },
        ],
        "responses": {
            "200": found,
            **_problems({**errors, 404: "There is no such document for this caller.", **none}),
        },
    }


def _problems(errors: dict[int, str]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {
            "description": f"{HTTPStatus(status).phrase}. {errors[status]}",
            "content": content,
        }
        for status in sorted(errors)
    }


_STATUS = {"X-Search-Status": {"schema": {"type": "string", "enum": ["complete", "partial"]}}}
_TOOL_NAME = {
    "name": "name",
    "in": "query",
    "description": "Which of its tools.",
    "schema": {"type": "string", "enum": ["search", "fetch"], "default": "search"},
}
_TEXT = {"type": "string"}
_ROW: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": _TEXT,
        "title": _TEXT,
        "text": {
            "type": "string",
            "description": "A passage: at most 300 words, if not set otherwise.",
        },
        "url": _TEXT,
        "timestamp": {"type": "string", "format": "date-time"},
        "author": _TEXT,
        "type": _TEXT,
        "container": _TEXT,
    },
    "additionalProperties": _TEXT,
}
_WARNINGS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["reason", "detail"],
        "properties": {"reason": _TEXT, "detail": _TEXT},
    },
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "request_id": _TEXT,
    },
}
_DOCUMENT = {
    **_ROW,
    "properties": {
        **_ROW["properties"],
        "text": _TEXT,
        "warnings": {"$ref": "#/components/schemas/Warnings"},
    },
    "additionalProperties": _TEXT,
}
_RESULTS = {
    "type": "object",
    "required": ["results"],
    "properties": {
        "results": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
        "warnings": {"$ref": "#/components/schemas/Warnings"},
    },
}
_DOCUMENTS = {
    "type": "object",
    "required": ["documents"],
    "properties": {
        "documents": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "data"],
                "properties": {"id": _TEXT, "data": {"type": "object"}},
            },
        },
        "warnings": {"$ref": "#/components/schemas/Warnings"},
    },
}
