"""search.messages, search.files and search.all: keyword search with modifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sandbox.slack_auth import SlackError
from sandbox.slack_call import Call, readable
from sandbox.slack_message import Message, SlackFile
from sandbox.slack_query import SlackQuery, parse
from sandbox.slack_resource import file_json, match_json

Hit = TypeVar("Hit", Message, SlackFile)
MAX_COUNT = 100
MAX_PAGE = 100


def search_messages(call: Call) -> dict[str, Any]:
    """search.messages."""
    query = _query(call)
    return {"query": call.text("query"), "messages": _messages(call, query)}


def search_files(call: Call) -> dict[str, Any]:
    """search.files."""
    query = _query(call)
    return {"query": call.text("query"), "files": _files(call, query)}


def search_all(call: Call) -> dict[str, Any]:
    """search.all."""
    query = _query(call)
    return {
        "query": call.text("query"),
        "messages": _messages(call, query),
        "files": _files(call, query),
        "posts": {"matches": [], "total": 0},
    }


def _query(call: Call) -> SlackQuery:
    if call.caller.token.bot:
        raise SlackError("not_allowed_token_type")
    call.caller.need("search:read")
    text = call.text("query").strip()
    if not text:
        raise SlackError("no_query")
    return parse(text, call.caller.who, call.world)


def _messages(call: Call, query: SlackQuery) -> dict[str, Any]:
    found = [
        message
        for message in (readable(call.caller) if query.asks else ())
        if query.every_word(message.index) and query.allows(message)
    ]
    found = _sorted(call, found, lambda hit: query.count(hit.index), lambda hit: float(hit.ts))
    page, body = _page(call, found)
    mark = _marker(query) if call.flag("highlight") else None
    for message in page:
        match = match_json(call.world, message)
        if mark:
            match["text"] = mark(match["text"])
        body["matches"].append(match)
    return body


def _files(call: Call, query: SlackQuery) -> dict[str, Any]:
    mine = set(readable(call.caller) if query.asks else ())
    found = [
        file
        for file, messages in call.world.slack.files.values()
        if query.every_word(file.index)
        and any(message in mine and query.allows(message) for message in messages)
    ]
    found = _sorted(call, found, lambda hit: query.count(hit.index), lambda hit: float(hit.created))
    page, body = _page(call, found)
    body["matches"] = [file_json(call.world, file) for file in page]
    return body


def _sorted(
    call: Call, found: list[Hit], score: Callable[[Hit], int], at: Callable[[Hit], float]
) -> list[Hit]:
    by_time = call.text("sort", "score") == "timestamp"
    return sorted(
        found,
        key=lambda hit: (0 if by_time else score(hit), at(hit)),
        reverse=call.text("sort_dir", "desc") != "asc",
    )


def _page(call: Call, found: list[Hit]) -> tuple[Sequence[Hit], dict[str, Any]]:
    size = call.number("count", 20, MAX_COUNT)
    pages = -(-len(found) // size)
    number = call.number("page", 1, MAX_PAGE)
    paging: dict[str, Any] = {"count": size, "total": len(found), "page": number, "pages": pages}
    if call.text("cursor"):
        page, paging["next_cursor"] = call.page(found, size)
    else:
        page = found[(number - 1) * size : number * size]
    first = (number - 1) * size + 1 if page else 0
    pagination = {
        "total_count": len(found),
        "page": number,
        "per_page": size,
        "page_count": pages,
        "first": first,
        "last": first + len(page) - 1 if page else 0,
    }
    return page, {"total": len(found), "paging": paging, "pagination": pagination, "matches": []}


def _marker(query: SlackQuery) -> Callable[[str], str]:
    """Return what wraps the found words as Slack does, in two private characters."""
    wanted = [r"[\W_]+".join(map(re.escape, term.words)) for term in query.terms]
    pattern = re.compile(rf"\b({'|'.join(wanted) or '(?!)'})\b", re.IGNORECASE)
    return lambda text: pattern.sub("\ue000\\1\ue001", text)
