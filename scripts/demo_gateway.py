"""The gateway's story in the terminal: the unmodified `cohere` SDK, consent, refresh, revocation.

Every step says what it must show, and the demo ends with 1 at the first that does not.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cohere
import requests

from scripts.browser import Browser
from scripts.demo import Unexpected, expect
from scripts.processes import connector_url, environment, start_connector, start_module, stop
from scripts.standins import QUESTION, stand_in_of

_GOOGLE = ("/google/o/oauth2/v2/auth?access_type=offline&prompt=consent", "/google/token")
_SLACK = ("/slack/oauth/v2_user/authorize", "/slack/api/oauth.v2.user.access")
_SCOPES = {
    "google": "https://www.googleapis.com/auth/drive.readonly",
    "slack": "search:read.public search:read.private search:read.files search:read.users",
}


@dataclass
class GatewayDemo:
    """Everything that the story needs, running."""

    stack: ExitStack
    folder: Path
    urls: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    step: int = 0

    def start(self) -> None:
        """Start the sandbox, two connectors and the gateway."""
        sandbox, self.sandbox = start_module("sandbox", self.folder, "--port", "0", "--rotation")
        self.stack.callback(stop, sandbox)
        for name in ("gdrive", "slack"):
            self._start(name, stand_in_of(name).settings(self.sandbox))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        # Redirect URIs name the gateway's port, so that it is chosen before the gateway listens.
        self.settings = {
            "PORT": str(port),
            "GATEWAY_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "GATEWAY_DATA_DIR": str(self.folder / "gateway"),
            "GATEWAY_ALLOW_PRIVATE_ADDRESSES": "true",
        }
        self.admin = self.command("users", "add", "admin", "--role", "admin")
        self.alice = self.command("users", "add", "alice")
        self._start("gateway", self.settings, "connector_gateway.app:app")

    def _start(self, name: str, settings: dict[str, str], app: str | None = None) -> None:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        process = start_connector(name, settings, folder, app)
        self.stack.callback(stop, process)
        self.urls[name] = connector_url(process, folder)

    def command(self, *words: str) -> str:
        """Run `gateway …`, and return what it printed."""
        return subprocess.run(
            [sys.executable, "-m", "connector_gateway", *words],
            env=environment(self.settings),
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def sdk(self, key: str) -> cohere.Client:
        """Return the SDK, with only `base_url` changed."""
        return cohere.Client(api_key=key, base_url=self.urls["gateway"])

    def say(self, story: str) -> None:
        """Begin a step."""
        self.step += 1
        print(f"\n{self.step}. {story}\n")

    def search(self, *names: str, status: int = 200, **more: Any) -> dict[str, Any]:
        """Search as Alice, and show what came.

        Raises:
            Unexpected: the status is another one.
        """
        asked = [{"id": self.ids[name], **more} for name in names]
        response = requests.post(
            f"{self.urls['gateway']}/v1/search",
            json={"query": QUESTION, "connectors": asked},
            headers={"Authorization": f"Bearer {self.alice}"},
            timeout=30,
        )
        print(f"   POST /v1/search {', '.join(self.ids[name] for name in names)}")
        print(f"   {response.status_code} {response.reason}")
        if response.status_code != status:
            raise Unexpected(f"the status is {response.status_code}, not {status}: {response.text}")
        answer: dict[str, Any] = response.json()
        for document in answer.get("documents", []):
            print(f"   {document['id']:<24} {document.get('title', '')[:60]}")
        return answer

    def end_consent(self, state: str) -> None:
        """End what Alice has consented to at the providers: `expired` or `revoked`."""
        requests.post(
            f"{self.sandbox['url']}/sandbox/consents",
            json={"user": "alice", "state": state},
            timeout=30,
        ).raise_for_status()

    def refreshes(self) -> int:
        """Return how many refreshes have reached the providers."""
        received = requests.get(f"{self.sandbox['url']}/sandbox/requests", timeout=30).json()
        forms = [one["form"] for one in received["requests"]]
        return sum(form.get("grant_type") == "refresh_token" for form in forms)


def play(demo: GatewayDemo) -> None:
    """Tell the story.

    Raises:
        Unexpected: a step did not show what it should.
    """
    _register(demo)
    _connect(demo)
    demo.say("Alice searches both at once; the gateway sends each connector her own token.")
    found = demo.search("gdrive", "slack")
    parts = {r["connector"]["id"]: r["document_ids"] for r in found["search_results"]}
    expect("both connectors found something", holds=len(parts) == 2 and all(parts.values()))

    demo.say("Her access tokens expire; she searches again.")
    demo.end_consent("expired")
    before = demo.refreshes()
    demo.search("gdrive", "slack")
    refreshes = demo.refreshes() - before
    expect(f"the gateway refreshed each token once ({refreshes} refreshes)", holds=refreshes == 2)

    demo.say("She withdraws her consent at the providers; the search says where to connect anew.")
    demo.end_consent("revoked")
    message = demo.search("gdrive", status=403)["message"]
    print(f"   {message}")
    expect("the message carries the link", holds=f"{demo.urls['gateway']}/connect/" in message)
    status = demo.sdk(demo.alice).connectors.get(demo.ids["gdrive"]).connector.auth_status
    expect(f"the SDK says so, too: auth_status is {status}", holds=status == "expired")

    demo.say("Pass-through: an application that has a token of its own sends it along.")
    token = demo.sandbox["users"]["alice"]["gdrive_token"]
    own = demo.search("gdrive", user_access_token=token)
    expect("it was used in place of the gateway's", holds=bool(own["documents"]))


def _register(demo: GatewayDemo) -> None:
    demo.say("An admin registers Drive and Slack: `co.connectors.create(…, oauth={…})`.")
    co = demo.sdk(demo.admin)
    for name, provider, (authorize, token) in (
        ("gdrive", "google", _GOOGLE),
        ("slack", "slack", _SLACK),
    ):
        connector = co.connectors.create(
            name=name,
            url=f"{demo.urls[name]}/search",
            oauth={
                **demo.sandbox["oauth_clients"][provider],
                "authorize_url": f"{demo.sandbox['url']}{authorize}",
                "token_url": f"{demo.sandbox['url']}{token}",
                "scope": _SCOPES[provider],
            },
        ).connector
        demo.ids[name] = connector.id
        print(f"   {connector.id:<16} {connector.url}")
        print(f"   {'':<16} redirect URI {getattr(connector.oauth, 'redirect_uri', None)}")
    expect("both are registered", holds=len(co.connectors.list().connectors or []) == 2)


def _connect(demo: GatewayDemo) -> None:
    demo.say("Alice connects her accounts: `co.connectors.o_auth_authorize(…)` gives the link.")
    co = demo.sdk(demo.alice)
    browser = Browser()
    for name, connector_id in demo.ids.items():
        browser.open(co.connectors.o_auth_authorize(connector_id).redirect_url)
        if name == "gdrive":
            print("   signs in to the gateway with her API key")
            browser.submit(form="sign-in", secret=demo.alice)
        browser.submit(form="/connect/")
        print(f"   {name}: at the provider's consent page, {browser.page.url.split('?')[0]}")
        browser.submit(user="alice", decision="allow")
        status = co.connectors.get(connector_id).connector.auth_status
        expect(f"{name}: auth_status is {status}", holds=status == "valid")


def main() -> int:
    """Play the story; 0 when every step showed what it should."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends what was started, as Ctrl-C
    with ExitStack() as stack:
        demo = GatewayDemo(stack, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        try:
            demo.start()
            play(demo)
        except (Unexpected, RuntimeError, LookupError, requests.RequestException) as error:
            print(f"\nThe demo failed: {error}", file=sys.stderr)
            for log in sorted(demo.folder.glob("**/log")):
                print(f"--- {log.parent.name}\n{log.read_text()[-2000:]}", file=sys.stderr)
            return 1
    print("\nEvery step showed what it should.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
