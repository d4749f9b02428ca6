"""Signing in and out: keys, one-time codes and cookies."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import pytest
import requests

from tests.gateway.conftest import StartGateway
from tests.gateway.support.scene import (
    rows_of,
    sign_in_code,
)
from tests.gateway.support.visitor import Visitor, form_of, forms_of, name_of
from tests.support.gateway import RunningGateway

HTTPS = "https://gateway.example.com"


@pytest.fixture(scope="module")
def behind_https(start_gateway: StartGateway) -> RunningGateway:
    return start_gateway(GATEWAY_PUBLIC_URL=HTTPS)


def cookies_of(answer: requests.Response) -> dict[str, str]:
    """Return what each cookie that is set may do, in lower case and sorted, by name."""
    headers = answer.raw.headers.getlist("Set-Cookie")
    found = {}
    for header in headers:
        pair, *attributes = re.sub(r"; Expires=[^;]*", "", header).split("; ")
        found[pair.partition("=")[0]] = "; ".join(sorted(attributes)).lower()
    assert len(found) == len(headers)
    return found


def plant(visitor: Visitor, value: str) -> None:
    visitor.http.cookies.set("gateway", value, domain="127.0.0.1", path="/")


def test_signs_in_with_an_api_key_and_out_again(visitor: Visitor) -> None:
    """The session lasts until it is ended, and then the old cookie is worth nothing."""
    page = visitor.sign_in(visitor.gateway.key("alice"))
    assert name_of(page) == "alice"
    stolen = dict(visitor.http.cookies)
    answer = visitor.press(page, "Sign out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert not visitor.http.cookies
    assert name_of(visitor.get("/")) is None
    assert name_of(Visitor(visitor.gateway).get("/", cookies=stolen)) is None


def test_signs_in_with_a_code_once(visitor: Visitor) -> None:
    """However a person writes it down; a second time, it is nobody's."""
    code = sign_in_code(visitor.gateway, "bob")
    assert re.fullmatch(r"(?:[A-Z2-9]{5}-){3}[A-Z2-9]{5}", code)
    assert name_of(visitor.sign_in(f" {code.lower().replace('-', ' ')} ")) == "bob"
    again = Visitor(visitor.gateway)
    answer = again.press(again.get("/"), "Sign in", secret=code)
    assert answer.status_code == 403
    assert "not a code that" in answer.text


def test_a_code_ends(visitor: Visitor) -> None:
    """After ten minutes."""
    code = sign_in_code(visitor.gateway, "bob")
    rows_of(visitor.gateway, "UPDATE browser_sessions SET expires_at = 1 WHERE stage = 'code'")
    assert visitor.press(visitor.get("/"), "Sign in", secret=code).status_code == 403


def test_a_code_needs_an_api_key(gateway: RunningGateway) -> None:
    """Nobody else can have one made."""
    assert gateway.call("POST", "/v1/sign-in-codes", None).status_code == 401
    assert gateway.call("POST", "/v1/sign-in-codes", "gw_" + "x" * 43).status_code == 401


@pytest.mark.parametrize(
    "secret", ["", "gw_" + "A" * 43, "AAAAA-AAAAA-AAAAA-AAAAA", "é\x00", "x" * 9999]
)
def test_a_wrong_secret_signs_nobody_in(visitor: Visitor, secret: str) -> None:
    """The form is shown again and says so, but not what was typed."""
    answer = visitor.press(visitor.get("/"), "Sign in", secret=secret)
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert not secret or secret not in answer.text
    assert name_of(visitor.get("/")) is None


def test_a_session_ends_with_its_time(visitor: Visitor) -> None:
    """After twelve hours, whatever the browser kept."""
    visitor.sign_in(visitor.gateway.key("alice"))
    rows_of(visitor.gateway, "UPDATE browser_sessions SET expires_at = 1")
    assert name_of(visitor.get("/")) is None


def test_a_disabled_user_is_nobody(gateway: RunningGateway) -> None:
    """Neither with a session from before, nor with a code or a key."""
    visitor = Visitor(gateway)
    visitor.sign_in(gateway.key("bob"))
    code = sign_in_code(gateway, "bob")
    # `gateway users disable` also deletes the sessions; here one has come in between.
    rows_of(gateway, "UPDATE users SET disabled = 1 WHERE name = 'bob'")
    try:
        page = visitor.get("/")
        assert name_of(page) is None
        for secret in (gateway.key("bob"), code):
            assert visitor.press(page, "Sign in", secret=secret).status_code == 403
    finally:
        rows_of(gateway, "UPDATE users SET disabled = 0 WHERE name = 'bob'")


def test_cookies_over_https(behind_https: RunningGateway) -> None:
    """One cookie that only this host can set, no script can read and no plain connection carries."""
    visitor = Visitor(behind_https)
    before = visitor.get("/")
    assert cookies_of(before) == {"__Host-gateway": "httponly; path=/; samesite=lax; secure"}
    token = SimpleCookie(before.headers["Set-Cookie"])["__Host-gateway"].value
    fields = {**form_of(before, "Sign in").fields, "secret": behind_https.key("alice")}
    after = visitor.post("/sign-in", data=fields, headers={"Cookie": f"__Host-gateway={token}"})
    assert after.status_code == 303
    assert cookies_of(after) == {
        "__Host-gateway": "httponly; max-age=43200; path=/; samesite=lax; secure"
    }
    signed_in = SimpleCookie(after.headers["Set-Cookie"])["__Host-gateway"].value
    sent = {"Cookie": f"__Host-gateway={signed_in}"}
    assert name_of(visitor.get("/", headers=sent)) == "alice"
    # Any host of the domain could have set this one.
    assert name_of(visitor.get("/", headers={"Cookie": f"gateway={signed_in}"})) is None


def test_cookies_over_plain_http(visitor: Visitor) -> None:
    """The same cookie twice, as some browsers keep no Secure cookie on loopback."""
    assert cookies_of(visitor.get("/")) == {
        "__Host-gateway": "httponly; path=/; samesite=lax; secure",
        "gateway": "httponly; path=/; samesite=lax",
    }


@pytest.mark.parametrize("planted", ["A" * 43, "short", "", "x" * 5000, "a;b"])
def test_a_cookie_that_was_planted_is_never_signed_in(
    gateway: RunningGateway, planted: str
) -> None:
    """Session fixation: the value changes with the sign-in, and the old one stays nobody's."""
    victim = Visitor(gateway)
    plant(victim, planted)
    page = victim.get("/")
    victim.sign_in(gateway.key("alice"), page)
    assert name_of(victim.get("/")) == "alice"
    attacker = Visitor(gateway)
    plant(attacker, planted)
    assert name_of(attacker.get("/")) is None


def test_signing_in_ends_the_session_before(visitor: Visitor) -> None:
    """The cookie of a browser that changes hands is worth nothing to its first user."""
    page = visitor.sign_in(visitor.gateway.key("alice"))
    before = dict(visitor.http.cookies)
    token = form_of(page, "Sign out").fields["csrf_token"]
    secret = visitor.gateway.key("bob")
    answer = visitor.post("/sign-in", data={"csrf_token": token, "secret": secret})
    assert answer.status_code == 303
    assert name_of(visitor.get("/")) == "bob"
    assert name_of(Visitor(visitor.gateway).get("/", cookies=before)) is None


def test_who_signed_in_is_written_down(gateway: RunningGateway) -> None:
    """And nothing that signs in is: neither in the log nor in the database."""
    visitor = Visitor(gateway)
    rows_of(gateway, "UPDATE audit_events SET at = 1")  # those of other tests are counted too
    code = sign_in_code(gateway, "bob")
    visitor.press(visitor.get("/"), "Sign in", secret="gw_" + "n" * 43)
    page = visitor.sign_in(code)
    cookie = visitor.http.cookies["gateway"]
    visitor.press(page, "Sign out")
    events = rows_of(
        gateway,
        "SELECT action, name FROM audit_events LEFT JOIN users ON users.id = user_id"
        " ORDER BY audit_events.id DESC LIMIT 4",
    )
    assert events[::-1] == [
        ("sign_in_code.made", "bob"),
        ("sign_in.refused", None),
        ("signed_in", "bob"),
        ("signed_out", "bob"),
    ]
    files = b"".join(path.read_bytes() for path in gateway.folder.iterdir() if path.is_file())
    for secret in (code, code.replace("-", ""), cookie, gateway.key("bob"), "n" * 43):
        assert secret.encode() not in files


def test_refused_sign_ins_do_not_fill_the_disk(gateway: RunningGateway) -> None:
    """Anybody can be refused, so that only so many a minute are written down."""
    visitor = Visitor(gateway)
    form = form_of(visitor.get("/"), "Sign in")
    for _ in range(70):
        visitor.post(form.action, data={**form.fields, "secret": "gw_wrong"})
    count = "SELECT count(*) FROM audit_events WHERE action = 'sign_in.refused'"
    first = rows_of(gateway, count)
    visitor.post(form.action, data={**form.fields, "secret": "gw_wrong"})
    assert rows_of(gateway, count) == first
    assert forms_of(visitor.get("/"))
