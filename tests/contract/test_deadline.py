"""A provider that is slow, erratic or silent, over every connector."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from sandbox.faults import Fault
from tests.contract.conftest import TIMEOUT, Subject

FAULTS: dict[str, list[dict[str, Any]]] = {
    "every call is slow": [{"latency": 0.4}],
    "every call is too slow": [{"latency": 30.0}],
    "every answer trickles": [{"trickle": 0.05}],
    "half of the calls are dropped": [{"drop": True, "probability": 0.5, "seed": 1}],
    "half of the calls fail": [{"status": 503, "probability": 0.5, "seed": 2}],
    "a third is too slow": [{"latency": 30.0, "probability": 0.33, "seed": 3}],
    "a third is limited": [{"status": 429, "retry_after": "1", "probability": 0.33, "seed": 4}],
    "everything at once": [
        {"latency": 1.0, "probability": 0.3, "seed": 5},
        {"drop": True, "probability": 0.2, "seed": 6},
        {"status": 500, "probability": 0.2, "seed": 7},
        {"trickle": 0.05, "probability": 0.2, "seed": 8},
    ],
    "every connection is dropped": [{"drop": True}],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_an_answer_comes_by_the_deadline(subject: Subject, faults: list[dict[str, Any]]) -> None:
    """Plus half a second at most, with what there is; what is missing is said."""
    for fault in faults:
        subject.sandbox.inject(Fault(**fault))

    def search(_: int) -> requests.Response:
        return subject.relay.search(subject.provider.query, subject.token())

    with ThreadPoolExecutor(4) as threads:
        responses = list(threads.map(search, range(4)))
    for response in responses:
        assert response.elapsed.total_seconds() < TIMEOUT + 0.5
        assert response.status_code in (200, 429, 502, 503, 504), response.text
        if response.status_code == 200:
            body = response.json()
            missing = [row for row in body["results"] if "text" not in row]
            partial = response.headers["X-Search-Status"] == "partial"
            assert partial is bool(body.get("warnings"))
            assert partial or not missing
            assert body["results"] or partial


def test_the_connector_is_well_again_when_its_provider_is(subject: Subject) -> None:
    """No thread, connection or lock is left behind by searches that were cut off."""
    subject.sandbox.inject(Fault(latency=30.0))
    with ThreadPoolExecutor(16) as threads:
        cut_off = list(
            threads.map(
                lambda _: subject.relay.search(subject.provider.query, subject.token()), range(16)
            )
        )
    assert {response.status_code for response in cut_off} == {504}
    subject.sandbox.clear()
    response = subject.relay.search(subject.provider.query, subject.token())
    assert response.status_code == 200
    assert response.json()["results"]
