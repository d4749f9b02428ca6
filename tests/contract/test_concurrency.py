"""Many callers at once on one worker process, over every connector."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.contract.provider import CONTRACTED, provider_of
from tests.support.connectors import running
from tests.support.crowd import write_crowd

USERS = 32


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, list[str]]]:
    folder: Path = tmp_path_factory.mktemp("crowd")
    names = write_crowd(folder, USERS)
    with Sandbox(folder) as sandbox:
        yield sandbox, names


@pytest.mark.parametrize("name", CONTRACTED)
def test_searches_at_once_do_not_mix(name: str, crowd: tuple[Sandbox, list[str]]) -> None:
    """32 users, one process: each gets their own documents and nobody else's, three times over."""
    sandbox, names = crowd
    provider = provider_of(name)
    sandbox.clear()
    # So slow that all of them are under way at the same time.
    sandbox.inject(Fault(latency=0.3))
    with running(name, provider.settings(sandbox)) as connector:

        def search(user: str) -> set[str]:
            response = connector.search("quarterly salary review", provider.token(sandbox, user))
            assert response.status_code == 200, response.text
            return set(re.findall(r"secret(u\d\d)", response.text))

        with ThreadPoolExecutor(USERS) as threads:
            for _ in range(3):
                assert list(threads.map(search, names)) == [{user} for user in names]
        workers = [e for e in connector.log_entries() if "Booting worker" in e["message"]]
        assert len(workers) == 1
