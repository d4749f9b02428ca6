"""What a provider said, kept for a while for the one token that it was said to."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from .auth import Credential, Kind

T = TypeVar("T")

_KEY = secrets.token_bytes(32)  # of this process: a digest says nothing outside of it


class TokenCache(Generic[T]):
    """A small cache whose every entry belongs to one credential.

    Neither the token nor anything from which it could be told is kept.

    Args:
        seconds: how long an entry is good.
        size: how many entries there are at the most; the oldest goes first.
    """

    def __init__(self, *, seconds: float, size: int = 1024) -> None:
        self._seconds = seconds
        self._size = size
        self._entries: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, credential: Credential, key: Hashable = None) -> T | None:
        """Return what was kept for this credential under `key`, if it is still good."""
        with self._lock:
            ends, value = self._entries.get((_owner(credential), key), (0.0, None))
        return value if time.monotonic() < ends else None

    def put(self, credential: Credential, key: Hashable, value: T) -> None:
        """Keep a value for this credential."""
        owned = (_owner(credential), key)
        with self._lock:
            self._entries.pop(owned, None)
            self._entries[owned] = (time.monotonic() + self._seconds, value)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)


def _owner(credential: Credential) -> bytes:
    """A digest of the user's token; the service's credential is one for the process."""
    if credential.kind is not Kind.USER:
        return str(credential.kind.value).encode()
    digest: bytes = hmac.digest(_KEY, str(credential.value).encode(), hashlib.sha256)
    return digest
