"""What a search of Slack finds, in both ways to search."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.support.connectors import Connector

Start = Callable[..., Connector]

GENERAL = "C0GENERAL:1770114000.000109"  # the travel policy, for everybody
FINANCE = "G0FINANCE:1768492800.000109"  # executive travel, for Alice and Frieda
ON_CALL = "G0ONCALL:1779174000.000109"  # travel on call, for Bob and Dana
BUDGET = "F0BUDGET"  # a PDF in the finance channel
LX_NOTES = "F0LXNOTES"  # a text file in a public channel

both_ways = pytest.mark.parametrize("realtime", [False, True], ids=["messages", "realtime"])


def found(
    connector: Connector, sandbox: Sandbox, query: str, *, realtime: bool, user: str, **body: Any
) -> dict[str, dict[str, str]]:
    """Return the documents that a user finds, by id."""
    token = sandbox.slack_token(user, granular=realtime)
    response = connector.search(query, token, **body)
    assert response.status_code == 200, response.text
    return {row["id"]: row for row in response.json()["results"]}


def called(sandbox: Sandbox) -> list[tuple[str, dict[str, Any]]]:
    """Return the methods that were called, with their arguments."""
    return [(request.path.rpartition("/")[2], request.params) for request in sandbox.requests]


def asked(sandbox: Sandbox) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls that search."""
    return [call for call in called(sandbox) if "search" in call[0]]


def slack_says(sandbox: Sandbox, method: str, answer: dict[str, Any], times: int = 1) -> None:
    """Have a method answer with what the sandbox's data does not hold."""
    fault = Fault(
        path=f"/slack/api/{method}",
        times=times,
        status=200,
        body=json.dumps({"ok": True, **answer}),
        content_type="application/json",
    )
    sandbox.inject(fault)


@both_ways
def test_permissions_are_the_callers(connector: Start, sandbox: Sandbox, *, realtime: bool) -> None:
    """The same question, the same process: messages and files of each user's own channels."""
    query = "travel policy meals budget"
    alice, bob = (
        found(connector(), sandbox, query, realtime=realtime, user=user, options={"limit": 50})
        for user in ("alice", "bob")
    )
    assert GENERAL in alice.keys() & bob.keys()
    assert {FINANCE, BUDGET} <= alice.keys() - bob.keys()
    assert ON_CALL in bob.keys() - alice.keys()


@both_ways
@pytest.mark.parametrize(
    ("query", "user", "expected"),
    [
        ("What is the travel policy for meals?", "bob", GENERAL),
        ("How do I request access to the VPN?", "carol", "C0ITHELP:1773054300.000109"),
        ("Wann ist das Sommerfest?", "erik", "C0GENERAL:1784192400.000109"),
        ("when does payroll close", "alice", "C0GENERAL:1784103000.000109"),
        ("Quand se termine le bail de Lyon ?", "carol", "G0MPIMLEASE:1783933200.000109"),
        ("LX-200 transmission after ultraviolet light", "dana", LX_NOTES),
    ],
)
def test_a_question_finds_what_a_person_would_expect(
    connector: Start, sandbox: Sandbox, query: str, user: str, expected: str, *, realtime: bool
) -> None:
    """Though the messages hold neither all of its words nor its stop words."""
    rows = list(found(connector(), sandbox, query, realtime=realtime, user=user))
    assert expected in rows[:3]


@both_ways
def test_a_message_is_a_document(connector: Start, sandbox: Sandbox, *, realtime: bool) -> None:
    """Readable, with channel, author, time, permalink, and the messages around it."""
    rows = found(connector(), sandbox, "switch to cached prices", realtime=realtime, user="bob")
    row = rows["C0PLATFORM:1781554500.000109"]
    author, mentioned = ("Bob Tanaka", "@Dana Kim") if realtime else ("bob", "@dana")
    assert row["title"] == f"#platform – {author}"
    assert row["container"] == "#platform"
    assert row["author"] == author
    assert row["type"] == "message"
    assert row["timestamp"] == "2026-06-15T20:15:00Z"
    assert row["url"].endswith("/archives/C0PLATFORM/p1781554500000109")
    own, _, around = row["text"].partition("\n\n")
    assert f"cached prices. {mentioned} please check" in own
    assert "on-call-runbook.md (https://drive.google.com/file/d/1OnCallRunbook/view)" in own
    assert "[after]" in around
    assert "Looks good." in around


@both_ways
def test_a_file_is_a_document(connector: Start, sandbox: Sandbox, *, realtime: bool) -> None:
    """With the text that Slack's search gives; nothing is downloaded."""
    rows = found(connector(), sandbox, "budget after six months", realtime=realtime, user="alice")
    row = rows[BUDGET]
    assert row["title"] == "Budget after six months"
    assert row["type"] == "file"
    assert "Personnel 8.74 million EUR" in row["text"]
    assert row["timestamp"] == "2026-06-22T10:10:00Z"
    assert row["author"] == ("Alice Moreau" if realtime else "alice")
    assert all("files-pri" not in request.path for request in sandbox.requests)


def test_a_file_without_text_stays_with_a_warning(connector: Start, sandbox: Sandbox) -> None:
    """Its title and link are there, and what is missing is said."""
    file = {"id": "F1", "title": "Photo", "filetype": "png", "permalink": "https://x.example/F1"}
    slack_says(sandbox, "search.files", {"files": {"matches": [file]}})
    response = connector(SLACK_SEARCH_METHOD="messages").search(
        "photo", sandbox.slack_token("alice")
    )
    assert response.json()["results"][0] == {
        "id": "F1",
        "title": "Photo",
        "url": "https://x.example/F1",
        "type": "file",
    }
    assert response.json()["warnings"][0]["reason"] == "no_text"


@pytest.mark.parametrize(
    "query", ["travel in:#general", "-travel -policy", 'travel "policy', "travel OR policy"]
)
def test_only_bare_words_reach_search_messages(
    connector: Start, sandbox: Sandbox, query: str
) -> None:
    """Whatever the question looks like; nothing in it acts as a modifier or an operator."""
    connector(SLACK_SEARCH_METHOD="messages").search(query, sandbox.slack_token("alice"))
    for _, arguments in asked(sandbox):
        assert set(arguments["query"].replace("*", "").split()) <= {"travel", "general", "policy"}


def test_all_words_are_asked_for_first_and_then_fewer(connector: Start, sandbox: Sandbox) -> None:
    """At most four calls more, of a method with a rate limit of its own: names before words."""
    query = "why did ordering and the R730 fail in Hamburg during maintenance"
    connector(SLACK_SEARCH_METHOD="messages").search(query, sandbox.slack_token("bob"))
    calls = asked(sandbox)
    assert sorted(method for method, _ in calls[:2]) == ["search.files", "search.messages"]
    assert {arguments["query"] for _, arguments in calls[:2]} == {
        "R730 Hamburg ordering fail maintenance"
    }
    assert {method for method, _ in calls[2:]} == {"search.all"}
    assert {arguments["query"] for _, arguments in calls[2:]} == {
        "R730 Hamburg",
        "R730",
        "Hamburg",
        "maintenance*",
    }


@pytest.mark.parametrize(
    ("query", "narrowed", "wider"),
    [
        (
            "what happened with ordering in March 2026?",
            "happened ordering after:2026-02-28 before:2026-04-01",
            "happened ordering",
        ),
        ("VPN in the #it-help channel", "VPN in:#it-help", "VPN"),
        ("runbook from @bob since June 2026", "runbook from:@bob after:2026-05-31", "runbook"),
        ('"cached prices" im Kanal #platform', '"cached prices" in:#platform', '"cached prices"'),
        ("anything new in #fertigung", "new in:#fertigung", "new"),
        ("in #fertigung", "in:#fertigung", "fertigung"),
        ("since July 21 2026", "after:2026-07-20", "July"),
        ("the LX-200 and its yield", '"LX 200" yield', '"LX 200"'),
    ],
)
def test_what_a_question_names_narrows_the_search_and_never_empties_it(
    connector: Start, sandbox: Sandbox, query: str, narrowed: str, wider: str
) -> None:
    """A time, a channel, a person and phrases, in Slack's own language; then without the first."""
    connector(SLACK_SEARCH_METHOD="messages").search(query, sandbox.slack_token("alice"))
    calls = asked(sandbox)
    assert {arguments["query"] for _, arguments in calls[:2]} == {narrowed}
    assert calls[2][0] == "search.all"
    assert wider in [arguments["query"] for _, arguments in calls[2:]]
    assert len(calls) <= 6


def test_enough_hits_are_not_widened(connector: Start, sandbox: Sandbox) -> None:
    """Half of the limit is enough."""
    token = sandbox.slack_token("alice")
    connector(SLACK_SEARCH_METHOD="messages").search("travel policy", token, options={"limit": 2})
    assert [m for m, _ in asked(sandbox) if m == "search.all"] == []


def test_the_question_reaches_the_real_time_search_as_a_question(
    connector: Start, sandbox: Sandbox
) -> None:
    """One call for messages and files, over all that the scopes allow, with what surrounds hits."""
    token = sandbox.slack_token("alice", granular=True)
    connector().search("What's our *travel* policy, in:#general?", token)
    ((method, arguments),) = asked(sandbox)
    assert method == "assistant.search.context"
    assert arguments["query"] == "What's our travel policy, in general?"
    assert arguments["channel_types"] == ["public_channel", "private_channel", "mpim", "im"]
    assert arguments["content_types"] == ["messages", "files"]
    assert arguments["include_context_messages"] is True
    assert arguments["limit"] == 20  # a page, whose ranking is ours


def test_a_question_that_finds_nothing_is_asked_again_by_its_words(
    connector: Start, sandbox: Sandbox
) -> None:
    """Without AI search a sentence is searched for by keyword, which finds nothing."""
    slack_says(sandbox, "assistant.search.context", {"results": {"messages": []}})
    rows = found(connector(), sandbox, "what is the policy?", realtime=True, user="bob")
    assert GENERAL in rows
    assert asked(sandbox)[-1][1]["term_clauses"] == ["policy"]


@pytest.mark.parametrize("options", [{}, {"channel": "general"}], ids=["", "in a channel"])
def test_a_time_narrows_the_real_time_search_and_never_empties_it(
    connector: Start, sandbox: Sandbox, options: dict[str, str]
) -> None:
    """Nothing was said of it that year; it is asked for again at any time."""
    query = "What was the travel policy for meals in 2024?"
    rows = found(connector(), sandbox, query, realtime=True, user="bob", options=options)
    assert GENERAL in rows
    first, again = (arguments for _, arguments in asked(sandbox))
    assert (first["after"], first["before"]) == (1704067199, 1735689600)
    assert not {"after", "before"} & again.keys()


def test_more_than_a_page_is_fetched_where_the_limit_needs_it(
    connector: Start, sandbox: Sandbox
) -> None:
    """The Real-time Search API gives 20 at once."""
    message = {"channel_id": "C1", "channel_name": "x", "content": "travel"}

    def page(start: int, cursor: str) -> dict[str, Any]:
        hits = [{**message, "message_ts": f"17000000{n}.000100"} for n in range(start, start + 20)]
        return {"results": {"messages": hits}, "response_metadata": {"next_cursor": cursor}}

    slack_says(sandbox, "assistant.search.context", page(10, "next"))
    slack_says(sandbox, "assistant.search.context", page(30, "end"))
    rows = found(connector(), sandbox, "travel", realtime=True, user="alice", options={"limit": 30})
    assert len(rows) == 30
    assert [arguments.get("cursor") for _, arguments in asked(sandbox)] == [None, "next"]


@both_ways
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"channel": "general"}, {GENERAL}),
        ({"channel": "#general", "from": "alice"}, {GENERAL}),
        ({"channel": "G0FINANCE", "modified_before": "2026-02-01T00:00:00Z"}, {FINANCE}),
        ({"from": "U0ALICE", "modified_before": "2026-02-03T10:20:01Z"}, {GENERAL, FINANCE}),
        (
            {"from": "me", "modified_after": "2026-02-03T10:20:00Z", "channel": "C0GENERAL"},
            {GENERAL},
        ),
        ({"modified_after": "2026-02-03T11:20:01+01:00", "channel": "general"}, set()),
        ({"modified_before": "2026-02-03T10:20:00Z", "channel": "general"}, set()),
        ({"channel": "nowhere"}, set()),
    ],
    ids=str,
)
def test_options_narrow_the_search(
    connector: Start,
    sandbox: Sandbox,
    options: dict[str, str],
    expected: set[str],
    *,
    realtime: bool,
) -> None:
    """To the second, though Slack's own modifiers know days."""
    rows = found(
        connector(), sandbox, "travel policy", realtime=realtime, user="alice", options=options
    )
    assert {name for name in rows if name in {GENERAL, FINANCE, ON_CALL, BUDGET}} == expected
