"""Encrypting everything again, while the gateway runs."""

from __future__ import annotations

from sqlalchemy import select, update

from connector_sdk import ConfigurationError

from .gateway import Gateway
from .models import Base
from .vault import SecretUnreadable


def rotate_keys(gateway: Gateway) -> int:
    """Encrypt every secret with the first key, and return how many there are.

    A secret that changes meanwhile is left as it was written, which is with the first key, if all
    processes have been started with it.

    Raises:
        ConfigurationError: a secret opens with none of the keys.
    """
    count = 0
    for table in Base.metadata.sorted_tables:
        keys = list(table.primary_key.columns)
        for column in table.columns:
            if not column.name.startswith("sealed"):
                continue
            with gateway.database.read() as session:
                rows = session.execute(select(*keys, column).where(column.is_not(None))).all()
            for row in rows:
                *identity, sealed = row
                try:
                    anew = gateway.vault.rotate(sealed)
                except SecretUnreadable:
                    raise ConfigurationError(
                        f"GATEWAY_ENCRYPTION_KEYS: a secret in {table.name} opens with none of them"
                    ) from None
                here = [key == value for key, value in zip(keys, identity, strict=True)]
                with gateway.database.write() as session:
                    session.execute(
                        update(table).where(*here, column == sealed).values({column.name: anew})
                    )
                count += 1
    return count
