"""Expressions and the strings they stand in, compiled when the source file is read.

An expression is JMESPath (https://jmespath.org/specification.html) with the functions of
`functions.py`. A template is a string in which `${…}` holds an expression. What comes out of one is
data: nothing renders it a second time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import Options
from pydantic import PlainValidator

from .functions import WORDS_ONLY, SourceFunctions

Scope = Mapping[str, Any]

_OPTIONS = Options(custom_functions=SourceFunctions())


class Unfit(Exception):
    """A value does not fit an expression, or the place in a request where it would stand.

    The message names the expression or the place, not the value.
    """


class Read(NamedTuple):
    """A name that an expression looks up in its scope: `env.site`, `cql(query)`.

    Args:
        name: the name, `@` for the whole scope.
        key: what is looked up below it, "" where that cannot be told.
        function: the query language's function that it goes through, "" for none.
    """

    name: str
    key: str = ""
    function: str = ""


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
            raise ValueError(f"'{text}' is not JMESPath: {str(error).splitlines()[0]}") from None
        _check_calls(self._compiled.parsed)
        self.reads = frozenset(_reads(self._compiled.parsed, ""))

    def search(self, scope: Any) -> Any:
        """Return what the expression finds, None for nothing.

        Raises:
            Unfit: a function was given what it does not take.
        """
        try:
            return self._compiled.search(scope, _OPTIONS)
        except (ValueError, RecursionError):
            # The library's message quotes the value, which may be the provider's.
            raise Unfit(f"'{self.text}' does not fit what the answer holds") from None


class Template:
    """A string with `${…}` in it, or without.

    Args:
        text: as it stands in the source file; a number or a boolean is taken as YAML has it.
        bare: without `${`, the whole is an expression instead of a constant.

    Raises:
        ValueError: it is no string, an expression in it is wrong, or `${` is never closed.
    """

    def __init__(self, text: Any, *, bare: bool = False) -> None:
        if not isinstance(text, str) and (bare or not isinstance(text, int | float)):
            raise ValueError(f"must be a string, not {json.dumps(text, default=str)[:60]}")
        self.text = as_text(text)
        is_expression = bare and "${" not in self.text
        self.parts = [Expression(self.text)] if is_expression else list(_split(self.text))
        self.expressions = [part for part in self.parts if isinstance(part, Expression)]
        self.is_alone = len(self.parts) == len(self.expressions) == 1

    def value(self, scope: Any) -> Any:
        """Return the value of the one expression that it is, of its own type; else a string.

        None when any expression in it finds nothing: half an address or filter is worse than none.

        Raises:
            Unfit: an expression in it failed.
        """
        found = [part if isinstance(part, str) else part.search(scope) for part in self.parts]
        if self.is_alone:
            return found[0]
        return None if None in found else "".join(map(as_text, found))


def as_text(value: Any) -> str:
    """Return a value as it stands within a string: what is not a string as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _split(text: str) -> Iterator[str | Expression]:
    position = 0
    while (start := text.find("${", position)) >= 0:
        if start > position:
            yield text[position:start]
        expression, position = _first_expression(text, start + 2)
        yield expression
    if position < len(text) or not text:
        yield text[position:]


def _first_expression(text: str, start: int) -> tuple[Expression, int]:
    """Return the expression that begins here, and where its brace has closed it.

    A brace within it, of a hash or a string, leaves what is before it unfinished.
    """
    wrong = None
    for brace in re.finditer("}", text[start:]):
        try:
            return Expression(text[start : start + brace.start()].strip()), start + brace.end()
        except ValueError as error:
            wrong = wrong or error
    raise wrong or ValueError(f"'{text}' has a '${{' that no '}}' closes")


def _children(node: Any) -> list[Any]:
    return [child for child in node["children"] if isinstance(child, dict)]


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
    for child in _children(node):
        _check_calls(child)


def _reads(node: Any, function: str) -> Iterator[Read]:
    """Yield what a node looks up in the scope that it is given."""
    kind, children = node["type"], _children(node)
    if kind == "field":
        yield Read(node["value"], function=function)
    elif kind == "current":
        yield Read("@", function=function)
    elif kind == "subexpression" and [child["type"] for child in children] == ["field", "field"]:
        yield Read(children[0]["value"], children[1]["value"], function)
    elif kind.endswith("projection") or kind in (
        "subexpression",
        "pipe",
        "index_expression",
        "flatten",
    ):
        # Of these, only the first child looks at the value that the whole looks at.
        yield from _reads(children[0], function)
        if children[0]["type"] in ("current", "identity"):
            for child in children[1:]:
                yield from _reads(child, function)
    elif kind != "expref":
        if kind == "function_expression" and node["value"] in WORDS_ONLY:
            function = node["value"]
        for child in children:
            yield from _reads(child, function)


def selector(text: Any) -> Template:
    """Return a template that is an expression where it has no `${`."""
    return Template(text, bare=True)


Scalar = str | int | float | bool
TemplateField = Annotated[Template, PlainValidator(Template, json_schema_input_type=Scalar)]
SelectorField = Annotated[Template, PlainValidator(selector, json_schema_input_type=str)]
