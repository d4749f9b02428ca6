"""What the sandbox received, for tests to look at."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers

_KEPT = 10_000  # the oldest go first, so that a sandbox left running does not grow


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Headers  # looked up in any case
    form: Mapping[str, str]
    json: Any
    body: bytes
    peer: tuple[str, int]  # one connection has one: count them to see reuse

    @property
    def params(self) -> dict[str, Any]:
        """Query, form and JSON together."""
        return {**self.query, **self.form, **(self.json if isinstance(self.json, dict) else {})}

    @property
    def token(self) -> str | None:
        """The access token that was sent, in the header or the form."""
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        return value.strip() if scheme.lower() == "bearer" else self.form.get("token")

    def to_json(self) -> dict[str, Any]:
        """Return it for GET /sandbox/requests."""
        return {
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": dict(self.headers.items()),
            "form": dict(self.form),
            "json": self.json,
            "body": self.body.decode("utf-8", "replace"),
            "peer": list(self.peer),
        }


def received(
    *, method: str, path: str, query: str, headers: Headers, body: bytes, peer: tuple[str, int]
) -> Received:
    """Decode a request's parts."""
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    form: dict[str, str] = {}
    content: Any = None
    if kind == "application/x-www-form-urlencoded":
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif kind == "application/json":
        try:
            content = json.loads(body)
        except ValueError:
            content = None
    return Received(
        method=method,
        path=path,
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        form=form,
        json=content,
        body=body,
        peer=peer,
    )


class RequestLog:
    """The requests so far; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Received] = deque(maxlen=_KEPT)

    def add(self, item: Received) -> None:
        """Keep a request."""
        with self._lock:
            self._kept.append(item)

    def all(self) -> list[Received]:
        """Return the requests, the oldest first."""
        with self._lock:
            return list(self._kept)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._kept.clear()
