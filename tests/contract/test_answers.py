"""The shape of an answer, over every connector."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from sandbox.faults import Fault
from tests.contract.conftest import KEY, Subject

_FIRST = ["id", "title", "text", "url", "timestamp"]


def _rows(response: requests.Response) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    rows: list[dict[str, str]] = response.json()["results"]
    return rows


def test_results_are_flat_rows_of_strings(subject: Subject) -> None:
    """Non-empty strings, in the contract's order, at most 300 words, ids unique."""
    rows = _rows(subject.relay.search(subject.provider.query, subject.token()))
    assert rows
    for row in rows:
        assert all(isinstance(value, str) and value for value in row.values())
        assert [key for key in row if key in _FIRST] == [key for key in _FIRST if key in row]
        assert len(row.get("text", "").split()) <= 300
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row.get("timestamp", "2026-01-01T00:00:00Z")
        )
        assert urlsplit(row["url"]).scheme == "https"
    assert len({row["id"] for row in rows}) == len(rows)
    assert any(row.get("text") for row in rows)


def test_the_same_query_gives_the_same_ids(subject: Subject) -> None:
    """Ids are stable."""
    first, second = (
        [row["id"] for row in _rows(subject.relay.search(subject.provider.query, subject.token()))]
        for _ in range(2)
    )
    assert first == second


def test_two_users_see_what_each_may_see(subject: Subject) -> None:
    """With the same question, on the same process; each has something that the other has not."""
    query = subject.provider.query
    alice = {row["id"] for row in _rows(subject.relay.search(query, subject.token("alice")))}
    bob = {row["id"] for row in _rows(subject.relay.search(query, subject.token("bob")))}
    assert alice - bob
    assert bob - alice


def test_two_users_behind_a_key_see_what_each_may_see(subject: Subject) -> None:
    """Where a service credential is at hand, it would give both the same."""
    connector = subject.connector(key=True, service=True)
    query = subject.provider.query
    answers = {
        user: {
            row["id"] for row in _rows(connector.search(query, KEY, user_token=subject.token(user)))
        }
        for user in ("alice", "bob")
    }
    service = {row["id"] for row in _rows(connector.search(query, KEY))}
    assert answers["alice"] != answers["bob"]
    assert service not in answers.values()


@pytest.mark.parametrize("limit", [1, 2])
def test_the_limit_is_kept(subject: Subject, limit: int) -> None:
    """Of the request, and it is no omission."""
    response = subject.relay.search(
        subject.provider.query, subject.token(), options={"limit": limit}
    )
    assert len(_rows(response)) == limit


def test_v2_holds_the_same_in_another_shape(subject: Subject) -> None:
    """As chat v2 takes it: an id, and the rest as data."""
    query, token = subject.provider.query, subject.token()
    rows = _rows(subject.relay.search(query, token))
    response = subject.relay.search(query, token, params={"format": "v2"})
    assert response.json()["documents"] == [
        {"id": row["id"], "data": {key: value for key, value in row.items() if key != "id"}}
        for row in rows
    ]


def test_answers_carry_their_headers(subject: Subject) -> None:
    """Connector, request id, no caching, no CORS."""
    response = subject.relay.search(
        subject.provider.query, subject.token(), headers={"X-Request-Id": "my-id.1"}
    )
    assert response.headers["X-Connector-Id"] == subject.name
    assert response.headers["X-Request-Id"] == "my-id.1"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Search-Status"] in ("complete", "partial")
    assert not [name for name in response.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("given", ["", "a b", "x" * 200, 'a"b', "über"])
def test_a_request_id_that_is_none_is_replaced(subject: Subject, given: str) -> None:
    """What is echoed and logged is made of safe characters only."""
    response = requests.get(
        f"{subject.relay.url}/health", headers={"X-Request-Id": given.encode()}, timeout=10
    )
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-Id"])


def test_nothing_found_is_an_empty_list(subject: Subject) -> None:
    """With 200: the search was done."""
    response = subject.relay.search("zzyzzyxnothing", subject.token())
    assert _rows(response) == []
    assert response.headers["X-Search-Status"] == "complete"


def test_warnings_and_status_go_together(subject: Subject) -> None:
    """A partial answer says what is missing; a complete one has no warnings."""
    for user in ("alice", "bob"):
        response = subject.relay.search(subject.provider.query, subject.token(user))
        warnings: list[dict[str, Any]] = response.json().get("warnings", [])
        partial = response.headers["X-Search-Status"] == "partial"
        assert bool(warnings) is partial
        assert all(set(warning) == {"reason", "detail"} for warning in warnings)


def test_a_passing_fault_is_not_seen_by_the_caller(subject: Subject) -> None:
    """One 503 of the provider is tried again within the deadline."""
    subject.sandbox.inject(Fault(path=subject.provider.search_path, status=503, times=1))
    assert _rows(subject.relay.search(subject.provider.query, subject.token()))


def test_the_description_is_valid_and_true(subject: Subject) -> None:
    """The OpenAPI document validates, and so do answers against it."""
    url = subject.relay.url
    description = requests.get(f"{url}/openapi.json", timeout=10).json()
    validate(description)
    operation = description["paths"]["/search"]["post"]
    assert set(operation["responses"]) >= {"200", "400", "401", "403", "413", "415", "429"} | {
        "500",
        "502",
        "503",
        "504",
    }
    good = subject.relay.search(subject.provider.query, subject.token())
    bad = subject.relay.search(subject.provider.query)
    for response in (good, bad):
        content = operation["responses"][str(response.status_code)]["content"]
        schema = content[response.headers["Content-Type"].partition(";")[0]]["schema"]
        Draft202012Validator({**schema, "components": description["components"]}).validate(
            response.json()
        )


def test_the_tool_is_what_models_that_call_tools_take(subject: Subject) -> None:
    """A name, a description, and a JSON Schema that takes a real request."""
    tool = requests.get(f"{subject.relay.url}/tool.json", timeout=10).json()
    assert tool["type"] == "function"
    function = tool["function"]
    assert re.fullmatch(r"[a-z_]+", function["name"])
    validator = Draft202012Validator(function["parameters"])
    validator.validate({"query": "x", "options": {"limit": 3}})
    assert not validator.is_valid({"query": "x", "options": {"limt": 3}})
    assert not validator.is_valid({"options": {}})


def test_the_interactive_docs_come_from_the_package(subject: Subject) -> None:
    """No asset is loaded from another host."""
    url = subject.relay.url
    page = requests.get(f"{url}/ui/", timeout=10).text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert assets
    for asset in assets:
        assert asset.startswith("/ui/"), asset
        assert requests.get(f"{url}{asset}", timeout=10).status_code == 200
    assert "/openapi.json" in page


def test_health_needs_no_credential(subject: Subject) -> None:
    """And calls nobody."""
    connector = subject.connector(key=True, service=True)
    response = requests.get(f"{connector.url}/health", timeout=10)
    assert response.json() == {"status": "ok", "connector": subject.name}
    assert not subject.sandbox.requests
