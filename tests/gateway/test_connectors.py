"""`/v1/connectors` as the unmodified `cohere` package calls it, on real connectors."""

from __future__ import annotations

import asyncio
from typing import Any

import cohere
import pytest
from cohere import errors as sdk_errors

from sandbox.server import Sandbox
from tests.conftest import Start
from tests.gateway.conftest import StartGateway
from tests.support.connectors import Connector
from tests.support.gateway import RunningGateway

KEY = "a-connector-key-of-more-than-32-characters"
OAUTH = {
    "client_id": "sandbox-google-client",
    "client_secret": "sandbox-google-secret",
    "scope": "https://www.googleapis.com/auth/drive.readonly",
}


@pytest.fixture
def drive(start_connector: Start, sandbox: Sandbox) -> Connector:
    return start_connector("gdrive", GDRIVE_API_ENDPOINT=sandbox.gdrive_api_endpoint)


@pytest.fixture
def behind_a_key(start_connector: Start, sandbox: Sandbox) -> Connector:
    return start_connector(
        "gdrive", GDRIVE_API_ENDPOINT=sandbox.gdrive_api_endpoint, GDRIVE_CONNECTOR_API_KEY=KEY
    )


def oauth_of(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    return {
        **OAUTH,
        "authorize_url": f"{sandbox.url}/google/o/oauth2/v2/auth?access_type=offline&prompt=consent",
        "token_url": f"{sandbox.url}/google/token",
        **more,
    }


def test_every_call_of_the_sdk(
    start_gateway: StartGateway, database: str, drive: Connector, sandbox: Sandbox
) -> None:
    """Create, get, list, update, authorize, delete: with the fields that the SDK parses."""
    gateway = start_gateway(database)
    co = gateway.sdk(gateway.admin)
    before = co.connectors.list().total_count or 0
    url = f"{drive.url}/search"
    created = co.connectors.create(
        name="Google Drive (Sales & Co)",
        url=url,
        description="What sales has",
        excludes=["author"],
        continue_on_failure=True,
        oauth=oauth_of(sandbox),
    ).connector
    assert created.id.startswith("google-drive-sales-co-")
    assert len(created.id) == len("google-drive-sales-co-") + 6
    assert created.name == "Google Drive (Sales & Co)"
    assert created.description == "What sales has"
    assert created.excludes == ["author"]
    assert created.url == url
    assert created.auth_type == "oauth"
    assert created.auth_status is None
    assert created.active is True
    assert created.continue_on_failure is True
    assert created.oauth is not None
    assert created.oauth.client_id == OAUTH["client_id"]
    assert created.oauth.client_secret is None
    assert created.oauth.authorize_url == oauth_of(sandbox)["authorize_url"]
    assert created.oauth.scope == OAUTH["scope"]
    redirect_uri = f"{gateway.url}/v1/connectors/oauth/token/{created.id}"
    assert getattr(created.oauth, "redirect_uri", None) == redirect_uri
    assert created.created_at.tzinfo is not None

    assert co.connectors.get(created.id).connector == created
    second = co.connectors.create(name="Open", url=url).connector
    assert second.auth_type is None
    listed = co.connectors.list(limit=1)
    assert [one.id for one in listed.connectors] == [second.id]
    assert listed.total_count == before + 2
    assert co.connectors.list(limit=5, offset=1).connectors[0].id == created.id

    changed = co.connectors.update(created.id, name="Drive", excludes=[], active=False).connector
    assert (changed.name, changed.excludes, changed.active) == ("Drive", [], False)
    assert (changed.description, changed.continue_on_failure) == ("What sales has", True)
    assert changed.updated_at > created.updated_at or changed.updated_at == created.updated_at

    link = co.connectors.o_auth_authorize(created.id).redirect_url
    assert link.startswith(f"{gateway.url}/connect/")

    co.connectors.delete(created.id)
    with pytest.raises(sdk_errors.NotFoundError):
        co.connectors.get(created.id)
    co.connectors.delete(second.id)


def test_the_async_sdk(gateway: RunningGateway, drive: Connector) -> None:
    """The same with the asynchronous client, and the newer one."""

    async def story() -> None:
        for client in (cohere.AsyncClient, cohere.AsyncClientV2):
            async with client(api_key=gateway.admin, base_url=gateway.url) as co:
                made = (await co.connectors.create(name="x", url=f"{drive.url}/search")).connector
                assert (await co.connectors.get(made.id)).connector.id == made.id
                renamed = (await co.connectors.update(made.id, name="y")).connector
                assert renamed.name == "y"
                listed = await co.connectors.list()
                assert made.id in [one.id for one in listed.connectors or []]
                await co.connectors.delete(made.id)

    asyncio.run(story())


def test_errors_are_typed_and_say_what_to_do(start_gateway: StartGateway, drive: Connector) -> None:
    """Each body has a message."""
    gateway = start_gateway(GATEWAY_REQUESTS_PER_MINUTE="40")
    co = gateway.sdk(gateway.admin)
    with pytest.raises(sdk_errors.UnauthorizedError) as bad_key:
        gateway.sdk("gw_not-a-key").connectors.list()
    assert "API key" in bad_key.value.body["message"]
    with pytest.raises(sdk_errors.ForbiddenError) as member:
        gateway.sdk(gateway.key("mia")).connectors.create(name="x", url=f"{drive.url}/search")
    assert "admin" in member.value.body["message"]
    with pytest.raises(sdk_errors.NotFoundError) as nothing:
        co.connectors.get("a b/c")
    assert nothing.value.body["message"]
    with pytest.raises(sdk_errors.NotFoundError):
        co.connectors.get("oauth")
    with pytest.raises(sdk_errors.BadRequestError) as wrong:
        co.connectors.create(name="x", url="ftp://x/search")
    assert "url" in wrong.value.body["message"]
    with pytest.raises(sdk_errors.NotImplementedError) as chat:
        co.chat(message="hello", connectors=[cohere.ChatConnector(id="x")])
    assert "/v1/search" in chat.value.body["message"]
    busy = gateway.key("busy")
    for _ in range(40):
        assert gateway.call("GET", "/v1/connectors", busy).status_code in (200, 429)
    with pytest.raises(sdk_errors.TooManyRequestsError) as limited:
        _raise_at_once(gateway, busy)
    assert "GATEWAY_REQUESTS_PER_MINUTE" in limited.value.body["message"]


def _raise_at_once(gateway: RunningGateway, key: str) -> None:
    for _ in range(41):  # more than one minute's worth, should a minute have begun meanwhile
        gateway.sdk(key).connectors.list(request_options={"max_retries": 0})


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"name": "x"}, "url"),
        ({"name": "", "url": "{url}"}, "name"),
        ({"name": "x", "url": "{url}", "excludes": "text"}, "excludes"),
        (
            {"name": "x", "url": "{url}", "service_auth": {"type": "basic", "token": "t"}},
            "only 'bearer'",
        ),
        (
            {"name": "x", "url": "{url}", "service_auth": {"type": "noscheme", "token": "t"}},
            "only 'bearer'",
        ),
        (
            {"name": "x", "url": "{url}", "service_auth": {"type": "bearer", "token": "t\r\nX: y"}},
            "service_auth.token",
        ),
        ({"name": "x", "url": "{url}", "oauth": {"client_id": "c"}}, "oauth.client_secret"),
        (
            {
                "name": "x",
                "url": "{url}",
                "oauth": OAUTH | {"authorize_url": "{url}", "token_url": "javascript:x"},
            },
            "oauth.token_url",
        ),
        (
            {
                "name": "x",
                "url": "{url}",
                "oauth": OAUTH | {"authorize_url": "{url}", "token_url": "{url}"},
                "service_auth": {"type": "bearer", "token": "t"},
            },
            "not both",
        ),
    ],
)
def test_a_wrong_registration_is_refused(
    gateway: RunningGateway, drive: Connector, body: dict[str, Any], says: str
) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(inner) for name, inner in value.items()}
        return value.format(url=f"{drive.url}/search") if isinstance(value, str) else value

    answer = gateway.call("POST", "/v1/connectors", gateway.admin, json=filled(body))
    assert answer.status_code == 400
    assert says in answer.json()["message"]


def test_a_connector_is_tried_before_it_is_stored(
    gateway: RunningGateway, behind_a_key: Connector, drive: Connector
) -> None:
    """What was sent and what came back is said, but nothing of the token or the body."""

    def register(url: str, **more: Any) -> Any:
        body = {"name": "tried", "url": url, **more}
        return gateway.call("POST", "/v1/connectors", gateway.admin, json=body)

    before = gateway.call("GET", "/v1/connectors", gateway.admin).json()["total_count"]
    wrong = register(
        f"{behind_a_key.url}/search", service_auth={"type": "bearer", "token": "wrong-canary-token"}
    )
    assert wrong.status_code == 400
    message = wrong.json()["message"]
    assert f"POST {behind_a_key.url}/search" in message
    assert "401" in message
    assert "CONNECTOR_API_KEY" in message
    assert "canary" not in message
    for url, says in (
        (f"{drive.url}/nothing-here", "404"),
        (f"{drive.url}/health", "405"),
        ("http://127.0.0.1:9/search", "failed"),
    ):
        answer = register(url)
        assert answer.status_code == 400, url
        assert says in answer.json()["message"]
    assert gateway.call("GET", "/v1/connectors", gateway.admin).json()["total_count"] == before
    good = register(f"{behind_a_key.url}/search", service_auth={"type": "bearer", "token": KEY})
    assert good.status_code == 200
    assert good.json()["connector"]["auth_type"] == "service_auth"
    assert KEY not in good.text
    assert KEY not in gateway.log()
