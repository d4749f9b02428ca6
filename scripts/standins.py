"""Stand-ins for providers: what plays one, and how a connector is pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Ready = Mapping[str, Any]  # what a stand-in's ready file says

# A key that anybody may know: it guards a connector on loopback, in front of made-up data.
DEMO_KEY = "demo-connector-key-not-for-production-use"

HANDBOOK_QUESTION = "How do I claim travel expenses?"
QUESTION = "What is the travel policy for meals?"


@dataclass(frozen=True)
class StandIn:
    """A stand-in for a provider.

    Args:
        module: started with `python -m`.
        settings: the connector's variables.
        callers: bearer tokens to try, by who they stand for.
        query: a good one to try.
    """

    module: str
    settings: Callable[[Ready], dict[str, str]]
    callers: Callable[[Ready], dict[str, str]]
    query: str = QUESTION


def stand_in_of(name: str) -> StandIn:
    """Return the stand-in of a connector's provider, as its `contract.py` has it."""
    package = name.replace("-", "_")
    stand_in: StandIn = import_module(f"tests.connectors.{package}.contract").STAND_IN
    return stand_in
