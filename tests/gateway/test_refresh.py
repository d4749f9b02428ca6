"""A token that is over is refreshed once, whoever asks, and whatever happens to its user meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update

from connector_gateway import users
from connector_gateway.database import now
from connector_gateway.models import Connection
from sandbox.server import Sandbox
from tests.conftest import Start
from tests.gateway.conftest import StartGateway
from tests.gateway.journey import (
    SearchedConnector,
    connect,
    connect_directly,
    register_at,
    searched_connector,
)
from tests.gateway.support.scene import auth_status, connected_users, google, register
from tests.support.gateway import RunningGateway
from tests.support.oauth_provider import WAIT_SECONDS, TokenProvider, token_provider

THREADS = 50


@pytest.fixture(scope="module")
def rotating() -> Iterator[Sandbox]:
    with Sandbox(rotation=True) as started:
        yield started


def all_at_once(gateway: RunningGateway, key: str, connector_id: str) -> list[Any]:
    """Search from 50 threads that begin together."""
    barrier = Barrier(THREADS)

    def search(_: int) -> Any:
        barrier.wait(WAIT_SECONDS)
        return gateway.search(key, connector_id)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(search, range(THREADS)))


def refreshes(sandbox: Sandbox) -> int:
    forms = [received.form for received in sandbox.requests]
    return sum(form.get("grant_type") == "refresh_token" for form in forms)


def let_time_pass(gateway: RunningGateway, connector_id: str, seconds_left: float) -> None:
    with gateway.database() as database, database.write() as session:
        session.execute(
            update(Connection)
            .where(Connection.connector_id == connector_id)
            .values(expires_at=now() + seconds_left)
        )


def test_fifty_threads_in_four_processes_refresh_once(
    start_gateway: StartGateway, start_connector: Start, database: str, rotating: Sandbox
) -> None:
    """Round after round, as with rotation on a stale copy would fail the next.

    The provider ends the token before its time; then it is about to end; then it has ended.
    """
    gateway = start_gateway(database, WEB_CONCURRENCY="4")
    drive = start_connector("gdrive", GDRIVE_API_ENDPOINT=rotating.gdrive_api_endpoint)
    one = register(gateway, drive, oauth=google(rotating))
    key = gateway.key("fay")
    connect(gateway, key, one)
    for seconds_left in (None, 30.0, -1.0):
        if seconds_left is None:
            rotating.end_consent("alice", revoke=False)
        else:
            let_time_pass(gateway, one, seconds_left)
        rotating.clear()
        answers = all_at_once(gateway, key, one)
        assert {answer.status_code for answer in answers} == {200}, {a.text for a in answers}
        assert all(answer.json()["documents"] for answer in answers)
        assert refreshes(rotating) == 1
    assert "database is locked" not in gateway.log()


def test_a_crowd_is_served(start_gateway: StartGateway, database: str) -> None:
    """Nobody finds SQLite locked, or PostgreSQL without a free connection."""
    gateway = start_gateway(database, WEB_CONCURRENCY="4")
    key = gateway.key("fay")
    with ThreadPoolExecutor(4 * THREADS) as threads:
        asked = [
            threads.submit(gateway.call, "GET", "/v1/connectors", key) for _ in range(4 * THREADS)
        ]
    assert {one.result().status_code for one in asked} == {200}


@pytest.fixture
def gateway(start_gateway: StartGateway) -> RunningGateway:
    """The one of test_crashes.py."""
    return start_gateway(
        GATEWAY_CONNECT="direct",
        GATEWAY_TOKEN_TIMEOUT_SECONDS="3",
        GATEWAY_REQUESTS_PER_MINUTE="0",
    )


@pytest.fixture
def provider() -> Iterator[TokenProvider]:
    with token_provider() as started:
        yield started


@pytest.fixture
def connector(provider: TokenProvider) -> Iterator[SearchedConnector]:
    with searched_connector(provider) as started:
        yield started


def test_a_wrong_client_secret_is_the_admin_s_to_mend(
    gateway: RunningGateway, provider: TokenProvider, connector: SearchedConnector
) -> None:
    """Nobody's connection ends by it, and the search works once it is mended."""
    one = register_at(gateway, provider, connector)
    key = gateway.key("gil")
    connector.ended.add(connect_directly(gateway, key, one, provider))
    provider.client_secret = "another-secret-canary"
    failed = gateway.search(key, one)
    assert failed.status_code == 502
    assert "client_id and client_secret" in failed.json()["message"]
    assert auth_status(gateway, key, one) == "valid"
    mended = gateway.call(
        "PATCH",
        f"/v1/connectors/{one}",
        gateway.admin,
        json={"oauth": {"client_secret": provider.client_secret}},
    )
    assert mended.status_code == 200
    assert gateway.search(key, one).status_code == 200
    assert "canary" not in failed.text + mended.text + gateway.log()


def test_a_grant_that_is_over_is_that_user_s_alone(
    gateway: RunningGateway, provider: TokenProvider, connector: SearchedConnector
) -> None:
    one = register_at(gateway, provider, connector)
    gil, hal = gateway.key("gil"), gateway.key("hal")
    for key in (gil, hal):
        connector.ended.add(connect_directly(gateway, key, one, provider))
    provider.good.discard("refresh-1")
    for _ in range(2):
        refused = gateway.search(gil, one)
        assert refused.status_code == 403
        assert f"{provider.url}/authorize" in refused.json()["message"]
        assert gateway.search(hal, one).status_code == 200
    assert auth_status(gateway, gil, one) == "expired"
    assert auth_status(gateway, hal, one) == "valid"
    assert len(provider.forms) == 4, "two codes, and each refresh token once"


def _disconnect(gateway: RunningGateway, one: str, _: SearchedConnector) -> None:
    gateway.call("DELETE", f"/v1/connectors/{one}/oauth", gateway.key("_disconnect"))


def _disable(gateway: RunningGateway, _: str, __: SearchedConnector) -> None:
    with gateway.database() as database, database.write() as session:
        users.disable(session, "_disable")


def _delete(gateway: RunningGateway, one: str, _: SearchedConnector) -> None:
    gateway.call("DELETE", f"/v1/connectors/{one}", gateway.admin)


def _move(gateway: RunningGateway, one: str, elsewhere: SearchedConnector) -> None:
    client = {"client_id": "the-client-id", "client_secret": "the-client-secret"}
    body = {"url": f"{elsewhere.url}/search", "oauth": client}
    moved = gateway.call("PATCH", f"/v1/connectors/{one}", gateway.admin, json=body)
    assert moved.status_code == 200, moved.text


@pytest.mark.parametrize(
    ("meanwhile", "statuses"),
    [(_disconnect, {403}), (_disable, {401, 403}), (_delete, {404}), (_move, {403})],
)
def test_what_ends_while_it_is_refreshed_stays_ended(
    gateway: RunningGateway,
    provider: TokenProvider,
    connector: SearchedConnector,
    meanwhile: Callable[[RunningGateway, str, SearchedConnector], None],
    statuses: set[int],
) -> None:
    """What the provider gave meanwhile is used for nothing."""
    with ExitStack() as stack:
        elsewhere = stack.enter_context(searched_connector(provider))
        threads = stack.enter_context(ThreadPoolExecutor(1))
        one = register_at(gateway, provider, connector)
        key = gateway.key(meanwhile.__name__)
        connector.ended.add(connect_directly(gateway, key, one, provider))
        provider.hold("decided")
        searching = threads.submit(gateway.search, key, one)
        assert provider.reached.wait(WAIT_SECONDS)
        meanwhile(gateway, one, elsewhere)
        provider.go_on()
        answer = searching.result(WAIT_SECONDS)
        assert answer.status_code in statuses, answer.text
        assert gateway.search(key, one).status_code in statuses
        assert connected_users(gateway, one) == []
        assert connector.asked == ["", "access-1"]
        assert elsewhere.asked in ([], [""])  # the trial
