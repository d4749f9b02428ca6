from __future__ import annotations

import pytest

from tests.connectors.generic_rest.connector import Starter
from tests.connectors.generic_rest.provider import Answer, Provider

HOSTILE = [
    "'",
    '"',
    "\\",
    "in:inbox -draft",
    "a^b",
    "one\ntwo\r\nthree",
    "😀",
    "é" * 2000,
    "مرحبا \u202eabc",
    "the of and",
    "OR",
    "NEAR(a b)",
    "../../admin?x=1#y",
    "a&b=c;d",
    "${env.token}",
    "%2e%2e%2f",
    "</script>{{7*7}}",
]

ECHO = """
version: 1
name: thing
base_url: https://api.example.com
auth: {type: none}
"""


def found(*titles: str) -> Answer:
    return Answer({"items": [{"id": title, "title": title} for title in titles]})


@pytest.mark.parametrize("query", HOSTILE)
def test_a_query_stays_one_value_wherever_it_stands(
    starter: Starter, provider: Provider, query: str
) -> None:
    provider.answers["/graphql"] = found("a")
    provider.answers["/form"] = found("b")
    thing = starter.start(
        ECHO
        + """
search:
  - path: /graphql
    params: {q: "${query}"}
    graphql: {query: "query($q: String) { search(q: $q) { id } }", variables: {q: "${query}"}}
    results: items
    document: {id: id}
  - path: /form
    form: {q: "${query}"}
    results: items
    document: {id: id}
""",
        provider.url,
    )
    thing.results(query)
    sent = " ".join(query.split()) if "\n" in query else query
    requests = {request.path: request for request in provider.received}
    graphql = requests["/graphql"]
    assert graphql.params == [("q", sent)]
    assert graphql.json == {
        "query": "query($q: String) { search(q: $q) { id } }",
        "variables": {"q": sent},
    }
    assert requests["/form"].form == [("q", sent)]


@pytest.mark.parametrize("query", HOSTILE)
def test_a_query_in_a_path_is_one_segment(starter: Starter, provider: Provider, query: str) -> None:
    thing = starter.start(
        ECHO
        + """
search:
  - path: /find/x${query}/pages
    results: items
    document: {id: id}
""",
        provider.url,
    )
    thing.search(query)  # 404, as no such path has an answer
    segments = provider.only.target.split("/")
    assert [segments[1], segments[3]] == ["find", "pages"]
    assert len(segments) == 4


@pytest.mark.parametrize("query", [".", ".."])
def test_a_query_cannot_climb_the_path(starter: Starter, provider: Provider, query: str) -> None:
    thing = starter.start(
        ECHO + "search: [{path: '/find/${query}/pages', results: items, document: {id: id}}]",
        provider.url,
    )
    assert thing.search(query).status_code == 400
    assert provider.received == []


def test_json_keeps_types_and_loses_what_is_null(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = found()
    thing = starter.start(
        ECHO
        + """
env:
  size: {var: THING_SIZE, type: int, default: 5}
  ratio: {var: THING_RATIO, type: float, default: 0.5}
  deep: {var: THING_DEEP, type: bool, default: true}
  region: {var: THING_REGION, default: null}
options:
  space: {}
  since: {type: time}
search:
  - path: /search
    json:
      text: ${query}
      mixed: size ${env.size}
      size: ${env.size}
      ratio: ${env.ratio}
      deep: ${env.deep}
      words: ${words(query)}
      limit: ${limit}
      region: ${env.region}
      in_region: region ${env.region}
      filter: {space: "${options.space}", since: "${options.since}"}
      any: ["${options.space}", fixed]
      nothing: null
      empty: {}
    results: items
    document: {id: id}
""",
        provider.url,
        THING_SIZE="7",
    )
    thing.results("travel policy")
    thing.results("x", options={"space": "HR", "since": "2026-01-02T03:04:05+01:00", "limit": 3})
    assert provider.received[0].json == {
        "text": "travel policy",
        "mixed": "size 7",
        "size": 7,
        "ratio": 0.5,
        "deep": True,
        "words": ["travel", "policy"],
        "limit": 10,
        "any": ["fixed"],
        "nothing": None,
        "empty": {},
    }
    second = provider.received[1].json
    assert second["filter"] == {"space": "HR", "since": "2026-01-02T02:04:05Z"}
    assert second["any"] == ["HR", "fixed"]
    assert second["limit"] == 3


def test_params_leave_out_what_is_null_and_repeat_a_list(
    starter: Starter, provider: Provider
) -> None:
    provider.answers["/search"] = found()
    thing = starter.start(
        ECHO
        + """
options: {deep: {type: bool}, sort: {values: [new, old]}}
search:
  - path: /search
    params: {w: "${words(query)}", deep: "${options.deep}", sort: "by-${options.sort}", v: 2}
    results: items
    document: {id: id}
""",
        provider.url,
    )
    thing.results("travel policy")
    thing.results("travel", options={"deep": False, "sort": "new"})
    assert provider.received[0].params == [("w", "travel"), ("w", "policy"), ("v", "2")]
    assert provider.received[1].params == [
        ("w", "travel"),
        ("deep", "false"),
        ("sort", "by-new"),
        ("v", "2"),
    ]


def test_options_are_checked_as_the_source_declares_them(
    starter: Starter, provider: Provider
) -> None:
    thing = starter.start(
        ECHO
        + """
options: {sort: {values: [new, old], description: Which first.}, from: {}, json: {type: int}}
search: [{path: /search, params: {s: "${options.sort}"}, results: items, document: {id: id}}]
""",
        provider.url,
    )
    for wrong in ({"sort": "best"}, {"space": "HR"}, {"json": "x"}):
        answer = thing.search(options=wrong)
        assert answer.status_code == 400
        assert "limit, sort, from, json" in answer.get_json()["detail"]
    schema = thing.client.get("/tool.json").get_json()
    options = schema["function"]["parameters"]["properties"]["options"]["properties"]
    assert list(options) == ["limit", "sort", "from", "json"]
    assert provider.received == []


def test_a_query_without_a_word_is_400_where_words_are_sent(
    starter: Starter, provider: Provider
) -> None:
    thing = starter.start(
        ECHO
        + """
search: [{path: /search, params: {q: "${plain(query)}"}, results: items, document: {id: id}}]
""",
        provider.url,
    )
    answer = thing.search("😀 ?!")
    assert answer.status_code == 400
    assert "letters or digits" in answer.get_json()["detail"]
    assert provider.received == []


def test_headers_are_sent_and_a_value_cannot_end_one(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = found()
    thing = starter.start(
        ECHO
        + """
headers: {X-Version: 2025-09-03, X-Query: "q=${query}", X-Space: "${options.space}"}
options: {space: {}}
search: [{path: /search, results: items, document: {id: id}}]
""",
        provider.url,
    )
    thing.results("travel")
    assert provider.only.headers["X-Version"] == "2025-09-03"
    assert provider.only.headers["X-Query"] == "q=travel"
    assert "X-Space" not in provider.only.headers
    assert thing.search("é").status_code == 400
    assert thing.search(options={"space": "a\r\nX-Evil: 1"}).status_code == 400
    assert len(provider.received) == 1
