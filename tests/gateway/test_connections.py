"""The rules by which a user's tokens are used, refreshed, kept and forgotten, on each database."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from sqlalchemy import select, update

from connector_gateway import connections
from connector_gateway.database import now
from connector_gateway.errors import BadGateway, BadRequest, GatewayTimeout, Unavailable
from connector_gateway.models import AuditEvent, Connector, User
from connector_gateway.tokens import Tokens
from connector_gateway.vault import SecretUnreadable
from tests.gateway.support.stage import Stage, a_stage
from tests.support.oauth_provider import TokenProvider, form_of, token_provider
from tests.support.wire import Behaviour, answer, serving


@pytest.fixture(scope="module")
def stage(database: str) -> Iterator[Stage]:
    with a_stage(database) as started:
        yield started


@pytest.fixture
def provider() -> Iterator[TokenProvider]:
    with token_provider() as started:
        started.grant("refresh-0")
        yield started


def test_a_token_that_is_good_is_used(stage: Stage, provider: TokenProvider) -> None:
    connector = stage.connector(provider.token_url)
    for ends_in in (3600.0, None):
        assert stage.token(stage.connect(connector, ends_in=ends_in), connector) == "access-0"
    assert provider.forms == []


@pytest.mark.parametrize("ends_in", [-100.0, 30.0])
def test_a_token_that_ends_is_refreshed_first(
    stage: Stage, provider: TokenProvider, ends_in: float
) -> None:
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector, ends_in=ends_in)
    assert [stage.token(user, connector) for _ in range(2)] == ["access-1", "access-1"]
    assert stage.refresh_token(user, connector) == "refresh-1"
    stage.change(user, connector, expires_at=now() - 1)
    assert stage.token(user, connector) == "access-2", "the rotated refresh token was kept"
    assert len(provider.forms) == 2
    assert stage.again(connector).token_auth_method == "client_secret_post"


def test_the_refresh_token_stays_where_none_comes(stage: Stage) -> None:
    with token_provider(rotates=False) as provider:
        provider.grant("refresh-0")
        connector = stage.connector(provider.token_url)
        user = stage.connect(connector)
        for expected in ("access-1", "access-2"):
            assert stage.token(user, connector) == expected
            assert stage.refresh_token(user, connector) == "refresh-0"
            stage.change(user, connector, expires_at=now() - 1)


@pytest.mark.parametrize("lifetime", [5, 0.001])
def test_a_short_life_is_no_endless_loop(stage: Stage, lifetime: float) -> None:
    with token_provider(lifetime=lifetime) as provider:
        provider.grant("refresh-0")
        connector = stage.connector(provider.token_url)
        user = stage.connect(connector)
        if lifetime >= 1:
            assert stage.token(user, connector) == "access-1"
            assert len(provider.forms) == 1
            return
        # One that is caught while it is good is as it should be.
        with pytest.raises(GatewayTimeout):
            _for_ever(lambda: stage.token(user, connector, seconds=0.3))


def _for_ever(ask: Callable[[], str]) -> NoReturn:
    while True:
        ask()


def test_a_token_that_the_connector_refuses_is_refreshed(
    stage: Stage, provider: TokenProvider
) -> None:
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector, ends_in=None)
    assert stage.token(user, connector, not_this="access-0") == "access-1"
    assert stage.token(user, connector, not_this="access-0") == "access-1", "by another search"
    assert len(provider.forms) == 1


def test_the_refused_token_comes_again(stage: Stage) -> None:
    def same(connection: Any, _: bytes, __: threading.Event) -> None:
        connection.sendall(answer(json.dumps({"access_token": "access-0"}).encode()))

    with serving(same) as wire:
        connector = stage.connector(wire.url)
        user = stage.connect(connector, ends_in=None)
        assert stage.token(user, connector, not_this="access-0") == "access-0"
    assert len(wire.requests) == 1


def test_a_refused_token_without_a_refresh_token(stage: Stage, provider: TokenProvider) -> None:
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector, refresh_token=None, ends_in=None)
    assert stage.token(user, connector) == "access-0"
    for _ in range(2):
        with pytest.raises(connections.NotConnected):
            stage.token(user, connector, not_this="access-0")
    assert stage.status(user, connector) == "expired"
    assert provider.forms == []


def test_nobody_is_connected_at_first(stage: Stage, provider: TokenProvider) -> None:
    connector, user = stage.connector(provider.token_url), stage.user()
    stage.connect(connector, ends_in=None)  # somebody else
    with pytest.raises(connections.NotConnected):
        stage.token(user, connector)
    assert stage.status(user, connector) is None


def test_a_grant_that_is_over_is_final(stage: Stage, provider: TokenProvider) -> None:
    provider.good.clear()
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector)
    assert stage.status(user, connector) == "valid"
    for _ in range(3):
        with pytest.raises(connections.NotConnected):
            stage.token(user, connector)
    assert len(provider.forms) == 1
    assert stage.status(user, connector) == "expired"
    assert _audited(stage, user)[-1] == "connection.expired"
    stage.connect(connector, "access-new", "refresh-new", ends_in=3600, user=user)
    assert stage.token(user, connector) == "access-new"


def test_a_token_that_is_still_good_outlives_the_grant(
    stage: Stage, provider: TokenProvider
) -> None:
    provider.good.clear()
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector, ends_in=30)
    for _ in range(3):
        assert stage.token(user, connector) == "access-0"
    assert len(provider.forms) == 1
    assert stage.status(user, connector) == "valid"
    stage.change(user, connector, expires_at=now() - 1)
    assert stage.status(user, connector) == "expired"
    with pytest.raises(connections.NotConnected):
        stage.token(user, connector)


def _says(body: Any, status: str) -> Behaviour:
    def behave(connection: Any, _: bytes, __: threading.Event) -> None:
        connection.sendall(answer(json.dumps(body).encode(), status))

    return behave


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        ("401 Unauthorized", "invalid_client", BadGateway),
        ("400 Bad Request", "unauthorized_client", BadGateway),
        ("400 Bad Request", "invalid_scope", BadGateway),
        ("503 Service Unavailable", "", Unavailable),
        ("429 Too Many Requests", "slow_down", Unavailable),
    ],
)
def test_what_is_not_the_user_s_doing_expires_nobody(
    stage: Stage, status: str, error: str, kind: type[Exception]
) -> None:
    with serving(_says({"error": error}, status)) as wire:
        connector = stage.connector(wire.url)
        over, good = stage.connect(connector), stage.connect(connector, ends_in=30)
        with pytest.raises(kind) as caught:
            stage.token(over, connector)
        assert connector.id in str(caught.value)
        assert stage.token(good, connector) == "access-0"
    for user in (over, good):
        row = stage.row(user, connector)
        assert row is not None
        assert (row.refused, row.leased_until) == (False, None)
        assert stage.refresh_token(user, connector) == "refresh-0"
        assert stage.status(user, connector) == "valid"


def test_a_changed_connector_gets_no_tokens_of_the_new_one(
    stage: Stage, provider: TokenProvider
) -> None:
    connector = stage.connector(provider.token_url)
    user = stage.connect(connector)
    with stage.gateway.database.write() as session:
        session.execute(
            update(Connector)
            .where(Connector.id == connector.id)
            .values(token_url="http://127.0.0.1:1/elsewhere", version=2)
        )
    with pytest.raises(Unavailable, match="changed meanwhile"):
        stage.token(user, connector)
    assert provider.forms == []


def test_nothing_is_stored_for_who_is_gone_or_what_has_changed(
    stage: Stage, provider: TokenProvider
) -> None:
    connector, user = stage.connector(provider.token_url), stage.user()
    with stage.gateway.database.write() as session:
        session.execute(update(User).where(User.id == user).values(disabled=True))
        session.execute(update(Connector).where(Connector.id == connector.id).values(version=2))
    for who, what in (
        (user, stage.again(connector)),
        ("user_nobody", stage.again(connector)),
        (stage.user(), connector),
    ):
        with pytest.raises(BadRequest):
            connections.store(stage.gateway, who, what, Tokens("access-1"))
        assert stage.row(who, what) is None


def test_forgetting_revokes(stage: Stage, provider: TokenProvider) -> None:
    connector = stage.connector(provider.token_url, revocation_url=f"{provider.url}/revoke")
    user, short = stage.connect(connector), stage.connect(connector, refresh_token=None)
    for who, token in ((user, "refresh-0"), (short, "access-0"), (user, None)):
        connections.forget(stage.gateway, who, connector)
        assert stage.row(who, connector) is None
        assert token is None or provider.forms[-1]["token"] == token
    assert len(provider.forms) == 2
    assert provider.forms[0]["client_secret"], "the client says who it is (RFC 7009 §2.1)"
    assert _audited(stage, user).count("connection.ended") == 1


def test_forgetting_at_slack(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with serving(_says({"ok": False, "error": "token_expired"}, "200 OK")) as wire:
        connector = stage.connector(wire.url, revocation_url=f"{wire.url}/api/auth.revoke")
        connections.forget(stage.gateway, stage.connect(connector), connector)
    (request,) = wire.requests
    assert b"\r\nAuthorization: Bearer access-0\r\n" in request
    assert form_of(request) == {}
    assert "did not revoke" in caplog.text


@pytest.mark.parametrize("status", ["500 Internal Server Error", "400 Bad Request"])
def test_a_revocation_that_fails_is_logged(
    stage: Stage, status: str, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(_says({"error": "refresh-0"}, status)) as wire:
        connector = stage.connector(wire.url, revocation_url=wire.url)
        user = stage.connect(connector)
        connections.forget(stage.gateway, user, connector)
    assert stage.row(user, connector) is None
    assert "did not revoke" in caplog.text
    assert "refresh-0" not in caplog.text


def test_tokens_of_another_row_do_not_open(stage: Stage, provider: TokenProvider) -> None:
    connector = stage.connector(provider.token_url, revocation_url=f"{provider.url}/revoke")
    alice, bob = stage.connect(connector, ends_in=3600), stage.connect(connector, ends_in=3600)
    theirs = stage.row(alice, connector)
    assert theirs is not None
    stage.change(bob, connector, sealed_access_token=theirs.sealed_access_token)
    with pytest.raises(SecretUnreadable):
        stage.token(bob, connector)
    connections.forget(stage.gateway, bob, connector)  # nevertheless
    assert stage.row(bob, connector) is None


def _audited(stage: Stage, user: str) -> list[str]:
    with stage.gateway.database.read() as session:
        return list(
            session.scalars(
                select(AuditEvent.action).where(AuditEvent.user_id == user).order_by(AuditEvent.id)
            )
        )
