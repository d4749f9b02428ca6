"""`auth: {type: client_credentials}` and `auth: {type: any}`."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote_plus

import pytest

from tests.connectors.generic_rest.connector import KEY, USER, Starter
from tests.connectors.generic_rest.provider import Answer, Provider, Received

SECRET = "client-secret/canary+7a2f"
TOKEN = "issued-token-canary-"
KIND = """{type: client_credentials, token_url: "${env.tokens}/oauth/token", client_id: our-client,
  client_secret: "${env.secret}", scope: read.all, params: {audience: api}, send: SEND}"""


def source(auth: str) -> str:
    return f"""
version: 1
name: thing
base_url: https://api.example.com
env:
  tokens: {{var: THING_TOKENS}}
  secret: {{var: THING_SECRET, type: secret, default: null}}
  key: {{var: THING_KEY, type: secret, default: null}}
auth: {auth}
search: [{{path: /search, params: {{q: "${{query}}"}}, results: items, document: {{id: id}}}}]
"""


class Tokens:
    """A token endpoint that counts what it gives, and is slow enough to be asked twice."""

    def __init__(self, expires_in: object = 3600) -> None:
        self.given = 0
        self.expires_in = expires_in
        self.asked_again = threading.Event()

    def __call__(self, _: Received) -> Answer:
        self.given += 1
        if self.given > 1:
            self.asked_again.set()
        self.asked_again.wait(0.2)
        token = {"access_token": f"{TOKEN}{self.given}", "token_type": "Bearer"}
        return Answer(token | {"expires_in": self.expires_in})


@pytest.fixture
def api(provider: Provider) -> Provider:
    """Only the last token that was given is good."""
    provider.answers["/oauth/token"] = Tokens()
    provider.answers["/search"] = lambda request: Answer(
        {"items": [{"id": request.headers["Authorization"]}]}
    )
    return provider


def asked_for_tokens(provider: Provider) -> list[Received]:
    return [request for request in provider.received if request.path == "/oauth/token"]


@pytest.mark.parametrize("send", ["post", "basic"])
def test_a_token_is_asked_for_once(starter: Starter, api: Provider, send: str) -> None:
    """By the first search, by one of several at once; it is kept until it ends."""
    thing = starter.start(
        source(KIND.replace("SEND", send)),
        api.url,
        THING_TOKENS=api.url,
        THING_SECRET=SECRET,
        CONNECTOR_API_KEY=KEY,
    )
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: thing.results(token=KEY), range(8)))
    assert {row["id"] for rows in found for row in rows} == {f"Bearer {TOKEN}1"}
    (request,) = asked_for_tokens(api)
    form = [("audience", "api"), ("grant_type", "client_credentials"), ("scope", "read.all")]
    basic = base64.b64encode(f"our-client:{SECRET}".encode()).decode()
    if send == "post":
        form += [("client_id", "our-client"), ("client_secret", SECRET)]
        assert "Authorization" not in request.headers
    else:
        assert request.headers["Authorization"] == f"Basic {basic}"
    assert sorted(request.form) == sorted(form)
    assert request.method == "POST"


@pytest.mark.parametrize(("expires_in", "asked"), [(59, 2), ("3599", 1), (None, 1)])
def test_a_token_is_kept_until_a_minute_before_its_end(
    starter: Starter, api: Provider, expires_in: object, asked: int
) -> None:
    api.answers["/oauth/token"] = Tokens(expires_in)
    thing = starter.start(
        source(KIND.replace("SEND", "post")),
        api.url,
        THING_TOKENS=api.url,
        THING_SECRET=SECRET,
        CONNECTOR_API_KEY=KEY,
    )
    thing.results(token=KEY)
    thing.results(token=KEY)
    assert len(asked_for_tokens(api)) == asked


def test_a_token_that_was_revoked_is_asked_for_anew(starter: Starter, api: Provider) -> None:
    """The search that finds it refused is 502, as its caller cannot mend it; the next one works."""
    api.answers["/search"] = lambda request: (
        Answer({}, 401)
        if request.headers["Authorization"].endswith("1")
        else Answer({"items": [{"id": "found"}]})
    )
    thing = starter.start(
        source(KIND.replace("SEND", "post")),
        api.url,
        THING_TOKENS=api.url,
        THING_SECRET=SECRET,
        CONNECTOR_API_KEY=KEY,
    )
    assert thing.search(token=KEY).status_code == 502
    assert [row["id"] for row in thing.results(token=KEY)] == ["found"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer({"error": "invalid_client", "d": SECRET}, 401), "client id and secret"),
        (Answer({"error": "invalid_scope", "d": SECRET}, 400), "client id and secret"),
        (Answer({"d": SECRET}, 500), "failed (500)"),
        (Answer({"d": SECRET}), "no token"),
        (Answer([SECRET]), "no token"),
        (Answer({"access_token": "a\nb"}), "no token"),
        (Answer({}, 302, {"Location": "/search"}), "redirect"),
    ],
)
def test_no_token_is_502_and_names_no_secret(
    starter: Starter,
    api: Provider,
    answer: Answer,
    says: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    api.answers["/oauth/token"] = answer
    thing = starter.start(
        source(KIND.replace("SEND", "post")),
        api.url,
        THING_TOKENS=api.url,
        THING_SECRET=SECRET,
        CONNECTOR_API_KEY=KEY,
    )
    told = thing.search(token=KEY)
    assert told.status_code == 502
    assert says in told.get_json()["detail"]
    seen = told.text + "".join(capfd.readouterr())
    assert SECRET not in seen
    assert quote_plus(SECRET) not in seen
    assert not [request for request in api.received if request.path == "/search"]


def test_an_issued_token_is_masked(
    starter: Starter, api: Provider, capfd: pytest.CaptureFixture[str]
) -> None:
    api.answers["/search"] = lambda request: Answer(str(request.headers).encode(), 500)
    thing = starter.start(
        source(KIND.replace("SEND", "post")),
        api.url,
        THING_TOKENS=api.url,
        THING_SECRET=SECRET,
        CONNECTOR_API_KEY=KEY,
    )
    assert TOKEN not in thing.search(token=KEY).text + "".join(capfd.readouterr())


ANY = (
    "{type: any, of: [{type: relay}, {type: header, headers: {X-Key: '${env.key}'}}, "
    + KIND.replace("SEND", "post")
    + "]}"
)


@pytest.mark.parametrize(
    ("env", "user_token", "expected"),
    [
        ({"THING_KEY": "our-key-0123"}, USER, {"Authorization": f"Bearer {USER}"}),
        ({"THING_KEY": "our-key-0123"}, None, {"X-Key": "our-key-0123"}),
        ({"THING_KEY": "our-key-0123", "THING_SECRET": SECRET}, None, {"X-Key": "our-key-0123"}),
        ({"THING_SECRET": SECRET}, None, {"Authorization": f"Bearer {TOKEN}1"}),
        ({"THING_SECRET": SECRET}, USER, {"Authorization": f"Bearer {USER}"}),
    ],
)
def test_any_takes_the_first_whose_variables_are_set(
    starter: Starter,
    api: Provider,
    env: dict[str, str],
    user_token: str | None,
    expected: dict[str, str],
) -> None:
    api.answers["/search"] = Answer({"items": []})
    thing = starter.start(source(ANY), api.url, THING_TOKENS=api.url, CONNECTOR_API_KEY=KEY, **env)
    thing.results(token=KEY, user_token=user_token)
    sent = api.received[-1].headers
    assert {name: sent[name] for name in ("Authorization", "X-Key") if name in sent} == expected


def test_any_without_a_variable_needs_a_users_token(starter: Starter, api: Provider) -> None:
    thing = starter.start(source(ANY), api.url, THING_TOKENS=api.url)
    assert thing.search().status_code == 401
    assert [row["id"] for row in thing.results(token=USER)] == [f"Bearer {USER}"]


def test_any_does_not_try_the_next_kind_for_a_refused_token(
    starter: Starter, api: Provider
) -> None:
    api.answers["/search"] = Answer({}, 401)
    thing = starter.start(
        source(ANY),
        api.url,
        THING_TOKENS=api.url,
        THING_KEY="our-key-0123",
        CONNECTOR_API_KEY=KEY,
    )
    assert thing.search(token=KEY, user_token=USER).status_code == 401
    assert len(api.received) == 1
    assert "X-Key" not in api.received[0].headers
