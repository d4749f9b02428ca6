"""`GET /documents/{id}`: the whole text behind a result, over every connector."""

from __future__ import annotations

from urllib.parse import quote

import pytest
import requests

from sandbox.faults import Fault
from tests.contract.conftest import KEY, TIMEOUT, Subject
from tests.support.connectors import Connector


def fetch(
    connector: Connector, result_id: str, token: str | None = None, **headers: str
) -> requests.Response:
    """GET a document; `token` goes into `Authorization: Bearer`."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    path, _, query = result_id.partition("?")
    url = f"{connector.url}/documents/{quote(path, safe='')}{'?' + query if query else ''}"
    return requests.get(url, headers=sent, timeout=35)


def results(subject: Subject, user: str = "alice") -> list[dict[str, str]]:
    """Return what a user finds that has a text."""
    response = subject.relay.search(subject.provider.query, subject.token(user))
    return [row for row in response.json()["results"] if "text" in row]


@pytest.fixture
def fetching(subject: Subject) -> Subject:
    """The connector, where it can get a document by its id."""
    answer = fetch(subject.relay, "x", subject.token())
    if answer.status_code == 501:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert len(answer.json()["detail"]) > 10
        described = requests.get(f"{subject.relay.url}/openapi.json", timeout=10).json()
        assert "501" in described["paths"]["/documents/{id}"]["get"]["responses"]
        pytest.skip("it cannot, and says so")
    subject.sandbox.clear()
    return subject


def test_every_result_has_its_whole_text(fetching: Subject) -> None:
    """By the id that the search gave, with the passage in it."""
    for row in results(fetching)[:5]:
        response = fetch(fetching.relay, row["id"], fetching.token())
        assert response.status_code == 200, response.text
        document = response.json()
        warned = bool(document.pop("warnings", []))
        assert all(isinstance(value, str) and value for value in document.values())
        assert document["id"] == row["id"].partition("#p")[0]
        shown, said = set(row["text"].split()), set(document["text"].split())
        assert len(shown & said) >= 0.6 * min(len(shown), len(said))
        assert response.headers["X-Search-Status"] == ("partial" if warned else "complete")


def test_a_passage_comes_with_its_neighbours(fetching: Subject) -> None:
    """`around=0` is the passage itself."""
    rows = [row for row in results(fetching) if "#p" in row["id"]]
    for row in rows[:1]:
        alone = fetch(fetching.relay, f"{row['id']}?around=0", fetching.token()).json()
        more = fetch(fetching.relay, f"{row['id']}?around=1", fetching.token()).json()
        assert alone["id"] == more["id"] == row["id"]
        assert alone["text"] == row["text"]
        assert row["text"] in more["text"]
        assert len(more["text"]) > len(row["text"])
        gone = fetch(
            fetching.relay, f"{row['id'].partition('#')[0]}#p999?around=1", fetching.token()
        )
        assert gone.status_code == 404


@pytest.mark.parametrize("around", ["-1", "x", "21", "1e1", ""])
def test_a_wrong_number_of_neighbours_is_400(fetching: Subject, around: str) -> None:
    """It says what it takes."""
    response = fetch(fetching.relay, f"x?around={around}", fetching.token())
    assert response.status_code == 400
    assert "around" in response.json()["detail"]


@pytest.mark.parametrize(
    "unknown", ["1NoSuchDocument", "C0:1", "a/b//c", "../search", "%2e%2e", "é?x", ".", "x" * 300]
)
def test_an_unknown_document_is_404(fetching: Subject, unknown: str) -> None:
    """Whatever the id holds: it is no path, and no other call."""
    response = fetch(fetching.relay, unknown, fetching.token())
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "urn:problem:not_found"


@pytest.mark.parametrize("wrong", ["x\x00y", "x\ny", "y" * 2001], ids=ascii)
def test_what_can_be_no_id_is_400(fetching: Subject, wrong: str) -> None:
    """Before the provider is asked."""
    assert fetch(fetching.relay, wrong, fetching.token()).status_code == 400
    assert not fetching.sandbox.requests


def test_another_users_document_is_404(fetching: Subject) -> None:
    """Permissions are the caller's, and nobody learns that it exists."""
    mine = {row["id"].partition("#p")[0] for row in results(fetching, "alice")}
    others = {row["id"].partition("#p")[0] for row in results(fetching, "bob")} - mine
    assert others
    for other in others:
        assert fetch(fetching.relay, other, fetching.token("alice")).status_code == 404
        assert fetch(fetching.relay, other, fetching.token("bob")).status_code == 200


def test_who_may_call_is_as_for_a_search(subject: Subject) -> None:
    """The rows of the auth table, with the answers that they have there."""
    keyed = subject.connector(key=True, service=True)
    assert fetch(subject.relay, "x").status_code == 401
    assert fetch(subject.relay, "x", "a b").status_code == 401
    assert fetch(subject.relay, "x", subject.token(), X_User_Access_Token="t").status_code == 400
    assert fetch(keyed, "x", "wrong" * 10).status_code == 401
    assert fetch(keyed, "x", KEY).status_code in (404, 501)
    assert fetch(keyed, "x", KEY, X_User_Access_Token="").status_code == 401


def test_a_token_that_ended_is_401(fetching: Subject) -> None:
    """So that the caller refreshes it."""
    found = results(fetching)[0]["id"]
    token = fetching.sandbox.issue_token(provider=fetching.provider.plays, user="alice")
    assert fetch(fetching.relay, found, token).status_code == 200
    fetching.sandbox.revoke(token)
    response = fetch(fetching.relay, found, token)
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_provider_that_does_not_answer_in_time_is_504(fetching: Subject) -> None:
    """At the deadline of a search."""
    found = results(fetching)[0]["id"]
    fetching.sandbox.inject(Fault(latency=30.0))
    response = fetch(fetching.relay, found, fetching.token())
    assert response.status_code == 504
    assert response.elapsed.total_seconds() < TIMEOUT + 0.5


def test_models_are_told_of_it(subject: Subject) -> None:
    """As a tool beside the search, and in the API's description."""
    url = subject.relay.url
    search, read = (
        requests.get(f"{url}/tool.json", params={"name": name}, timeout=10).json()["function"]
        for name in ("search", "fetch")
    )
    assert search["name"] in read["description"]
    assert read["parameters"]["required"] == ["id"]
    described = requests.get(f"{url}/openapi.json", timeout=10).json()
    parameters = described["paths"]["/documents/{id}"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["id", "around"]
