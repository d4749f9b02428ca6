"""The page at `/`, over HTTP."""

from __future__ import annotations

import re

import pytest

from sandbox.server import Sandbox
from tests.gateway.support.scene import (
    audited,
    auth_status,
    connected_users,
    google,
    link,
    register,
    rows_of,
    token_requests,
)
from tests.gateway.support.visitor import Visitor, form_of
from tests.support.connectors import Connector
from tests.support.gateway import RunningGateway

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;{{7*7}}"


def card(visitor: Visitor, connector_id: str) -> str:
    """Return the words of one connector on the page."""
    found = re.search(
        rf'<li class="card" id="{connector_id}">(.*?)</li>', visitor.get("/").text, re.DOTALL
    )
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split())


def test_connects_and_disconnects(
    gateway: RunningGateway, drive: Connector, sandbox: Sandbox, alice: Visitor, empty: None
) -> None:
    """There and back, with what happened at the top; the tokens are revoked at the end."""
    connector_id = register(gateway, drive, description="All files", oauth=google(sandbox))
    assert "All files" in card(alice, connector_id)
    assert card(alice, connector_id).endswith("Not connected Connect Drive")
    provider_url = alice.press(alice.get("/"), "Connect Drive").headers["Location"]
    end = alice.get(alice.consent(provider_url)).headers["Location"]
    assert end == f"{gateway.url}/?notice=connected&connector_id={connector_id}"
    page = alice.get(end)
    assert "Drive is connected." in page.text
    assert card(alice, connector_id).endswith("Connected Reconnect Drive Disconnect Drive")
    assert auth_status(gateway, gateway.key("alice"), connector_id) == "valid"

    answer = alice.press(page, "Disconnect Drive")
    assert answer.status_code == 303
    assert "Drive is disconnected" in alice.get(answer.headers["Location"]).text
    assert connected_users(gateway, connector_id) == []
    assert [one for one in sandbox.requests if one.path == "/google/revoke"]
    assert audited(gateway, connector_id)[-2:] == ["connection.made", "connection.ended"]


def test_denied_consent_comes_back_to_the_page(
    gateway: RunningGateway, drive: Connector, sandbox: Sandbox, alice: Visitor, empty: None
) -> None:
    """With the reason."""
    connector_id = register(gateway, drive, oauth=google(sandbox))
    provider_url = alice.press(alice.get("/"), "Connect Drive").headers["Location"]
    end = alice.get(alice.consent(provider_url, decision="deny")).headers["Location"]
    page = alice.get(end)
    assert "Drive was not connected: consent was not given" in page.text
    assert card(alice, connector_id).endswith("Not connected Connect Drive")


def test_every_kind_and_state(
    gateway: RunningGateway, drive: Connector, sandbox: Sandbox, alice: Visitor, empty: None
) -> None:
    """What each connector searches with, and what can be done about it."""
    own = register(gateway, drive, oauth=google(sandbox))
    passed_on = register(gateway, drive, name="Passed on")
    assert "with your own account at 127.0.0.1" in card(alice, own)
    assert card(alice, passed_on).endswith("your application passes on Nothing to connect")
    alice.connect(link(gateway, gateway.key("alice"), own))
    rows_of(gateway, "UPDATE connections SET refused = 1 WHERE connector_id = ?", own)
    assert card(alice, own).endswith("Expired Reconnect Drive Disconnect Drive")
    switched_off = {"active": False}
    path = f"/v1/connectors/{own}"
    assert gateway.call("PATCH", path, gateway.admin, json=switched_off).status_code == 200
    assert card(alice, own).endswith("Switched off Disconnect Drive")
    token = form_of(alice.get("/"), "Sign out").fields
    assert alice.post(f"/connectors/{own}/connect", data=token).status_code == 400
    assert alice.post(f"/connectors/{passed_on}/connect", data=token).status_code == 400
    assert alice.post("/connectors/none-such/connect", data=token).status_code == 404
    assert alice.post("/connectors/none-such/disconnect", data=token).status_code == 404


def test_each_user_sees_their_own(
    gateway: RunningGateway, drive: Connector, sandbox: Sandbox, alice: Visitor, empty: None
) -> None:
    """Nobody sees or ends another's connection."""
    connector_id = register(gateway, drive, oauth=google(sandbox))
    alice.connect(link(gateway, gateway.key("alice"), connector_id))
    bob = Visitor(gateway)
    page = bob.sign_in(gateway.key("bob"))
    assert "Not connected" in card(bob, connector_id)
    token = form_of(page, "Sign out").fields
    bob.post(f"/connectors/{connector_id}/disconnect", data=token)
    assert connected_users(gateway, connector_id) == ["alice"]


@pytest.mark.parametrize("action", ["connect", "disconnect"])
def test_forms_of_other_sites_connect_nothing(
    gateway: RunningGateway,
    drive: Connector,
    sandbox: Sandbox,
    alice: Visitor,
    empty: None,
    action: str,
) -> None:
    """Nor do they disconnect anything; and who is not signed in is sent to sign in."""
    connector_id = register(gateway, drive, oauth=google(sandbox))
    alice.connect(link(gateway, gateway.key("alice"), connector_id))
    sandbox.clear()
    path = f"/connectors/{connector_id}/{action}"
    token = form_of(alice.get("/"), "Sign out").fields
    assert alice.get(path).status_code == 405
    for sent, headers in (
        ({}, {}),
        ({"csrf_token": "wrong"}, {}),
        (token, {"Origin": "https://evil.example"}),
        (token, {"Sec-Fetch-Site": "cross-site"}),
    ):
        assert alice.post(path, data=sent, headers=headers).status_code == 403
    stranger = Visitor(gateway)
    token = form_of(stranger.get("/"), "Sign in").fields
    answer = stranger.post(path, data=token)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert connected_users(gateway, connector_id) == ["alice"]
    left = "SELECT * FROM authorizations WHERE connector_id = ?"
    assert rows_of(gateway, left, connector_id) == []
    assert token_requests(sandbox) == []


def test_names_are_text(
    gateway: RunningGateway, drive: Connector, sandbox: Sandbox, alice: Visitor, empty: None
) -> None:
    """What admins and operators write is shown, and never becomes part of a page."""
    connector_id = register(
        gateway, drive, name=HOSTILE, description=HOSTILE, oauth=google(sandbox)
    )
    rows_of(gateway, "UPDATE users SET name = ? WHERE name = 'alice'", HOSTILE)
    try:
        pages = [
            alice.get("/"),
            alice.get(link(gateway, gateway.key("alice"), connector_id)),
            alice.connect(link(gateway, gateway.key("alice"), connector_id)),
            alice.connect(link(gateway, gateway.key("alice"), connector_id), decision="deny"),
            alice.get(link(gateway, gateway.key("bob"), connector_id)),
            alice.get("/", params={"notice": "connected", "connector_id": connector_id}),
        ]
    finally:
        rows_of(gateway, "UPDATE users SET name = 'alice' WHERE name = ?", HOSTILE)
    for page in pages:
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "{{7*7}}" in page.text


@pytest.mark.parametrize(
    "query",
    [
        {"notice": "connected"},
        {"notice": "connected", "connector_id": "none-such"},
        {"notice": "disconnected", "connector_id": HOSTILE},
        {"error": HOSTILE},
        {"notice": HOSTILE, "connector_id": "{id}"},
        {"notice": "connected", "connector_id": "{id}"},
        {"offset": "x"},
        {"offset": "-1"},
        {"offset": "9" * 30},
    ],
)
def test_an_address_makes_the_page_say_nothing_untrue(
    gateway: RunningGateway,
    drive: Connector,
    sandbox: Sandbox,
    alice: Visitor,
    empty: None,
    query: dict[str, str],
) -> None:
    """Anybody can write one and send it to somebody."""
    connector_id = register(gateway, drive, oauth=google(sandbox))
    given = {
        name: value.format(id=connector_id) if "{id}" in value else value
        for name, value in query.items()
    }
    page = alice.get("/", params=given)
    assert page.status_code == 200
    assert 'class="notice' not in page.text
    assert "alert(" not in page.text


def test_many_connectors(
    gateway: RunningGateway, drive: Connector, alice: Visitor, empty: None
) -> None:
    """Fifty on a page, the newest first, with a way to the others."""
    rows_of(gateway, "DELETE FROM connectors")
    register(gateway, drive, name="Number 0")
    for number in range(1, 53):
        rows_of(
            gateway,
            "INSERT INTO connectors (id, name, url, excludes, active, continue_on_failure,"
            " created_at, updated_at, version, pkce)"
            " SELECT 'number-' || ?, 'Number ' || ?, url, excludes, active, continue_on_failure,"
            " created_at + ?, updated_at, version, pkce FROM connectors WHERE name = 'Number 0'",
            number,
            number,
            number,
        )
    first = alice.get("/").text
    assert re.findall(r"<h2>Number (\d+)</h2>", first) == [str(n) for n in range(52, 2, -1)]
    assert '<a href="/?offset=50">Older</a>' in first
    second = alice.get("/?offset=50").text
    assert re.findall(r"<h2>Number (\d+)</h2>", second) == ["2", "1", "0"]
    assert '<a href="/?offset=0">Newer</a>' in second
    assert "Older" not in second
