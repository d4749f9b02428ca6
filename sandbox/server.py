"""The sandbox as a Python object: start it, steer it, see what it received."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask

from sandbox import roster, service_account
from sandbox.control import Control
from sandbox.drive_api import DriveApi
from sandbox.faults import Fault, FaultBook
from sandbox.google_errors import GoogleError
from sandbox.google_oauth import GoogleOAuth
from sandbox.http_server import LOOPBACK, Server
from sandbox.people import SERVICE
from sandbox.received import Received, RequestLog
from sandbox.slack_api import SlackApi
from sandbox.slack_oauth import SlackOAuth
from sandbox.tokens import DRIVE, SLACK_CLASSIC, Provider, token_value
from sandbox.world import load_world

_POLL_SECONDS = 0.05  # how long stop() may take


class Sandbox:
    """Google Drive and Slack on a port of this machine.

    `data` is a folder shaped as sandbox/README.md says, port 0 lets the system choose, and
    `rotation` makes refresh tokens good for one use (and lets Slack's tokens expire).
    """

    def __init__(self, data: Path | None = None, port: int = 0, *, rotation: bool = False) -> None:
        self.world = load_world(data, rotation=rotation)
        self.faults = FaultBook()
        self._requests = RequestLog()
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self.special_tokens = roster.issue_all(self.world)
        self.app = Flask("sandbox", static_folder=None)
        self.app.register_error_handler(GoogleError, GoogleError.answer)
        parts = (DriveApi, GoogleOAuth, SlackOAuth, SlackApi)
        for part in parts:
            part(self.world).register(self.app)
        Control(self.faults, self._requests, self.describe, self.end_consent).register(self.app)

    def start(self) -> None:
        """Listen, and answer in a thread of its own."""
        self._server = Server(self.app, self._port, self.faults, self._requests)
        self.world.url = f"http://{LOOPBACK}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="sandbox", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, end every fault and hang up."""
        if self._server is None or self._thread is None:
            return
        self.faults.clear()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.world.url

    @property
    def gdrive_api_endpoint(self) -> str:
        """What GDRIVE_API_ENDPOINT is to be set to."""
        return f"{self.url}/drive/v3/"

    @property
    def slack_base_url(self) -> str:
        """What SLACK_BASE_URL is to be set to."""
        return f"{self.url}/slack/api/"

    @property
    def requests(self) -> list[Received]:
        """What was received so far, the oldest first."""
        return self._requests.all()

    def clear(self) -> None:
        """Forget what was received, and every fault."""
        self._requests.clear()
        self.faults.clear()

    def inject(self, fault: Fault) -> None:
        """Put a fault in force."""
        self.faults.add(fault)

    def service_account_info(self) -> dict[str, str]:
        """Return the service account's JSON key file."""
        return service_account.info(self.world.people.service_email, f"{self.url}/google/token")

    @property
    def slack_service_token(self) -> str:
        """The token a Slack connector could have as its service credential."""
        return token_value("slack", SERVICE)

    def gdrive_token(self, user: str) -> str:
        """Return a user's Drive token."""
        return token_value("gdrive", self._known(user))

    def slack_token(self, user: str, *, granular: bool = False) -> str:
        """Return a user's Slack token: the classic one, or the Real-time Search API's."""
        more = "-granular" if granular and user != SERVICE else ""  # the service's has all scopes
        return token_value("slack", self._known(user) + more)

    def _known(self, user: str) -> str:
        if user not in self.world.people.users and user != SERVICE:
            raise KeyError(user)
        return user

    def issue_token(
        self,
        *,
        provider: Provider,
        user: str,
        scopes: Iterable[str] | None = None,
        expires_in: float | None = None,
    ) -> str:
        """Make a new token; without scopes it has the usual ones."""
        if scopes is None:
            scopes = (DRIVE,) if provider == "gdrive" else SLACK_CLASSIC
        known = self._known(user)
        if provider == "slack" and user == SERVICE:
            known = self.world.people.slack_service_user
        return self.world.tokens.issue(provider, known, scopes, expires_in=expires_in).value

    def revoke(self, token: str) -> None:
        """Revoke a token."""
        if not self.world.tokens.revoke(token):
            raise KeyError("no such token")

    def expire(self, token: str) -> None:
        """End a token's time."""
        if not self.world.tokens.expire(token):
            raise KeyError("no such token")

    def end_consent(self, user: str, *, revoke: bool) -> None:
        """End the time of the tokens that a user consented to, or revoke them and the consent."""
        self.world.tokens.end(self._known(user), revoke=revoke)
        if revoke:
            self.world.grants.end(user)

    def describe(self) -> str:
        """Say who can be who."""
        return roster.describe(self.world, self.special_tokens)

    def ready(self) -> dict[str, Any]:
        """Return what other processes need to know, secrets included."""
        google, slack = (self.world.people.oauth_clients[name] for name in ("google", "slack"))
        return {
            "url": self.url,
            "gdrive_api_endpoint": self.gdrive_api_endpoint,
            "slack_base_url": self.slack_base_url,
            "service_account_info": self.service_account_info(),
            "slack_service_token": self.slack_service_token,
            "users": {
                name: {
                    "gdrive_token": self.gdrive_token(name),
                    "slack_token": self.slack_token(name),
                    "slack_granular_token": self.slack_token(name, granular=True),
                }
                for name in self.world.people.users
            },
            "special_tokens": self.special_tokens,
            "oauth_clients": {
                "google": {"client_id": google[0], "client_secret": google[1]},
                "slack": {"client_id": slack[0], "client_secret": slack[1]},
            },
        }
