"""SIGKILL at a dozen points of a refresh and of a code exchange: what is lost, and for whom."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, get_args

import requests

from tests.gateway.conftest import StartGateway
from tests.gateway.journey import (
    SearchedConnector,
    come_back,
    connect_directly,
    register_at,
    searched_connector,
)
from tests.gateway.support.scene import auth_status
from tests.support.gateway import RunningGateway
from tests.support.oauth_provider import WAIT_SECONDS, Point, TokenProvider, token_provider

# How far the provider is: where it has rotated, it has made the refresh token useless.
BEFORE: tuple[Point, ...] = ("received", "connected")
AFTER: tuple[Point, ...] = ("decided", "head", "body")


@dataclass
class Scene:
    """A gateway of one process, a provider and a connector that takes its tokens."""

    gateway: RunningGateway
    provider: TokenProvider
    connector: SearchedConnector
    id: str
    keys: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def join(self, user: str) -> None:
        self.keys[user] = self.gateway.key(user)
        self.connect(user)

    def connect(self, user: str) -> None:
        self.tokens[user] = connect_directly(self.gateway, self.keys[user], self.id, self.provider)

    def search(self, user: str) -> requests.Response:
        answer: requests.Response = self.gateway.search(self.keys[user], self.id)
        return answer

    def found(self, user: str) -> str:
        """Search, and return the access token that the connector was asked with."""
        answer = self.search(user)
        assert answer.status_code == 200, f"{user}: {answer.text}"
        return str(answer.json()["documents"][0]["text"])

    def end(self, user: str) -> None:
        """Let the provider end a user's access token."""
        self.connector.ended.add(self.tokens[user])

    @contextlib.contextmanager
    def killed(self, call: Callable[[], Any]) -> Iterator[contextlib.ExitStack]:
        """Begin a call, and kill the process that serves it at the end of the block.

        Gives a stack of what must last until it is dead.
        """

        def interrupted() -> None:
            with contextlib.suppress(requests.ConnectionError):
                answer = call()
                raise AssertionError(f"it was answered before the end: {answer.text}")

        with ThreadPoolExecutor(1) as thread:
            calling = thread.submit(interrupted)
            with contextlib.ExitStack() as until_dead:
                yield until_dead
                self.gateway.kill()
            self.provider.hang_up()
            calling.result(WAIT_SECONDS)
        assert self.found("bystander") == self.tokens["bystander"]

    def reach(self, point: Point) -> None:
        assert self.provider.reached.wait(WAIT_SECONDS), point

    def send_whole_answer(self) -> None:
        """Go on from `decided`, until the whole answer is on the wire."""
        self.provider.hold("answered")
        self.provider.go_on()
        self.reach("answered")

    @contextlib.contextmanager
    def written_by_nobody(self) -> Iterator[None]:
        """Hold the database's write lock, so that the gateway waits before it writes."""
        file = self.gateway.folder / "gateway.sqlite3"
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            yield
            database.execute("ROLLBACK")


def test_killed_at_any_point(start_gateway: StartGateway) -> None:
    """Lost is at most the refresh in flight at a provider that had rotated; nobody else notices."""
    gateway = start_gateway(
        GATEWAY_CONNECT="direct",
        GATEWAY_TOKEN_TIMEOUT_SECONDS="3",
        GATEWAY_REQUESTS_PER_MINUTE="0",  # which would be counted in the database
    )
    with token_provider() as provider, searched_connector(provider) as connector:
        scene = Scene(gateway, provider, connector, register_at(gateway, provider, connector))
        lost = [*AFTER, "whole answer"]
        kept = [*BEFORE, "before the lease", "stored"]
        exchanging = ["received code", "redeemed code", "unstored code"]
        for user in ("bystander", *kept, *lost, *exchanging):
            scene.join(user)
        provider.lifetime = 30
        scene.join("early")
        provider.lifetime = 3600
        for user in (*kept, *lost):
            scene.end(user)

        _kill_while_refreshing(scene)
        _kill_while_exchanging(scene)

        with ThreadPoolExecutor(20) as threads:
            answers = dict(
                zip([*kept, *lost], threads.map(scene.search, [*kept, *lost]), strict=True)
            )
        statuses = {user: answer.status_code for user, answer in answers.items()}
        assert statuses == dict.fromkeys(kept, 200) | dict.fromkeys(lost, 403)
        for user in lost:
            assert "connect an account at http" in answers[user].json()["message"]
            assert auth_status(gateway, scene.keys[user], scene.id) == "expired"
            scene.connect(user)
            assert scene.found(user) == scene.tokens[user]
        for user in exchanging:
            assert scene.found(user) == scene.tokens[user]  # those from before
            scene.connect(user)
            assert scene.found(user) == scene.tokens[user]
        # The access token was good for a while: it is used first, and nothing else is left.
        assert scene.found("early") == scene.tokens["early"]
        scene.end("early")
        assert scene.search("early").status_code == 403
        # Each refresh token was sent once, and once more where that was cut off.
        sent = [form["refresh_token"] for form in provider.forms if "refresh_token" in form]
        assert max(sent.count(one) for one in sent) == 2
        assert "database is locked" not in gateway.log()


def _kill_while_refreshing(scene: Scene) -> None:
    for point in get_args(Point)[1:-1]:
        scene.provider.hold(point)
        with scene.killed(partial(scene.search, point)):
            scene.reach(point)
    # The process that served before is gone, so that a connection is made anew.
    scene.provider.hold("connected")
    with scene.killed(lambda: scene.search("connected")):
        scene.reach("connected")
    scene.provider.hold("decided")
    with scene.killed(lambda: scene.search("early")):
        scene.reach("decided")
    with contextlib.ExitStack() as locked:
        locked.enter_context(scene.written_by_nobody())
        scene.connector.heard.clear()
        with scene.killed(lambda: scene.search("before the lease")) as until_dead:
            until_dead.push(locked.pop_all())
            assert scene.connector.heard.wait(WAIT_SECONDS)
    scene.provider.hold("decided")
    with scene.killed(lambda: scene.search("whole answer")) as until_dead:
        scene.reach("decided")
        until_dead.enter_context(scene.written_by_nobody())
        scene.send_whole_answer()
    # It is stored before it is used.
    scene.connector.silent_at = f"access-{len(scene.provider.given) + 1}"
    scene.connector.heard.clear()
    with scene.killed(lambda: scene.search("stored")):
        while scene.connector.silent_at not in scene.connector.asked:
            assert scene.connector.heard.wait(WAIT_SECONDS)
            scene.connector.heard.clear()
    scene.connector.silent_at = None


def _kill_while_exchanging(scene: Scene) -> None:
    def bring(user: str) -> requests.Response:
        code = scene.provider.grant(f"code of {user}")
        return come_back(scene.gateway, scene.keys[user], scene.id, code)

    for user, point in (("received code", "received"), ("redeemed code", "decided")):
        scene.provider.hold(point)  # type: ignore[arg-type]
        with scene.killed(partial(bring, user)):
            scene.reach(point)  # type: ignore[arg-type]
    scene.provider.hold("decided")
    with scene.killed(lambda: bring("unstored code")) as until_dead:
        scene.reach("decided")
        until_dead.enter_context(scene.written_by_nobody())
        scene.send_whole_answer()
