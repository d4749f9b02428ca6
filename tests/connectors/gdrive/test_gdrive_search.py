"""What a search of Drive finds, and how it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.faults import Fault
from sandbox.server import Sandbox
from tests.support.connectors import Connector

Start = Callable[..., Connector]


def found(
    connector: Connector, sandbox: Sandbox, query: str, user: str = "alice", **body: Any
) -> dict[str, dict[str, str]]:
    """Return the best passage of each document that a user finds, by the document's id."""
    response = connector.search(query, sandbox.gdrive_token(user), **body)
    assert response.status_code == 200, response.text
    return {row["id"].partition("#")[0]: row for row in reversed(response.json()["results"])}


def queries(sandbox: Sandbox) -> list[str]:
    """Return what files.list was asked, in Drive's own language."""
    return [r.params["q"] for r in sandbox.requests if r.path == "/drive/v3/files"]


@pytest.mark.parametrize(
    ("question", "user", "expected"),
    [
        ("What is the travel policy for meals?", "alice", "1TravelPolicy2026"),
        ("What is the travel policy for meals?", "alice", "1ExecutiveTravel"),
        ("What is the travel policy for meals?", "bob", "1FieldTravel"),
        ("Wie beantrage ich Urlaub?", "erik", "1Urlaubsregelung"),
        ("Quelle est la politique de télétravail à Lyon ?", "carol", "1Teletravail"),
        ("How do I get access to the VPN?", "bob", "1VpnAccess"),
        ("what happened in the March outage of ordering", "bob", "1PostmortemMarch"),
        ("acme's contract", "carol", "1ContractAcme"),
    ],
)
def test_a_question_finds_what_a_person_would_expect(
    connector: Start, sandbox: Sandbox, question: str, user: str, expected: str
) -> None:
    """Stop words go by the question's language; all words are asked for before any of them."""
    assert expected in found(connector(), sandbox, question, user)


def test_permissions_are_the_callers(connector: Start, sandbox: Sandbox) -> None:
    """The same question, the same process: Finance is Alice's, Engineering is Bob's."""
    alice = found(connector(), sandbox, "travel meals", "alice")
    bob = found(connector(), sandbox, "travel meals", "bob")
    assert "1ExecutiveTravel" in alice.keys() - bob.keys()
    assert "1FieldTravel" in bob.keys() - alice.keys()


def test_trashed_files_folders_and_shortcuts_are_no_hits(
    connector: Start, sandbox: Sandbox
) -> None:
    """Drive would find all three."""
    hits = found(connector(), sandbox, "travel policy", options={"limit": 50})
    assert hits.keys().isdisjoint({"1TravelPolicy2024", "1ShortcutTravel", "1FolderPolicies"})


def test_all_words_are_asked_for_and_then_any(connector: Start, sandbox: Sandbox) -> None:
    """The wider query is sent because the narrow one found less than half of the limit."""
    hits = found(connector(), sandbox, "travel zzyzzyx")
    assert "1TravelPolicy2026" in hits
    narrow, wide = queries(sandbox)
    assert narrow.startswith("fullText contains 'travel' and fullText contains 'zzyzzyx' and ")
    assert wide.startswith("(fullText contains 'travel' or fullText contains 'zzyzzyx' or ")
    for query in (narrow, wide):
        assert "trashed = false" in query


@pytest.mark.parametrize(
    ("question", "narrowed", "wider"),
    [
        (
            "the slides about the coating line in March 2026",
            "fullText contains 'coating' and fullText contains 'line' and trashed = false and "
            "mimeType != 'application/vnd.google-apps.folder' and "
            "mimeType != 'application/vnd.google-apps.shortcut' and "
            "modifiedTime >= '2026-03-01T00:00:00' and modifiedTime < '2026-04-01T00:00:00' and "
            "(mimeType = 'application/vnd.google-apps.presentation' or ",
            "fullText contains 'coating' and fullText contains 'line' and trashed = false",
        ),
        (
            "PDFs since May 2026",
            "trashed = false and ",
            "(fullText contains 'May' or fullText contains '2026' or fullText contains 'PDFs' or ",
        ),
        (
            'what is "premium economy" for the LX-200?',
            "fullText contains '\"premium economy\"' and fullText contains '\"LX 200\"' and ",
            "(fullText contains '\"premium economy\"' or ",
        ),
        (
            "where is retry_helper.py",
            "(fullText contains '\"retry helper py\"' or name contains 'retry_helper.py') and ",
            "",
        ),
    ],
)
def test_what_a_question_names_becomes_drives_own_conditions(
    connector: Start, sandbox: Sandbox, question: str, narrowed: str, wider: str
) -> None:
    """A time, kinds of file, phrases and file names: first with them, then without."""
    found(connector(), sandbox, question)
    asked = queries(sandbox)
    assert asked[0].startswith(narrowed)
    assert any(query.startswith(wider) for query in asked[1:])
    assert "modifiedTime" not in asked[-1]
    assert len(asked) <= 5


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("presentations of July 2026", "1AllHandsQ3"),
        ("the slides of the all hands in July 2026", "1AllHandsQ3"),
        ("the travel policy of the year 1999 as slides in 1999", "1TravelPolicy2026"),
        ("retry_helper.py", "1RetryHelper"),
        ("welche Tabelle gibt es zu den Gehältern oder zum salary?", "1SalaryBands"),
    ],
)
def test_a_time_or_kind_finds_what_is_of_it_and_never_nothing(
    connector: Start, sandbox: Sandbox, question: str, expected: str
) -> None:
    """What is not of that time or kind follows."""
    user = "bob" if "retry" in question else "alice"
    assert expected in found(connector(), sandbox, question, user)


def test_an_option_goes_before_what_the_question_names(connector: Start, sandbox: Sandbox) -> None:
    """It holds for every hit."""
    options = {"type": "document", "modified_before": "2026-07-01T00:00:00Z"}
    hits = found(connector(), sandbox, "slides about travel in July", options=options)
    assert hits
    assert {row["type"] for row in hits.values()} == {"document"}
    assert all(row["timestamp"] < "2026-07-01" for row in hits.values())


def test_enough_is_enough(connector: Start, sandbox: Sandbox) -> None:
    """With the limit half full the wider query costs quota for nothing."""
    found(connector(), sandbox, "travel meals", options={"limit": 2})
    assert len(queries(sandbox)) == 1


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("quinn's", "fullText contains 'quinn'"),
        ("a\\b'c", "fullText contains 'b'"),
        ("x') or name contains ('y", "fullText contains 'x'"),
    ],
)
def test_words_reach_drive_as_words(
    connector: Start, sandbox: Sandbox, query: str, sent: str
) -> None:
    """Nothing of a query can close a literal or add a clause."""
    found(connector(), sandbox, query)
    for asked in queries(sandbox):
        literals = asked.split("'")[1::2]
        assert all(literal.isalnum() or "/" in literal for literal in literals), asked
    assert sent in queries(sandbox)[0]


def test_options_become_drives_own_conditions(connector: Start, sandbox: Sandbox) -> None:
    """Each narrows the search at the provider, with its value escaped."""
    options = {
        "modified_after": "2026-01-01T00:00:00+01:00",
        "modified_before": "2026-12-31T00:00:00Z",
        "type": "spreadsheet",
        "owner": "o'brien@example.com",
    }
    found(connector(), sandbox, "travel", options=options)
    query = queries(sandbox)[0]
    assert "modifiedTime > '2025-12-31T23:00:00'" in query
    assert "modifiedTime < '2026-12-31T00:00:00'" in query
    assert "mimeType = 'application/vnd.google-apps.spreadsheet'" in query
    assert "'o\\'brien@example.com' in owners" in query


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"type": "spreadsheet"}, {"1Budget2026"}),
        ({"owner": "bob@lindner-optics.example"}, {"1OkrEngineering"}),
        ({"modified_after": "2026-06-01T00:00:00Z"}, {"1Budget2026"}),
        ({"drive_id": "0ADriveFinance"}, {"1Budget2026", "1ExecutiveTravel"}),
    ],
)
def test_options_narrow_the_result(
    connector: Start, sandbox: Sandbox, options: dict[str, str], expected: set[str]
) -> None:
    """Whatever else was found without them is gone."""
    query = "travel budget OKRs engineering"
    everything = found(connector(), sandbox, query, options={"limit": 50}).keys()
    narrowed = found(connector(), sandbox, query, options={**options, "limit": 50}).keys()
    assert expected <= narrowed < everything


@pytest.mark.parametrize(
    "options",
    [
        {"drive_id": "0ADriveEngineering"},
        {"folder_id": "1FolderPostmortems"},
        {"type": "film"},
        {"modified_after": "yesterday"},
        {"owner": ""},
    ],
)
def test_an_option_that_cannot_be_is_400(
    connector: Start, sandbox: Sandbox, options: dict[str, str]
) -> None:
    """A drive or folder that Alice may not see among them; the option is named."""
    response = connector().search("travel", sandbox.gdrive_token("alice"), options=options)
    assert response.status_code == 400
    assert next(iter(options)) in response.json()["detail"]


def test_a_document_has_its_fields(connector: Start, sandbox: Sandbox) -> None:
    """Title, text, url, time, author and type."""
    row = found(connector(), sandbox, "OKRs Engineering second half", "alice")["1OkrEngineering"]
    assert row["title"] == "OKRs Engineering, second half of 2026"
    assert row["url"].startswith("https://docs.google.com/document/d/1OkrEngineering")
    assert row["timestamp"] == "2026-07-03T08:00:00Z"
    assert row["author"] == "Bob Tanaka"
    assert row["type"] == "document"
    assert not row["text"].startswith("\ufeff")
    assert "\r" not in row["text"]


def test_a_search_that_drive_could_not_finish_is_partial(
    connector: Start, sandbox: Sandbox
) -> None:
    """IncompleteSearch is passed on."""
    response = connector().search("travel", sandbox.gdrive_token("dana"))
    assert response.headers["X-Search-Status"] == "partial"
    assert "incomplete_search" in [w["reason"] for w in response.json()["warnings"]]


def test_connections_are_kept(connector: Start, sandbox: Sandbox) -> None:
    """Ten searches with their exports, one after the other, need few connections."""
    for _ in range(10):
        found(connector(), sandbox, "travel meals")
    calls = [r for r in sandbox.requests if r.path.startswith("/drive/")]
    assert len(calls) > 40
    assert len({call.peer for call in calls}) <= 12


def test_a_long_query_is_still_found(connector: Start, sandbox: Sandbox) -> None:
    """Above 2,048 characters of URI the client sends the query as a form."""
    words = " ".join(f"{'wort' * 20}{n}" for n in range(20))
    assert "1TravelPolicy2026" in found(connector(), sandbox, f"travel {words}")
    assert {r.method for r in sandbox.requests if r.path == "/drive/v3/files"} == {"POST"}


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (403, "userRateLimitExceeded", 429),
        (403, "rateLimitExceeded", 429),
        (403, "dailyLimitExceeded", 429),
        (403, "insufficientPermissions", 403),
        (403, "domainPolicy", 403),
        (403, "accessNotConfigured", 502),
        (401, "authError", 401),
        (400, "badRequest", 502),
        (500, "backendError", 502),
        (503, "backendError", 503),
    ],
)
def test_drives_reasons_become_answers(
    connector: Start, sandbox: Sandbox, status: int, reason: str, expected: int
) -> None:
    """Not every 403 is one; each of them after the tries that make sense."""
    sandbox.inject(Fault(path="/drive/v3/files", status=status, reason=reason))
    response = connector().search("travel", sandbox.gdrive_token("alice"))
    assert response.status_code == expected, response.text
    retried = reason in ("userRateLimitExceeded", "rateLimitExceeded") or status == 503
    assert len(queries(sandbox)) == (3 if retried else 1)


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        '"x"',
        '{"files": null}',
        '{"files": {}}',
        '{"files": [1]}',
        '{"files": [{"id": 1, "mimeType": "x"}]}',
        '{"files": [{"name": "x"}]}',
        "\xff",
    ],
)
def test_an_answer_that_is_not_drives_is_502(connector: Start, sandbox: Sandbox, body: str) -> None:
    """Never an empty list."""
    sandbox.inject(Fault(path="/drive/v3/files", status=200, body=body))
    response = connector().search("travel", sandbox.gdrive_token("alice"))
    assert response.status_code == 502, response.text
