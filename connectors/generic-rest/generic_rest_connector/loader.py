"""Reads a source file, checks it, and makes it ready to search with."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from dotenv import dotenv_values
from pydantic import TypeAdapter, ValidationError

from connector_sdk import ConfigurationError
from connector_sdk.http import LOOPBACK, origin

from .auth import ClientCredentials, NoAuth, Operators, RelayAuth, kinds
from .expressions import Template, Unfit, as_text
from .rules import problems
from .source import Source, Variable, templates
from .yaml_document import Place, YamlDocument

_HERE = Path(__file__).resolve().parent
# Beside the package in a checkout, within it once installed.
_FOLDERS = (_HERE / "sources", _HERE.parent / "sources")
SOURCES = next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[0])
_TYPES: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": bool, "secret": str}
Given = Mapping[str, str | None]


def find(name: str) -> Path:
    """Return the file that a name or path stands for.

    Raises:
        ConfigurationError: there is none; the message lists those that ship.
    """
    path, shipped = Path(name), SOURCES / f"{name}.yaml"
    if re.fullmatch(r"[a-z0-9-]+", name) and shipped.is_file():
        return shipped
    if path.is_file():
        return path
    names = ", ".join(sorted(file.stem for file in SOURCES.glob("*.yaml")))
    raise ConfigurationError(f"there is no file {path}; the sources that ship are {names}")


def read(path: Path) -> Source:
    """Return a source file, checked but without the values of its variables.

    Raises:
        ConfigurationError: it is wrong; the message has the file, the line, the key, and what was
            expected there.
    """
    document = YamlDocument(path)
    try:
        source = Source.model_validate(document.data)
    except ValidationError as error:
        found = [_explain(problem) for problem in error.errors(include_url=False)]
    else:
        found = list(problems(source))
        if not found:
            return source
    first = min(found, key=lambda one: document.line(one[0]))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    raise ConfigurationError(document.mistake(*first) + more)


def _explain(problem: Any) -> tuple[Place, str]:
    place: Place = tuple(part for part in problem["loc"] if part != "[key]")
    if problem["type"] == "unknown_key":
        return (*place, problem["ctx"]["key"]), problem["msg"]
    if problem["type"] in ("missing", "union_tag_not_found"):
        return (*place, "type") if problem["type"] != "missing" else place, "is missing"
    return place, problem["msg"].removeprefix("Value error, ")


def given() -> Given:
    """Return the variables of the environment and of `.env`."""
    return {**dotenv_values(".env"), **os.environ}


class Loaded:
    """A source with the values of its variables.

    Attributes:
        source: the file.
        env: its variables but the secret ones.
        base_url: where requests go, without a slash at its end.
        urls: what else may be called.
        credentials: the operator's own, if there are any.
        secrets: what must appear nowhere.
        relays: whether a user's token can be sent.
        needs_credential: whether nothing can be searched without a credential.
        may_be_private: whether addresses of private networks may be called.

    Args:
        source: the file.
        base_url: where the API is, instead of what the file says.
        variables: those that are set.

    Raises:
        ConfigurationError: a variable is missing or wrong, or makes no address or credential.
    """

    def __init__(self, source: Source, base_url: str | None, variables: Given) -> None:
        values = environment(source.env, variables)
        self.source = source
        self.env = {n: v for n, v in values.items() if not source.env[n].is_secret}
        api, *self.urls = [url(t, self.env) for t in (source.base_url, *source.hosts)]
        for address in (api, *self.urls):
            if urlsplit(address).query or urlsplit(address).fragment:
                raise ConfigurationError(f"'{address}' has a query or a fragment")
        self.base_url = (base_url or api).rstrip("/")
        self.credentials = _credentials(source, {"env": values})
        sent = self.credentials
        if isinstance(sent, ClientCredentials):
            self.urls.append(url(Template(sent.url), {}))
            sent = sent.client
        plain = [v for n, v in values.items() if source.env[n].is_secret and v]
        plain += (
            [v.partition(" ")[2] for n, v in sent.headers.items() if n == "Authorization"]
            if sent
            else []
        )
        self.secrets = {form for s in plain for form in (s, quote(s, safe=""), quote_plus(s))}
        offered = [type(kind) for _, kind in kinds(source.auth)]
        self.relays = RelayAuth in offered
        self.needs_credential = NoAuth not in offered and (self.relays or sent is not None)
        self.may_be_private = source.allow_private or urlsplit(self.base_url).hostname in LOOPBACK


def load(name: str, base_url: str | None = None, variables: Given | None = None) -> Loaded:
    """Return a source ready to search with.

    Args:
        name: the path of a file, or the name of one that ships.
        base_url: where the API is, instead of what the file says.
        variables: instead of those of the environment and `.env`.

    Raises:
        ConfigurationError: the file is wrong, or a variable that it names.
    """
    path = find(name)
    source = read(path)
    try:
        return Loaded(source, base_url, given() if variables is None else variables)
    except (ConfigurationError, Unfit) as error:
        raise ConfigurationError(f"{path}: {error}") from None


def environment(variables: Mapping[str, Variable], values: Given) -> dict[str, Any]:
    """Return the value of each variable by its name in the source file; an empty one is not set.

    Raises:
        ConfigurationError: one is missing or not of its type; the message names it.
    """
    found, wrong = {}, []
    for name, variable in variables.items():
        value = (values.get(variable.var) or "").strip() or variable.default
        if value is None and variable.is_required:
            wrong.append(f"{variable.var} is missing: {variable.description}".rstrip(": "))
        try:
            kind = TypeAdapter(_TYPES[variable.type])
            found[name] = None if value is None else kind.validate_python(value)
        except ValidationError as error:
            wrong.append(f"{variable.var}: {error.errors(include_input=False)[0]['msg']}")
    if wrong:
        raise ConfigurationError("; ".join(wrong))
    return found


def url(template: Template, env: Mapping[str, Any]) -> str:
    """Return an address with its variables filled in.

    Raises:
        ConfigurationError: it is none that may be called.
    """
    try:
        address = as_text(template.value({"env": env}))
        origin(address)
    except ValueError as error:
        raise ConfigurationError(f"'{template.text}' {error}") from None
    return address


def _credentials(source: Source, scope: Mapping[str, Any]) -> Operators | None:
    """Return those of the first kind whose variables are all set, None where there is none."""
    for _, kind in kinds(source.auth):
        if isinstance(kind, NoAuth):
            return None
        complete = all(template.value(scope) is not None for _, template in templates(kind))
        if complete and not isinstance(kind, RelayAuth):
            found: Operators = kind.credentials(scope)
            return found
    return None
