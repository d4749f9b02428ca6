"""The API described: for people and programs as OpenAPI, for models as a tool."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from .oauth import OAuth
from .options import MAX_QUERY, SearchOptions

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


def request_schema(options_model: type[SearchOptions]) -> dict[str, Any]:
    """Return the JSON Schema of a request's body."""
    options = options_model.model_json_schema()
    options["title"] = "Options"
    for schema in options.get("properties", {}).values():
        schema.pop("default", None)
    return {
        "type": "object",
        "required": ["query"],
        "properties": {
            "query": {
                "type": "string",
                "minLength": 1,
                "maxLength": MAX_QUERY,
                "description": "What to search for, in words or as a question.",
            },
            "options": options,
        },
    }


def tool(name: str, options_model: type[SearchOptions]) -> dict[str, Any]:
    """Return the connector as a tool definition, for models that call tools."""
    return {
        "type": "function",
        "function": {
            "name": f"search_{name.replace('-', '_')}",
            "description": (
                f"Search {name} with the permissions of the current user. Returns the documents "
                "that answer the query best, each with its title, text and URL."
            ),
            "parameters": request_schema(options_model),
        },
    }


def openapi(name: str, options_model: type[SearchOptions], oauth: OAuth | None) -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of a connector."""
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
            "/health": {"get": _operation("health", "Whether the connector is up.", security=[])},
            "/tool.json": {"get": _operation("tool", "The connector as a tool.", security=[])},
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
    problem = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    }
    found = {
        "description": "What was found; `warnings` name what was left out.",
        "headers": {
            "X-Search-Status": {"schema": {"type": "string", "enum": ["complete", "partial"]}}
        },
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
        "responses": {
            "200": found,
            **{
                str(status): {
                    "description": f"{HTTPStatus(status).phrase}. {text}",
                    "content": problem,
                }
                for status, text in _ERRORS.items()
            },
        },
    }


_TEXT = {"type": "string"}
_ROW = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": _TEXT,
        "title": _TEXT,
        "text": {"type": "string", "description": "At most 300 words."},
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
