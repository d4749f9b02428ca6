"""Partial responses: the `fields` parameter."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

Mask = dict[str, Any]  # a name, or "*", to the mask below it; an empty one keeps everything

_TOKEN = re.compile(r"\s*([A-Za-z][\w-]*|[*/(),])\s*")


class MaskError(ValueError):
    """The mask is malformed or names a field that does not exist."""


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                raise MaskError(text)
            self._tokens.append(token[1])
            at = token.end()
        self._tokens.append("")

    def parse(self) -> Mask:
        mask = self._group()
        if self._tokens[0]:
            raise MaskError(self._tokens[0])
        return mask

    def _group(self) -> Mask:
        mask: Mask = {}
        while True:
            self._item(mask)
            if self._tokens[0] != ",":
                return mask
            self._tokens.pop(0)

    def _item(self, mask: Mask) -> None:
        name = self._tokens.pop(0)
        if not name or name in "/(),":
            raise MaskError(name or "the end")
        whole = name in mask and not mask[name]
        below: Mask = mask.setdefault(name, {})
        follower = self._tokens[0]
        if follower == "/":
            self._tokens.pop(0)
            self._item(below)
        elif follower == "(":
            self._tokens.pop(0)
            below.update(self._group())
            if self._tokens.pop(0) != ")":
                raise MaskError("a parenthesis is not closed")
        if whole or follower not in {"/", "("}:
            below.clear()  # asked for as a whole once is asked for as a whole


@lru_cache(maxsize=512)
def parse(text: str) -> Mask:
    """Parse a mask such as `nextPageToken,files(id,owners/displayName)`."""
    return _Parser(text).parse()


def check(mask: Mask, known: Mask) -> None:
    """Refuse names that the schema does not know; an empty schema knows every name."""
    for name, below in mask.items():
        if name == "*":
            if below:
                for schema in known.values():
                    check(below, schema)
        elif known and name not in known:
            raise MaskError(name)
        elif below:
            check(below, known.get(name, {}))


def apply(mask: Mask, value: Any) -> Any:
    """Keep what the mask names."""
    if not mask or ("*" in mask and not mask["*"]):
        return value
    if isinstance(value, list):
        return [apply(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, item in value.items():
        below = mask.get(name, mask.get("*"))
        if below is not None:
            kept[name] = apply(below, item)
    return kept
