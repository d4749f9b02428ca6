"""Every row of the README's auth table, over every connector.

The assertion is always about what reached the provider, so that an answer that looks right by luck
does not pass.
"""

from __future__ import annotations

import base64
import json

import pytest
import requests

from tests.contract.conftest import KEY, NEXT_KEY, Subject
from tests.support.connectors import refused_start


def _refused(response: requests.Response, subject: Subject, *, error: bool = True) -> None:
    """401 with a challenge (RFC 6750 §3), and nothing reached the provider."""
    assert response.status_code == 401
    challenge = response.headers["WWW-Authenticate"]
    assert challenge.startswith(f'Bearer realm="{subject.name}"')
    assert ('error="invalid_token"' in challenge) is error
    assert not subject.search_calls()


def test_without_key_the_bearer_token_is_relayed(subject: Subject) -> None:
    """Row 1: OAuth and pass-through."""
    response = subject.relay.search(subject.provider.query, subject.token())
    assert response.status_code == 200
    assert subject.searched_as() == {subject.token()}


def test_without_key_and_without_token_is_401(subject: Subject) -> None:
    """Row 2; RFC 6750: no error code where no token was sent."""
    _refused(subject.relay.search(subject.provider.query), subject, error=False)


@pytest.mark.parametrize("authorized", [True, False])
def test_without_key_a_user_header_is_400(subject: Subject, *, authorized: bool) -> None:
    """Row 3: the header needs a connector key, whatever Authorization holds."""
    response = subject.relay.search(
        subject.provider.query, subject.token() if authorized else None, user_token="canary"
    )
    assert response.status_code == 400
    assert "connector key" in response.json()["detail"]
    assert not subject.search_calls()


@pytest.mark.parametrize("key", [KEY, NEXT_KEY])
def test_the_key_alone_searches_as_the_service(subject: Subject, key: str) -> None:
    """Row 4, with each of two keys that are good while one is rotated out."""
    connector = subject.connector(key=True, service=True)
    response = connector.search(subject.provider.query, key)
    assert response.status_code == 200
    assert subject.searched_as().isdisjoint(
        {None, key, subject.token("alice"), subject.token("bob")}
    )
    assert len(subject.searched_as()) == 1


@pytest.mark.parametrize("service", [True, False])
def test_key_and_user_token_search_as_the_user(subject: Subject, *, service: bool) -> None:
    """Row 5: also where there is a service credential, which is then not touched."""
    connector = subject.connector(key=True, service=service)
    response = connector.search(subject.provider.query, KEY, user_token=subject.token("bob"))
    assert response.status_code == 200
    assert subject.searched_as() == {subject.token("bob")}


def test_the_key_alone_without_service_credential_is_401(subject: Subject) -> None:
    """Row 6: a user token is needed, and the answer names the header for it."""
    response = subject.connector(key=True).search(subject.provider.query, KEY)
    _refused(response, subject, error=False)
    assert "X-User-Access-Token" in response.json()["detail"]


@pytest.mark.parametrize("service", [True, False])
@pytest.mark.parametrize("user", [True, False])
@pytest.mark.parametrize("key", [None, "wrong-" * 8, KEY[:-1], KEY + "x", KEY.upper()])
def test_a_wrong_or_absent_key_is_401(
    subject: Subject, key: str | None, *, user: bool, service: bool
) -> None:
    """Row 7: whatever else was sent."""
    connector = subject.connector(key=True, service=service)
    response = connector.search(
        subject.provider.query, key, user_token=subject.token() if user else None
    )
    _refused(response, subject, error=key is not None)


def test_a_service_credential_without_key_does_not_start(subject: Subject) -> None:
    """Row 8: it exits with the variable's name, and with no secret."""
    log = refused_start(subject.name, subject.settings(service=True))
    assert f"{subject.provider.prefix}CONNECTOR_API_KEY" in log
    assert "ALLOW_UNAUTHENTICATED" in log
    assert "Traceback" not in log
    for secret in subject.provider.service(subject.sandbox).values():
        assert secret not in log


def test_an_open_connector_relays_a_token(subject: Subject) -> None:
    """Row 8 with ALLOW_UNAUTHENTICATED: a user's token is used where there is one."""
    connector = subject.connector(service=True, unauthenticated=True)
    assert connector.search(subject.provider.query, subject.token()).status_code == 200
    assert subject.searched_as() == {subject.token()}


def test_an_open_connector_searches_as_the_service_for_anybody(subject: Subject) -> None:
    """Row 8 with ALLOW_UNAUTHENTICATED: and the service credential where there is none."""
    connector = subject.connector(service=True, unauthenticated=True)
    assert connector.search(subject.provider.query).status_code == 200
    assert subject.searched_as().isdisjoint({None, subject.token()})
    assert len(subject.searched_as()) == 1


MALFORMED = {
    "empty": "",
    "scheme only": "Bearer",
    "scheme and space": "Bearer ",
    "another scheme": "Basic Y2FuYXJ5OmNhbmFyeQ==",
    "two tokens": "Bearer canary1 canary2",
    "comma-joined": "Bearer canary1, Bearer canary2",
    "quoted": 'Bearer "canary"',
    "not b64token": "Bearer canary{token}",
    "no scheme": "canary-token",
    "padding inside": "Bearer cana=ry",
}


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize(
    "setup",
    [{}, {"key": True, "service": True}, {"service": True, "unauthenticated": True}],
    ids=str,
)
def test_a_malformed_authorization_is_401_and_never_the_next_row(
    subject: Subject, setup: dict[str, bool], header: str
) -> None:
    """Presence, not truthiness: an open connector with a service credential refuses it too."""
    response = subject.connector(**setup).search(
        subject.provider.query, headers={"Authorization": header}
    )
    _refused(response, subject)


def test_a_repeated_authorization_is_401(subject: Subject) -> None:
    """Two headers with one good token each are not one token."""
    response = _raw(subject, [("Authorization", f"Bearer {subject.token()}")] * 2)
    assert response.startswith("HTTP/1.1 401"), response
    assert not subject.search_calls()


def _raw(subject: Subject, headers: list[tuple[str, str]]) -> str:
    """Send a search with headers exactly as given, and return the answer's head."""
    import socket

    host, _, port = subject.relay.url.removeprefix("http://").partition(":")
    body = json.dumps({"query": subject.provider.query})
    lines = [
        "POST /search HTTP/1.1",
        f"Host: {host}",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    return received.decode()


@pytest.mark.parametrize("token", ["", "a b", "Bearer canary", "a,b", "tok{en}"])
def test_a_malformed_user_token_is_401_and_never_the_service(subject: Subject, token: str) -> None:
    """An empty header beside a good key does not become a search with the service credential."""
    connector = subject.connector(key=True, service=True)
    _refused(connector.search(subject.provider.query, KEY, user_token=token), subject)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_scheme_is_read_in_any_case(subject: Subject, scheme: str) -> None:
    """RFC 9110 §11.1."""
    response = subject.relay.search(
        subject.provider.query, headers={"Authorization": f"{scheme} {subject.token()}"}
    )
    assert response.status_code == 200


def test_a_rejected_user_token_never_becomes_a_search_as_the_service(subject: Subject) -> None:
    """401 with invalid_token, though a service credential would have found something."""
    connector = subject.connector(key=True, service=True)
    revoked = "revoked-user-token"
    response = connector.search(subject.provider.query, KEY, user_token=revoked)
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
    assert subject.searched_as() == {revoked}


def test_a_google_identity_token_is_401_with_a_hint(subject: Subject) -> None:
    """It says who calls Cloud Run; it is not relayed to a provider."""
    parts = [{"alg": "RS256"}, {"iss": "https://accounts.google.com", "aud": "x"}]
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    response = subject.relay.search(subject.provider.query, ".".join([*encoded, "c2ln"]))
    _refused(response, subject)
    assert "X-Serverless-Authorization" in response.json()["detail"]


def test_the_platforms_own_authorization_is_never_read_or_forwarded(subject: Subject) -> None:
    """Behind Google's IAM the caller's identity token travels in a header of its own."""
    platform = {"X-Serverless-Authorization": "Bearer canary-identity-token"}
    response = subject.relay.search(subject.provider.query, subject.token(), headers=platform)
    assert response.status_code == 200
    assert subject.relay.search(subject.provider.query, headers=platform).status_code == 401
    assert "canary-identity-token" not in str([r.to_json() for r in subject.sandbox.requests])
    assert "canary-identity-token" not in subject.relay.log()
