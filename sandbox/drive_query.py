"""The q language of files.list: a parser that turns a query into a test of files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sandbox.drive_fields import OPERATORS, Match, Test, field_test
from sandbox.words import words

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\]|\\.)*')|(?P<op><=|>=|!=|=|<|>)|(?P<mark>[(){}])"
    r"|(?P<word>[A-Za-z][\w.]*))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class QueryError(ValueError):
    """The query is not in the language."""


@dataclass(frozen=True)
class Query:
    """A parsed query."""

    test: Test
    terms: tuple[tuple[str, ...], ...]  # what fullText asks for, one entry a word or phrase
    full_text: bool
    in_parents: bool

    def matches(self, match: Match) -> bool:
        """Say whether a file is meant."""
        # As users report: fullText and `in parents` in one query find nothing.
        return not (self.full_text and self.in_parents) and self.test(match)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._negated = False
        self.terms: list[tuple[str, ...]] = []
        self.full_text = False
        self.in_parents = False

    def parse(self) -> Test:
        test = self._expression()
        if self._at < len(self._tokens):
            raise QueryError(f"unexpected {self._tokens[self._at][1]}")
        return test

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "the end")

    def _next(self, *kinds: str) -> str:
        kind, text = self._peek()
        if kind not in kinds:
            raise QueryError(f"unexpected {text}")
        self._at += 1
        return text

    def _accept(self, text: str) -> bool:
        if self._peek() in {("word", text), ("mark", text)}:
            self._at += 1
            return True
        return False

    def _expression(self) -> Test:
        """Read clauses; `and` and `or` bind alike, from left to right, as Google documents."""
        test = self._clause()
        while True:
            if self._accept("and"):
                test = _both(test, self._clause())
            elif self._accept("or"):
                test = _either(test, self._clause())
            else:
                return test

    def _clause(self) -> Test:
        if self._accept("not"):
            self._negated = not self._negated
            inner = self._clause()
            self._negated = not self._negated
            return lambda match: not inner(match)
        if self._accept("("):
            inner = self._expression()
            if not self._accept(")"):
                raise QueryError("a parenthesis is not closed")
            return inner
        if self._peek()[0] == "string":
            return self._membership()
        return self._comparison()

    def _membership(self) -> Test:
        value = _unquote(self._next("string"))
        if not self._accept("in"):
            raise QueryError("expected in")
        field = self._next("word")
        self.in_parents |= field == "parents"
        return self._field(field, "in", value)

    def _comparison(self) -> Test:
        field = self._next("word")
        relation = self._next("op", "word")
        if relation == "in":
            raise QueryError("the value comes first: 'ID' in parents")
        if relation == "has" and field in {"properties", "appProperties"}:
            return self._has(field)
        kind, text = self._peek()
        value: str | bool
        if kind == "word" and text in {"true", "false"}:
            value = self._next("word") == "true"
        else:
            value = _unquote(self._next("string"))
        if field == "fullText" and relation == "contains" and isinstance(value, str):
            return self._full_text(value)
        return self._field(field, relation, value)

    def _full_text(self, value: str) -> Test:
        self.full_text = True
        # Odd parts stood between double quotes: there the words must be side by side.
        parts = value.split('"')
        wanted: list[tuple[str, ...]] = [(word,) for part in parts[::2] for word in words(part)]
        wanted += [tuple(found) for part in parts[1::2] if (found := words(part))]
        if not self._negated:
            self.terms += wanted
        return lambda match: bool(wanted) and all(map(match.file.index.has_phrase, wanted))

    def _has(self, field: str) -> Test:
        pair: dict[str, str] = {}
        if not self._accept("{"):
            raise QueryError("expected {")
        for key in ("key", "value"):
            if self._next("word") != key or self._next("op") != "=":
                raise QueryError("expected { key='…' and value='…' }")
            pair[key] = _unquote(self._next("string"))
            if not self._accept("and" if key == "key" else "}"):
                raise QueryError("expected { key='…' and value='…' }")
        if field == "appProperties":  # private to the app that wrote them
            return lambda _: False
        return lambda match: match.file.properties.get(pair["key"]) == pair["value"]

    @staticmethod
    def _field(field: str, relation: str, value: str | bool) -> Test:
        if relation not in OPERATORS.get(field, ()):
            raise QueryError(f"{field} does not know {relation}")
        test = field_test(field, relation, value)
        if test is None:
            raise QueryError(f"{value!r} is no value for {field}")
        return test


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise QueryError(f"cannot read {text[at : at + 20]!r}")
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
    return found


def _unquote(string: str) -> str:
    inner = string[1:-1]
    if any(escape not in "'\\" for escape in _ESCAPE.findall(inner)):
        raise QueryError("only \\' and \\\\ are escapes")
    return _ESCAPE.sub(r"\1", inner)


def _both(left: Test, right: Test) -> Test:
    return lambda match: left(match) and right(match)


def _either(left: Test, right: Test) -> Test:
    return lambda match: left(match) or right(match)


@lru_cache(maxsize=512)
def parse(text: str) -> Query:
    """Parse a query; QueryError says what is wrong with it."""
    if not text.strip():
        return Query(lambda _: True, (), full_text=False, in_parents=False)
    parser = _Parser(text)
    try:
        test = parser.parse()
    except RecursionError:
        raise QueryError("the query is too complex") from None
    return Query(
        test,
        tuple(dict.fromkeys(parser.terms)),
        full_text=parser.full_text,
        in_parents=parser.in_parents,
    )
