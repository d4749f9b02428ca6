"""Secrets at rest: encrypted with Fernet, and bound to the place they were written for."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from connector_sdk import ConfigurationError

from .errors import ApiError

KEY_FILE = "encryption.keys"


class SecretUnreadable(ApiError):
    """500: a secret in the database does not open for the place it stands in."""

    def __init__(self) -> None:
        super().__init__(
            "a secret in the database does not open: it was encrypted with a key that is gone, or "
            "moved there. Connect the account anew, or have an admin register the connector anew"
        )


class Vault:
    """Encrypts with the first key, decrypts with any (https://cryptography.io/en/latest/fernet/).

    Args:
        keys: Fernet keys, the newest first.

    Raises:
        ConfigurationError: there is none, or one is not a Fernet key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise ConfigurationError(
                "GATEWAY_ENCRYPTION_KEYS: each key must be 32 bytes in URL-safe base64; make one "
                "with: gateway new-encryption-key"
            ) from None

    def __repr__(self) -> str:
        return "Vault(…)"

    def seal(self, secret: str, *place: str) -> str:
        """Encrypt a secret for one place.

        Args:
            secret: any text.
            place: column, and the ids of the row: the same words open it, and no others.
        """
        return self._fernet.encrypt(json.dumps([place, secret]).encode()).decode()

    def open(self, sealed: str, *place: str) -> str:
        """Decrypt a secret.

        Raises:
            SecretUnreadable: no key fits, or it was sealed for another place.
        """
        try:
            bound_to, secret = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            raise SecretUnreadable from None
        if tuple(bound_to) != place:
            raise SecretUnreadable
        return str(secret)

    def rotate(self, sealed: str) -> str:
        """Encrypt again with the first key, for the same place.

        Raises:
            SecretUnreadable: no key fits.
        """
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise SecretUnreadable from None


def new_key() -> str:
    """Return a new key."""
    return Fernet.generate_key().decode()


def load_keys(configured: str | None, folder: Path) -> list[str]:
    """Return the keys that were configured, else those of the folder's file, made when missing.

    Args:
        configured: `GATEWAY_ENCRYPTION_KEYS`.
        folder: where the file is: one key a line, the newest first, readable by its owner only.

    Raises:
        ConfigurationError: the file cannot be made or read, or others may read it.
    """
    if configured is not None:
        return [key.strip() for key in configured.split(",")]
    path = folder / KEY_FILE
    try:
        if not path.exists():
            _make_key_file(path)
        if path.stat().st_mode & 0o077:
            raise ConfigurationError(f"{path} can be read by others: run chmod 600 {path}")
        return path.read_text().split()
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be made or read ({error.strerror}): set GATEWAY_ENCRYPTION_KEYS, or "
            "GATEWAY_DATA_DIR to a folder that can be written"
        ) from None


def _make_key_file(path: Path) -> None:
    """Write a new key aside and link it: of processes that start together one wins, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not named by the process, whose number is the same in every container.
    aside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    with open(aside, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(f"{new_key()}\n")
        file.flush()
        os.fsync(file.fileno())  # before a secret is written that only this key opens
    try:
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
