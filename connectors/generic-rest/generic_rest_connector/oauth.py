"""The provider's OAuth endpoints: those that the source file states."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from connector_sdk import ConfigurationError, OAuth

from .auth import RelayAuth, kinds
from .loader import environment, find, given, read, url
from .source import OAuthBlock, expressions


def OAUTH(settings: Any) -> OAuth | None:  # noqa: N802 - the name that every connector has
    """Return the endpoints that the source file states, if it states any.

    Raises:
        ConfigurationError: one is no address.
    """
    return _oauth(settings.loaded.source.oauth, settings.loaded.env)


def describe() -> tuple[str, OAuth | None, bool]:
    """Return the source's name, its endpoints, and whether it takes users' tokens.

    It is registered without the variables that only a search needs.

    Raises:
        ConfigurationError: the file is wrong, or a variable is missing that an endpoint needs.
    """
    name = os.environ.get("GENERIC_REST_SOURCE")
    if not name:
        raise ConfigurationError(
            "GENERIC_REST_SOURCE is missing: the path of a source file, or the name of one that "
            "ships (SOURCE=… of make)"
        )
    source = read(find(name))
    needed = {read.key for _, e in expressions(source.oauth) for read in e.reads}
    env = environment({n: v for n, v in source.env.items() if n in needed}, given())
    relays = any(isinstance(kind, RelayAuth) for _, kind in kinds(source.auth))
    return source.name, _oauth(source.oauth, env), relays


def _oauth(block: OAuthBlock | None, env: Mapping[str, Any]) -> OAuth | None:
    if block is None:
        return None
    endpoints = ("authorization_endpoint", "token_endpoint")
    stated = {**dict(block), "scopes": tuple(block.scopes)}
    return OAuth(**stated | {name: url(stated[name], env) for name in endpoints})
