"""`PATCH /v1/connectors/{id}` and what the server calls: an edit sends nobody's secrets elsewhere."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest

from tests.gateway.conftest import StartGateway
from tests.gateway.test_search import Behave, after_the_trial, header, register, results
from tests.support.gateway import RunningGateway
from tests.support.wire import Wire, answer, serving

FIRST = {"type": "bearer", "token": "first-service-token-canary"}
SECOND = {"type": "bearer", "token": "second-service-token-canary"}
FOUND = after_the_trial(results({"id": "1", "text": "x"}))


def change(gateway: RunningGateway, connector_id: str, **body: Any) -> Any:
    return gateway.call("PATCH", f"/v1/connectors/{connector_id}", gateway.admin, json=body)


def show(gateway: RunningGateway, connector_id: str) -> dict[str, Any]:
    shown = gateway.call("GET", f"/v1/connectors/{connector_id}", gateway.admin).json()
    connector: dict[str, Any] = shown["connector"]
    return connector


def test_what_is_left_out_stays_and_is_not_tried_again(gateway: RunningGateway) -> None:
    with serving(FOUND) as wire:
        one = register(gateway, wire, description="D", excludes=["a"], service_auth=FIRST)
        tried = len(wire.requests)
        assert change(gateway, one, name="Renamed").status_code == 200
        assert change(gateway, one, description=None).json()["connector"].get("description") is None
        assert len(wire.requests) == tried
        shown = show(gateway, one)
        assert (shown["name"], shown["excludes"]) == ("Renamed", ["a"])
        assert "canary" not in json.dumps(shown)


def test_a_changed_credential_or_path_is_tried_again(gateway: RunningGateway) -> None:
    """With the secret that is there, as it is the same host."""
    with serving(FOUND) as wire:
        one = register(gateway, wire, service_auth=FIRST)
        assert change(gateway, one, url=f"{wire.url}/v2/search").status_code == 200
        assert header(wire.requests[-1], "Authorization") == f"Bearer {FIRST['token']}"
        assert change(gateway, one, service_auth=SECOND).status_code == 200
        assert header(wire.requests[-1], "Authorization") == f"Bearer {SECOND['token']}"
        wire.behave = _answering("500 Oops")
        refused = change(gateway, one, url=f"{wire.url}/v3/search")
        assert refused.status_code == 400
        assert "500" in refused.json()["message"]
        assert show(gateway, one)["url"] == f"{wire.url}/v2/search"


def test_secrets_do_not_move_to_another_host(gateway: RunningGateway) -> None:
    """Not even for the trial."""
    with ExitStack() as stack:
        wire, other = (stack.enter_context(serving(FOUND)) for _ in range(2))
        one = register(gateway, wire, service_auth=FIRST)
        refused = change(gateway, one, url=f"{other.url}/search")
        assert refused.status_code == 400
        assert "service_auth" in refused.json()["message"]
        assert other.connections == 0
        assert (
            change(gateway, one, url=f"{other.url}/search", service_auth=SECOND).status_code == 200
        )
        assert header(other.requests[-1], "Authorization") == f"Bearer {SECOND['token']}"


def _oauth(provider: Wire, **more: Any) -> dict[str, Any]:
    return {
        "client_id": "a-client",
        "client_secret": "client-secret-canary",
        "authorize_url": f"{provider.url}/authorize",
        "token_url": f"{provider.url}/token",
        **more,
    }


@pytest.mark.parametrize("place", ["url", "authorize_url", "token_url", "revocation_url"])
def test_an_oauth_client_s_secret_must_come_again_for_another_host(
    gateway: RunningGateway, place: str
) -> None:
    with ExitStack() as stack:
        wire, provider, evil = (stack.enter_context(serving(FOUND)) for _ in range(3))
        oauth = _oauth(provider, revocation_url=f"{provider.url}/revoke")
        one = register(gateway, wire, oauth=oauth)
        moved = f"{evil.url}/search"
        body: dict[str, Any] = {"url": moved} if place == "url" else {"oauth": {place: moved}}
        refused = change(gateway, one, **body)
        assert refused.status_code == 400
        assert "oauth.client_secret" in refused.json()["message"]
        assert evil.connections == 0
        secrets = {"client_id": "another", "client_secret": "another-secret-canary"}
        again = {**body, "oauth": {**body.get("oauth", {}), **secrets}}
        assert change(gateway, one, **again).status_code == 200
        assert show(gateway, one)["oauth"]["client_id"] == "another"


def test_a_connector_changes_its_kind_of_authorization(gateway: RunningGateway) -> None:
    with ExitStack() as stack:
        wire, provider = (stack.enter_context(serving(FOUND)) for _ in range(2))
        one = register(gateway, wire, oauth=_oauth(provider))
        both = change(gateway, one, oauth=_oauth(provider), service_auth=FIRST)
        assert both.status_code == 400
        assert change(gateway, one, service_auth=FIRST).json()["connector"]["auth_type"] == (
            "service_auth"
        )
        assert "oauth" not in show(gateway, one)
        part = change(gateway, one, oauth={"client_id": "x"})
        assert part.status_code == 400
        assert "oauth.client_secret" in part.json()["message"]


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/search",
        "http://[::ffff:169.254.169.254]/search",
        "http://2852039166/search",
        "http://0xa9fea9fe/search",
        "http://metadata.localhost@169.254.169.254/search",
        "http://0.0.0.0/search",
        "file:///etc/passwd",
        "gopher://127.0.0.1/search",
        "//127.0.0.1/search",
        "https://",
        "http://127.0.0.1:1/search\r\nX: y",
    ],
)
def test_addresses_that_are_never_called(gateway: RunningGateway, url: str) -> None:
    """Whatever their spelling, private addresses being allowed."""
    refused = gateway.call("POST", "/v1/connectors", gateway.admin, json={"name": "x", "url": url})
    assert refused.status_code == 400
    assert "address" in refused.json()["message"] or "url" in refused.json()["message"]


def test_private_addresses_and_plain_http_must_be_allowed(start_gateway: StartGateway) -> None:
    gateway = start_gateway(GATEWAY_ALLOW_PRIVATE_ADDRESSES="false")
    with serving(FOUND) as wire:
        for url, says in (
            (f"{wire.url}/search", "plain http"),
            (wire.url.replace("http:", "https:") + "/search", "may not be called"),
            (wire.url.replace("http://127.0.0.1", "https://localhost") + "/s", "may not be called"),
        ):
            body = {"name": "x", "url": url}
            refused = gateway.call("POST", "/v1/connectors", gateway.admin, json=body)
            assert refused.status_code == 400
            assert says in refused.json()["message"]
        assert wire.connections == 0


def _answering(status: str) -> Behave:
    return lambda connection, request, over: connection.sendall(answer(b"", status))


def test_no_call_acts_twice_because_the_sdk_sends_it_again(gateway: RunningGateway) -> None:
    """What is answered with a status that the SDK repeats has not been done."""
    with serving(FOUND) as wire:
        before = gateway.call("GET", "/v1/connectors", gateway.admin).json()["total_count"]
        co = gateway.sdk(gateway.admin)
        made = co.connectors.create(name="once", url=f"{wire.url}/search").connector
        for status in ("408 T", "409 C", "429 S", "500 O", "503 B"):
            wire.behave = _answering(status)
            refused = gateway.call(
                "POST", "/v1/connectors", gateway.admin, json={"name": "x", "url": wire.url}
            )
            assert refused.status_code == 400
        co.connectors.delete(made.id)
        assert gateway.call("GET", "/v1/connectors", gateway.admin).json()["total_count"] == before


def test_the_audit_says_who_did_and_was_refused_what(gateway: RunningGateway) -> None:
    with serving(FOUND) as wire:
        one = register(gateway, wire, service_auth=FIRST)
        change(gateway, one, name="Renamed")
        gateway.call("DELETE", f"/v1/connectors/{one}", gateway.key("mia"))
        gateway.call("DELETE", f"/v1/connectors/{one}", gateway.admin)
    lines = [line for line in gateway.command("audit", "--last", "500").splitlines() if one in line]
    assert [line.split()[1] for line in lines] == [
        "connector.created",
        "connector.changed",
        "connector.refused",
        "connector.deleted",
    ]
    assert "canary" not in "\n".join(lines)


def test_the_description_of_the_api(gateway: RunningGateway) -> None:
    """Valid, and with every call that is routed."""
    from openapi_spec_validator import validate

    described = gateway.call("GET", "/openapi.json", None).json()
    validate(described)
    assert gateway.call("GET", "/ui/", None).status_code == 200
    assert "/v1/connectors/{id}/oauth/confirm" in described["paths"]
