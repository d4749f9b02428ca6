"""The sandbox, one for the whole run, and connectors beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from sandbox.server import Sandbox
from tests.support.connectors import Connector, running

Start = Callable[..., Connector]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


@pytest.fixture(autouse=True)
def _clear(request: pytest.FixtureRequest) -> None:
    """Let no test see the requests and faults of another."""
    if "sandbox" in request.fixturenames:
        request.getfixturevalue("sandbox").clear()


@pytest.fixture(scope="session")
def start_connector() -> Iterator[Start]:
    """Start a connector with these settings; the same settings give the same process."""
    started: dict[str, Connector] = {}
    with ExitStack() as stack:

        def start(name: str, **settings: str) -> Connector:
            which = f"{name} {sorted(settings.items())}"
            if which not in started:
                started[which] = stack.enter_context(running(name, settings))
            return started[which]

        yield start
