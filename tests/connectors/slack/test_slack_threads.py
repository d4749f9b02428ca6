"""Replies of threads, conversations and names: what is read besides the hits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from sandbox.tokens import SLACK_GRANULAR
from tests.support.connectors import Connector

Start = Callable[..., Connector]

VPN = "C0ITHELP:1779369600.000109"  # its answer is in a reply
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


def calls(sandbox: Sandbox, method: str) -> list[dict[str, Any]]:
    """Return the arguments of every call of a method."""
    return [r.params for r in sandbox.requests if r.path.endswith(f"/{method}")]


def answer(connector: Connector, token: str, query: str, **body: Any) -> dict[str, Any]:
    response = connector.search(query, token, **body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    found["rows"] = {row["id"]: row for row in found["results"]}
    return found


def finds(sandbox: Sandbox, *texts: str, **more: Any) -> None:
    """Have search.messages find these in one channel, an hour and more apart."""
    matches = [
        {
            "channel": {"id": "C1", "name": "x", "is_private": False},
            "ts": f"17{number:08}.000100",
            "permalink": f"https://x.example/p{number}",
            "text": text,
            **more,
        }
        for number, text in enumerate(texts)
    ]
    body = json.dumps({"ok": True, "messages": {"matches": matches}})
    sandbox.inject(
        Fault(
            path="/slack/api/search.messages",
            status=200,
            body=body,
            content_type="application/json",
        )
    )


@pytest.mark.parametrize("granular", [False, True], ids=["messages", "realtime"])
def test_the_replies_to_a_hit_are_part_of_it(
    connector: Start, sandbox: Sandbox, *, granular: bool
) -> None:
    """With authors and times; the link opens the thread."""
    scopes = (*(SLACK_GRANULAR if granular else ("search:read",)), *HISTORY)
    token = sandbox.issue_token(provider="slack", user="carol", scopes=scopes)
    row = answer(connector(), token, "VPN drops in the train")["rows"][VPN]
    carol, dana = ("Carol Dubois", "Dana Kim") if granular else ("carol", "dana")
    assert f"{carol} (2026-05-21 13:20 UTC): My VPN drops" in row["text"]
    assert f"{dana} (2026-05-21 13:28 UTC): Switch IPv6 off" in row["text"]
    assert row["url"].endswith("/p1779369600000109?thread_ts=1779369600.000109&cid=C0ITHELP")
    assert row["author"].startswith(carol)
    assert row["timestamp"] == "2026-05-21T14:02:00Z"
    assert 0 < len(calls(sandbox, "conversations.replies")) <= 3


def test_a_reply_that_was_found_brings_its_thread(connector: Start, sandbox: Sandbox) -> None:
    """The document is the thread's, whichever of its messages was found."""
    token = sandbox.slack_token("carol")
    row = answer(connector(), token, "IPv6 WireGuard settings")["rows"][VPN]
    assert "My VPN drops every few minutes" in row["text"]
    assert "thread_ts=1779369600.000109" in row["url"]


def test_without_the_scope_nothing_is_asked_for(connector: Start, sandbox: Sandbox) -> None:
    """A token that may only search finds what it finds, without a warning."""
    token = sandbox.issue_token(provider="slack", user="carol", scopes=["search:read"])
    found = answer(connector(), token, "VPN drops in the train")
    assert "Switch IPv6 off" not in found["rows"][VPN]["text"]
    assert "warnings" not in found
    assert {r.path.rpartition("/")[2] for r in sandbox.requests} <= {
        "assistant.search.context",
        "search.messages",
        "search.files",
        "search.all",
    }


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 500}, "provider_error"),
        ({"slack_error": "missing_scope"}, "forbidden"),
        ({"slack_error": "ratelimited"}, "rate_limited"),
        ({"latency": 30.0}, "deadline"),
    ],
    ids=str,
)
def test_replies_that_do_not_come_leave_the_hit(
    connector: Start, sandbox: Sandbox, fault: dict[str, Any], reason: str
) -> None:
    """And the answer says what is missing."""
    sandbox.inject(Fault(path="/slack/api/conversations.replies", **fault))
    slack = connector(SLACK_SEARCH_TIMEOUT_SECONDS="2", SLACK_SEARCH_METHOD="messages")
    found = answer(slack, sandbox.slack_token("carol"), "VPN drops in the train")
    assert "My VPN drops" in found["rows"][VPN]["text"]
    assert reason in [warning["reason"] for warning in found["warnings"]]


def test_a_revoked_token_is_one_wherever_it_is_noticed(connector: Start, sandbox: Sandbox) -> None:
    """So that the caller refreshes it."""
    sandbox.inject(Fault(path="/slack/api/conversations.replies", slack_error="token_revoked"))
    response = connector(SLACK_SEARCH_METHOD="messages").search(
        "VPN drops", sandbox.slack_token("carol")
    )
    assert response.status_code == 401


def test_replies_outside_of_the_time_asked_for_are_left_out(
    connector: Start, sandbox: Sandbox
) -> None:
    """An option holds for all of an answer."""
    body = {"options": {"modified_before": "2026-05-21T14:00:00Z"}}
    token = sandbox.slack_token("carol")
    row = answer(connector(), token, "VPN drops in the train", **body)["rows"][VPN]
    assert "Switch IPv6 off" in row["text"]
    assert "Merci" not in row["text"]


def test_a_name_is_asked_for_once_and_kept_for_that_token_alone(
    connector: Start, sandbox: Sandbox
) -> None:
    """Names that no hit tells; what one caller was told is not given to another."""
    slack = connector(SLACK_SEARCH_METHOD="messages")
    texts = ["<@U0ERIK> and <@U0ERIK> in <#C0FERTIGUNG>"]
    for user, expected in (("alice", 1), ("alice", 0), ("frieda", 1)):
        sandbox.clear()
        finds(sandbox, *texts)
        found = answer(slack, sandbox.slack_token(user), "anything")
        assert found["results"][0]["text"].startswith("@Erik Brandt and @Erik Brandt in #fertigung")
        assert len(calls(sandbox, "users.info")) == expected
        assert len(calls(sandbox, "conversations.info")) == expected


def test_few_names_are_asked_for(connector: Start, sandbox: Sandbox) -> None:
    """However many a message mentions; the rest stay ids. A failure is no matter."""
    finds(sandbox, " ".join(f"<@U{number}ABC>" for number in range(50)))
    slack = connector(SLACK_SEARCH_METHOD="messages")
    found = answer(slack, sandbox.slack_token("alice"), "anything")
    assert "@U7ABC" in found["results"][0]["text"]
    assert len(calls(sandbox, "users.info")) == 4
    assert "warnings" not in found


def test_a_search_is_few_calls(connector: Start, sandbox: Sandbox) -> None:
    """Also where everything is missing: a long question, threads, names, files."""
    finds(sandbox, *(f"<@U{n}ABC> <#C{n}ABC> \U0001f600" for n in range(8)))
    query = 'what did "Optique Rhône" ask about the LX-200 in March 2026 in #platform, and ACME?'
    slack = connector(SLACK_SEARCH_METHOD="messages")
    answer(slack, sandbox.slack_token("alice"), query, options={"limit": 50})
    assert len(sandbox.requests) <= 15
