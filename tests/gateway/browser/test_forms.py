"""Forms that other sites send or show, and forms that lead elsewhere."""

from __future__ import annotations

import re

import pytest

from tests.gateway.support.visitor import Visitor, form_of, name_of
from tests.support.gateway import RunningGateway

CROSS_SITE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "not an origin"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]
ACTIONS = [
    "/sign-in",
    "/sign-out",
    "/connectors/any/connect",
    "/connectors/any/disconnect",
    "/connect/any",
]


@pytest.mark.parametrize("path", ACTIONS)
@pytest.mark.parametrize("headers", CROSS_SITE)
def test_forms_of_other_sites_do_nothing(
    visitor: Visitor, path: str, headers: dict[str, str]
) -> None:
    """Even with a token that is right: the browser says where they are from."""
    page = visitor.sign_in(visitor.gateway.key("alice"))
    token = form_of(page, "Sign out").fields["csrf_token"]
    secret = visitor.gateway.key("bob")
    answer = visitor.post(path, data={"csrf_token": token, "secret": secret}, headers=headers)
    assert answer.status_code == 403
    assert "nothing was done" in answer.text
    assert name_of(visitor.get("/")) == "alice"


@pytest.mark.parametrize("path", ACTIONS)
def test_forms_without_the_right_token_do_nothing(visitor: Visitor, path: str) -> None:
    """None, an empty one, another browser's, the one from before signing in, and not a form at all."""
    before = form_of(visitor.get("/"), "Sign in").fields["csrf_token"]
    visitor.sign_in(visitor.gateway.key("alice"))
    stranger = form_of(Visitor(visitor.gateway).get("/"), "Sign in").fields["csrf_token"]
    secret = visitor.gateway.key("bob")
    for given in (
        {},
        {"csrf_token": ""},
        {"csrf_token": stranger},
        {"csrf_token": before},
        {"csrf_token": "é"},
    ):
        answer = visitor.post(path, data={**given, "secret": secret})
        assert answer.status_code == 403, given
        assert "nothing was done" in answer.text
    assert visitor.post(path, json={"csrf_token": before}).status_code == 403
    assert name_of(visitor.get("/")) == "alice"


def test_nobody_is_signed_in_as_somebody_else(gateway: RunningGateway) -> None:
    """Login CSRF: an attacker's own good key and form, sent by the browser of a victim."""
    attacker, victim = Visitor(gateway), Visitor(gateway)
    form = form_of(attacker.get("/"), "Sign in")
    fields = {**form.fields, "secret": gateway.key("bob")}
    assert victim.post("/sign-in", data=fields).status_code == 403  # has no cookie yet
    victim.get("/")
    assert victim.post("/sign-in", data=fields).status_code == 403
    # Nothing in an address signs anybody in.
    secret = gateway.key("bob")
    assert victim.get("/sign-in", params={"secret": secret}).status_code == 405
    assert name_of(victim.get("/", params={"secret": secret, "key": secret})) is None


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/connect/../../evil",
        "/connect/x\r\nSet-Cookie: planted=1",
        "javascript:alert(1)",
        "/v1/connectors",
        "",
    ],
)
def test_signing_in_leads_nowhere_else(visitor: Visitor, next_page: str) -> None:
    """An open redirect, or a header of one's own, by the form's hidden field."""
    secret = visitor.gateway.key("alice")
    answer = visitor.press(visitor.get("/"), "Sign in", secret=secret, next=next_page)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "planted" not in str(answer.headers)
    answer = visitor.press(visitor.get("/"), "Sign out", next=next_page)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(
    "path", ["/", "/connect/any", "/v1/connectors/oauth/token/any?state=x&code=y"]
)
def test_pages_are_not_framed_kept_or_told(visitor: Visitor, path: str) -> None:
    """Clickjacking, caches, and addresses that would go on in a Referer: errors included."""
    for page in (visitor.get(path), visitor.post(path)):
        headers = page.headers
        if page.status_code == 405:
            continue
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "script-src" not in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "<script" not in page.text
        assert " style=" not in page.text
        assert not re.search(r"<[^>]* on[a-z]+=", page.text)
