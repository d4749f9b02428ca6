"""What is at rest: nothing that opens anything, whoever has the disk and not the keys."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from connector_gateway.models import Base, Connection, Connector
from connector_gateway.vault import SecretUnreadable, Vault, load_keys, new_key
from connector_sdk import ConfigurationError
from tests.gateway.journey import (
    SearchedConnector,
    connect_directly,
    register_at,
    searched_connector,
)
from tests.gateway.support.scene import link
from tests.gateway.support.visitor import query_of
from tests.support.gateway import RunningGateway, running_gateway
from tests.support.oauth_provider import TokenProvider, token_provider

SERVICE = "a-registered-service-token-canary"


def test_a_secret_opens_in_its_own_place_only() -> None:
    vault = Vault([new_key()])
    sealed = vault.seal("canary", "sealed_access_token", "alice", "drive")
    assert vault.open(sealed, "sealed_access_token", "alice", "drive") == "canary"
    for place in (
        ("sealed_access_token", "bob", "drive"),
        ("sealed_access_token", "alice", "slack"),
        ("sealed_refresh_token", "alice", "drive"),
        ("sealed_access_token", "alice"),
    ):
        with pytest.raises(SecretUnreadable):
            vault.open(sealed, *place)
    with pytest.raises(SecretUnreadable):
        Vault([new_key()]).open(sealed, "sealed_access_token", "alice", "drive")
    with pytest.raises(SecretUnreadable):
        vault.open("not a ciphertext", "sealed_access_token", "alice", "drive")


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    """It is readable by its owner only, and what a killed process left behind is in nobody's way."""
    folder = tmp_path / "new"
    code = (
        "import sys, pathlib\n"
        "from connector_gateway.vault import load_keys\n"
        "input('ready\\n')\n"
        "print(*load_keys(None, pathlib.Path(sys.argv[1])))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    printed = {process.communicate(timeout=30)[0] for process in started}
    assert len(printed) == 1
    assert len(printed.pop().split()) == 1
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_keys(None, folder)


@pytest.mark.parametrize("keys", ["", "short", f"{43 * 'A'}=,"])
def test_keys_that_are_none_are_refused(keys: str) -> None:
    with pytest.raises(ConfigurationError, match="GATEWAY_ENCRYPTION_KEYS"):
        Vault(load_keys(keys, Path("/nowhere")))


class Place:
    """A gateway with keys that were set, a provider, and two users who have connected."""

    def __init__(self, stack: ExitStack, database: str) -> None:
        self.old_key, self.new_key = new_key(), new_key()
        self.provider: TokenProvider = stack.enter_context(token_provider())
        self.connector: SearchedConnector = stack.enter_context(searched_connector(self.provider))
        self.gateway: RunningGateway = stack.enter_context(
            running_gateway(
                database,
                GATEWAY_ENCRYPTION_KEYS=self.old_key,
                GATEWAY_CONNECT="direct",
                GATEWAY_TOKEN_TIMEOUT_SECONDS="2",
            )
        )
        self.id = register_at(self.gateway, self.provider, self.connector)
        self.ann, self.ben = self.gateway.key("ann"), self.gateway.key("ben")
        self.tokens = {
            key: connect_directly(self.gateway, key, self.id, self.provider)
            for key in (self.ann, self.ben)
        }

    def search(self, key: str) -> requests.Response:
        answer: requests.Response = self.gateway.search(key, self.id)
        return answer

    def at_rest(self) -> bytes:
        """All that the database holds, and all of its files."""
        with self.gateway.database() as database, database.read() as session:
            rows = [session.execute(select(table)).all() for table in Base.metadata.sorted_tables]
        files = {
            path.name: path.read_bytes()
            for path in self.gateway.folder.iterdir()
            if "sqlite3" in path.name
        }
        assert not files or "gateway.sqlite3-wal" in files
        return b"".join([repr(rows).encode(), *files.values()])

    def change(self, table: Any, *where: Any, **values: Any) -> None:
        with self.gateway.database() as database, database.write() as session:
            changed = session.execute(update(table).where(*where).values(**values))
            assert changed.rowcount == 1  # type: ignore[attr-defined]

    def rows(self, table: Any) -> Any:
        with self.gateway.database() as database, database.read() as session:
            return session.scalars(select(table).order_by(table.created_at)).all()


@pytest.fixture(scope="module")
def place(database: str) -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(stack, database)


def test_no_secret_is_at_rest_or_in_the_log(place: Place) -> None:
    gateway = place.gateway
    place.connector.ended.add(place.tokens[place.ann])
    assert place.search(place.ann).status_code == 200  # refreshed
    body = {
        "name": "Behind a key",
        "url": f"{place.connector.url}/search",
        "service_auth": {"type": "bearer", "token": SERVICE},
    }
    place.provider.given.append(SERVICE)
    made = gateway.call("POST", "/v1/connectors", gateway.admin, json=body)
    assert made.status_code == 200, made.text
    state = query_of(link(gateway, place.ben, place.id))["state"]
    sign_in = gateway.call("POST", "/v1/sign-in-codes", place.ben).json()["code"]
    assert gateway.search(place.ben, place.id, user_access_token=SERVICE).status_code == 200

    forms = place.provider.forms
    secrets = {
        *(form[name] for form in forms for name in ("code", "code_verifier") if name in form),
        *place.provider.given,
        *place.provider.good,
        *gateway.keys.values(),
        *(state, sign_in, sign_in.replace("-", "")),
        *("the-client-id", "the-client-secret", SERVICE),
        *(place.old_key, place.new_key),
    }
    assert len(secrets) > 15
    at_rest, log = place.at_rest(), gateway.log().encode()
    for shown in ("Behind a key", place.id):
        assert shown.encode() in at_rest
    assert not [secret for secret in secrets if secret.encode() in at_rest]
    assert not [secret for secret in secrets if secret.encode() in log]


def test_swapped_ciphertexts_open_for_nobody(place: Place) -> None:
    """Whoever can write to the database moves another's token into a row: it is not sent."""
    gateway, connector = place.gateway, place.connector
    ann, ben = place.rows(Connection)
    (first, *_) = place.rows(Connector)
    second_id = register_at(gateway, place.provider, connector)
    connect_directly(gateway, place.ann, second_id, place.provider)
    elsewhere = place.rows(Connection)[-1]
    bens = (Connection.user_id == ben.user_id, Connection.connector_id == place.id)
    anns = (Connection.user_id == ann.user_id, Connection.connector_id == place.id)
    swaps: list[tuple[str, Any, tuple[Any, ...], dict[str, Any]]] = [
        (place.ben, Connection, bens, {"sealed_access_token": ann.sealed_access_token}),
        (place.ben, Connection, bens, {"sealed_access_token": ben.sealed_refresh_token}),
        (place.ann, Connection, anns, {"sealed_access_token": elsewhere.sealed_access_token}),
        (
            place.ben,
            Connection,
            bens,
            {"sealed_refresh_token": ann.sealed_refresh_token, "expires_at": 0.0},
        ),
        (
            place.ann,
            Connection,
            anns,
            {"sealed_refresh_token": ann.sealed_access_token, "expires_at": 0.0},
        ),
    ]
    for key, table, where, values in swaps:
        row = ann if where is anns else ben
        asked, forms = len(connector.asked), len(place.provider.forms)
        place.change(table, *where, **values)
        answer = place.search(key)
        assert answer.status_code == 500, values.keys()
        assert "does not open" in answer.json()["message"]
        on = gateway.search(key, place.id, continue_on_failure=True)
        assert "does not open" in on.json()["search_results"][0]["error_message"]
        assert (len(connector.asked), len(place.provider.forms)) == (asked, forms)
        place.change(
            table, *where, leased_until=None, **{name: getattr(row, name) for name in values}
        )
        assert place.search(key).status_code == 200
    here = (Connector.id == second_id,)
    place.change(Connector, *here, sealed_client_secret=first.sealed_client_secret)
    connector.ended.add(place.provider.given[-1])
    forms = len(place.provider.forms)
    assert gateway.search(place.ann, second_id).status_code == 500
    assert len(place.provider.forms) == forms
    assert gateway.call("DELETE", f"/v1/connectors/{second_id}", gateway.admin).status_code == 200


def test_keys_are_rotated(place: Place) -> None:
    """After `rotate-keys` the old key can be dropped: tokens, clients and open consents go on."""
    gateway, provider = place.gateway, place.provider
    asked = query_of(link(gateway, place.ben, place.id))
    gateway.restart(GATEWAY_ENCRYPTION_KEYS=f"{place.new_key},{place.old_key}")
    assert place.search(place.ann).status_code == 200
    assert "secrets are encrypted with the first key" in gateway.command("rotate-keys")

    gateway.restart(GATEWAY_ENCRYPTION_KEYS=place.new_key)
    assert place.search(place.ann).status_code == 200
    place.connector.ended.update(provider.given)
    assert place.search(place.ann).status_code == 200, "refreshed"
    back = {"state": asked["state"], "code": provider.grant("code-of-before")}
    assert requests.get(asked["redirect_uri"], params=back, timeout=30).status_code == 200
    assert place.search(place.ben).status_code == 200
    at_rest, log = place.at_rest(), gateway.log().encode()
    for secret in (*provider.given, *provider.good, place.old_key, place.new_key):
        assert secret.encode() not in at_rest + log

    with pytest.raises(AssertionError, match="GATEWAY_ENCRYPTION_KEYS"):
        gateway.command("users", "list", settings={"GATEWAY_ENCRYPTION_KEYS": place.old_key})
