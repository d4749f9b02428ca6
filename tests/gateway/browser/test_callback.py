"""What comes back from a provider: answers that are replayed, mixed up, late or somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlsplit

import pytest

from sandbox.server import Sandbox
from tests.gateway.conftest import StartGateway
from tests.gateway.support.scene import (
    AFTER,
    auth_status,
    connected_users,
    google,
    link,
    register,
    rows_of,
    slack,
    token_requests,
)
from tests.gateway.support.visitor import Visitor, button_of, query_of
from tests.support.connectors import Connector
from tests.support.gateway import RunningGateway


def test_a_state_twice(
    gateway: RunningGateway, alice: Visitor, connector_id: str, alices_link: Callable[..., str]
) -> None:
    """The callback's address, opened again from the browser's history, changes nothing."""
    back = alice.consent(alice.begin(alices_link(AFTER)))
    assert alice.get(back).headers["Location"] == AFTER
    again = alice.get(back)
    assert again.status_code == 400
    assert "used before" in again.text
    assert connected_users(gateway, connector_id) == ["alice"]


def test_a_state_that_is_old(
    gateway: RunningGateway,
    sandbox: Sandbox,
    alice: Visitor,
    connector_id: str,
    alices_link: Callable[..., str],
) -> None:
    """Who comes back after ten minutes starts again."""
    back = alice.consent(alice.begin(alices_link()))
    rows_of(gateway, "UPDATE authorizations SET expires_at = 1")
    assert alice.get(back).status_code == 400
    assert connected_users(gateway, connector_id) == []
    assert token_requests(sandbox) == []


@pytest.mark.parametrize("state", [None, "", "made-up", "é", "x" * 5000])
def test_a_state_that_nobody_gave_out(
    alice: Visitor, connector_id: str, sandbox: Sandbox, state: str | None
) -> None:
    """With a code of the attacker's own account, say."""
    parameters = {"code": "a-code"} | ({} if state is None else {"state": state})
    answer = alice.get(f"/v1/connectors/oauth/token/{connector_id}", params=parameters)
    assert answer.status_code == 400
    assert token_requests(sandbox) == []


def test_a_code_twice(
    gateway: RunningGateway, alice: Visitor, connector_id: str, alices_link: Callable[..., str]
) -> None:
    """A code that was redeemed, with a fresh state: refused by the provider, and nothing is lost."""
    first = alice.consent(alice.begin(alices_link()))
    assert alice.get(first).status_code == 200
    second = alice.consent(alice.begin(alices_link(AFTER)))
    replayed = second.replace(quote(query_of(second)["code"]), quote(query_of(first)["code"]))
    assert replayed != second
    assert alice.get(replayed).headers["Location"] == f"{AFTER}&error=server_error"
    assert auth_status(gateway, gateway.key("alice"), connector_id) == "valid"


def test_mix_up_of_two_providers(
    gateway: RunningGateway,
    drive: Connector,
    sandbox: Sandbox,
    alice: Visitor,
    connector_id: str,
    alices_link: Callable[..., str],
) -> None:
    """A state of one connector at the address of another: no code is sent to anybody."""
    other = register(gateway, drive, name="Other", oauth=slack(sandbox))
    back = alice.consent(alice.begin(alices_link(AFTER)))
    mixed = back.replace(connector_id, other)
    answer = alice.get(mixed)
    assert answer.status_code == 403
    assert "address of another connector" in answer.text
    assert token_requests(sandbox) == []
    # And it is used up: the code can no longer be brought to the right place either.
    assert alice.get(back).status_code == 400
    assert connected_users(gateway, connector_id) == connected_users(gateway, other) == []


@pytest.mark.parametrize(
    ("registered", "said", "taken"),
    [
        (None, "https://evil.example", False),
        (None, "http://127.0.0.1:1", False),
        (None, "", False),
        (None, "not a URL", False),
        (None, "{sandbox}", True),
        (None, "{sandbox}/tenant/v2.0", True),
        ("https://accounts.example", "https://accounts.example", True),
        ("https://accounts.example", "https://accounts.example/", False),
        ("https://accounts.example", "{sandbox}", False),
        ("https://accounts.example", None, True),
    ],
)
def test_the_issuer(
    gateway: RunningGateway,
    drive: Connector,
    sandbox: Sandbox,
    alice: Visitor,
    registered: str | None,
    said: str | None,
    taken: bool,
) -> None:
    """`iss` must be the provider's, where it is sent (RFC 9207); else no code is sent anywhere."""
    more = {} if registered is None else {"issuer": registered}
    connector_id = register(gateway, drive, oauth=google(sandbox, **more))
    url = link(gateway, gateway.key("alice"), connector_id, AFTER)
    back = alice.consent(alice.begin(url))
    if said is not None:
        back += f"&iss={quote(said.format(sandbox=sandbox.url), safe='')}"
    end = alice.get(back).headers["Location"]
    assert end == (AFTER if taken else f"{AFTER}&error=invalid_request")
    assert len(token_requests(sandbox)) == (1 if taken else 0)


def test_another_browser_comes_back(
    gateway: RunningGateway,
    sandbox: Sandbox,
    alice: Visitor,
    bob: Visitor,
    connector_id: str,
    alices_link: Callable[..., str],
) -> None:
    """Without the cookie, with another's, or with another session of the same user."""
    same_user = Visitor(gateway)
    same_user.sign_in(gateway.key("alice"))
    for other in (Visitor(gateway), bob, same_user):
        back = alice.consent(alice.begin(alices_link(AFTER)))
        answer = other.get(back)
        assert answer.status_code == 403
        assert "another browser" in answer.text
        assert alice.get(back).status_code == 400
    assert connected_users(gateway, connector_id) == []
    assert token_requests(sandbox) == []


def test_the_user_signs_out_or_changes_on_the_way(
    gateway: RunningGateway, alice: Visitor, connector_id: str, alices_link: Callable[..., str]
) -> None:
    """Who is signed in when the browser comes back is whose account it is."""
    back = alice.consent(alice.begin(alices_link()))
    kept = dict(alice.http.cookies)
    alice.press(alice.get("/"), "Sign out")
    assert alice.get(back).status_code == 403
    # Not even with the cookie that the browser had then.
    alice.sign_in(gateway.key("alice"))
    back = alice.consent(alice.begin(alices_link()))
    rows_of(gateway, "DELETE FROM browser_sessions")
    assert alice.get(back).status_code == 403
    assert Visitor(gateway).get(back, cookies=kept).status_code == 400
    alice.sign_in(gateway.key("alice"))
    back = alice.consent(alice.begin(alices_link()))
    alice.press(alice.get("/"), "Sign out")
    alice.sign_in(gateway.key("bob"))
    assert alice.get(back).status_code == 403
    assert connected_users(gateway, connector_id) == []


def test_the_connector_changes_on_the_way(
    gateway: RunningGateway,
    sandbox: Sandbox,
    alice: Visitor,
    connector_id: str,
    alices_link: Callable[..., str],
) -> None:
    """What the user was asked about is no more: neither the link nor the state is good."""
    path = f"/v1/connectors/{connector_id}"
    change = {"oauth": google(sandbox, token_url=f"{sandbox.url}/google/token?new=1")}
    old_link = alices_link()
    page = alice.get(old_link)
    back = alice.consent(alice.begin(alices_link()))
    sandbox.clear()
    assert gateway.call("PATCH", path, gateway.admin, json=change).status_code == 200
    assert alice.get(back).status_code == 400
    answer = alice.press(page, button_of(page, "Continue"))
    assert answer.headers["Location"] == urlsplit(old_link).path
    assert alice.get(old_link).status_code == 404
    # Even where the change came so close that the rows are still there.
    page = alice.get(later := alices_link())
    back = alice.consent(alice.begin(alices_link(AFTER)))
    rows_of(gateway, "UPDATE connectors SET version = version + 1 WHERE id = ?", connector_id)
    assert alice.get(back).headers["Location"] == f"{AFTER}&error=invalid_request"
    assert alice.press(page, button_of(page, "Continue")).status_code == 404
    assert alice.get(later).status_code == 404
    assert connected_users(gateway, connector_id) == []
    assert token_requests(sandbox) == []


def test_a_user_is_disabled_on_the_way(
    gateway: RunningGateway, alice: Visitor, connector_id: str, alices_link: Callable[..., str]
) -> None:
    """No tokens come to who may not use them."""
    back = alice.consent(alice.begin(alices_link()))
    rows_of(gateway, "UPDATE users SET disabled = 1 WHERE name = 'alice'")
    try:
        assert alice.get(back).status_code == 403
    finally:
        rows_of(gateway, "UPDATE users SET disabled = 0 WHERE name = 'alice'")
    assert connected_users(gateway, connector_id) == []


def test_parameters_that_come_twice(
    gateway: RunningGateway, sandbox: Sandbox, alice: Visitor, alices_link: Callable[..., str]
) -> None:
    """None of them may (RFC 6749 §3.1): two readers could take different ones."""
    back = alice.consent(alice.begin(alices_link()))
    assert alice.get(f"{back}&code=another").status_code == 400
    assert token_requests(sandbox) == []


def test_the_old_callback_is_off(alice: Visitor, alices_link: Callable[..., str]) -> None:
    """One address for all connectors defeats the defence against mix-ups."""
    back = urlsplit(alice.consent(alice.begin(alices_link())))
    answer = alice.get(f"/v1/connectors/oauth/token?{back.query}")
    assert answer.status_code == 404
    assert "GATEWAY_LEGACY_CALLBACK" in answer.text


def test_the_old_callback_switched_on(
    start_gateway: StartGateway, drive: Connector, sandbox: Sandbox
) -> None:
    """Consents are begun and ended with the address that providers know from before."""
    gateway = start_gateway(GATEWAY_LEGACY_CALLBACK="true")
    connector_id = register(gateway, drive, oauth=google(sandbox))
    visitor = Visitor(gateway)
    visitor.sign_in(gateway.admin)
    provider_url = visitor.begin(link(gateway, gateway.admin, connector_id))
    assert query_of(provider_url)["redirect_uri"] == f"{gateway.url}/v1/connectors/oauth/token"
    assert visitor.get(visitor.consent(provider_url)).status_code == 200
    assert connected_users(gateway, connector_id) == ["admin"]
