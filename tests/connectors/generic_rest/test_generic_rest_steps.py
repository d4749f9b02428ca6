from __future__ import annotations

import pytest

from tests.connectors.generic_rest.connector import USER, Starter
from tests.connectors.generic_rest.provider import Answer, Provider

OPEN = """
version: 1
name: thing
base_url: https://api.example.com
auth: {type: none}
"""
RELAY = OPEN.replace("none", "relay")
STEPS = """
search:
  - {path: /a, results: items, document: {id: "join('', ['a', to_string(id)])"}}
  - {path: /b, results: items, document: {id: "join('', ['b', to_string(id)])"}}
"""


def hits(number: int) -> Answer:
    return Answer({"items": [{"id": n} for n in range(number)]})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((9, 9), "a0 a1 b0 b1"),
        ((9, 1), "a0 a1 b0 a2"),
        ((1, 9), "a0 b0 b1 b2"),
        ((0, 1), "b0"),
        ((0, 0), ""),
    ],
)
def test_steps_share_the_answer(
    starter: Starter, provider: Provider, found: tuple[int, int], expected: str
) -> None:
    provider.answers |= {"/a": hits(found[0]), "/b": hits(found[1])}
    rows = starter.start(OPEN + STEPS, provider.url).results(options={"limit": 4})
    assert " ".join(row["id"] for row in rows) == expected


def test_a_step_that_fails_is_a_warning_beside_what_the_others_found(
    starter: Starter, provider: Provider
) -> None:
    provider.answers |= {"/a": Answer({}, 500), "/b": hits(1)}
    thing = starter.start(RELAY + STEPS, provider.url)
    answer = thing.search(token=USER)
    assert [row["id"] for row in answer.get_json()["results"]] == ["b0"]
    assert answer.get_json()["warnings"][0]["reason"] == "provider_error"
    provider.answers["/b"] = Answer({}, 500)
    assert thing.search(token=USER).status_code == 502
    provider.answers |= {"/a": hits(1), "/b": Answer({}, 401)}
    assert thing.search(token=USER).status_code == 401


def test_a_step_that_hangs_does_not_take_the_others_with_it(
    starter: Starter, provider: Provider
) -> None:
    provider.answers |= {"/a": provider.hang, "/b": hits(3)}
    thing = starter.start(OPEN + STEPS, provider.url, SEARCH_TIMEOUT_SECONDS="1")
    answer = thing.search(options={"limit": 4})
    assert [row["id"] for row in answer.get_json()["results"]] == ["b0", "b1", "b2"]
    assert answer.get_json()["warnings"][0]["reason"] == "deadline_exceeded"


def test_a_search_that_hangs_is_504(starter: Starter, provider: Provider) -> None:
    provider.answers |= {"/a": provider.hang, "/b": provider.hang}
    thing = starter.start(OPEN + STEPS, provider.url, SEARCH_TIMEOUT_SECONDS="0.5")
    assert thing.search().status_code == 504
