"""What the tests of the pages share: one gateway, and people who have signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sandbox.server import Sandbox
from tests.conftest import Start
from tests.gateway.conftest import StartGateway
from tests.gateway.support.scene import (
    ALLOWED,
    google,
    link,
    register,
    rows_of,
)
from tests.gateway.support.visitor import Visitor
from tests.support.connectors import Connector
from tests.support.gateway import RunningGateway


@pytest.fixture(scope="session")
def gateway(start_gateway: StartGateway) -> RunningGateway:
    """A gateway on SQLite that may send browsers back to an application."""
    return start_gateway(**ALLOWED)


@pytest.fixture(scope="session")
def drive(start_connector: Start, sandbox: Sandbox) -> Connector:
    return start_connector("gdrive", GDRIVE_API_ENDPOINT=sandbox.gdrive_api_endpoint)


@pytest.fixture
def connector_id(gateway: RunningGateway, drive: Connector, sandbox: Sandbox) -> str:
    """A connector of this test alone, which nobody is connected to."""
    return register(gateway, drive, oauth=google(sandbox))


@pytest.fixture
def visitor(gateway: RunningGateway) -> Visitor:
    return Visitor(gateway)


@pytest.fixture
def alice(gateway: RunningGateway) -> Visitor:
    visitor = Visitor(gateway)
    visitor.sign_in(gateway.key("alice"))
    return visitor


@pytest.fixture
def bob(gateway: RunningGateway) -> Visitor:
    visitor = Visitor(gateway)
    visitor.sign_in(gateway.key("bob"))
    return visitor


@pytest.fixture
def alices_link(gateway: RunningGateway, connector_id: str) -> Callable[..., str]:
    return lambda after=None: link(gateway, gateway.key("alice"), connector_id, after)


@pytest.fixture
def empty(gateway: RunningGateway) -> None:
    """Delete the connectors of the tests before."""
    for (connector_id,) in rows_of(gateway, "SELECT id FROM connectors"):
        gateway.call("DELETE", f"/v1/connectors/{connector_id}", gateway.admin)
