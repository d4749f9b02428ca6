"""Sources of the catalogue against the real servers, over HTTP, behind bearer tokens.

Datasette, which `make demo` runs too, has a file of its own: `test_generic_rest_datasette.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from sandbox.rest_server import handbook
from tests.connectors.generic_rest.contract import NAME
from tests.connectors.generic_rest.provider import Answer, Provider, Received, running_provider
from tests.support.connectors import Connector, running
from tests.support.kinto import running_kinto
from tests.support.mediawiki import running_mediawiki

READER, WRITER, STRANGER = "reader-token-7c31", "writer-token-5e90", "stranger-token-18aa"
UNKNOWN = "token-of-nobody-0000"
_USERS = {READER: "reader", WRITER: "writer", STRANGER: "stranger"}
QUESTIONS = [
    ("Which receipt do I have to photograph?", "Expense claims and reimbursement"),
    ("How many days of annual leave has everybody?", "Annual leave"),
    ("What may a meal with customers cost?", "Meals and gifts for customers"),
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[Provider]:
    """An OpenID Connect issuer: the part of it that Kinto asks (OpenID Connect Core §5.3)."""

    def userinfo(request: Received) -> Answer:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        name = _USERS.get(token)
        return Answer({"sub": name}) if name else Answer({"error": "invalid_token"}, 401)

    with running_provider() as provider:
        provider.answers = {
            "/.well-known/openid-configuration": Answer(
                {
                    "issuer": provider.url,
                    "authorization_endpoint": f"{provider.url}/authorize",
                    "userinfo_endpoint": f"{provider.url}/userinfo",
                }
            ),
            "/userinfo": userinfo,
        }
        yield provider


@pytest.fixture(scope="module")
def kinto(issuer: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connector]:
    """The connector over a Kinto with the handbook, which the reader may read."""
    with running_kinto(tmp_path_factory.mktemp("kinto"), issuer.url, "writer") as url:
        with requests.Session() as http:
            http.headers["Authorization"] = f"Bearer {WRITER}"

            def put(path: str, **body: object) -> None:
                http.put(f"{url}/buckets/{path}", json=body, timeout=9).raise_for_status()

            put("lindner", permissions={"read": ["openid:reader"]})
            put("lindner/collections/handbook")
            for row in handbook():
                record = {"title": row["title"], "text": row["body"], "author": row["author"]}
                put(f"lindner/collections/handbook/records/{row['slug']}", data=record)
        variables = {"URL": url, "BUCKET": "lindner", "COLLECTION": "handbook"}
        settings = {f"KINTO_{name}": value for name, value in variables.items()}
        with running(NAME, {"GENERIC_REST_SOURCE": "kinto", **settings}) as connector:
            yield connector


@pytest.fixture(scope="module")
def mediawiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connector]:
    """The connector over a private MediaWiki with the handbook."""
    # An article in wikitext: what of it is markup must not come out.
    pages = {
        row["title"]: f"== Rules ==\n'''{row['title']}'''\n\n{row['body']}" for row in handbook()
    }
    folder = tmp_path_factory.mktemp("mediawiki")
    with running_mediawiki(folder, pages, {READER: "Admin"}) as url:
        settings = {"GENERIC_REST_SOURCE": "mediawiki", "MEDIAWIKI_URL": url}
        with running(NAME, settings) as connector:
            yield connector


@pytest.mark.parametrize(("question", "title"), QUESTIONS)
@pytest.mark.parametrize("server", ["kinto", "mediawiki"])
def test_a_question_finds_its_article_first(
    server: str, question: str, title: str, request: pytest.FixtureRequest
) -> None:
    """With the reader's token, through the connector as it is deployed."""
    answer = request.getfixturevalue(server).search(question, READER)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Search-Status"] == "complete", answer.text
    first = answer.json()["results"][0]
    body = {row["title"]: row["body"] for row in handbook()}[title]
    assert first["title"] == title
    assert " ".join(body.split())[:60] in " ".join(first["text"].split())
    assert "'''" not in first["text"]
    assert first["timestamp"].endswith("Z")
    opened = requests.get(first["url"], headers={"Authorization": f"Bearer {READER}"}, timeout=9)
    assert opened.status_code == 200
    assert title in opened.text


@pytest.mark.parametrize(("token", "status"), [(None, 401), (UNKNOWN, 401), (STRANGER, 403)])
def test_kinto_lets_in_who_may_read(kinto: Connector, token: str | None, status: int) -> None:
    """No token and an unknown one are 401; a good one of somebody who may not read is 403."""
    answer = kinto.search(QUESTIONS[0][0], token)
    assert answer.status_code == status, answer.text
    assert "results" not in answer.json()


@pytest.mark.parametrize(
    "query", ['") or 1=1 --', "receipt* -photograph", "intitle:x OR y", "a&_limit=0#"]
)
@pytest.mark.parametrize("server", ["kinto", "mediawiki"])
def test_operators_are_words(server: str, query: str, request: pytest.FixtureRequest) -> None:
    """No query breaks the search of the server."""
    answer = request.getfixturevalue(server).search(query, READER)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Search-Status"] == "complete", answer.text


@pytest.mark.parametrize("token", [None, UNKNOWN])
def test_a_private_mediawiki_refuses_in_a_200(mediawiki: Connector, token: str | None) -> None:
    """MediaWiki answers 200 with an error in it to who may not read: it is 401 to our caller."""
    answer = mediawiki.search(QUESTIONS[0][0], token)
    assert answer.status_code == 401, answer.text
    assert "results" not in answer.json()
