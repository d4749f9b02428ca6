"""Connecting an account through a link: the whole way, and links in wrong hands."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from sandbox.server import Sandbox
from tests.gateway.conftest import StartGateway
from tests.gateway.support.scene import (
    AFTER,
    ALLOWED,
    APP,
    audited,
    auth_status,
    authorize,
    connected_users,
    google,
    link,
    register,
    rows_of,
    sign_in_code,
    token_requests,
)
from tests.gateway.support.visitor import Visitor, button_of, form_of, query_of
from tests.support.connectors import Connector
from tests.support.gateway import RunningGateway


def test_the_whole_way(
    start_gateway: StartGateway, database: str, drive: Connector, sandbox: Sandbox
) -> None:
    """From the link over the sign-in and the provider back to the application, and then a search."""
    gateway = start_gateway(database, **ALLOWED)
    connector_id = register(gateway, drive, oauth=google(sandbox))
    key = gateway.key("alice")
    url = link(gateway, key, connector_id, AFTER)
    assert url.startswith(f"{gateway.url}/connect/")

    visitor = Visitor(gateway)
    page = visitor.get(url)
    assert "connect an account" in page.text
    page = visitor.sign_in(key, page)
    assert page.url == url
    for shown in ("Connect Drive", "alice", "127.0.0.1", APP):
        assert shown in page.text
    provider_url = visitor.press(page, "Continue to 127.0.0.1").headers["Location"]
    sent = query_of(provider_url)
    assert sent["redirect_uri"] == f"{gateway.url}/v1/connectors/oauth/token/{connector_id}"
    assert sent["access_type"] == "offline"
    assert sent["code_challenge_method"] == "S256"

    answer = visitor.get(visitor.consent(provider_url))
    assert (answer.status_code, answer.headers["Location"]) == (303, AFTER)
    assert auth_status(gateway, key, connector_id) == "valid"
    assert auth_status(gateway, gateway.key("bob"), connector_id) is None
    found = gateway.search(key, connector_id).json()
    assert found["documents"]


def test_ends_on_a_page_without_an_application(
    alice: Visitor, alices_link: Callable[..., str]
) -> None:
    """Where no after_token_redirect was given."""
    page = alice.connect(alices_link())
    assert page.status_code == 200
    assert "Drive is connected" in page.text


def test_signs_in_with_a_code_on_the_way(
    start_gateway: StartGateway, database: str, drive: Connector, sandbox: Sandbox
) -> None:
    """An application that keeps the API keys to itself shows its user a code instead."""
    gateway = start_gateway(database, **ALLOWED)
    connector_id = register(gateway, drive, oauth=google(sandbox))
    code = sign_in_code(gateway, "alice")
    visitor = Visitor(gateway)
    url = link(gateway, gateway.key("alice"), connector_id)
    assert visitor.sign_in(code, visitor.get(url)).url == url
    assert visitor.connect(url).status_code == 200


def test_a_link_of_another_user(
    gateway: RunningGateway,
    sandbox: Sandbox,
    alice: Visitor,
    bob: Visitor,
    connector_id: str,
    alices_link: Callable[..., str],
) -> None:
    """Bob, who was sent Alice's link, connects nothing for anybody, and the link stays hers."""
    url = alices_link()
    page = bob.get(url)
    assert page.status_code == 403
    assert "not for you" in page.text
    assert "alice" not in page.text
    # Nor by skipping the page.
    forced = {"csrf_token": form_of(page, "Sign out").fields["csrf_token"]}
    answer = bob.post(url, data=forced)
    assert (answer.status_code, answer.headers["Location"]) == (303, urlsplit(url).path)
    assert connected_users(gateway, connector_id) == []
    assert "connection.refused" in audited(gateway, connector_id)
    assert token_requests(sandbox) == []
    # He can sign out there, and the one whose link it is can go on in the same browser.
    answer = bob.press(page, "Sign out")
    assert answer.headers["Location"] == urlsplit(url).path
    assert alice.connect(url).status_code == 200
    assert connected_users(gateway, connector_id) == ["alice"]


def test_a_link_without_sign_in(
    gateway: RunningGateway, sandbox: Sandbox, connector_id: str, alices_link: Callable[..., str]
) -> None:
    """Nobody reaches the provider with it, nor learns what it is for."""
    url = alices_link()
    visitor = Visitor(gateway)
    page = visitor.get(url)
    assert page.status_code == 200
    assert "Drive" not in page.text
    assert sandbox.url not in page.text
    token = form_of(page, "Sign in").fields["csrf_token"]
    answer = visitor.post(url, data={"csrf_token": token})
    assert (answer.status_code, answer.headers["Location"]) == (303, urlsplit(url).path)
    count = "SELECT stage FROM authorizations WHERE connector_id = ?"
    assert rows_of(gateway, count, connector_id) == [("link",)]


def test_a_link_twice(alice: Visitor, alices_link: Callable[..., str]) -> None:
    """It is used up by the button, not by looking at it."""
    url = alices_link()
    page = alice.get(url)
    alice.get(url)
    alice.begin(url)
    again = alice.press(page, button_of(page, "Continue"))
    assert again.headers["Location"] == urlsplit(url).path
    over = alice.get(url)
    assert over.status_code == 404
    assert "one use within ten minutes" in over.text


def test_a_link_many_times_at_once(alice: Visitor, alices_link: Callable[..., str]) -> None:
    """However many press at the same moment, one goes on."""
    url = alices_link()
    page = alice.get(url)
    form = form_of(page, button_of(page, "Continue"))

    def press(_: int) -> str:
        other = Visitor(alice.gateway)
        other.http.cookies.update(alice.http.cookies)
        return other.post(form.action, data=form.fields).headers["Location"]

    with ThreadPoolExecutor(12) as pool:
        places = list(pool.map(press, range(12)))
    assert len([place for place in places if "/google/" in place]) == 1


def test_an_expired_link(
    gateway: RunningGateway, alice: Visitor, alices_link: Callable[..., str]
) -> None:
    """After ten minutes, even when its page is still open."""
    url = alices_link()
    page = alice.get(url)
    rows_of(gateway, "UPDATE authorizations SET expires_at = 1")
    answer = alice.press(page, button_of(page, "Continue"))
    assert answer.headers["Location"] == urlsplit(url).path
    assert alice.get(url).status_code == 404


@pytest.mark.parametrize("ticket", ["x", "%00", "..%2f..", "A" * 43, "A" * 3000])
def test_a_made_up_link(alice: Visitor, ticket: str) -> None:
    """Leads nowhere."""
    assert alice.get(f"/connect/{ticket}").status_code == 404


def test_a_state_is_no_link(alice: Visitor, alices_link: Callable[..., str]) -> None:
    """The provider learns the state, and has no use of it here."""
    state = query_of(alice.begin(alices_link()))["state"]
    assert alice.get(f"/connect/{state}").status_code == 404
    token = form_of(alice.get("/"), "Sign out").fields
    assert alice.post(f"/connect/{state}", data=token).headers["Location"] == f"/connect/{state}"


def test_connectors_without_oauth(gateway: RunningGateway, drive: Connector) -> None:
    """There is nothing to authorize, and the answer says so."""
    connector_id = register(gateway, drive)
    answer = authorize(gateway, gateway.key("alice"), connector_id)
    assert answer.status_code == 400
    assert "not registered with oauth" in answer.json()["message"]


def test_secrets_of_the_way_are_kept_nowhere(
    gateway: RunningGateway, alice: Visitor, alices_link: Callable[..., str]
) -> None:
    """Neither link nor state nor code is in the log or in the database, used or not."""
    unused = alices_link()
    url = alices_link(AFTER)
    provider_url = alice.begin(url)
    back = alice.consent(provider_url)
    alice.get(back)
    alice.get(back)
    secrets = [unused.rpartition("/")[2], url.rpartition("/")[2]]
    secrets += [query_of(back)["state"], query_of(back)["code"], alice.http.cookies["gateway"]]
    files = b"".join(path.read_bytes() for path in gateway.folder.iterdir() if path.is_file())
    for secret in secrets:
        assert len(secret) > 20
        assert secret.encode() not in files
