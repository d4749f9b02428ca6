"""GATEWAY_CONNECT=confirm, for applications with a sign-in of their own, and =direct."""

from __future__ import annotations

import pytest
import requests

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
    token_requests,
)
from tests.gateway.support.visitor import Visitor, form_of, query_of
from tests.support.connectors import Connector
from tests.support.gateway import RunningGateway


@pytest.fixture(scope="module")
def confirming(start_gateway: StartGateway) -> RunningGateway:
    return start_gateway(GATEWAY_CONNECT="confirm", **ALLOWED)


@pytest.fixture(scope="module")
def direct(start_gateway: StartGateway) -> RunningGateway:
    return start_gateway(GATEWAY_CONNECT="direct", **ALLOWED)


@pytest.fixture
def connector_id(confirming: RunningGateway, drive: Connector, sandbox: Sandbox) -> str:
    return register(confirming, drive, oauth=google(sandbox))


def come_back(gateway: RunningGateway, connector_id: str, name: str = "alice") -> str:
    """Take a browser the whole way with somebody's link; return the code that it comes back with."""
    url = link(gateway, gateway.key(name), connector_id, AFTER)
    end = Visitor(gateway).connect(url).headers["Location"]
    assert end.startswith(f"{AFTER}&")
    brought = query_of(end)
    assert brought.keys() == {"tab", "code", "connector_id"}
    assert brought["connector_id"] == connector_id
    return brought["code"]


def confirm(
    gateway: RunningGateway, key: str | None, connector_id: str, code: str
) -> requests.Response:
    path = f"/v1/connectors/{connector_id}/oauth/confirm"
    return gateway.call("POST", path, key, json={"code": code})


def revoked(sandbox: Sandbox) -> int:
    return len([one for one in sandbox.requests if one.path == "/google/revoke"])


def test_a_connection_waits_until_it_is_confirmed(
    start_gateway: StartGateway, database: str, drive: Connector, sandbox: Sandbox
) -> None:
    """No sign-in at the gateway; the application says with the user's key that it was the user."""
    confirming = start_gateway(database, GATEWAY_CONNECT="confirm", **ALLOWED)
    connector_id = register(confirming, drive, oauth=google(sandbox))
    key = confirming.key("alice")
    code = come_back(confirming, connector_id)
    assert auth_status(confirming, key, connector_id) is None
    answer = confirm(confirming, key, connector_id, code)
    assert answer.status_code == 200
    assert answer.json()["connector"]["auth_status"] == "valid"
    assert confirming.search(key, connector_id).json()["documents"]


def test_the_page_says_for_whom(confirming: RunningGateway, connector_id: str) -> None:
    """A person who was sent a stranger's link can read that it is a stranger's."""
    url = link(confirming, confirming.key("alice"), connector_id, AFTER)
    page = Visitor(confirming).get(url)
    assert page.status_code == 200
    for shown in ("Connect Drive", "alice", APP):
        assert shown in page.text


def test_another_user_cannot_confirm(
    confirming: RunningGateway, sandbox: Sandbox, connector_id: str
) -> None:
    """Bob's link, opened by Alice: her application confirms as Alice, and her tokens are dropped."""
    code = come_back(confirming, connector_id, "bob")
    assert revoked(sandbox) == 0
    answer = confirm(confirming, confirming.key("alice"), connector_id, code)
    assert answer.status_code == 403
    assert revoked(sandbox) == 1
    assert audited(confirming, connector_id)[-1] == "connection.refused"
    # And Bob has no use of the code any more.
    assert confirm(confirming, confirming.key("bob"), connector_id, code).status_code == 400
    assert connected_users(confirming, connector_id) == []
    left = "SELECT * FROM authorizations WHERE connector_id = ?"
    assert rows_of(confirming, left, connector_id) == []


def test_nobody_confirms_without_a_key(confirming: RunningGateway, connector_id: str) -> None:
    """And a try without one uses nothing up."""
    code = come_back(confirming, connector_id)
    assert confirm(confirming, None, connector_id, code).status_code == 401
    assert confirm(confirming, "gw_" + "x" * 43, connector_id, code).status_code == 401
    assert confirm(confirming, confirming.key("alice"), connector_id, code).status_code == 200


def test_a_confirmation_twice(confirming: RunningGateway, connector_id: str) -> None:
    """The code is good once, and the connection stays."""
    key = confirming.key("alice")
    code = come_back(confirming, connector_id)
    assert confirm(confirming, key, connector_id, code).status_code == 200
    assert confirm(confirming, key, connector_id, code).status_code == 400
    assert auth_status(confirming, key, connector_id) == "valid"


def test_a_late_confirmation(confirming: RunningGateway, connector_id: str) -> None:
    """Tokens do not wait longer than ten minutes."""
    code = come_back(confirming, connector_id)
    rows_of(confirming, "UPDATE authorizations SET expires_at = 1")
    answer = confirm(confirming, confirming.key("alice"), connector_id, code)
    assert answer.status_code == 400
    assert "ten minutes" in answer.json()["message"]
    assert connected_users(confirming, connector_id) == []


def test_a_confirmation_of_another_connector(
    confirming: RunningGateway, drive: Connector, sandbox: Sandbox, connector_id: str
) -> None:
    """Tokens of one provider are never stored for another."""
    other = register(confirming, drive, name="Other", oauth=google(sandbox))
    code = come_back(confirming, connector_id)
    assert confirm(confirming, confirming.key("alice"), other, code).status_code == 403
    assert connected_users(confirming, other) == connected_users(confirming, connector_id) == []
    assert revoked(sandbox) == 1


def test_a_confirmation_after_a_change(
    confirming: RunningGateway, sandbox: Sandbox, connector_id: str
) -> None:
    """Nor for what the connector has become; and they are not sent to its new addresses either."""
    code = come_back(confirming, connector_id)
    rows_of(confirming, "UPDATE connectors SET version = version + 1 WHERE id = ?", connector_id)
    answer = confirm(confirming, confirming.key("alice"), connector_id, code)
    assert answer.status_code == 400
    assert "changed" in answer.json()["message"]
    assert connected_users(confirming, connector_id) == []
    assert revoked(sandbox) == 0


@pytest.mark.parametrize("stage", ["link", "state"])
def test_only_a_code_confirms(confirming: RunningGateway, connector_id: str, stage: str) -> None:
    """Not the secret of a link, nor a state, which the browser knows before any consent."""
    url = link(confirming, confirming.key("alice"), connector_id, AFTER)
    secret = url.rpartition("/")[2]
    if stage == "state":
        secret = query_of(Visitor(confirming).begin(url))["state"]
    answer = confirm(confirming, confirming.key("alice"), connector_id, secret)
    assert answer.status_code == 400


def test_confirmation_needs_somewhere_to_return_to(
    confirming: RunningGateway, connector_id: str
) -> None:
    """The code must reach the application."""
    answer = authorize(confirming, confirming.key("alice"), connector_id)
    assert answer.status_code == 400
    assert "after_token_redirect" in answer.json()["message"]


def test_a_return_that_is_no_longer_allowed(
    confirming: RunningGateway, sandbox: Sandbox, connector_id: str
) -> None:
    """No code for a confirmation goes anywhere else, and none is made in vain."""
    visitor = Visitor(confirming)
    back = visitor.consent(
        visitor.begin(link(confirming, confirming.key("alice"), connector_id, AFTER))
    )
    rows_of(
        confirming,
        "UPDATE authorizations SET after_token_redirect = 'https://evil.example/'"
        " WHERE connector_id = ?",
        connector_id,
    )
    answer = visitor.get(back)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert token_requests(sandbox) == []


def test_another_browser_comes_back_to_be_confirmed(
    confirming: RunningGateway, sandbox: Sandbox, connector_id: str
) -> None:
    """The browser is tied by its cookie here as well."""
    url = link(confirming, confirming.key("alice"), connector_id, AFTER)
    visitor = Visitor(confirming)
    back = visitor.consent(visitor.begin(url))
    assert Visitor(confirming).get(back).status_code == 403
    assert token_requests(sandbox) == []


def test_denied_consent_when_confirming(confirming: RunningGateway, connector_id: str) -> None:
    """There is nothing to confirm."""
    url = link(confirming, confirming.key("alice"), connector_id, AFTER)
    end = Visitor(confirming).connect(url, decision="deny").headers["Location"]
    assert end == f"{AFTER}&error=access_denied"


def test_our_own_page_needs_no_confirmation(confirming: RunningGateway, connector_id: str) -> None:
    """There the user has signed in."""
    visitor = Visitor(confirming)
    page = visitor.sign_in(confirming.key("alice"))
    token = form_of(page, "Sign out").fields
    answer = visitor.post(f"/connectors/{connector_id}/connect", data=token)
    visitor.get(visitor.consent(answer.headers["Location"]))
    assert auth_status(confirming, confirming.key("alice"), connector_id) == "valid"


def test_tokens_that_wait_are_not_readable(
    confirming: RunningGateway, sandbox: Sandbox, connector_id: str
) -> None:
    """They are encrypted while they wait, too."""
    code = come_back(confirming, connector_id)
    files = b"".join(path.read_bytes() for path in confirming.folder.iterdir() if path.is_file())
    for secret in (code, "ya29.", "1//sandbox-"):  # as the sandbox's tokens begin
        assert secret.encode() not in files


def test_direct(direct: RunningGateway, drive: Connector, sandbox: Sandbox) -> None:
    """The provider's own URL at once, as the cloud service gave it, for any browser."""
    connector_id = register(direct, drive, oauth=google(sandbox))
    key = direct.key("alice")
    url = link(direct, key, connector_id, AFTER)
    assert url.startswith(f"{sandbox.url}/google/o/oauth2/v2/auth?")
    assert query_of(url)["code_challenge_method"] == "S256"
    visitor = Visitor(direct)
    back = visitor.consent(url)
    assert Visitor(direct).get(back).headers["Location"] == AFTER
    assert auth_status(direct, key, connector_id) == "valid"
    assert visitor.get(back).status_code == 400
    denied = visitor.consent(link(direct, key, connector_id), decision="deny")
    assert visitor.get(denied).status_code == 400


def test_a_direct_state_is_no_longer_good_elsewhere(
    direct: RunningGateway, confirming: RunningGateway, sandbox: Sandbox, connector_id: str
) -> None:
    """What was begun without a browser is not ended after the operator asks for one."""
    visitor = Visitor(confirming)
    url = link(confirming, confirming.key("alice"), connector_id, AFTER)
    back = visitor.consent(visitor.begin(url))
    rows_of(
        confirming,
        "UPDATE authorizations SET browser = NULL WHERE connector_id = ?",
        connector_id,
    )
    assert visitor.get(back).status_code == 403
    assert token_requests(sandbox) == []
