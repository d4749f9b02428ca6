"""What is wrong with a source file whose blocks are each right: what they say of one another."""

from __future__ import annotations

from collections.abc import Iterator

from .auth import BasicAuth, BearerAuth, HeaderAuth, QueryAuth, RelayAuth, static_part
from .source import Source, walk
from .template import Expression
from .yaml_document import Place

_IN_REQUEST = {"query", "env", "options", "limit"}
_BESIDE_HIT = {"_query", "_env", "_options", "_limit", "_hit", "_response", "_base_url"}
_REQUEST_KEYS = {"path", "params", "json", "form", "graphql"}
_NOT_IN_HEADERS = {
    "authorization",
    "proxy-authorization",
    "cookie",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
}


def problems(source: Source) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong, with the place where it is."""
    for place, expression in walk(source):
        for message in _names(source, place, expression):
            yield place, message
    yield from _credentials(source)
    yield from _reserved(source)


def _names(source: Source, place: Place, expression: Expression) -> Iterator[str]:
    scope = _scope(place)
    for root in sorted(expression.roots):
        name = root[0]
        if scope == "answer":
            continue
        if scope == "hit":
            if name.startswith("_") and name not in _BESIDE_HIT:
                yield f"'{name}' is not known; beside a hit are {_list(_BESIDE_HIT)}"
            if name == "env":
                yield "beside a hit the variables are '_env', as a hit may have an 'env' itself"
        else:
            known = _IN_REQUEST if scope == "request" else {"env"}
            if name not in known:
                yield f"'{name}' is not known here; known: {_list(known)}"
        if name in ("env", "_env") and len(root) > 1:
            yield from _variable(source, root[1], in_auth=scope == "auth")
        if name in ("options", "_options") and len(root) > 1 and root[1] not in source.options:
            yield f"'{root[1]}' is not among the options of this file"


def _scope(place: Place) -> str:
    """Say what an expression sees: `auth`, `env` (at start), `request`, `answer` or `hit`."""
    if place[0] == "search":
        key = str(place[2])
        if key in _REQUEST_KEYS:
            return "request"
        return "hit" if key in ("fetch", "document") else "answer"
    return {"auth": "auth", "headers": "request"}.get(str(place[0]), "env")


def _variable(source: Source, name: str, *, in_auth: bool) -> Iterator[str]:
    variable = source.env.get(name)
    if variable is None:
        yield f"'{name}' is not among the variables of `env:`"
    elif variable.is_secret and not in_auth:
        yield f"'{name}' is a secret, which may stand in `auth:` only"


def _credentials(source: Source) -> Iterator[tuple[Place, str]]:
    block = static_part(source.auth)
    if block is None:
        return
    place: Place = ("auth", "fallback") if isinstance(source.auth, RelayAuth) else ("auth",)
    secrets = {name for name, variable in source.env.items() if variable.is_secret}
    used = {root[1] for _, e in walk(block) for root in e.roots if len(root) > 1}
    if not used & secrets:
        key = {BearerAuth: "token", HeaderAuth: "headers", QueryAuth: "params"}.get(type(block), "")
        yield (
            (*place, key) if not isinstance(block, BasicAuth) else (*place, "password"),
            "must hold ${env.…} of a variable with `type: secret`; a secret's value belongs in no "
            "file",
        )
    if isinstance(block, QueryAuth):
        for position, step in enumerate(source.search):
            for name in sorted(block.params.keys() & step.params.keys()):
                yield ("search", position, "params", name), "is what `auth:` sends already"


def _reserved(source: Source) -> Iterator[tuple[Place, str]]:
    block = static_part(source.auth)
    taken = {name.lower() for name in block.headers} if isinstance(block, HeaderAuth) else set()
    for name in source.headers:
        if name.lower() in _NOT_IN_HEADERS | taken:
            yield (
                ("headers", name),
                "is not for `headers:`; what lets a caller in goes into `auth:`",
            )
    if "limit" in source.options:
        yield ("options", "limit"), "every connector has this option already"


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))
