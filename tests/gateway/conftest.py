"""Gateways on each database, and connectors and the sandbox beside them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.gateway import RunningGateway, running_gateway

StartGateway = Callable[..., RunningGateway]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql" and not os.environ.get("TEST_DATABASE_URL"):
        if os.environ.get("REQUIRE_POSTGRESQL"):
            pytest.fail("REQUIRE_POSTGRESQL is set, and TEST_DATABASE_URL is not")
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL server; CI starts one")
    return str(request.param)


@pytest.fixture(scope="session")
def start_gateway() -> Iterator[StartGateway]:
    """Start a gateway with these settings; the same settings give the same one."""
    started: dict[str, RunningGateway] = {}
    with ExitStack() as stack:

        def start(database: str = "sqlite", **settings: str) -> RunningGateway:
            which = f"{database} {sorted(settings.items())}"
            if which not in started:
                started[which] = stack.enter_context(running_gateway(database, **settings))
            return started[which]

        yield start
        for one in started.values():  # so that each stops while the others do
            one.http.close()
            one.process.terminate()


@pytest.fixture(scope="session")
def gateway(start_gateway: StartGateway) -> RunningGateway:
    """A gateway on SQLite with nothing special."""
    return start_gateway()
