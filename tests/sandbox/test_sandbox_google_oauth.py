"""Google's OAuth: consent, PKCE, refresh, service accounts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import google.auth.transport.requests
import pytest
import requests
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account

from sandbox.server import Sandbox

Client = Callable[[str], Any]
BACK = "http://localhost:9999/back"
SCOPE = "https://www.googleapis.com/auth/drive.readonly"
VERIFIER = "a-verifier-that-is-long-enough-for-the-specification"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")


@pytest.fixture
def rotating() -> Iterator[Sandbox]:
    with Sandbox(rotation=True) as sandbox:
        yield sandbox


def consent(
    sandbox: Sandbox, http: requests.Session, decision: str = "allow", **more: str
) -> dict[str, str]:
    parameters = {
        "client_id": "sandbox-google-client",
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": SCOPE,
        "state": "s 1",
        "access_type": "offline",
        "prompt": "consent",
        **more,
    }
    address = sandbox.url + "/google/o/oauth2/v2/auth"
    page = http.get(address, params=parameters, timeout=5)
    assert "Alice Moreau" in page.text
    answer = http.post(
        address,
        params=parameters,
        data={"user": "alice", "decision": decision},
        allow_redirects=False,
        timeout=5,
    )
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(BACK + "?")
    sent = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in sent.items()}


def token(sandbox: Sandbox, http: requests.Session, **form: str) -> requests.Response:
    client = {"client_id": "sandbox-google-client", "client_secret": "sandbox-google-secret"}
    return http.post(sandbox.url + "/google/token", data={**client, **form}, timeout=5)


def code_for_token(
    sandbox: Sandbox, http: requests.Session, code: str, **more: str
) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **more}
    return token(sandbox, http, **form)


def test_code_flow_with_pkce(sandbox: Sandbox, http: requests.Session, drive: Client) -> None:
    pkce = {"code_challenge": CHALLENGE.decode(), "code_challenge_method": "S256"}
    back = consent(sandbox, http, **pkce)
    assert back["state"] == "s 1"
    answer = code_for_token(sandbox, http, back["code"], code_verifier=VERIFIER).json()
    assert answer.keys() == {"access_token", "expires_in", "scope", "token_type", "refresh_token"}
    assert drive(answer["access_token"]).get("1AliceTodo")["name"] == "todo.txt"
    again = code_for_token(sandbox, http, back["code"], code_verifier=VERIFIER)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    refreshed = token(
        sandbox, http, grant_type="refresh_token", refresh_token=answer["refresh_token"]
    ).json()
    assert "refresh_token" not in refreshed
    assert refreshed["access_token"] != answer["access_token"]


@pytest.mark.parametrize("verifier", ["", "another"])
def test_a_wrong_verifier(sandbox: Sandbox, http: requests.Session, verifier: str) -> None:
    pkce = {"code_challenge": CHALLENGE.decode(), "code_challenge_method": "S256"}
    code = consent(sandbox, http, **pkce)["code"]
    answer = code_for_token(sandbox, http, code, code_verifier=verifier)
    assert answer.json()["error"] == "invalid_grant"


def test_wrong_redirect_and_wrong_secret(sandbox: Sandbox, http: requests.Session) -> None:
    code = consent(sandbox, http)["code"]
    answer = code_for_token(sandbox, http, code, redirect_uri="http://localhost/other")
    assert answer.json()["error"] == "invalid_grant"
    code = consent(sandbox, http)["code"]
    answer = code_for_token(sandbox, http, code, client_secret="wrong")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_deny(sandbox: Sandbox, http: requests.Session) -> None:
    assert consent(sandbox, http, "deny") == {"error": "access_denied", "state": "s 1"}


def test_a_refresh_token_comes_once_unless_forced(http: requests.Session) -> None:
    with Sandbox() as fresh:
        kinds = []
        for more in ({"prompt": ""}, {"prompt": ""}, {}, {"access_type": "online"}):
            code = consent(fresh, http, **more)["code"]
            kinds.append("refresh_token" in code_for_token(fresh, http, code).json())
    assert kinds == [True, False, True, False]


def test_rotation(rotating: Sandbox, http: requests.Session) -> None:
    first = code_for_token(rotating, http, consent(rotating, http)["code"]).json()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = token(rotating, http, **form).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert token(rotating, http, **form).json()["error"] == "invalid_grant"


def test_revoke(sandbox: Sandbox, http: requests.Session) -> None:
    granted = code_for_token(sandbox, http, consent(sandbox, http)["code"]).json()
    address = sandbox.url + "/google/revoke"
    assert http.post(address, data={"token": granted["refresh_token"]}, timeout=5).ok
    form = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    assert token(sandbox, http, **form).json()["error"] == "invalid_grant"
    assert http.post(address, data={"token": "nonsense"}, timeout=5).status_code == 400


def refreshed(sandbox: Sandbox, *, subject: str = "", **changes: str) -> str:
    info = {**sandbox.service_account_info(), **changes}
    key_file: Any = service_account.Credentials.from_service_account_info
    made = key_file(info, scopes=[SCOPE])
    credentials = made.with_subject(subject) if subject else made
    with requests.Session() as session:
        credentials.refresh(google.auth.transport.requests.Request(session))
    return str(credentials.token)


def test_the_service_account_sees_what_is_shared_with_it(sandbox: Sandbox, drive: Client) -> None:
    client = drive(refreshed(sandbox))
    assert client.ids("fullText contains 'meals'") == ["1TravelPolicy2026"]


def test_delegation_acts_as_the_user(sandbox: Sandbox, drive: Client) -> None:
    client = drive(refreshed(sandbox, subject="bob@lindner-optics.example"))
    assert client.get("1BobNotes")["name"] == "notes.md"


def test_refused_assertions(sandbox: Sandbox) -> None:
    with pytest.raises(RefreshError, match="unauthorized_client"):
        refreshed(sandbox, subject="nobody@elsewhere.example")
    with pytest.raises(RefreshError, match="invalid_grant"):
        refreshed(sandbox, client_email="other@sandbox.iam.gserviceaccount.com")
