"""The Slack connector as a process, beside a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from sandbox.server import Sandbox
from tests.support.connectors import Connector, running


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


@pytest.fixture(autouse=True)
def _clear(sandbox: Sandbox) -> None:
    sandbox.clear()


@pytest.fixture(scope="session")
def connector(sandbox: Sandbox) -> Iterator[Callable[..., Connector]]:
    """Start the connector with these settings; the same settings give the same process."""
    started: dict[str, Connector] = {}
    with ExitStack() as stack:

        def start(**settings: str) -> Connector:
            which = str(sorted(settings.items()))
            if which not in started:
                point = {"SLACK_BASE_URL": sandbox.slack_base_url}
                started[which] = stack.enter_context(running("slack", {**point, **settings}))
            return started[which]

        yield start
