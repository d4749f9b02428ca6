from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.generic_rest.connector import Starter
from tests.connectors.generic_rest.provider import Provider, running_provider
from tests.support.datasette import Datasette, running_datasette


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[Provider]:
    """Another host, which nothing may reach."""
    with running_provider() as running:
        yield running
        assert running.received == []


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Starter:
    monkeypatch.chdir(tmp_path)  # no .env of ours
    for name in list(os.environ):
        if name.startswith(("GENERIC_REST_", "CONNECTOR_", "THING_")):
            monkeypatch.delenv(name)
    return Starter(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def datasette(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with running_datasette(tmp_path_factory.mktemp("datasette")) as running:
        yield running
