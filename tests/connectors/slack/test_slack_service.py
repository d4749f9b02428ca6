"""The service credential finds what is public, and is not touched for a user."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.connectors.slack.test_slack_search import (
    GENERAL,
    LX_NOTES,
    ON_CALL,
    Start,
    asked,
    slack_says,
)
from tests.support.connectors import Connector

KEY = "a-connector-key-of-more-than-32-characters"
QUERY = "travel policy meals"
MODES = {"messages": "messages", "realtime": "realtime", "auto": "auto"}
PUBLIC = ["search:read.public", "search:read.files"]


@pytest.fixture(scope="session")
def public_token(sandbox: Sandbox) -> str:
    """A token of Dana's that is good for public channels alone."""
    return sandbox.issue_token(provider="slack", user="dana", scopes=PUBLIC)


def _service(connector: Start, token: str, **settings: str) -> Connector:
    return connector(SLACK_OAUTH_ACCESS_TOKEN=token, CONNECTOR_API_KEY=KEY, **settings)


def _ids(connector: Connector, query: str = QUERY) -> set[str]:
    response = connector.search(query, KEY, options={"limit": 50})
    assert response.status_code == 200, response.text
    return {row["id"] for row in response.json()["results"]}


@pytest.mark.parametrize("method", MODES)
def test_it_finds_public_channels_only(connector: Start, sandbox: Sandbox, method: str) -> None:
    """Its owner, Dana, is in the on-call channel, and has direct messages."""
    service = _service(connector, sandbox.slack_service_token, SLACK_SEARCH_METHOD=method)
    ids = _ids(service) | _ids(service, "VPN runbook gateway")
    assert GENERAL in ids
    assert {name[:1] for name in ids} <= {"C", "F"}


@pytest.mark.parametrize("method", ["messages", "realtime"])
def test_private_channels_are_found_where_the_operator_says_so(
    connector: Start, sandbox: Sandbox, method: str
) -> None:
    """SLACK_SERVICE_PRIVATE=true."""
    service = _service(
        connector,
        sandbox.slack_service_token,
        SLACK_SEARCH_METHOD=method,
        SLACK_SERVICE_PRIVATE="true",
    )
    assert {GENERAL, ON_CALL} <= _ids(service)


def test_a_users_token_searches_as_the_user(connector: Start, sandbox: Sandbox) -> None:
    """Private channels included, and the service token is not sent at all."""
    service = _service(connector, sandbox.slack_service_token, SLACK_SEARCH_METHOD="messages")
    token = sandbox.slack_token("bob")
    response = service.search(QUERY, KEY, user_token=token)
    assert ON_CALL in {row["id"] for row in response.json()["results"]}
    assert {request.token for request in sandbox.requests} == {token}


def test_a_token_good_for_public_channels_alone_finds_files_too(
    connector: Start, sandbox: Sandbox, public_token: str
) -> None:
    """By the Real-time Search API, which does not say where a file was shared; its scopes do."""
    service = _service(connector, public_token)
    response = service.search("LX-200 revision D transmission", KEY)
    assert LX_NOTES in {row["id"] for row in response.json()["results"]}
    assert response.headers["X-Search-Status"] == "complete"
    assert asked(sandbox)[0][1]["channel_types"] == ["public_channel"]


def test_files_that_may_be_private_are_left_out_with_a_warning(
    connector: Start, sandbox: Sandbox
) -> None:
    """Where the token could reach them, and no hit tells."""
    service = _service(connector, sandbox.slack_service_token, SLACK_SEARCH_METHOD="realtime")
    response = service.search("LX-200 revision D transmission", KEY)
    assert LX_NOTES not in {row["id"] for row in response.json()["results"]}
    assert response.json()["warnings"][0]["reason"] == "files_not_verified"


CHANNELS: dict[str, tuple[dict[str, Any], bool]] = {
    "public": ({"id": "C1", "is_private": False, "is_mpim": False}, True),
    "private": ({"id": "C1", "is_private": True}, False),
    "not said": ({"id": "C1"}, False),
    "not a boolean": ({"id": "C1", "is_private": 0}, False),
    "direct": ({"id": "D1", "is_private": False}, False),
    "direct by its flag": ({"id": "C1", "is_private": False, "is_im": True}, False),
    "group": ({"id": "C1", "is_private": False, "is_mpim": True}, False),
    "private by its id": ({"id": "G1", "is_private": False}, False),
    "no id": ({"is_private": False}, False),
}
FILES: dict[str, tuple[dict[str, Any], bool]] = {
    "public": ({"is_public": True, "channels": ["C1"]}, True),
    "private": ({"is_public": False, "channels": [], "groups": ["G1"]}, False),
    "not said": ({}, False),
    "in no channel": ({"is_public": True, "channels": []}, False),
    "channels alone": ({"channels": ["C1"]}, False),
}


@pytest.mark.parametrize(("channel", "shown"), CHANNELS.values(), ids=CHANNELS.keys())
def test_what_is_unknown_about_a_channel_counts_as_private(
    connector: Start, sandbox: Sandbox, channel: dict[str, Any], *, shown: bool
) -> None:
    """A message is returned only where everything says that its channel is public."""
    service = _service(connector, sandbox.slack_service_token, SLACK_SEARCH_METHOD="messages")
    match = {"channel": channel, "ts": "1700000000.000100", "text": "zebra"}
    slack_says(sandbox, "search.messages", {"messages": {"matches": [match]}})
    assert bool(_ids(service, "zebra")) is shown


@pytest.mark.parametrize(("file", "shown"), FILES.values(), ids=FILES.keys())
def test_what_is_unknown_about_a_file_counts_as_private(
    connector: Start, sandbox: Sandbox, file: dict[str, Any], *, shown: bool
) -> None:
    """A file is returned only where it was shared in a public channel."""
    service = _service(connector, sandbox.slack_service_token, SLACK_SEARCH_METHOD="messages")
    match = {"id": "F1", "title": "zebra", "preview": "stripes", **file}
    slack_says(sandbox, "search.files", {"files": {"matches": [match]}})
    assert bool(_ids(service, "zebra")) is shown


def test_the_next_page_is_fetched_where_private_hits_fill_the_first(
    connector: Start, sandbox: Sandbox
) -> None:
    """Three pages at the most, and then the cut is said."""
    service = _service(connector, sandbox.slack_service_token, SLACK_SEARCH_METHOD="messages")
    private = {"channel": {"id": "G1", "is_private": True}, "ts": "1700000000.000100"}
    page = {"messages": {"matches": [private], "paging": {"pages": 9}}}
    slack_says(sandbox, "search.messages", page, times=3)
    response = service.search("zebra", KEY)
    pages = [arguments["page"] for method, arguments in asked(sandbox) if "messages" in method]
    assert pages == ["1", "2", "3"]
    assert response.json()["warnings"][0]["reason"] == "too_many_hits"
