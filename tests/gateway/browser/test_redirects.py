"""Where browsers are sent in the end, and what is said there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.gateway.support.scene import (
    AFTER,
    APP,
    audited,
    authorize,
    connected_users,
    rows_of,
)
from tests.gateway.support.visitor import Visitor, query_of
from tests.support.gateway import RunningGateway

HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize("after", [None, AFTER, f"{APP}/#/accounts"])
def test_denied_consent(
    gateway: RunningGateway,
    alice: Visitor,
    connector_id: str,
    alices_link: Callable[..., str],
    after: str | None,
) -> None:
    """Ends where a given one ends, with the reason."""
    answer = alice.connect(alices_link(after), decision="deny")
    if after is None:
        assert answer.status_code == 400
        assert "consent was not given" in answer.text
    else:
        expected = {AFTER: f"{AFTER}&error=access_denied"}
        end = answer.headers["Location"]
        assert end == expected.get(after, f"{APP}/?error=access_denied#/accounts")
    assert connected_users(gateway, connector_id) == []
    assert audited(gateway, connector_id)[-1] == "connection.refused"


@pytest.mark.parametrize("error", ["temporarily_unavailable", HOSTILE, "x\r\nSet-Cookie: a=1", ""])
@pytest.mark.parametrize("after", [None, AFTER])
def test_what_a_provider_says_is_not_repeated(
    alice: Visitor, alices_link: Callable[..., str], error: str, after: str | None
) -> None:
    """Only codes that are known, and our own words for them: anybody can write an address."""
    asked = query_of(alice.begin(alices_link(after)))
    said = {"error": error, "error_description": HOSTILE, "error_uri": HOSTILE}
    answer = alice.get(asked["redirect_uri"], params={"state": asked["state"], **said})
    known = error if error == "temporarily_unavailable" else "server_error"
    if after is not None:
        assert answer.headers["Location"] == f"{AFTER}&error={known}"
    else:
        assert answer.status_code == 400
    assert "alert(1)" not in answer.text + str(answer.headers)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "after",
    [
        "https://evil.example/",
        "//evil.example/",
        "https://app.example.com@evil.example/",
        "https://app.example.com:443@evil.example/",
        "https://app.example.com\\@evil.example/",
        "https://app.example.com\\.evil.example/",
        "https://app.example.com.evil.example/",
        "https://evilapp.example.com/",
        "https://app.example.com:444/",
        "http://app.example.com/",
        "http://localhost:3001/",
        "https://localhost:3000/",
        "javascript:alert(1)//https://app.example.com/",
        "data:text/html,x",
        "/done",
        "https:app.example.com",
        "https:///app.example.com",
        "https://app.example.com/\r\nSet-Cookie: a=1",
        "https://app.example.com/\nx",
        "https://app.example.com/\x00",
        "https://app.example.com\t/",
        " https://app.example.com/",
        "https://app.example.com/ü",
        "https://app.example.com:x/",
        "",
    ],
)
def test_open_redirects(
    gateway: RunningGateway,
    alice: Visitor,
    connector_id: str,
    alices_link: Callable[..., str],
    after: str,
) -> None:
    """Only origins of the list, to the letter; looked at when asked for, and again at the end."""
    answer = authorize(gateway, gateway.key("alice"), connector_id, after)
    assert answer.status_code == 400
    assert "GATEWAY_ALLOWED_REDIRECT_ORIGINS" in answer.json()["message"]
    back = alice.consent(alice.begin(alices_link(AFTER)))
    rows_of(
        gateway,
        "UPDATE authorizations SET after_token_redirect = ? WHERE connector_id = ?",
        after,
        connector_id,
    )
    end = alice.get(back)
    assert end.status_code == 200
    assert "Location" not in end.headers
    assert "Set-Cookie" not in end.headers


@pytest.mark.parametrize("after", [APP, f"{APP}:443/x?y=z", "http://localhost:3000/#/x"])
def test_redirects_that_are_allowed(
    alice: Visitor, alices_link: Callable[..., str], after: str
) -> None:
    """With any path, and with the port said or not."""
    assert alice.connect(alices_link(after)).headers["Location"] == after
