from __future__ import annotations

import json
from typing import Any

import pytest

from tests.connectors.generic_rest.connector import KEY, USER, Starter
from tests.connectors.generic_rest.provider import Answer, Provider

OPEN = """
version: 1
name: thing
base_url: https://api.example.com
auth: {type: none}
"""
RELAY = OPEN.replace("none", "relay")
STEP = """
search:
  - path: /search
    params: {q: "${query}"}
    results: items
    document: {id: id, title: title, text: text}
"""


def test_a_hit_becomes_a_row_of_strings(starter: Starter, provider: Provider) -> None:
    hit = {
        "id": 7,
        "name": "Meals",
        "body": "<p>Up to <b>45</b> EUR</p>",
        "changed": 1767258000000,
        "tags": ["a", "b"],
        "flag": False,
        "size": 1.5,
        "gone": None,
        "deep": {"x": [1, {"y": "é"}]},
        "by": {"first": "Dana", "last": "Kim"},
    }
    provider.answers["/search"] = Answer({"data": {"hits": [hit]}, "site": "Wiki"})
    thing = starter.start(
        OPEN
        + """
env: {team: {var: THING_TEAM, default: blue}}
options: {space: {}}
search:
  - path: /search
    results: data.hits
    rest: scalars
    document:
      id: id
      title: name
      text: html(body)
      url: ${_base_url}/pages/${id}
      timestamp: iso(changed)
      author: ${by.first} ${by.last}
      type: "'page'"
      container: _response.site
      tags: tags
      deep: deep
      half: ${gone} and more
      asked: "${_query} ${_limit} ${_env.team} ${_options.space || 'anywhere'}"
      all: _hit.name
""",
        provider.url,
    )
    assert thing.results("travel") == [
        {
            "id": "7",
            "title": "Meals",
            "text": "Up to 45 EUR",
            "url": f"{provider.url}/pages/7",
            "timestamp": "2026-01-01T09:00:00Z",
            "author": "Dana Kim",
            "type": "page",
            "container": "Wiki",
            "body": "<p>Up to <b>45</b> EUR</p>",
            "changed": "1767258000000",
            "flag": "false",
            "size": "1.5",
            "tags": "a, b",
            "deep": '{"x": [1, {"y": "é"}]}',
            "asked": "travel 10 blue anywhere",
            "all": "Meals",
        }
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "has nothing at `results: items`"),
        ({"items": None}, "has nothing at `results: items`"),
        ([], "has nothing at `results: items`"),
        ("text", "has nothing at `results: items`"),
        ({"items": {"id": 1}}, "has no list at `results: items`"),
        (b"<html>oops canary</html>", "where JSON was expected"),
        (b'{"items": [', "where JSON was expected"),
        (b"[" * 200_000, "where JSON was expected"),
    ],
)
def test_an_answer_of_another_shape_is_502(
    starter: Starter, provider: Provider, body: Any, says: str
) -> None:
    provider.answers["/search"] = Answer(body)
    answer = starter.start(OPEN + STEP, provider.url).search()
    assert answer.status_code == 502
    assert says in answer.get_json()["detail"]
    assert "canary" not in answer.text


def test_an_empty_list_is_an_empty_answer(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = Answer({"items": []})
    assert starter.start(OPEN + STEP, provider.url).results() == []


def test_nested_lists_of_hits_are_flattened(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = Answer(
        {"value": [{"hits": [{"id": 1}]}, {"none": True}, {"hits": [{"id": 2}, {"id": 3}]}]}
    )
    thing = starter.start(
        OPEN + STEP.replace("results: items", "results: value[].hits[]"), provider.url
    )
    assert [row["id"] for row in thing.results()] == ["1", "2", "3"]


def test_hits_need_not_be_objects(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = Answer({"items": [["a", "Title"], "plain", 5, None]})
    thing = starter.start(
        OPEN + "search: [{path: /search, results: items, document: {id: '_hit[0] || _hit'}}]",
        provider.url,
    )
    answer = thing.search()
    assert [row["id"] for row in answer.get_json()["results"]] == ["a", "plain", "5"]
    assert answer.headers["X-Search-Status"] == "partial"
    assert answer.get_json()["warnings"][0]["reason"] == "no_id"


def test_more_hits_than_asked_for_are_cut(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = Answer({"items": [{"id": n} for n in range(500)]})
    thing = starter.start(OPEN + "limits: {hits: 20}" + STEP, provider.url)
    assert len(thing.results()) == 10
    assert len(thing.results(options={"limit": 3})) == 3
    assert len(thing.results(options={"limit": 50})) == 20


def test_errors_in_a_200_are_502_and_not_repeated(starter: Starter, provider: Provider) -> None:
    errors = [{"message": "canary: field 'x' does not exist"}]
    provider.answers["/search"] = Answer({"errors": errors, "items": []})
    thing = starter.start(
        OPEN + STEP.replace("results:", "errors: errors[].message\n    results:"), provider.url
    )
    answer = thing.search()
    assert answer.status_code == 502
    assert "errors[].message" in answer.get_json()["detail"]
    assert "canary" not in answer.text
    provider.answers["/search"] = Answer({"errors": [], "items": []})
    assert thing.results() == []


def test_what_a_hit_holds_is_never_rendered(starter: Starter, provider: Provider) -> None:
    hostile = "${env.key} ${_env.key} ${query} {{7*7}} $(id)"
    provider.answers["/search"] = Answer({"items": [{"id": hostile, "title": hostile}]})
    provider.answers["/pages/x"] = Answer({"text": hostile})
    thing = starter.start(
        RELAY.replace("relay", "relay, fallback: {type: bearer, token: '${env.key}'}")
        + """
env: {key: {var: THING_KEY, type: secret}}
search:
  - path: /search
    results: items
    fetch: {page: {path: /pages/x, params: {t: "${title}"}}}
    document: {id: id, title: "T ${title}", text: page.text, all: "to_string(_env)"}
""",
        provider.url,
        THING_KEY="operators-secret-canary-7a2f",
        CONNECTOR_API_KEY=KEY,
    )
    rows = thing.results("travel", token=KEY)
    assert rows == [
        {"id": hostile, "title": f"T {hostile}", "text": hostile, "all": "{}"},
    ]
    assert provider.received[1].params == [("t", hostile)]


def test_an_expression_that_does_not_fit_costs_its_field_alone(
    starter: Starter, provider: Provider
) -> None:
    items = [{"id": 1, "tags": None, "n": "canary"}, {"id": 2, "tags": ["x"], "n": 4}]
    provider.answers["/search"] = Answer({"items": items})
    thing = starter.start(
        OPEN
        + """
search:
  - path: /search
    results: items
    document: {id: id, tags: "join(', ', tags)", n: abs(n)}
""",
        provider.url,
    )
    answer = thing.search()
    assert answer.get_json()["results"] == [{"id": "1"}, {"id": "2", "tags": "x", "n": "4"}]
    details = [warning["detail"] for warning in answer.get_json()["warnings"]]
    assert len(details) == 2
    assert "document.tags" in details[0]
    assert "canary" not in answer.text


@pytest.mark.parametrize("bad", ["soon", "", {"a": 1}, [1], True, 1e300, -5])
def test_a_timestamp_that_is_none_is_left_out(
    starter: Starter, provider: Provider, bad: Any
) -> None:
    provider.answers["/search"] = Answer({"items": [{"id": 1, "t": bad}]})
    thing = starter.start(
        OPEN + "search: [{path: /search, results: items, document: {id: id, timestamp: t}}]",
        provider.url,
    )
    (row,) = thing.results()
    assert row.keys() <= {"id", "timestamp"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, 502), (401, 401), (403, 403), (404, 502), (410, 502), (429, 429), (500, 502)],
)
def test_statuses_are_read_as_usual(
    starter: Starter, provider: Provider, status: int, expected: int
) -> None:
    provider.answers["/search"] = Answer({"message": "canary"}, status, {"Retry-After": "60"})
    answer = starter.start(RELAY + STEP, provider.url).search(token=USER)
    assert answer.status_code == expected
    assert "canary" not in answer.text


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "auth",
    [
        'header, headers: {X-Api-Key: "${env.key}"}',
        'bearer, token: "${env.key}"',
        'query, params: {key: "${env.key}"}',
    ],
)
def test_no_redirect_is_followed(
    starter: Starter, provider: Provider, elsewhere: Provider, status: int, auth: str
) -> None:
    provider.answers["/search"] = Answer({}, status, {"Location": f"{elsewhere.url}/search"})
    thing = starter.start(
        OPEN.replace("none", auth) + "env: {key: {var: THING_KEY, type: secret}}" + STEP,
        provider.url,
        THING_KEY="operators-secret-canary-7a2f",
        CONNECTOR_API_KEY=KEY,
    )
    assert thing.search(token=KEY).status_code == 502
    assert len(provider.received) == 1


def test_an_answer_that_is_too_large_is_502(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = Answer(json.dumps({"items": ["x" * 5000]}).encode())
    thing = starter.start(OPEN + "limits: {bytes: 4000}" + STEP, provider.url)
    answer = thing.search()
    assert answer.status_code == 502
    assert "4000 bytes" in answer.get_json()["detail"]
