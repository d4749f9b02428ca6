"""Users who connect accounts, and a connector that takes the tokens a stand-in provider gave."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from scripts.browser import Browser
from tests.gateway.support.scene import auth_status, link
from tests.gateway.support.visitor import query_of
from tests.support.gateway import RunningGateway
from tests.support.oauth_provider import TokenProvider
from tests.support.wire import Wire, answer


def connect(gateway: RunningGateway, key: str, connector_id: str, user: str = "alice") -> Browser:
    """Go the whole way in a browser: link, sign-in, the sandbox's consent page, and back.

    Args:
        gateway: in its usual mode, which signs in.
        key: the gateway user's.
        connector_id: one that is registered with the sandbox's OAuth.
        user: who gives consent at the provider.
    """
    browser = Browser()
    browser.open(link(gateway, key, connector_id))
    browser.submit(form="sign-in", secret=key)
    browser.submit(form="/connect/")
    browser.submit(user=user, decision="allow")
    assert auth_status(gateway, key, connector_id) == "valid", browser.page.text
    return browser


def come_back(gateway: RunningGateway, key: str, connector_id: str, code: str) -> requests.Response:
    """Bring a code to the callback, of a gateway with `GATEWAY_CONNECT=direct`."""
    asked = query_of(link(gateway, key, connector_id))
    return requests.get(
        asked["redirect_uri"], params={"state": asked["state"], "code": code}, timeout=60
    )


def connect_directly(
    gateway: RunningGateway, key: str, connector_id: str, provider: TokenProvider
) -> str:
    """Connect an account at a stand-in provider; return the access token that it gave."""
    code = provider.grant(f"code-{len(provider.forms)}")
    back = come_back(gateway, key, connector_id, code)
    assert back.status_code == 200, back.text
    return provider.given[-1]


class SearchedConnector(Wire):
    """A connector that takes the access tokens of a provider, and finds the token it was asked with.

    Args:
        provider: whose.
    """

    def __init__(self, provider: TokenProvider) -> None:
        self.provider = provider
        self.ended: set[str] = set()  # tokens that the provider has ended
        self.asked: list[str] = []  # the tokens that came
        self.silent_at: str | None = None  # a token that is not answered
        self.heard = threading.Event()
        super().__init__(self._answer)

    def _answer(self, connection: socket.socket, request: bytes, over: threading.Event) -> None:
        head = request.partition(b"\r\n\r\n")[0].decode()
        token = head.partition("Authorization: Bearer ")[2].partition("\r\n")[0]
        good = token in self.provider.given and token not in self.ended
        body = json.dumps({"results": [{"id": "1", "text": token}]}).encode()
        if good:
            whole = answer(body, "200 OK", "Content-Type: application/json")
        else:
            whole = answer(b"", "401 Unauthorized", "WWW-Authenticate: Bearer")
        self.asked.append(token)
        if token == self.silent_at:
            self.heard.set()
            over.wait(30)
            return
        connection.sendall(whole)
        self.heard.set()


@contextmanager
def searched_connector(provider: TokenProvider) -> Iterator[SearchedConnector]:
    """Serve until the end of the block."""
    wire = SearchedConnector(provider)
    try:
        yield wire
    finally:
        wire.close()


def register_at(gateway: RunningGateway, provider: TokenProvider, connector: Wire) -> str:
    """Register a connector with a stand-in provider's OAuth, and return its id."""
    oauth = {
        "client_id": "the-client-id",
        "client_secret": "the-client-secret",
        "authorize_url": f"{provider.url}/authorize",
        "token_url": provider.token_url,
    }
    body = {"name": "Stand-in", "url": f"{connector.url}/search", "oauth": oauth}
    made = gateway.call("POST", "/v1/connectors", gateway.admin, json=body)
    assert made.status_code == 200, made.text
    connector_id: str = made.json()["connector"]["id"]
    return connector_id
