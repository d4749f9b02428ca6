"""The q language: what it finds, and what it refuses."""

from __future__ import annotations

import pytest
import requests

from sandbox.drive_query import QueryError, parse
from sandbox.server import Sandbox


def ids(sandbox: Sandbox, http: requests.Session, q: str, who: str = "alice") -> set[str]:
    answer = http.get(
        sandbox.gdrive_api_endpoint + "files",
        params={
            "q": q,
            "corpora": "allDrives",
            "includeItemsFromAllDrives": "true",
            "supportsAllDrives": "true",
            "pageSize": "1000",
        },
        headers={"Authorization": f"Bearer {sandbox.gdrive_token(who)}"},
        timeout=5,
    )
    assert answer.status_code == 200, answer.text
    return {file["id"] for file in answer.json()["files"]}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("fullText contains 'premium economy'", {"1ExecutiveTravel"}),
        ("fullText contains 'economy premium'", {"1ExecutiveTravel"}),
        ("fullText contains '\"economy premium\"'", set()),
        ("fullText contains '\"premium economy\"'", {"1ExecutiveTravel"}),
        ("fullText contains 'PREMIUM, economy?'", {"1ExecutiveTravel"}),
        ("fullText contains 'prem'", set()),
        ("fullText contains ''", set()),
        ("fullText contains 'Urlaubstage'", {"1Urlaubsregelung"}),
        ("fullText contains 'télétravail'", {"1Teletravail", "1AliceTodo"}),
        ("fullText contains 'Rückstellung'", {"1Urlaubsrueckstellung"}),
        ("fullText contains 'Süheyla'", {"1Schichtplan"}),
        ("fullText contains 'C14'", {"1BoothPhoto"}),
        ("name contains 'hiring'", {"1HiringPlan"}),
        ("name contains 'hir'", {"1HiringPlan"}),
        ("name contains 'iring'", set()),
        ("name contains 'hiring pl'", {"1HiringPlan"}),
        ("name = 'Hiring plan 2026'", {"1HiringPlan"}),
        ("'1FolderPeople' in parents", {"1HiringPlan", "1ShortcutPeople"}),
        ("'1FolderPeople' in parents and fullText contains 'referral'", set()),
        ("'root' in parents and mimeType = 'text/plain'", {"1AliceTodo"}),
        ("sharedWithMe = true and mimeType contains 'text/'", {"1VendorRisk", "1Schichtplan"}),
        ("'me' in owners and starred = true", {"1AliceTodo"}),
        ("'erik@lindner-optics.example' in owners", {"1Schichtplan", "1LinkInDomain"}),
        ("viewedByMeTime > '2026-07-01T00:00:00'", {"1LinkInDomain"}),
        ("modifiedTime >= '2026-07-21T08:00:00Z'", {"1AliceTodo"}),
        ("modifiedTime > '2026-07-21T10:00:00+02:00'", set()),
        ("trashed = true", {"1TravelPolicy2024"}),
        ("trashed != false", {"1TravelPolicy2024"}),
        ("shortcutDetails.targetId = '1TravelPolicy2026'", {"1ShortcutTravel"}),
        ("name contains 'hiring' and not fullText contains 'referral'", set()),
        ("(name contains 'hiring' or name contains 'todo') and starred = true", {"1AliceTodo"}),
        # `and` and `or` bind alike, from left to right.
        ("name contains 'hiring' or name contains 'todo' and starred = true", {"1AliceTodo"}),
        ("properties has { key='a' and value='b' }", set()),
    ],
)
def test_what_a_query_finds(
    sandbox: Sandbox, http: requests.Session, q: str, found: set[str]
) -> None:
    assert ids(sandbox, http, q) == found


@pytest.mark.parametrize(
    "q",
    [
        "fullText contains 'customer's'",
        "fullText = 'travel'",
        "fullText contains travel",
        'fullText contains "travel"',
        "name starts 'x'",
        "nonsense = 'x'",
        "trashed = 'false'",
        "trashed > false",
        "modifiedTime > 'yesterday'",
        "modifiedTime contains '2026'",
        "'x' in name",
        "parents in 'x'",
        "(name contains 'x'",
        "name contains 'x')",
        "name contains 'x' and",
        "name contains 'x' name contains 'y'",
        "name contains 'x' AND name contains 'y'",
        "name contains 'a\\b'",
        "name contains 'open",
        "not",
        "properties has { key='a' }",
        "(" * 5000,
    ],
)
def test_what_is_refused(sandbox: Sandbox, http: requests.Session, q: str) -> None:
    answer = http.get(
        sandbox.gdrive_api_endpoint + "files",
        params={"q": q},
        headers={"Authorization": f"Bearer {sandbox.gdrive_token('alice')}"},
        timeout=5,
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": 400,
        "message": "Invalid Value",
        "errors": [
            {
                "message": "Invalid Value",
                "domain": "global",
                "reason": "invalid",
                "location": "q",
                "locationType": "parameter",
            }
        ],
    }


def test_escapes_are_taken_off() -> None:
    query = parse(r"fullText contains 'quinn\'s paper\\essay'")
    assert query.terms == (("quinn",), ("s",), ("paper",), ("essay",))
    with pytest.raises(QueryError):
        parse(r"fullText contains 'a\"b'")


def test_only_what_is_wanted_counts_for_the_order() -> None:
    query = parse("fullText contains 'a \"b c\"' and not fullText contains 'd'")
    assert query.terms == (("a",), ("b", "c"))
