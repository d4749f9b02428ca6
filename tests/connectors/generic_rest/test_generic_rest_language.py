"""What a step can say beside its request: when, before, each, keep, match, limits."""

from __future__ import annotations

import time

import pytest

from tests.connectors.generic_rest.connector import USER, Starter
from tests.connectors.generic_rest.provider import Answer, Provider

HEAD = """
version: 1
name: thing
base_url: https://api.example.com
auth: {type: none}
"""
RELAY = HEAD.replace("none", "relay")


def found(*ids: str) -> Answer:
    return Answer({"items": [{"id": i, "title": f"T{i}"} for i in ids]})


def ids(rows: list[dict[str, str]]) -> str:
    return " ".join(row["id"] for row in rows)


@pytest.mark.parametrize(
    ("options", "expected", "asked"),
    [
        ({}, "a b", ["/a", "/b"]),
        ({"kind": "a"}, "a", ["/a"]),
        ({"kind": "b"}, "b", ["/b"]),
    ],
)
def test_a_step_is_left_out_when_it_does_not_apply(
    starter: Starter, provider: Provider, options: dict[str, str], expected: str, asked: list[str]
) -> None:
    """`when` is looked up before anything is sent; false, null and what is empty leave it out."""
    provider.answers |= {"/a": found("a"), "/b": found("b")}
    thing = starter.start(
        HEAD
        + """
options: {kind: {values: [a, b, none]}}
search:
  - {path: /a, when: "contains([`null`, 'a'], options.kind)", results: items, document: {id: id}}
  - {path: /b, when: "contains([`null`, 'b'], options.kind)", results: items, document: {id: id}}
""",
        provider.url,
    )
    assert ids(thing.results(options=options)) == expected
    assert sorted(request.path for request in provider.received) == asked
    answer = thing.search(options={"kind": "none"})
    assert answer.status_code == 400
    assert "no search for these options" in answer.get_json()["detail"]


BEFORE = (
    RELAY
    + """
env: {site: {var: THING_SITE, default: acme}}
before:
  cloud: {path: /clouds, result: "[?name == 'acme'].id | [0]"}
  space: {path: "/clouds/${cloud}/space", params: {site: "${env.site}"}}
search:
  - path: /clouds/${cloud}/search
    params: {space: "${space.key}"}
    results: items
    document: {id: id, title: "${_before.space.key} ${title}"}
"""
)


def test_what_is_asked_before_is_asked_once_for_each_credential(
    starter: Starter, provider: Provider
) -> None:
    provider.answers["/clouds"] = lambda request: Answer(
        [
            {"name": "other", "id": "o"},
            {"name": "acme", "id": request.headers["Authorization"][-4:]},
        ]
    )
    for cloud in ("41c7", "2222"):
        provider.answers[f"/clouds/{cloud}/space"] = Answer({"key": f"S{cloud}"})
        provider.answers[f"/clouds/{cloud}/search"] = found("1")
    thing = starter.start(BEFORE, provider.url)
    for token in (USER, USER, "another-2222"):
        (row,) = thing.results(token=token)
        assert row["title"] == f"S{token[-4:]} T1"
    asked = [request.path for request in provider.received]
    assert asked.count("/clouds") == 2
    assert asked.count("/clouds/41c7/space") == 1
    assert provider.received[1].params == [("site", "acme")]
    assert provider.received[2].params == [("space", "S41c7")]


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (Answer([]), 502, "before.cloud.result"),
        (Answer({}, 401), 401, "token"),
        (Answer({}, 500), 502, "500"),
        (Answer([{"name": "acme", "id": ".."}]), 400, "cannot stand in its path"),
    ],
)
def test_what_is_asked_before_and_fails_ends_the_search(
    starter: Starter, provider: Provider, answer: Answer, status: int, says: str
) -> None:
    provider.answers["/clouds"] = answer
    told = starter.start(BEFORE, provider.url).search(token=USER)
    assert told.status_code == status
    assert says in told.get_json()["detail"]
    assert [request.path for request in provider.received if "search" in request.path] == []


EACH = (
    HEAD
    + """
search:
  - path: /search
    each: groups
    results: items
    document: {id: "join('-', [_each.name, id])", container: _each.name, all: _response.total}
"""
)


def test_hits_in_groups_know_their_group(starter: Starter, provider: Provider) -> None:
    groups = [{"name": "a", "items": [{"id": "1"}]}, {"name": "b", "items": []}]
    groups.append({"name": "c", "items": [{"id": "1"}, {"id": "2"}]})
    provider.answers["/search"] = Answer({"groups": groups, "total": 3})
    thing = starter.start(EACH, provider.url)
    rows = thing.results()
    assert ids(rows) == "a-1 c-1 c-2"
    assert rows[2] == {"id": "c-2", "container": "c", "all": "3"}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({}, "nothing at `each: groups`"),
        ({"groups": {}}, "no list at `each: groups`"),
        ({"groups": [{}]}, "nothing at `results: items`"),
    ],
)
def test_a_group_that_is_missing_is_502(
    starter: Starter, provider: Provider, answer: object, says: str
) -> None:
    provider.answers["/search"] = Answer(answer)
    told = starter.start(EACH, provider.url).search()
    assert told.status_code == 502
    assert says in told.get_json()["detail"]


def test_only_hits_to_keep_count(starter: Starter, provider: Provider) -> None:
    """`keep` is looked up in each hit before the limit is."""
    kinds = ["user", "ticket", "user", "ticket", "ticket", None]
    provider.answers["/search"] = Answer(
        {"items": [{"id": n, "k": k} for n, k in enumerate(kinds)]}
    )
    thing = starter.start(
        HEAD + "search: [{path: /search, results: items, keep: k == 'ticket', document: {id: id}}]",
        provider.url,
    )
    assert ids(thing.results(options={"limit": 2})) == "1 3"


MATCH = (
    HEAD
    + """
search:
  - path: /search
    results: items
    match: [title, html(body)]
    document: {id: id, title: title}
"""
)
LISTED = [
    {"id": 1, "title": "Meals", "body": "<p>the travel policy</p>"},
    {"id": 2, "title": "Holidays", "body": "who takes them"},
    {"id": 3, "title": "Policy of travels", "body": None},
    {"id": 4, "title": "Travel", "body": "x"},
    {"id": 5, "title": "Nothing", "body": "of the unpolicyed"},
    {"id": 6, "title": "旅行規程", "body": ""},
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("What is the TRAVEL policy?", "3 1 4"),
        ("travel", "3 4 1"),
        ("規程", "6"),
        ("nobody", ""),
        (".* [x-y]+ (", "4"),
        ("?!", None),
    ],
)
def test_an_api_that_only_lists_is_searched_by_words(
    starter: Starter, provider: Provider, query: str, expected: str | None
) -> None:
    """Most words first, then most in the title; a word is the beginning of one in the field."""
    provider.answers["/search"] = Answer({"items": LISTED})
    answer = starter.start(MATCH, provider.url).search(query)
    if query == "?!":
        assert answer.status_code == 400
    elif expected is not None:
        assert answer.status_code == 200
        assert ids(answer.get_json()["results"]) == expected


def test_a_sources_time_may_be_shorter_than_the_connectors(
    starter: Starter, provider: Provider
) -> None:
    provider.answers["/search"] = provider.hang
    thing = starter.start(
        HEAD
        + "limits: {seconds: 0.4}\n"
        + "search: [{path: /search, results: items, document: {id: id}}]",
        provider.url,
    )
    began = time.monotonic()
    answer = thing.search()
    assert answer.status_code == 504
    assert time.monotonic() - began < 5


def test_a_fetch_may_be_any_request(starter: Starter, provider: Provider) -> None:
    """It may post, and an error within its 200 is its failure alone."""
    provider.answers["/search"] = found("1", "2")
    provider.answers["/text"] = lambda request: Answer(
        {"text": "whole"} if request.json["id"] == "1" else {"error": "gone"}
    )
    thing = starter.start(
        HEAD
        + """
search:
  - path: /search
    results: items
    fetch: {page: {path: /text, json: {id: "${id}", q: "${_query}"}, errors: error}}
    document: {id: id, text: page.text}
""",
        provider.url,
    )
    answer = thing.search("travel")
    assert answer.get_json()["results"] == [{"id": "1", "text": "whole"}, {"id": "2"}]
    (warning,) = answer.get_json()["warnings"]
    assert "errors: error" in warning["detail"]
    bodies = [r.json for r in provider.received if r.path == "/text"]
    assert sorted(body["id"] for body in bodies) == ["1", "2"]
    assert {body["q"] for body in bodies} == {"travel"}


def test_the_source_names_the_connector(starter: Starter, provider: Provider) -> None:
    """Several sources beside each other are told apart: by their tool, and by the header."""
    provider.answers["/search"] = found("1")
    thing = starter.start(
        HEAD.replace("name: thing", "name: team-wiki")
        + "search: [{path: /search, results: items, document: {id: id}}]",
        provider.url,
    )
    tool = thing.client.get("/tool.json").get_json()
    assert tool["function"]["name"] == "search_team_wiki"
    assert thing.search().headers["X-Connector-Id"] == "team-wiki"
