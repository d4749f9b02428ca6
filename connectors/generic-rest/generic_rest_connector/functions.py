"""The functions that a source file has beside JMESPath's own; the README shows each one at work."""

from __future__ import annotations

import base64
import binascii
import re
from email.utils import parsedate_to_datetime
from typing import Any

from jmespath.functions import Functions, signature

from connector_sdk import content_words, decode_text
from connector_sdk.documents import rfc3339, stringify

from .markup import plain_text

_MILLISECONDS_FROM = 1e11  # as seconds it is the year 5138, as milliseconds 1973
_ANYTHING: Any = {"types": []}


class SourceFunctions(Functions):
    """What an expression may call; every one takes what an answer may lack, and gives null."""

    @signature(_ANYTHING)
    def _func_html(self, markup: Any) -> str | None:
        return None if markup is None else plain_text(stringify(markup))

    @signature(_ANYTHING, {"types": ["string"]})
    def _func_text(self, values: Any, separator: str) -> str | None:
        items = values if isinstance(values, list) else [values]
        # A string stays as it is, spaces at its ends included: runs of one text are joined with "".
        texts = (item if isinstance(item, str) else stringify(item) for item in items)
        return separator.join(filter(None, texts)) or None

    @signature(_ANYTHING)
    def _func_iso(self, value: Any) -> str | None:
        return _iso(value) or None

    @signature(_ANYTHING)
    def _func_b64(self, value: Any) -> str | None:
        try:
            return decode_text(base64.b64decode(value))
        except (TypeError, ValueError, binascii.Error):
            return None

    @signature(_ANYTHING)
    def _func_lower(self, value: Any) -> str | None:
        return None if value is None else stringify(value).lower()

    @signature({"types": ["string"]})
    def _func_words(self, query: str) -> list[str]:
        return content_words(query)

    @signature({"types": ["string"]})
    def _func_plain(self, query: str) -> str:
        # Lower case, as the operators of every language met so far are in capitals: OR, NOT, NEAR.
        return " ".join(content_words(query)).lower()

    @signature({"types": ["string"]})
    def _func_fts5(self, query: str) -> str:
        # A word in double quotes is a string to FTS5, whatever it is:
        # https://www.sqlite.org/fts5.html#fts5_strings
        return " OR ".join(f'"{word}"' for word in content_words(query))


def _iso(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"-?\d{9,}(\.\d+)?", value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return ""
    if isinstance(value, int | float):
        return rfc3339(value / 1000 if abs(value) >= _MILLISECONDS_FROM else value)
    return rfc3339(value) or _rfc5322(value)


def _rfc5322(value: str) -> str:
    try:
        return rfc3339(parsedate_to_datetime(value))
    except (ValueError, OverflowError):
        return ""
