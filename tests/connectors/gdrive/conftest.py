"""The connector as a process, beside the sandbox."""

from __future__ import annotations

from functools import partial

import pytest

from sandbox.server import Sandbox
from tests.conftest import Start
from tests.connectors.gdrive.contract import NAME, PROVIDER


@pytest.fixture(scope="session")
def connector(sandbox: Sandbox, start_connector: Start) -> Start:
    """Start the connector with further settings."""
    return partial(start_connector, NAME, **PROVIDER.settings(sandbox))
