"""One sandbox for all of these tests, and the providers' real clients."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import httplib2
import pytest
import requests
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.server import Sandbox

# They publish no types.
AuthorizedHttp: Any = importlib.import_module("google_auth_httplib2").AuthorizedHttp
UserCredentials: Any = Credentials


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    running.clear()
    yield running
    running.clear()


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


class Drive:
    """The real Google client, for one token."""

    def __init__(self, sandbox: Sandbox, transport: httplib2.Http, token: str) -> None:
        self._http = AuthorizedHttp(UserCredentials(token), http=transport, refresh_status_codes=())
        self.service = build(
            "drive",
            "v3",
            http=transport,
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": sandbox.gdrive_api_endpoint},
        )

    def run(self, call: Any) -> Any:
        return call.execute(http=self._http)

    def page(self, q: str = "", *, everywhere: bool = True, **more: Any) -> dict[str, Any]:
        if everywhere:
            flags = {"includeItemsFromAllDrives": True, "supportsAllDrives": True}
            more = {"corpora": "allDrives", **flags, **more}
        page: dict[str, Any] = self.run(self.service.files().list(q=q, **more))
        return page

    def ids(self, q: str = "", **more: Any) -> list[str]:
        return [file["id"] for file in self.page(q, **more)["files"]]

    def get(self, file_id: str, **more: Any) -> dict[str, Any]:
        more = {"supportsAllDrives": True, **more}
        file: dict[str, Any] = self.run(self.service.files().get(fileId=file_id, **more))
        return file

    def export(self, file_id: str, mime_type: str = "text/plain") -> bytes:
        content = self.run(self.service.files().export(fileId=file_id, mimeType=mime_type))
        assert isinstance(content, bytes)
        return content


@pytest.fixture
def drive(sandbox: Sandbox) -> Iterator[Callable[[str], Drive]]:
    """Give the client for a user's name, or for a token."""
    transport = httplib2.Http(timeout=5)

    def client(who: str) -> Drive:
        known = who in sandbox.world.people.users or who == "service"
        return Drive(sandbox, transport, sandbox.gdrive_token(who) if known else who)

    yield client
    transport.close()


@pytest.fixture
def slack(sandbox: Sandbox) -> Callable[..., WebClient]:
    """Give the client for a user's name, or for a token."""

    def client(who: str, *, granular: bool = False) -> WebClient:
        known = who in sandbox.world.people.users or who == "service"
        token = sandbox.slack_token(who, granular=granular) if known else who
        return WebClient(token, base_url=sandbox.slack_base_url, timeout=5)

    return client


@pytest.fixture
def failure() -> Callable[[Callable[[], object]], dict[str, Any]]:
    """Give what Slack says about a call that it refuses: with status 200, always."""

    def refused(call: Callable[[], object]) -> dict[str, Any]:
        with pytest.raises(SlackApiError) as caught:
            call()
        assert caught.value.response.status_code == 200
        data: dict[str, Any] = caught.value.response.data
        return data

    return refused
