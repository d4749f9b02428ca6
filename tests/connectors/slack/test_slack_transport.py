"""Slack's own client over the pooled session: what it may no longer do by itself."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import pytest
import slack_sdk.version
from slack_sdk.web import WebClient
from slack_sdk.web.base_client import BaseClient

from sandbox.faults import Fault
from sandbox.server import Sandbox
from slack_connector.settings import Settings
from tests.connectors.slack.contract import NAME
from tests.connectors.slack.test_slack_search import GENERAL, Start
from tests.support.connectors import refused_start
from tests.support.wire import answer, serving

both_ways = pytest.mark.parametrize("realtime", [False, True], ids=["messages", "realtime"])


def test_the_private_method_is_where_it_was() -> None:
    """`transport.py` replaces it: after an upgrade of slack-sdk this says whether it still can."""
    assert slack_sdk.version.__version__ == "3.47.0"
    method = WebClient._perform_urllib_http_request_internal
    assert method is BaseClient._perform_urllib_http_request_internal
    assert list(inspect.signature(method).parameters) == ["self", "url", "req"]
    assert "self._perform_urllib_http_request_internal(url, req)" in inspect.getsource(
        BaseClient._perform_urllib_http_request
    )


@both_ways
def test_a_redirect_carries_nothing_to_another_host(
    connector: Start, sandbox: Sandbox, *, realtime: bool
) -> None:
    """By itself the client would follow it with the token."""
    with serving(lambda connection, *_: connection.sendall(answer())) as elsewhere:
        sandbox.inject(Fault(path="/slack/api/*", redirect=f"{elsewhere.url}/api/"))
        token = sandbox.slack_token("alice", granular=realtime)
        response = connector().search("policy", token)
        assert response.status_code == 502
        assert elsewhere.connections == 0


@both_ways
def test_connections_are_kept_across_requests(
    connector: Start, sandbox: Sandbox, *, realtime: bool
) -> None:
    """By itself the client would open one for each call."""
    token = sandbox.slack_token("alice", granular=realtime)
    for _ in range(10):
        assert connector().search("policy", token).status_code == 200
    calls = sandbox.requests
    assert len(calls) >= 10
    assert len({request.peer for request in calls}) <= 4  # some calls are side by side


def test_the_token_is_in_the_header_alone(connector: Start, sandbox: Sandbox) -> None:
    """Not in the URL, not in the body."""
    token = sandbox.slack_token("alice")
    connector().search("policy", token)
    for request in sandbox.requests:
        assert request.method == "POST"
        assert token not in str(request.query) + request.body.decode()
        assert request.headers["Authorization"] == f"Bearer {token}"


@both_ways
@pytest.mark.parametrize("gzip", [False, True])
def test_a_huge_answer_is_not_read_to_its_end(
    connector: Start, sandbox: Sandbox, *, realtime: bool, gzip: bool
) -> None:
    """Also where it is small on the wire."""
    sandbox.inject(
        Fault(path="/slack/api/*", huge=50_000_000, gzip=gzip, content_type="application/json")
    )
    response = connector().search("policy", sandbox.slack_token("alice", granular=realtime))
    assert response.status_code == 502
    assert "bytes" in response.json()["detail"]


@both_ways
@pytest.mark.parametrize("fault", [{"latency": 30.0}, {"trickle": 0.05}], ids=str)
def test_the_deadline_ends_a_call_whatever_it_is_doing(
    connector: Start, sandbox: Sandbox, fault: Mapping[str, Any], *, realtime: bool
) -> None:
    """Silence or a byte now and then."""
    sandbox.inject(Fault(path="/slack/api/*", **fault))
    slack = connector(SLACK_SEARCH_TIMEOUT_SECONDS="1")
    response = slack.search("policy", sandbox.slack_token("alice", granular=realtime))
    assert response.status_code == 504
    assert response.elapsed.total_seconds() < 1.5


@pytest.mark.parametrize(
    ("slow", "query", "expected"),
    [
        ("search.files", "policy", GENERAL),
        ("search.messages", "budget", "F0BUDGET"),
        ("search.all", "travel policy", GENERAL),
    ],
)
def test_what_has_come_by_the_deadline_is_returned(
    connector: Start, sandbox: Sandbox, slow: str, query: str, expected: str
) -> None:
    """Messages do not wait for files to the end, nor files for messages."""
    sandbox.inject(Fault(path=f"/slack/api/{slow}", latency=30.0))
    slack = connector(SLACK_SEARCH_METHOD="messages", SLACK_SEARCH_TIMEOUT_SECONDS="1")
    response = slack.search(query, sandbox.slack_token("alice"))
    assert response.status_code == 200
    assert expected in {row["id"] for row in response.json()["results"]}
    assert response.json()["warnings"][0]["reason"] == "deadline"
    assert response.elapsed.total_seconds() < 1.5


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"SLACK_BASE_URL": "http://slack.example/api/"}, "SLACK_BASE_URL"),
        ({"SLACK_BASE_URL": "slack.com"}, "SLACK_BASE_URL"),
        ({"SLACK_SEARCH_METHOD": "both"}, "SLACK_SEARCH_METHOD"),
        ({"SLACK_OAUTH_ACCESS_TOKEN": "xoxp-canary-1234"}, "SLACK_CONNECTOR_API_KEY"),
    ],
    ids=str,
)
def test_a_wrong_setting_stops_the_start_by_name(settings: dict[str, str], named: str) -> None:
    """In one line, without the value of a secret."""
    log = refused_start(NAME, settings)
    assert named in log
    assert "canary" not in log
    assert "Traceback" not in log


@pytest.mark.parametrize("path", ["", "/", "/slack/api", "/slack/api/"])
def test_the_base_url_needs_no_certain_ending(sandbox: Sandbox, path: str) -> None:
    """Without a path it is Slack's own."""
    settings = Settings(base_url=f"https://slack.example{path}")
    assert settings.base_url == f"https://slack.example{path.rstrip('/') or '/api'}/"
