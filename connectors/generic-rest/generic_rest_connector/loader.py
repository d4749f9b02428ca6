"""Reads a source file, checks it, and makes it ready to search with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import yaml
from pydantic import ValidationError

from connector_sdk import ConfigurationError, OAuth
from connector_sdk.http import origin

from .auth import Credentials, RelayAuth, is_open
from .checks import problems
from .environment import read_environment
from .source import Source
from .template import ExpressionFailed, Template, as_text
from .yaml_document import BadKey, Place, YamlDocument

_HERE = Path(__file__).resolve().parent
# Beside the package in a checkout, within it once installed.
SOURCES = next(
    (folder for folder in (_HERE / "sources", _HERE.parent / "sources") if folder.is_dir()),
    _HERE / "sources",
)


@dataclass(frozen=True)
class Loaded:
    """A source with the values of its variables.

    Args:
        source: the file.
        env: its variables but the secret ones.
        base_url: where requests go, without a slash at its end.
        hosts: what else may be called.
        credentials: the operator's own, if there are any.
        secrets: what must appear nowhere.
        oauth: the provider's OAuth endpoints, where the file has them.
    """

    source: Source
    env: Mapping[str, Any]
    base_url: str
    hosts: tuple[str, ...]
    credentials: Credentials | None
    secrets: tuple[str, ...]
    oauth: OAuth | None

    @property
    def relays(self) -> bool:
        """Whether a user's token can be sent."""
        return isinstance(self.source.auth, RelayAuth)

    @property
    def needs_credential(self) -> bool:
        """Whether nothing can be searched without a credential."""
        optional = not self.relays and self.credentials is None
        return not (optional or is_open(self.source.auth))


def find(name: str) -> Path:
    """Return the file that a name or path stands for.

    Raises:
        ConfigurationError: there is none; the message lists those that ship.
    """
    path = Path(name)
    shipped = SOURCES / f"{name}.yaml"
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
    try:
        document = YamlDocument(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}:{line}: not YAML: {error.problem}") from None
    except BadKey as error:
        raise ConfigurationError(f"{path}:{error}") from None
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None
    try:
        source = Source.model_validate(document.data)
    except ValidationError as error:
        found = [_explain(problem) for problem in error.errors(include_url=False)]
    else:
        found = list(problems(source))
        if not found:
            return source
    place, message = min(found, key=lambda one: document.line(one[0]))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    key = document.key(place)
    raise ConfigurationError(f"{path}:{document.line(place)}: {key}: {message}{more}")


def load(name: str, base_url: str | None = None) -> Loaded:
    """Return a source ready to search with.

    Args:
        name: the path of a file, or the name of one that ships.
        base_url: where the API is, instead of what the file says.

    Raises:
        ConfigurationError: the file is wrong, or a variable that it names.
    """
    path = find(name)
    source = read(path)
    try:
        values = read_environment(source.env)
        secret = {n for n, variable in source.env.items() if variable.is_secret}
        public = {n: value for n, value in values.items() if n not in secret}
        credentials = source.auth.credentials(values)
        block = source.oauth
        return Loaded(
            source=source,
            env=public,
            base_url=(base_url or _api_url(source.base_url, public, "base_url")).rstrip("/"),
            hosts=tuple(_api_url(host, public, "hosts") for host in source.hosts),
            credentials=credentials,
            secrets=tuple(_masked(credentials, [values[n] for n in secret if values[n]])),
            oauth=block.oauth(partial(_url, env=public, key="oauth")) if block else None,
        )
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from None


def _api_url(template: Template, env: Mapping[str, Any], key: str) -> str:
    url = _url(template, env, key)
    if urlsplit(url).query or urlsplit(url).fragment:
        raise ConfigurationError(f"{key}: '{template.text}' has a query or a fragment")
    return url


def _url(template: Template, env: Mapping[str, Any], key: str) -> str:
    try:
        url = as_text(template.value({"env": env}))
        origin(url)
    except ExpressionFailed as error:
        raise ConfigurationError(f"{key}: {error}") from None
    except ValueError as error:
        raise ConfigurationError(f"{key}: '{template.text}' {error}") from None
    return url


def _masked(credentials: Credentials | None, secrets: list[str]) -> Iterator[str]:
    """Yield each secret as it is, and as it may travel."""
    for secret in secrets:
        yield from (secret, quote(secret, safe=""), quote_plus(secret))
    if credentials is not None:
        for name, value in credentials.headers.items():
            if name == "Authorization":
                yield value.partition(" ")[2] or value


def _explain(problem: Any) -> tuple[Place, str]:
    place: Place = tuple(part for part in problem["loc"] if part != "[key]")
    if problem["type"] == "unknown_key":
        return (*place, problem["ctx"]["key"]), problem["msg"]
    if problem["type"] == "missing":
        return place, "is missing"
    if problem["type"] == "union_tag_not_found":
        return (*place, "type"), "is missing"
    return place, problem["msg"].removeprefix("Value error, ")
