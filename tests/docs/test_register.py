"""What `make register-…` prints is ready to send: it is sent, as printed, to a server that listens.

The curl by a shell, the Python by the real `cohere` package.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading

import pytest

from scripts.processes import ROOT, environment
from tests.support.wire import answer, serving

CREATED = {
    "connector": {
        "id": "gdrive-abc123",
        "name": "gdrive",
        "created_at": "2026-11-21T00:00:00Z",
        "updated_at": "2026-11-21T00:00:00Z",
    }
}


def _created(connection: socket.socket, request: bytes, over: threading.Event) -> None:
    body = json.dumps(CREATED).encode()
    connection.sendall(answer(body, "200 OK", "Content-Type: application/json"))


def _printed(connector: str, platform: str) -> str:
    return subprocess.run(
        [
            *("make", "--silent", f"register-{connector}"),
            *("URL=https://search.example/search", f"PLATFORM={platform}"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize(
    ("connector", "authorize", "token", "scope"),
    [
        (
            "gdrive",
            "https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent",
            "https://oauth2.googleapis.com/token",
            "https://www.googleapis.com/auth/drive.readonly",
        ),
        (
            "slack",
            "https://slack.com/oauth/v2_user/authorize",
            "https://slack.com/api/oauth.v2.user.access",
            "search:read.public",
        ),
    ],
)
def test_the_registration_is_ready_to_send(
    connector: str, authorize: str, token: str, scope: str
) -> None:
    """Three ways, each over HTTP and with the SDK: both send the same."""
    with serving(_created) as platform:
        printed = _printed(connector, platform.url)
        assert f"{platform.url}/v1/connectors/oauth/token" in printed
        for command in re.findall(r"^curl .*?\}'$", printed, re.MULTILINE | re.DOTALL):
            subprocess.run(
                ["bash", "-euc", command],
                env=environment({"CO_API_KEY": "platform-key"}),
                check=True,
                capture_output=True,
            )
        for program in re.findall(r"^import cohere\n.*?^\)$", printed, re.MULTILINE | re.DOTALL):
            subprocess.run(
                [sys.executable, "-c", program],
                env=environment({"CO_API_KEY": "platform-key"}),
                check=True,
            )
        sent = [request.partition(b"\r\n\r\n") for request in platform.requests]
    assert len(sent) == 6
    assert all(head.startswith(b"POST /v1/connectors ") for head, _, _ in sent)
    assert all(b"authorization: bearer platform-key" in head.lower() for head, _, _ in sent)
    bodies = [json.loads(body) for _, _, body in sent]
    assert bodies[:3] == bodies[3:]
    service, oauth, pass_through = bodies[:3]
    assert pass_through == {"name": connector, "url": "https://search.example/search"}
    assert service["service_auth"]["type"] == "bearer"
    assert oauth["oauth"]["authorize_url"] == authorize
    assert oauth["oauth"]["token_url"] == token
    assert scope in oauth["oauth"]["scope"]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "absolute"),
        ("search.example/search", "absolute"),
        ("https://search.example/", "/search"),
        ("https://search.example/search?x=1", "query"),
    ],
)
def test_a_url_that_a_platform_would_refuse_is_refused_here(url: str, says: str) -> None:
    """With what is wrong with it."""
    run = subprocess.run(
        ["make", "--silent", "register-gdrive", f"URL={url}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert says in run.stderr


def _register(source: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--silent", "register-generic-rest", "URL=https://search.example/search"],
        cwd=ROOT,
        env=environment({"GENERIC_REST_SOURCE": source} if source else {}),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_source_is_registered_by_what_its_file_says() -> None:
    """A public API takes no user's token, so no way that needs one is printed."""
    printed = _register("wikipedia").stdout
    assert "service_auth" in printed
    assert "Pass-through" not in printed
    assert "OAuth" not in printed


def test_a_source_that_is_not_named_is_asked_for() -> None:
    """In one line, without a traceback."""
    run = _register(None)
    assert run.returncode != 0
    assert "GENERIC_REST_SOURCE is missing" in run.stderr
    assert "Traceback" not in run.stderr
