"""The pages in Chromium, with scripts switched off, as a person uses them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.gateway.support.chromium import Chromium, program
from tests.gateway.support.scene import (
    auth_status,
    connected_users,
    google,
    link,
    register,
    sign_in_code,
    slack,
    token_requests,
)
from tests.support.connectors import Connector
from tests.support.gateway import RunningGateway

PHONE, DESKTOP = (360, 740), (1024, 740)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    path = program()
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set, and there is no Chromium on the PATH")
        pytest.skip("there is no Chromium on the PATH: apt-get install chromium; CI has one")
    with Chromium(path, tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture
def chromium(browser: Chromium) -> Chromium:
    browser.forget()
    return browser


def picture(chromium: Chromium, name: str) -> None:
    """Keep a picture of the page where somebody wants to look at it, and check that it fits."""
    for width, height in (PHONE, DESKTOP):
        chromium.resize(width, height)
        assert chromium.width() <= width
        if folder := os.environ.get("SCREENSHOTS"):
            chromium.screenshot(Path(folder) / f"{name}-{width}.png")


def test_in_a_browser(
    chromium: Chromium, gateway: RunningGateway, drive: Connector, sandbox: Sandbox, empty: None
) -> None:
    """A person signs in, connects, denies, disconnects and signs out; no script runs anywhere."""
    # As at a real provider, another site: cookies must come back across it.
    elsewhere = sandbox.url.replace("127.0.0.1", "localhost")
    authorize_url = f"{elsewhere}/google/o/oauth2/v2/auth?access_type=offline&prompt=consent"
    client = google(sandbox, authorize_url=authorize_url)
    files = register(gateway, drive, name="Drive", description="The company's files", oauth=client)
    register(gateway, drive, name="Chat", description="Messages", oauth=slack(sandbox))
    register(gateway, drive, name="Wiki")

    chromium.open(f"{gateway.url}/")
    picture(chromium, "sign-in")
    chromium.write("textbox", "API key or one-time code", "wrong")
    chromium.click("button", "Sign in")
    assert "not a known API key" in chromium.text()
    picture(chromium, "refused")
    chromium.write("textbox", "API key or one-time code", gateway.key("alice"))
    chromium.click("button", "Sign in")
    assert chromium.has("heading", "Your connectors")
    assert "Signed in as alice" in chromium.text()
    cookie = chromium.cookies()["__Host-gateway"]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax")

    chromium.click("button", "Connect Drive")
    assert chromium.url().startswith(elsewhere)
    chromium.click("button", "Deny")
    assert "Drive was not connected" in chromium.text()
    chromium.click("button", "Connect Drive")
    chromium.click("button", "Allow")
    assert chromium.url().startswith(f"{gateway.url}/?notice=connected")
    assert "Drive is connected." in chromium.text()
    assert auth_status(gateway, gateway.key("alice"), files) == "valid"
    picture(chromium, "connected")
    chromium.click("button", "Disconnect Drive")
    assert "Drive is disconnected" in chromium.text()
    assert auth_status(gateway, gateway.key("alice"), files) is None

    chromium.open(link(gateway, gateway.key("alice"), files))
    assert chromium.has("heading", "Connect Drive")
    picture(chromium, "link")
    chromium.click("button", "Continue to localhost")
    chromium.click("button", "Allow")
    assert chromium.has("heading", "Drive is connected")
    picture(chromium, "done")

    bobs = link(gateway, gateway.key("bob"), files)
    chromium.open(bobs)
    assert chromium.has("heading", "This link is not for you")
    picture(chromium, "other-user")
    chromium.click("button", "Sign out")
    assert chromium.url() == bobs
    code = sign_in_code(gateway, "bob")
    chromium.write("textbox", "API key or one-time code", code)
    chromium.click("button", "Sign in")
    assert chromium.has("heading", "Connect Drive")
    chromium.click("button", "Sign out")
    assert chromium.has("heading", "Sign in")
    assert connected_users(gateway, files) == ["alice"]


def test_a_strange_site_in_a_browser(
    chromium: Chromium, gateway: RunningGateway, drive: Connector, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A page of somebody else can neither send our forms nor show us in a frame."""
    chromium.open(f"{gateway.url}/")
    chromium.write("textbox", "API key or one-time code", gateway.key("alice"))
    chromium.click("button", "Sign in")
    connector_id = register(gateway, drive, oauth=google(sandbox))
    strange = tmp_path / "strange.html"
    strange.write_text(
        f"<form method=post action='{gateway.url}/connectors/{connector_id}/connect'>"
        f"<button>Win</button></form><iframe src='{gateway.url}/'></iframe>"
    )
    chromium.open(strange.as_uri())
    assert "Your connectors" not in chromium.text()
    chromium.click("button", "Win")
    assert "nothing was done" in chromium.text()
    assert token_requests(sandbox) == []
