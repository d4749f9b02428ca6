"""What becomes of a refresh when others ask, or change the row, while it is under way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete

from connector_gateway import connections
from connector_gateway.database import now
from connector_gateway.errors import GatewayTimeout
from connector_gateway.models import Connection, Connector
from tests.gateway.support.stage import Stage, a_stage
from tests.support.oauth_provider import TokenProvider, token_provider


@pytest.fixture(scope="module")
def stage(database: str) -> Iterator[Stage]:
    with a_stage(database) as started:
        yield started


@pytest.fixture
def provider() -> Iterator[TokenProvider]:
    with token_provider() as started:
        started.grant("refresh-0")
        yield started


@contextmanager
def _held(stage: Stage, provider: TokenProvider, user: str, connector: Connector) -> Iterator[Any]:
    """Give a refresh that is under way, and that the provider has decided."""
    provider.hold("decided")
    with ThreadPoolExecutor(1) as threads:
        under_way: Future[str] = threads.submit(stage.token, user, connector)
        assert provider.reached.wait(20)
        try:
            yield under_way
        finally:
            provider.go_on()


def test_while_another_refreshes_a_good_token_is_used(
    stage: Stage, provider: TokenProvider
) -> None:
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector, ends_in=30)
    with _held(stage, provider, user, connector) as first:
        assert stage.token(user, connector, seconds=0.1) == "access-0"
        provider.go_on()
        assert first.result(20) == "access-1"
    assert len(provider.forms) == 1


def test_while_another_refreshes_the_others_wait(stage: Stage, provider: TokenProvider) -> None:
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector)
    with _held(stage, provider, user, connector) as first:
        with pytest.raises(GatewayTimeout):
            stage.token(user, connector, seconds=0.2)
        with ThreadPoolExecutor(1) as threads:
            second = threads.submit(stage.token, user, connector)
            provider.go_on()
            assert first.result(20) == second.result(20) == "access-1"
    assert len(provider.forms) == 1


def test_a_lease_that_runs_out_is_taken_over(stage: Stage, provider: TokenProvider) -> None:
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector)
    stage.change(user, connector, leased_until=now() + 0.4)  # by a process that is no more
    assert stage.token(user, connector) == "access-1"


def test_whose_lease_ran_out_still_keeps_what_came(stage: Stage, provider: TokenProvider) -> None:
    """The process that took over was told that the refresh token is used up: by the first one."""
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector)
    with _held(stage, provider, user, connector) as first:
        stage.change(user, connector, leased_until=now() - 1)
        with pytest.raises(connections.NotConnected):
            stage.token(user, connector)
        assert stage.status(user, connector) == "expired"
        provider.go_on()
        assert first.result(20) == "access-1"
    assert stage.token(user, connector) == "access-1"
    assert stage.refresh_token(user, connector) == "refresh-1"
    assert stage.status(user, connector) == "valid"


def test_a_row_that_was_replaced_stays(stage: Stage, provider: TokenProvider) -> None:
    """And nothing is revoked: at Google that would end the new consent as well."""
    connector = stage.connector(provider.token_url, revocation_url=f"{provider.url}/revoke")
    user = stage.connect(connector)
    with _held(stage, provider, user, connector) as first:
        stage.connect(connector, "access-new", "refresh-new", ends_in=3600, user=user)
        provider.go_on()
        assert first.result(20) == "access-new"
    assert stage.refresh_token(user, connector) == "refresh-new"
    assert len(provider.forms) == 1


def test_a_row_that_was_deleted_stays_so(stage: Stage, provider: TokenProvider) -> None:
    """What the provider gave meanwhile is revoked, as nobody will use it."""
    connector = stage.connector(provider.token_url, revocation_url=f"{provider.url}/revoke")
    user = stage.connect(connector)
    with _held(stage, provider, user, connector) as first:
        with stage.gateway.database.write() as session:
            session.execute(delete(Connection).where(Connection.user_id == user))
        provider.go_on()
        with pytest.raises(connections.NotConnected):
            first.result(20)
    assert stage.row(user, connector) is None
    refresh, revocation = provider.forms
    assert refresh["grant_type"] == "refresh_token"
    assert revocation["token"] == "refresh-1"


def test_keys_that_rotate_meanwhile(stage: Stage) -> None:
    """A refresh token that nobody renewed is not written back as it was encrypted before."""
    with token_provider(rotates=False) as provider:
        provider.grant("refresh-0")
        connector = stage.connector(provider.token_url)
        user = stage.connect(connector)
        with _held(stage, provider, user, connector) as first:
            row = stage.row(user, connector)
            assert row is not None
            rotated = stage.gateway.vault.rotate(row.sealed_refresh_token or "")
            stage.change(user, connector, sealed_refresh_token=rotated)
            provider.go_on()
            assert first.result(20) == "access-1"
        row = stage.row(user, connector)
        assert row is not None
        assert row.sealed_refresh_token == rotated
