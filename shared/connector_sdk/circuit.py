"""A circuit for each provider host: when a host is down, callers are told so at once."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from .errors import ProviderUnavailable

_FAILURES_TO_OPEN = 20  # more than the texts of one answer, so that no single file opens it
_OPEN_SECONDS = 2.0


@dataclass
class _Host:
    failures: int = 0
    retry_at: float = 0.0


@dataclass
class Circuit:
    """Counts failures of the network and 5xx answers of a host, one after another.

    An answer to one caller's token (401, 403, 429) is an answer: it closes the circuit.
    """

    _hosts: dict[str, _Host] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, host: str) -> None:
        """Let the call through, or say that the host is down.

        Raises:
            ProviderUnavailable: the circuit is open; one call is let through when its time ends.
        """
        with self._lock:
            state = self._hosts.get(host)
            if state is None or state.failures < _FAILURES_TO_OPEN:
                return
            left = state.retry_at - time.monotonic()
            if left > 0:
                raise ProviderUnavailable(
                    f"{host} has not answered {state.failures} calls in a row; it is tried again "
                    f"in {left:.0f} seconds.",
                    retry_after=left,
                )
            # This caller is the probe; the others wait for what it finds.
            state.retry_at = time.monotonic() + _OPEN_SECONDS

    def record(self, host: str, *, ok: bool) -> None:
        """Note how a call to `host` ended."""
        with self._lock:
            if ok:
                self._hosts.pop(host, None)
                return
            state = self._hosts.setdefault(host, _Host())
            state.failures += 1
            state.retry_at = time.monotonic() + _OPEN_SECONDS
