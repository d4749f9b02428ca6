"""The whole story in the terminal: real connectors, real clients, a sandbox for the providers.

Every step says what it must show, and the demo ends with 1 at the first that does not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import textwrap
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from scripts.processes import connector_url, start_connector, start_module, stop
from scripts.standins import DEMO_KEY, HANDBOOK_QUESTION, QUESTION, stand_in_of


class Unexpected(Exception):
    """A step did not show what it should."""


@dataclass
class Demo:
    """Everything that the story needs, running."""

    stack: ExitStack
    folder: Path
    urls: dict[str, str] = field(default_factory=dict)
    step: int = 0

    def start(self) -> None:
        """Start the sandbox, the REST server and the connectors."""
        self.sandbox = self._start_module("sandbox")
        self.rest = self._start_module("sandbox.rest_server")
        info = json.dumps(self.sandbox["service_account_info"])
        as_service = {"GDRIVE_SERVICE_ACCOUNT_INFO": info, "GDRIVE_CONNECTOR_API_KEY": DEMO_KEY}
        for label, name, settings in (
            ("gdrive", "gdrive", stand_in_of("gdrive").settings(self.sandbox)),
            ("slack", "slack", stand_in_of("slack").settings(self.sandbox)),
            ("generic-rest", "generic-rest", stand_in_of("generic-rest").settings(self.rest)),
            (
                "gdrive with a service account",
                "gdrive",
                {**stand_in_of("gdrive").settings(self.sandbox), **as_service},
            ),
        ):
            folder = self.folder / label.replace(" ", "-")
            folder.mkdir()
            process = start_connector(name, settings, folder)
            self.stack.callback(stop, process)
            self.urls[label] = connector_url(process, folder)

    def _start_module(self, module: str) -> dict[str, Any]:
        process, ready = start_module(module, self.folder, "--port", "0")
        self.stack.callback(stop, process)
        return ready

    def token(self, provider: str, user: str) -> str:
        """Return a user's token."""
        token: str = self.sandbox["users"][user][f"{provider}_token"]
        return token

    def ask(
        self, story: str, connector: str, query: str, token: str | None, status: int = 200
    ) -> dict[str, str]:
        """Search, show the curl for it and the answer as a table.

        Returns:
            The titles by id.

        Raises:
            Unexpected: the status is another one.
        """
        self.step += 1
        print(f"\n{self.step}. {story}\n")
        url = f"{self.urls[connector]}/search"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        shown = "".join(f" \\\n     -H '{name}: {value}'" for name, value in headers.items())
        body = json.dumps({"query": query})
        print(f"   curl {url}{shown} \\\n     -H 'Content-Type: application/json' -d '{body}'\n")
        response = requests.post(url, json={"query": query}, headers=headers, timeout=30)
        if response.status_code != status:
            raise Unexpected(f"the status is {response.status_code}, not {status}: {response.text}")
        print(f"   {response.status_code} {response.reason}, ", end="")
        if status != 200:
            print(f"{response.headers.get('WWW-Authenticate', '')}")
            print(f"   {response.json()['detail']}")
            return {}
        answer = response.json()
        found = "document" if len(answer["results"]) == 1 else "documents"
        took = f"{response.elapsed.total_seconds() * 1000:.0f} ms"
        print(f"{response.headers['X-Search-Status']}, {len(answer['results'])} {found}, {took}")
        _table(answer["results"])
        for warning in answer.get("warnings", []):
            print(f"   warning: {warning['reason']}: {warning['detail']}")
        return {row["id"]: row["title"] for row in answer["results"]}

    def files(self, connector: str, token: str) -> set[str]:
        """Return the ids of all files that a caller finds, whatever their rank."""
        answer = requests.post(
            f"{self.urls[connector]}/search",
            json={"query": QUESTION, "options": {"limit": 50}},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        ).json()
        return {row["id"].partition("#")[0] for row in answer["results"]}


def _table(rows: list[dict[str, str]]) -> None:
    width = max(80, min(140, shutil.get_terminal_size((110, 24)).columns))
    left = 44
    print(f"   {'title':<{left}} text\n   {'-' * left} {'-' * (width - left - 5)}")
    for row in rows:
        text = " ".join(row.get("text", "").split())
        title = textwrap.shorten(row["title"], left, placeholder="…")
        print(f"   {title:<{left}} {textwrap.shorten(text, width - left - 5, placeholder=' …')}")


def expect(what: str, *, holds: bool) -> None:
    """Say what was shown.

    Raises:
        Unexpected: it was not.
    """
    if not holds:
        raise Unexpected(f"not so: {what}")
    print(f"   ✓ {what}")


def _differ(provider: str, alice: dict[str, str], bob: dict[str, str]) -> None:
    expect(f"both found something in {provider}", holds=bool(alice and bob))
    expect("Alice sees something that Bob may not see", holds=bool(alice.keys() - bob.keys()))
    expect("Bob sees something that Alice may not see", holds=bool(bob.keys() - alice.keys()))


def play(demo: Demo) -> None:
    """Tell the story.

    Raises:
        Unexpected: a step did not show what it should.
    """
    alice = demo.ask(
        "Alice (People and Finance) asks Drive, with her own token.",
        *("gdrive", QUESTION, demo.token("gdrive", "alice")),
    )
    bob = demo.ask(
        "Bob (Engineering) asks the same, with his.",
        *("gdrive", QUESTION, demo.token("gdrive", "bob")),
    )
    _differ("Drive", alice, bob)
    on_slack = [
        demo.ask(f"{user.title()} asks Slack.", "slack", QUESTION, demo.token("slack", user))
        for user in ("alice", "bob")
    ]
    _differ("Slack", *on_slack)
    revoked = demo.sandbox["special_tokens"]["gdrive_revoked"]
    demo.ask(
        "A revoked token: 401, so that the caller refreshes it.",
        *("gdrive", QUESTION, revoked, 401),
    )
    demo.ask("No token: 401, which says what to send.", "gdrive", QUESTION, None, 401)
    demo.ask(
        "A connector with a key and a service account: the service account's own view.",
        *("gdrive with a service account", QUESTION, DEMO_KEY),
    )
    service = demo.files("gdrive with a service account", DEMO_KEY)
    theirs = [demo.files("gdrive", demo.token("gdrive", user)) for user in ("alice", "bob")]
    expect(
        "it sees what is shared with it, and nothing that is Alice's or Bob's alone",
        holds=bool(service) and service <= theirs[0] & theirs[1],
    )
    handbook = demo.ask(
        "generic-rest searches a real REST server: Datasette, described by one YAML file.",
        *("generic-rest", HANDBOOK_QUESTION, DEMO_KEY),
    )
    expect(
        "the article about expense claims is among them",
        holds="Expense claims and reimbursement" in handbook.values(),
    )


def main() -> int:
    """Play the story; 0 when every step showed what it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends what was started, as Ctrl-C
    with ExitStack() as stack:
        demo = Demo(stack, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        try:
            demo.start()
            play(demo)
        except (Unexpected, RuntimeError, requests.RequestException) as error:
            print(f"\nThe demo failed: {error}", file=sys.stderr)
            for log in sorted(demo.folder.glob("**/log")):
                print(f"--- {log.parent.name}\n{log.read_text()[-2000:]}", file=sys.stderr)
            return 1
        print("\nEvery step showed what it should.")
        if given.keep:
            _keep(demo)
    return 0


def _keep(demo: Demo) -> None:
    print("\nEverything stays up until Ctrl-C. To try:")
    for label, url in demo.urls.items():
        print(f"  {label:<30} {url}/search   docs: {url}/ui/")
    print(f"  {'sandbox':<30} {demo.sandbox['url']}")
    print(f"\n  connector key (service account, generic-rest): {DEMO_KEY}")
    for user, tokens in demo.sandbox["users"].items():
        print(f"  {user:<8} Drive {tokens['gdrive_token']:<24} Slack {tokens['slack_token']}")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()
    print()


if __name__ == "__main__":
    raise SystemExit(main())
