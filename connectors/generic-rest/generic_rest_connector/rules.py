"""What is wrong with a source file whose blocks are each right: what they say of one another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .auth import HeaderAuth, NoAuth, QueryAuth, RelayAuth, kinds
from .expressions import Read, Template
from .languages import PARAMETERS
from .source import Request, Source, expressions, templates
from .yaml_document import Place

_IN_REQUEST = {"query", "env", "options", "limit"}
_BESIDE_HIT = {
    *("_query", "_env", "_options", "_limit", "_before"),
    *("_hit", "_each", "_response", "_base_url"),
}
_OF_THE_ANSWER = {"errors", "refused", "each", "results", "result"}
_OF_THE_HIT = {"keep", "match", "fetch", "document"}
_NOT_IN_HEADERS = {
    *("authorization", "proxy-authorization", "cookie", "host"),
    *("content-length", "transfer-encoding", "connection"),
}

# Where a kind of `auth:` has its secret; `params` after what else may have some.
_SECRET_KEYS = ("token", "headers", "password", "client_secret", "params")

Problems = Iterator[tuple[Place, str]]


def problems(source: Source) -> Problems:
    """Yield what is wrong, with the place where it is."""
    for place, expression in expressions(source):
        for read in sorted(expression.reads):
            yield from ((place, message) for message in _unknown(source, place, read))
    for position, step in enumerate(source.search):
        yield from _query_language(step, ("search", position))
        for name, fetch in step.fetch.items():
            yield from _query_language(fetch, ("search", position, "fetch", name))
    yield from _credentials(source)
    if "limit" in source.options:
        yield ("options", "limit"), "every connector has this option already"
    for name in sorted(source.before.keys() & _IN_REQUEST):
        yield ("before", name), "is what a request sees already; choose another name"


def _unknown(source: Source, place: Place, read: Read) -> Iterator[str]:
    """Say of a name that an expression looks up whether it is there, and may be read."""
    scope = _scope(place)
    if scope == "answer":
        return
    asked = list(source.before)
    known = {"env"}
    if scope == "before":
        known |= set(asked[: asked.index(str(place[1]))])
    elif scope == "request":
        known = {*_IN_REQUEST, *asked}
    elif scope == "hit":
        known = _BESIDE_HIT
        if read.name == "env":
            yield "beside a hit the variables are '_env', as a hit may have an 'env' itself"
    if read.name not in known and (scope != "hit" or read.name.startswith("_")):
        yield f"'{read.name}' is not known here; known: {', '.join(sorted(known))}"
    yield from _undeclared(source, read, may_be_secret=scope == "auth" and place[-1] != "token_url")


def _undeclared(source: Source, read: Read, *, may_be_secret: bool) -> Iterator[str]:
    if read.name in ("options", "_options") and read.key and read.key not in source.options:
        yield f"'{read.key}' is not among the options of this file"
    if read.name not in ("env", "_env") or not read.key:
        return
    if read.key not in source.env:
        yield f"'{read.key}' is not among the variables of `env:`"
    elif source.env[read.key].is_secret and not may_be_secret:
        yield f"'{read.key}' is a secret, which may stand in `auth:` only"


def _scope(place: Place) -> str:
    """Say what an expression sees: `auth`, `env`, `before`, `request`, `answer` or `hit`."""
    if place[0] in ("search", "before"):
        if place[4 if place[2] == "fetch" else 2] in _OF_THE_ANSWER:
            return "answer"
        if place[0] == "before":
            return "before"
        return "hit" if place[2] in _OF_THE_HIT else "request"
    return {"auth": "auth", "headers": "request"}.get(str(place[0]), "env")


def _query_language(request: Request, place: Place) -> Problems:
    """A query is one value of its own, or goes through the function of the language around it."""
    declared = {name.lower(): function for name, function in request.language.items()}
    for where, template in templates(request, place):
        key = where[len(place)]
        if key not in ("params", "json", "form", "graphql"):
            continue
        names = [str(part).lower() for part in where[len(place) + 1 :]]
        known = [{**PARAMETERS, **declared}[n] for n in names if n in PARAMETERS or n in declared]
        for read in {read for expression in template.expressions for read in expression.reads}:
            if read.name in ("query", "_query"):
                message = _bare(template, read, known)
                if message:
                    yield where, message


def _bare(template: Template, read: Read, known: list[Any]) -> str:
    if known and known[-1] is None:
        return "a query must not stand in SQL; give it to a parameter of the statement"
    if known and read.function not in (known[-1], "terms"):
        return f"is in a query language: write {known[-1]}(query), not the query as it was asked"
    if not template.is_alone and not read.function:
        return (
            "the query stands within a longer string, which it could change: write it with the "
            "function of the query language (cql(query), kql(query), plain(query) …)"
        )
    return ""


def _credentials(source: Source) -> Problems:
    secrets = {name for name, variable in source.env.items() if variable.is_secret}
    taken = set(_NOT_IN_HEADERS)
    for place, kind in kinds(source.auth):
        if isinstance(kind, NoAuth | RelayAuth):
            continue
        if not secrets & {r.key for _, e in expressions(kind) for r in e.reads}:
            key = next(key for key in _SECRET_KEYS if key in type(kind).model_fields)
            yield (
                (*place, key),
                "must hold ${env.…} of a variable with `type: secret`; a secret's value belongs "
                "in no file",
            )
        if isinstance(kind, HeaderAuth):
            taken |= {name.lower() for name in kind.headers}
        for position, step in enumerate(source.search if isinstance(kind, QueryAuth) else ()):
            for name in sorted(kind.params.keys() & step.params.keys()):
                yield ("search", position, "params", name), "is what `auth:` sends already"
    for name in source.headers:
        if name.lower() in taken:
            yield (
                ("headers", name),
                "is not for `headers:`; what lets a caller in goes into `auth:`",
            )
