"""What one process of the gateway works with, built once."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.exc import IntegrityError

from connector_sdk import ConfigurationError, HttpClient, logs
from connector_sdk.addresses import check_addresses
from connector_sdk.transport import build_session

from .database import Database
from .models import KeyCheck
from .settings import GatewaySettings
from .vault import SecretUnreadable, Vault, load_keys

_CALLS = 128  # to connectors at the same time, of all searches of a process


@dataclass(frozen=True)
class Gateway:
    """The gateway.

    Args:
        settings: what it was told.
        database: where all its state is.
        vault: opens and closes the secrets in there.
        http: calls connectors and providers; their addresses are checked, redirects not followed.
    """

    settings: GatewaySettings
    database: Database
    vault: Vault
    http: HttpClient

    @classmethod
    def start(cls, settings: GatewaySettings) -> Gateway:
        """Open everything that a process needs.

        Raises:
            ConfigurationError: a setting is wrong; the message names the variable.
        """
        database = Database(settings.database)
        database.migrate()
        configured = settings.encryption_keys
        keys = load_keys(
            None if configured is None else configured.get_secret_value(), settings.data_dir
        )
        logs.protect(*keys, *(word for word in (database.url.password,) if word))
        vault = Vault(keys)
        _check_keys(database, vault)
        private = settings.allow_private_addresses
        http = HttpClient(
            None,
            session=build_session(check_addresses(private=private)),
            proxies=False,
            plain_http=private,
        )
        return cls(settings, database, vault, http)

    @cached_property
    def calls(self) -> ThreadPoolExecutor:
        """The threads that ask connectors; made late, as threads do not survive a fork."""
        return ThreadPoolExecutor(_CALLS, thread_name_prefix="connector")


def _check_keys(database: Database, vault: Vault) -> None:
    """Refuse keys that are not those of the database, before anything is written with them."""
    with database.read() as session:
        check = session.get(KeyCheck, 1)
    if check is None:
        # Another process may be first.
        with contextlib.suppress(IntegrityError), database.write() as session:
            session.add(KeyCheck(id=1, sealed=vault.seal("the keys fit", "key_check")))
        with database.read() as session:
            check = session.get_one(KeyCheck, 1)
    try:
        vault.open(check.sealed, "key_check")
    except SecretUnreadable:
        raise ConfigurationError(
            "GATEWAY_ENCRYPTION_KEYS: the database was written with other keys. Set those that it "
            "was written with; while one is rotated, the new one first and the old one behind it"
        ) from None
