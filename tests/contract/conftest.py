"""Every test here runs over every folder in connectors/, as a process of its own."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from sandbox.received import Received
from sandbox.server import Sandbox
from tests.contract.provider import CONTRACTED, Provider, provider_of
from tests.support.connectors import Connector, running

KEY = "canary-connector-key-0123456789abcdef"
NEXT_KEY = "canary-rotated-key-0123456789abcdefgh"
TIMEOUT = 1.5

# How a connector can be set up, as the rows of the auth table have it.
KEYS = {"CONNECTOR_API_KEY": f"{KEY},{NEXT_KEY}"}
OPEN = {"ALLOW_UNAUTHENTICATED": "true"}


@dataclass
class Subject:
    """The connector under test, in each way that it can be set up."""

    name: str
    provider: Provider
    sandbox: Sandbox
    stack: ExitStack
    _running: dict[str, Connector] = field(default_factory=dict)

    def settings(
        self, *, key: bool = False, service: bool = False, unauthenticated: bool = False
    ) -> dict[str, str]:
        """Return the variables of a set-up."""
        settings = {
            "SEARCH_TIMEOUT_SECONDS": str(TIMEOUT),
            "LOG_LEVEL": "DEBUG",
            **self.provider.settings(self.sandbox),
        }
        if key:
            settings |= KEYS
        if service:
            settings |= self.provider.service(self.sandbox)
        if unauthenticated:
            settings |= OPEN
        return settings

    def connector(self, **setup: bool) -> Connector:
        """Return the connector set up so; it is started once for the whole run."""
        which = ",".join(sorted(name for name, on in setup.items() if on))
        if which not in self._running:
            self._running[which] = self.stack.enter_context(
                running(self.name, self.settings(**setup))
            )
        return self._running[which]

    @property
    def relay(self) -> Connector:
        """The connector with neither key nor service credential."""
        return self.connector()

    @property
    def everything_running(self) -> list[Connector]:
        """Every process that was started."""
        return list(self._running.values())

    def token(self, user: str = "alice") -> str:
        """Return a user's token."""
        return self.provider.token(self.sandbox, user)

    def search_calls(self) -> list[Received]:
        """Return the search calls that reached the provider."""
        return [
            request
            for request in self.sandbox.requests
            if fnmatch.fnmatchcase(request.path, self.provider.search_path)
        ]

    def searched_as(self) -> set[str | None]:
        """Return the tokens with which the provider was searched."""
        return {request.token for request in self.search_calls()}


@pytest.fixture(scope="session", params=CONTRACTED)
def subject(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Subject]:
    with ExitStack() as stack:
        yield Subject(request.param, provider_of(request.param), sandbox, stack)
