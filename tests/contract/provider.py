"""What the contract suite has to know about a connector's provider.

Each connector says it in `tests/connectors/<connector>/contract.py`, as `PROVIDER`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.server import Sandbox
from scripts.processes import ROOT

NAMES = sorted(path.parent.name for path in ROOT.glob("connectors/*/pyproject.toml"))


def has_contract(name: str) -> bool:
    """Whether somebody has said how the suite reaches a stand-in for the connector's provider."""
    return (ROOT / "tests/connectors" / name.replace("-", "_") / "contract.py").is_file()


CONTRACTED = [name for name in NAMES if has_contract(name)]


@dataclass(frozen=True)
class Provider:
    """A connector's provider, as the sandbox plays it.

    Args:
        settings: the variables that point the connector at the sandbox.
        service: the variables that give it a service credential besides.
        token: a user's token, by the user's name.
        unscoped_token: a token of alice's that lacks the scope to search.
        query: finds documents for alice and for bob, different ones.
        search_path: a glob of the path of every search call.
        prefix: of the connector's variables.
        plays: which of the sandbox's providers it is.
    """

    settings: Callable[[Sandbox], Mapping[str, str]]
    service: Callable[[Sandbox], Mapping[str, str]]
    token: Callable[[Sandbox, str], str]
    unscoped_token: Callable[[Sandbox], str]
    query: str
    search_path: str
    prefix: str
    plays: Literal["gdrive", "slack"]


def provider_of(name: str) -> Provider:
    """Return what a connector's folder below `tests/connectors/` says."""
    package = name.replace("-", "_")
    provider: Provider = importlib.import_module(f"tests.connectors.{package}.contract").PROVIDER
    return provider
