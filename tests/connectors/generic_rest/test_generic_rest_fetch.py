from __future__ import annotations

import time

import pytest

from scripts.processes import ROOT
from tests.connectors.generic_rest.connector import USER, Starter
from tests.connectors.generic_rest.provider import Answer, Provider

SAMPLES = ROOT / "tests/shared/files/samples"
HEAD = """
version: 1
name: thing
base_url: https://api.example.com
auth: {type: relay}
headers: {X-Version: "3"}
"""


def source(fetch: str, document: str = "id: id, title: title, text: page.text") -> str:
    return HEAD + (
        "search: [{path: /search, results: items, "
        f"fetch: {{page: {{{fetch}}}}}, document: {{{document}}}}}]"
    )


def hits(*ids: str, **fields: object) -> Answer:
    return Answer({"items": [{"id": i, "title": f"T{i}", **fields} for i in ids]})


def test_a_fetch_goes_out_as_the_search_does(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = hits("1")
    provider.answers["/pages/1"] = Answer({"text": "Hello"})
    thing = starter.start(source("path: '/pages/${id}', params: {q: '${_query}'}"), provider.url)
    (row,) = thing.results("travel", token=USER)
    assert row["text"] == "Hello"
    fetch = provider.received[1]
    assert (fetch.method, fetch.params) == ("GET", [("q", "travel")])
    assert fetch.headers["Authorization"] == f"Bearer {USER}"
    assert fetch.headers["X-Version"] == "3"


@pytest.mark.parametrize("identity", ["../admin", "a/b", "a?x=1", "a#b", "%2e%2e", "a b", "\\.."])
def test_an_id_in_a_path_is_one_segment(
    starter: Starter, provider: Provider, identity: str
) -> None:
    provider.answers["/search"] = hits(identity)
    thing = starter.start(source("path: '/pages/${id}/text'"), provider.url)
    thing.search(token=USER)
    segments = provider.received[1].target.split("/")
    assert [segments[1], *segments[3:]] == ["pages", "text"]
    assert "?" not in provider.received[1].target


@pytest.mark.parametrize("identity", ["..", "."])
def test_an_id_cannot_climb_the_path(starter: Starter, provider: Provider, identity: str) -> None:
    provider.answers["/search"] = hits(identity)
    thing = starter.start(source("path: '/pages/${id}/text'"), provider.url)
    answer = thing.search(token=USER)
    assert answer.get_json()["results"] == [{"id": identity, "title": f"T{identity}"}]
    assert answer.get_json()["warnings"][0]["reason"] == "fetch_failed"
    assert len(provider.received) == 1


def test_a_link_in_a_hit_is_followed_on_the_same_host(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = hits("1", link=f"{provider.url}/content/9?v=1")
    provider.answers["/content/9"] = Answer(b"plain \xc3\xa9", headers={"Content-Type": "text/x"})
    thing = starter.start(source("url: link, as: text", "id: id, text: page"), provider.url)
    assert thing.results(token=USER) == [{"id": "1", "text": "plain é"}]
    assert provider.received[1].params == [("v", "1")]


@pytest.mark.parametrize("on_error", ["keep", "skip"])
@pytest.mark.parametrize(
    "link",
    [
        "{elsewhere}/steal",
        "//{elsewhere_host}/steal",
        "http://user:pass@{host}/x",
        "{url}@{elsewhere_host}/steal",
        "http://localhost:1/x",
        "file:///etc/passwd",
        "gopher://{elsewhere_host}/",
        "/relative",
        "http://169.254.169.254/latest/meta-data",
        "https://{host}/other-scheme",
        "",
        None,
        7,
    ],
)
def test_a_link_to_another_host_is_refused_before_anything_is_sent(
    starter: Starter, provider: Provider, elsewhere: Provider, link: str | None, on_error: str
) -> None:
    if isinstance(link, str):
        link = link.format(
            url=provider.url,
            host=provider.url.removeprefix("http://"),
            elsewhere=elsewhere.url,
            elsewhere_host=elsewhere.url.removeprefix("http://"),
        )
    provider.answers["/search"] = hits("1", link=link)
    thing = starter.start(source(f"url: link, on_error: {on_error}"), provider.url)
    answer = thing.search(token=USER)
    assert answer.status_code == 200
    kept = [{"id": "1", "title": "T1"}]
    assert answer.get_json()["results"] == (kept if on_error == "keep" else [])
    assert answer.headers["X-Search-Status"] == "partial"
    assert len(provider.received) == 1


def test_hosts_may_be_linked_to(starter: Starter, provider: Provider) -> None:
    other = provider.url.replace("127.0.0.1", "localhost")
    provider.answers["/search"] = hits("1", link=f"{other}/content")
    provider.answers["/content"] = Answer({"text": "Hello"})
    text = source("url: link").replace("headers:", "hosts: ['${env.other}']\nheaders:")
    thing = starter.start(
        text.replace("auth:", "env: {other: {var: THING_OTHER}}\nauth:"),
        provider.url,
        THING_OTHER=other,
    )
    assert thing.results(token=USER)[0]["text"] == "Hello"


@pytest.mark.parametrize("on_error", ["keep", "skip"])
@pytest.mark.parametrize(
    "failure",
    [
        Answer({}, 404),
        Answer({}, 403),
        Answer({}, 500),
        Answer(b"not JSON"),
        Answer(b'"%s"' % (b"x" * 9000)),
        Answer({}, 302, {"Location": "/search"}),
    ],
    ids=lambda answer: f"{answer.status}-{answer.body!r:.12}",
)
def test_a_fetch_that_fails_costs_its_text_or_its_hit(
    starter: Starter, provider: Provider, failure: Answer, on_error: str
) -> None:
    provider.answers["/search"] = hits("1", "2", excerpt="beginning")
    provider.answers["/pages/1"] = failure
    provider.answers["/pages/2"] = Answer({"text": "whole"})
    text = source(
        f"path: '/pages/${{id}}', on_error: {on_error}",
        "id: id, title: title, text: page.text || excerpt",
    )
    thing = starter.start(text + "\nlimits: {bytes: 4000}", provider.url)
    answer = thing.search(token=USER)
    texts = {row["id"]: row["text"] for row in answer.get_json()["results"]}
    assert texts == {"2": "whole"} | ({"1": "beginning"} if on_error == "keep" else {})
    (warning,) = answer.get_json()["warnings"]
    assert warning["detail"].startswith("T1: its 'page' is missing")


@pytest.mark.parametrize("document", ["id: id, text: page.text", "id: id, title: page.title"])
def test_a_token_that_ends_between_search_and_fetch_is_401(
    starter: Starter, provider: Provider, document: str
) -> None:
    provider.answers["/search"] = hits("1")
    provider.answers["/pages/1"] = Answer({}, 401)
    thing = starter.start(source("path: '/pages/${id}'", document), provider.url)
    assert thing.search(token=USER).status_code == 401


def test_403_for_a_hit_is_the_hits_alone_whatever_it_says_of_a_search(
    starter: Starter, provider: Provider
) -> None:
    provider.answers["/search"] = hits("1", "2")
    provider.answers |= {"/pages/1": Answer({}, 403), "/pages/2": Answer({"text": "whole"})}
    thing = starter.start(
        source("path: '/pages/${id}'") + "\nunauthorized: [401, 403]", provider.url
    )
    answer = thing.search(token=USER)
    assert answer.status_code == 200
    assert [row.get("text") for row in answer.get_json()["results"]] == [None, "whole"]


def test_other_fields_than_the_text_may_come_from_a_fetch(
    starter: Starter, provider: Provider
) -> None:
    provider.answers["/search"] = hits("1", "2", "3")
    for n in "12":
        provider.answers[f"/pages/{n}"] = Answer({"name": f"Page {n}", "next": f"/more/{n}"})
        provider.answers[f"/more/{n}"] = Answer({"text": f"Text {n}"})
    text = HEAD + (
        "search: [{path: /search, results: items, fetch: {page: {path: '/pages/${id}'}, "
        "more: {url: 'join(``, [_base_url, page.next])'}}, "
        "document: {id: id, title: page.name || title, text: more.text}}]"
    )
    answer = starter.start(text.replace("``", "''''"), provider.url).search(token=USER)
    assert answer.get_json()["results"] == [
        {"id": "1", "title": "Page 1", "text": "Text 1"},
        {"id": "2", "title": "Page 2", "text": "Text 2"},
        {"id": "3", "title": "T3"},
    ]
    assert [w["detail"].partition(" is missing")[0] for w in answer.get_json()["warnings"]] == [
        "T3: its 'page'",
        "T3: its 'more'",
    ]


def test_no_more_fetches_than_allowed(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = hits(*"123456")
    for n in "123456":
        provider.answers[f"/pages/{n}"] = Answer({"text": "x"})
    thing = starter.start(source("path: '/pages/${id}'") + "\nlimits: {fetches: 2}", provider.url)
    answer = thing.search(token=USER)
    assert len(provider.received) == 3
    assert [row["id"] for row in answer.get_json()["results"] if "text" in row] == ["1", "2"]
    assert answer.headers["X-Search-Status"] == "partial"


@pytest.mark.parametrize(
    ("fetch", "document", "expected"),
    [
        ("path: '/pages/${id}'", "id: id, text: page.text", {"1": "one", "2": None}),
        (
            "path: '/pages/${id}'",
            "id: id, text: page.text, type: page.kind",
            {"1": "one", "2": None},
        ),
        ("path: '/pages/${id}', on_error: skip", "id: id, text: page.text", {"1": "one"}),
    ],
)
def test_at_the_deadline_what_is_there_is_given(
    starter: Starter, provider: Provider, fetch: str, document: str, expected: dict[str, str]
) -> None:
    provider.answers["/search"] = hits("1", "2")
    provider.answers["/pages/1"] = Answer({"text": "one"})
    provider.answers["/pages/2"] = provider.hang
    thing = starter.start(source(fetch, document), provider.url, SEARCH_TIMEOUT_SECONDS="0.8")
    began = time.monotonic()
    answer = thing.search(token=USER)
    assert time.monotonic() - began < 1.3
    assert {r["id"]: r.get("text") for r in answer.get_json()["results"]} == expected
    assert {w["reason"] for w in answer.get_json()["warnings"]} == {"deadline"}


@pytest.mark.parametrize("name", ["writer.docx", "writer.pdf", "calc.xlsx", "pandoc.html"])
def test_a_file_becomes_its_text(starter: Starter, provider: Provider, name: str) -> None:
    """By its content type, or its name; another process reads it."""
    provider.answers["/search"] = hits(name)
    provider.answers[f"/files/{name}"] = Answer((SAMPLES / name).read_bytes())
    document = "id: id, title: title, text: page"
    thing = starter.start(source("path: '/files/${id}', as: file", document), provider.url)
    (row,) = thing.results("travel", token=USER)
    assert len(row["text"].split()) > 5
    assert "PK" not in row["text"][:10]


def test_a_file_that_is_none_is_a_warning(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = hits("locked.pdf")
    provider.answers["/files/locked.pdf"] = Answer((SAMPLES / "locked.pdf").read_bytes())
    document = "id: id, title: title, text: page"
    thing = starter.start(source("path: '/files/${id}', as: file", document), provider.url)
    answer = thing.search("travel", token=USER).get_json()
    assert answer["results"] == [{"id": "locked.pdf", "title": "Tlocked.pdf"}]
    assert [warning["reason"] for warning in answer["warnings"]] == ["password_protected"]
