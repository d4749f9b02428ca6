"""Expressions and the strings they stand in, compiled when the source file is read.

An expression is JMESPath (https://jmespath.org/specification.html) with the functions of
`functions.py`. A template is a string in which `${…}` holds an expression. What comes out of one is
data: nothing renders it a second time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import Options
from pydantic import PlainValidator

from .functions import SourceFunctions

Scope = Mapping[str, Any]

_OPTIONS = Options(custom_functions=SourceFunctions())
# What a quote or a brace opens inside `${…}`, so that the closing brace can be told.
_PIECE = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|[{}]""", re.DOTALL)
# Of these, only the first child looks at the value that the whole looks at.
_FIRST_ONLY = {
    "subexpression",
    "pipe",
    "index_expression",
    "projection",
    "value_projection",
    "filter_projection",
    "flatten",
}


class ExpressionFailed(Exception):
    """An expression met a value that it cannot work with; the message holds no value."""


class Expression:
    """A compiled JMESPath expression.

    Args:
        text: as it stands in the source file.

    Raises:
        ValueError: it is not one, or calls a function that does not exist.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._compiled = jmespath.compile(text)
        except JMESPathError as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"'{text}' is not JMESPath: {reason}") from None
        _check_calls(self._compiled.parsed)
        self.roots = frozenset(_roots(self._compiled.parsed))

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def search(self, scope: Any) -> Any:
        """Return what the expression finds, None for nothing.

        Raises:
            ExpressionFailed: a function was given what it does not take.
        """
        try:
            return self._compiled.search(scope, _OPTIONS)
        except (ValueError, RecursionError):
            # The library's message quotes the value, which may be the provider's.
            raise ExpressionFailed(f"'{self.text}' does not fit what the answer holds") from None


class Template:
    """A string with `${…}` in it, or without.

    Args:
        text: as it stands in the source file.

    Raises:
        ValueError: an expression in it is wrong, or `${` is never closed.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts = list(_split(text))

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    @property
    def expressions(self) -> list[Expression]:
        """The expressions in it."""
        return [part for part in self.parts if isinstance(part, Expression)]

    def value(self, scope: Scope) -> Any:
        """Return the value of the one `${…}` that it is, of its own type; else a string.

        None when any expression in it finds nothing: half an address or filter is worse than none.

        Raises:
            ExpressionFailed: an expression in it failed.
        """
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression):
            return self.parts[0].search(scope)
        found = [part if isinstance(part, str) else part.search(scope) for part in self.parts]
        return None if None in found else "".join(map(as_text, found))


def as_text(value: Any) -> str:
    """Return a value as it stands within a string: what is not a string as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _split(text: str) -> Iterator[str | Expression]:
    position = 0
    while (start := text.find("${", position)) >= 0:
        if start > position:
            yield text[position:start]
        end = _closing_brace(text, start + 2)
        yield Expression(text[start + 2 : end].strip())
        position = end + 1
    if position < len(text) or not text:
        yield text[position:]


def _closing_brace(text: str, start: int) -> int:
    depth = 1
    for piece in _PIECE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(piece[0], 0)
        if not depth:
            return piece.start()
    raise ValueError(f"'{text}' has a '${{' that no '}}' closes")


def _check_calls(node: Any) -> None:
    if node["type"] == "function_expression":
        known = SourceFunctions.FUNCTION_TABLE
        name, given = node["value"], len(node["children"])
        if name not in known:
            raise ValueError(f"there is no function '{name}'; there are {', '.join(sorted(known))}")
        signature = known[name]["signature"]
        variadic = bool(signature) and signature[-1].get("variadic", False)
        if given < len(signature) or (given > len(signature) and not variadic):
            raise ValueError(f"{name}() takes {len(signature)} arguments, not {given}")
    for child in node["children"]:
        if isinstance(child, dict):
            _check_calls(child)


def _roots(node: Any) -> Iterator[tuple[str, ...]]:
    """Yield the names that an expression looks up in its scope, with one step below: (env, x)."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        yield (node["value"],)
    elif kind in _FIRST_ONLY:
        first, rest = children[0], children[1:]
        if kind == "subexpression" and first["type"] == rest[0]["type"] == "field":
            yield (first["value"], rest[0]["value"])
        else:
            yield from _roots(first)
            if first["type"] in {"current", "identity"}:
                for child in rest:
                    yield from _roots(child)
    elif kind == "current":
        yield ("@",)
    elif kind != "expref":
        for child in children:
            if isinstance(child, dict):
                yield from _roots(child)


@dataclass(frozen=True)
class Selector:
    """A value of a document: a bare expression, or a template where it holds `${`.

    Args:
        source: either of them.
    """

    source: Expression | Template

    @classmethod
    def parse(cls, text: Any) -> Selector:
        """Read one as it stands in a source file."""
        return cls(Template(_string(text)) if "${" in _string(text) else Expression(text))

    @property
    def text(self) -> str:
        """As it stands in the source file."""
        return self.source.text

    @property
    def expressions(self) -> list[Expression]:
        """The expressions in it."""
        return [self.source] if isinstance(self.source, Expression) else self.source.expressions

    def value(self, scope: Scope) -> Any:
        """Return what it finds, None for nothing.

        Raises:
            ExpressionFailed: an expression in it failed.
        """
        if isinstance(self.source, Expression):
            return self.source.search(scope)
        return self.source.value(scope)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a string, not {json.dumps(value, default=str)[:60]}")  # noqa: TRY004 - pydantic reads ValueError
    return value


def _template(value: Any) -> Template:
    # Numbers and booleans may stand bare in YAML where a string is meant: `limit: 5`.
    return Template(as_text(value) if isinstance(value, int | float) else _string(value))


ExpressionField = Annotated[
    Expression, PlainValidator(lambda text: Expression(_string(text)), json_schema_input_type=str)
]
TemplateField = Annotated[
    Template, PlainValidator(_template, json_schema_input_type=str | int | float | bool)
]
SelectorField = Annotated[Selector, PlainValidator(Selector.parse, json_schema_input_type=str)]
