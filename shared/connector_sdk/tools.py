"""The connector as tool definitions, for models that call tools."""

from __future__ import annotations

from typing import Any

from .options import MAX_QUERY, SearchOptions
from .whole import MAX_AROUND


def request_schema(options_model: type[SearchOptions]) -> dict[str, Any]:
    """Return the JSON Schema of a search's body."""
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


AROUND = {
    "type": "integer",
    "minimum": 0,
    "maximum": MAX_AROUND,
    "description": "Instead of the whole text, the passage with so many on either side of it.",
}


def search_tool(name: str, options_model: type[SearchOptions]) -> dict[str, Any]:
    """Return the search as a tool."""
    return _tool(
        f"search_{_identifier(name)}",
        f"Search {name} with the permissions of the current user. Returns the passages that "
        "answer the query best, each with its id, title, text and URL.",
        request_schema(options_model),
    )


def fetch_tool(name: str) -> dict[str, Any]:
    """Return the whole document as a tool: `GET /documents/{id}`."""
    return _tool(
        f"fetch_{_identifier(name)}",
        f"Read the document behind a result of search_{_identifier(name)}, as a whole or around "
        "the passage that was found.",
        {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {
                    "type": "string",
                    "minLength": 1,
                    "description": "The id of a result, with its passage (#p2) where it has one.",
                },
                "around": AROUND,
            },
        },
    )


def _tool(name: str, description: str, parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


def _identifier(name: str) -> str:
    return name.replace("-", "_")
