"""The functions that a source file has beside JMESPath's own; the README shows each one at work."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from jmespath.functions import Functions, signature

from connector_sdk import content_words, decode_text
from connector_sdk.documents import rfc3339, stringify

from .languages import LANGUAGES, Language
from .markup import adf, all_text, html, markdown

_MILLISECONDS_FROM = 1e11  # as seconds it is the year 5138, as milliseconds 1973
_ANY: Any = {"types": []}
_STRING: Any = {"types": ["string"]}
# What makes a query safe to stand within a longer string: words come out, and nothing else.
WORDS_ONLY = {*LANGUAGES, "words", "terms"}


class SourceFunctions(Functions):
    """What an expression may call; every one takes what an answer may lack, and gives null."""

    @signature(_ANY, _STRING)
    def _func_text(self, values: Any, separator: str) -> str | None:
        items = values if isinstance(values, list) else [values]
        # A string stays as it is, spaces at its ends included: runs of one text are joined with "".
        texts = (item if isinstance(item, str) else stringify(item) for item in items)
        return separator.join(filter(None, texts)) or None

    @signature(_ANY)
    def _func_iso(self, value: Any) -> str | None:
        return _iso(value) or None

    @signature()
    def _func_now(self) -> str:
        return rfc3339(datetime.now(UTC))

    @signature(_ANY)
    def _func_b64(self, value: Any) -> str | None:
        try:
            # Google and others use the alphabet for URLs, without padding (RFC 4648 §5).
            padded = value.replace("-", "+").replace("_", "/") + "=="
            return decode_text(base64.b64decode(padded))
        except (AttributeError, ValueError, binascii.Error):
            return None

    @signature(_ANY)
    def _func_lower(self, value: Any) -> str | None:
        return None if value is None else stringify(value).lower()

    @signature(_ANY)
    def _func_json(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    @signature(_ANY, _STRING, _STRING)
    def _func_pairs(self, items: Any, name: str, value: str) -> dict[str, Any] | None:
        if not isinstance(items, list):
            return None
        return {str(i.get(name)): i.get(value) for i in items if isinstance(i, dict)}

    @signature(_ANY, _ANY)
    def _func_get(self, items: Any, name: Any) -> Any:
        return items.get(str(name)) if isinstance(items, dict) and name is not None else None

    @signature(_ANY, _STRING, _ANY)
    def _func_find(self, items: Any, name: str, value: Any) -> Any:
        among = [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []
        return next((i for i in among if name in i and i[name] == value), None)

    @signature(_ANY)
    def _func_uri(self, value: Any) -> str | None:
        return None if value is None else quote(stringify(value), safe="/")

    @signature(_STRING)
    def _func_words(self, query: str) -> list[str]:
        return content_words(query)

    @signature(_STRING, _STRING, _STRING)
    def _func_terms(self, query: str, each: str, between: str) -> str:
        return Language(word=each, between=between).write(query)


def _add(name: str, function: Any, takes: Any) -> None:
    SourceFunctions.FUNCTION_TABLE[name] = {
        "function": lambda _, value: None if value is None else function(value),
        "signature": [takes],
    }


for _name, _language in LANGUAGES.items():
    _add(_name, _language.write, _STRING)
for _name, _reader in {"html": html, "md": markdown}.items():
    _add(_name, lambda value, read=_reader: read(stringify(value)), _ANY)
for _name, _reader in {"adf": adf, "alltext": all_text}.items():
    _add(_name, _reader, _ANY)


def _iso(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"-?\d{9,}(\.\d+)?", value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return ""
    if isinstance(value, int | float):
        return rfc3339(value / 1000 if abs(value) >= _MILLISECONDS_FROM else value)
    try:
        return rfc3339(value) or rfc3339(parsedate_to_datetime(value))  # RFC 5322
    except (ValueError, OverflowError):
        return ""
