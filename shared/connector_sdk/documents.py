"""Documents: what a connector yields, and the flat rows of strings that an answer holds."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from .passages import Text
from .text import clean

_PASSAGE = re.compile(r"(.+)#p([1-9]\d{0,5})", re.DOTALL)

Value = Any  # a string, number, boolean, time, list of those, or None


@dataclass(frozen=True)
class Document:
    """One hit of a search.

    Args:
        id: stable, and unique within the connector.
        title: what a person would call it.
        text: plain text, or `Block`s where it has places of its own (headings, slides, tables), or
            a callable that fetches it. Callables of all hits run side by side until the deadline,
            then their passages are ranked together; one that raises `TextUnavailable`, or any
            `ConnectorError` but
            `Unauthorized`, leaves its hit without text and adds a warning.
        url: where a person opens it.
        timestamp: when it last changed: a datetime (UTC where it names no zone), seconds since
            1970, or a string in ISO 8601.
        author: who wrote it; several are joined.
        type: what kind of thing it is: `document`, `message`.
        container: the folder, channel or space it is in.
        extra: further fields of the source.
    """

    id: str
    title: Value = None
    text: Text | Callable[[], Text] | None = None
    url: Value = None
    timestamp: datetime | date | float | str | None = None
    author: Value = None
    type: Value = None
    container: Value = None
    extra: Mapping[str, Value] = field(default_factory=dict)


def row(document: Document, text: str, *, passage: int = 0, fragment: str = "") -> dict[str, str]:
    """Return a passage as the answer gives it: strings only, the empty ones left out.

    Args:
        document: what the connector yielded.
        text: of the passage.
        passage: its number from 1, where the document has several.
        fragment: what opens the document there.
    """
    values: dict[str, Value] = {
        "id": f"{document.id}#p{passage}" if passage else document.id,
        "title": document.title,
        "text": text,
        "url": _opened_at(stringify(document.url), fragment),
        "timestamp": rfc3339(document.timestamp),
        "author": document.author,
        "type": document.type,
        "container": document.container,
    }
    values |= {key: value for key, value in document.extra.items() if key not in values}
    strings = {key: stringify(value) for key, value in values.items()}
    return {key: value for key, value in strings.items() if value}


def for_chat(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a row as chat v2 takes a document: `{"id", "data"}`."""
    return {"id": row["id"], "data": {key: value for key, value in row.items() if key != "id"}}


def parse_id(result_id: str) -> tuple[str, int]:
    """Return the document's id in a result's, `1AbC` in `1AbC#p2`, and the passage's number or 0."""
    found = _PASSAGE.fullmatch(result_id)
    return (found[1], int(found[2])) if found else (result_id, 0)


def _opened_at(url: str, fragment: str) -> str:
    return f"{url.partition('#')[0]}#{fragment}" if url and fragment else url


def stringify(value: Value) -> str:
    """Return a value as a string: lists joined with `", "`, numbers and objects as in JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, datetime | date):
        return rfc3339(value)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(filter(None, map(stringify, value)))
    return clean(json.dumps(value, ensure_ascii=False, default=str))


def rfc3339(value: datetime | date | float | str | None) -> str:
    """Return a time in UTC as RFC 3339 has it: `2026-11-02T09:14:00Z`; "" for what is no time.

    Args:
        value: a datetime, a date, seconds since 1970, or a string in ISO 8601.
    """
    try:
        moment = _datetime(value)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def _datetime(value: datetime | date | float | str | None) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    elif isinstance(value, int | float):
        if not math.isfinite(value):
            return None
        value = datetime.fromtimestamp(value, UTC)
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value
