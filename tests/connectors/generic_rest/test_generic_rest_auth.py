from __future__ import annotations

import base64

import pytest

from tests.connectors.generic_rest.connector import KEY, USER, Starter
from tests.connectors.generic_rest.provider import Answer, Provider

SECRET = "operators-secret-canary-7a2f"


def found(*titles: str) -> Answer:
    return Answer({"items": [{"id": title, "title": title} for title in titles]})


BASIC = base64.b64encode(f"{SECRET}:X".encode()).decode()
KINDS = {
    'bearer, token: "${env.key}"': ({"Authorization": f"Bearer {SECRET}"}, []),
    'header, headers: {X-Api-Key: "Key ${env.key}", X-User: system}': (
        {"X-Api-Key": f"Key {SECRET}", "X-User": "system"},
        [],
    ),
    'basic, username: "${env.key}", password: X': ({"Authorization": f"Basic {BASIC}"}, []),
    'query, params: {key: "${env.key}", app: demo}': ({}, [("key", SECRET), ("app", "demo")]),
}


def auth(kind: str) -> str:
    return (
        "version: 1\nname: thing\nbase_url: https://api.example.com\n"
        "env: {key: {var: THING_KEY, type: secret, default: null}}\n"
        f"auth: {kind}\n"
        "search: [{path: /search, params: {q: '${query}'}, results: items, document: {id: id}}]\n"
    )


def credentials_of(provider: Provider) -> dict[str, str]:
    ours = {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    return {k: v for k, v in provider.only.headers.items() if k not in ours}


@pytest.mark.parametrize("kind", KINDS)
def test_the_operators_credential_is_sent_as_its_kind_says(
    starter: Starter, provider: Provider, kind: str
) -> None:
    provider.answers["/search"] = found("a")
    thing = starter.start(
        auth(f"{{type: {kind}}}"), provider.url, THING_KEY=SECRET, CONNECTOR_API_KEY=KEY
    )
    headers, params = KINDS[kind]
    assert thing.search(token=KEY, user_token=USER).status_code == 400
    assert thing.search().status_code == 401
    assert provider.received == []
    assert [row["id"] for row in thing.results(token=KEY)] == ["a"]
    assert credentials_of(provider) == headers
    assert provider.only.params == [("q", "travel policy"), *params]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_refused_credential_is_named_nowhere(
    starter: Starter, provider: Provider, kind: str, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    provider.answers["/search"] = lambda request: Answer(
        f"{request.target} {request.headers} not good".encode(), status
    )
    thing = starter.start(
        auth(f"{{type: {kind}}}"), provider.url, THING_KEY=SECRET, CONNECTOR_API_KEY=KEY
    )
    answer = thing.search(token=KEY)
    assert answer.status_code == 502
    seen = answer.text + str(answer.headers) + "".join(capfd.readouterr())
    assert "provider_calls" in seen
    for secret in (SECRET, BASIC, "not good", KEY):
        assert secret not in seen


@pytest.mark.parametrize("kind", KINDS)
def test_a_fallback_is_for_who_sends_no_token(
    starter: Starter, provider: Provider, kind: str
) -> None:
    provider.answers["/search"] = lambda request: (
        Answer({}, 401) if USER in str(request.headers) else found("operators")
    )
    thing = starter.start(
        auth(f"{{type: relay, fallback: {{type: {kind}}}}}"),
        provider.url,
        THING_KEY=SECRET,
        CONNECTOR_API_KEY=KEY,
    )
    refused = thing.search(token=KEY, user_token=USER)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    assert credentials_of(provider) == {"Authorization": f"Bearer {USER}"}
    assert provider.only.params == [("q", "travel policy")]
    provider.received.clear()
    assert [row["id"] for row in thing.results(token=KEY)] == ["operators"]
    assert credentials_of(provider) == KINDS[kind][0]


def test_relay_without_a_fallback_needs_a_token(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = found("mine")
    kind = '{type: relay, fallback: {type: bearer, token: "${env.key}"}}'
    for text in (auth("{type: relay}"), auth(kind)):  # its variable is not set
        thing = starter.start(text, provider.url)
        assert thing.search().status_code == 401
        assert [row["id"] for row in thing.results(token=USER)] == ["mine"]
    assert {r.headers["Authorization"] for r in provider.received} == {f"Bearer {USER}"}


def test_relay_may_fall_back_to_nobody(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = found("public")
    thing = starter.start(auth("{type: relay, fallback: {type: none}}"), provider.url)
    thing.results()
    assert credentials_of(provider) == {}


def test_an_optional_credential_that_is_not_set_is_not_sent(
    starter: Starter, provider: Provider
) -> None:
    provider.answers["/search"] = found("public")
    thing = starter.start(auth('{type: bearer, token: "${env.key}"}'), provider.url)
    thing.results()
    assert credentials_of(provider) == {}


def test_a_source_without_credentials_takes_no_token(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = Answer({}, 401)
    thing = starter.start(auth("{type: none}"), provider.url)
    assert thing.search(token=USER).status_code == 400
    assert provider.received == []
    answer = thing.search()
    assert answer.status_code == 502  # a caller cannot mend it with a token
    assert "without one" in answer.get_json()["detail"]


def test_statuses_that_a_source_calls_unauthorized(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = Answer(b"<h1>Forbidden</h1>", 403, {"Content-Type": "text/html"})
    thing = starter.start(auth("{type: relay}"), provider.url)
    assert thing.search(token=USER).status_code == 403
    thing = starter.start(auth("{type: relay}\nunauthorized: [401, 403]"), provider.url)
    assert thing.search(token=USER).status_code == 401


def test_an_api_that_is_open_or_wants_a_token_says_so_to_who_sent_none(
    starter: Starter, provider: Provider
) -> None:
    """The caller may mend it with a token, where the source takes one."""
    provider.answers["/search"] = Answer({}, 401)
    thing = starter.start(auth("{type: any, of: [{type: relay}, {type: none}]}"), provider.url)
    answer = thing.search()
    assert answer.status_code == 401
    assert "send the user's own" in answer.get_json()["detail"]
    assert "invalid_token" not in answer.headers["WWW-Authenticate"]


def test_an_api_may_refuse_within_a_200(starter: Starter, provider: Provider) -> None:
    provider.answers["/search"] = Answer({"error": {"code": "readapidenied"}})
    text = auth("{type: relay}").replace("results:", "refused: error.code, errors: error, results:")
    thing = starter.start(text, provider.url)
    answer = thing.search(token=USER)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
