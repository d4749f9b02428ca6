"""One deadline for a whole request: it bounds every wait, and ends every call when it passes."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from .errors import DeadlineExceeded


class Deadline:
    """The moment by which a request must be answered.

    A read timeout alone does not end a trickle, so whoever blocks on a socket registers how to
    break it off (`on_close`), and the request calls `close` when its time is over.

    Args:
        seconds: how long from now.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._closers: dict[int, Callable[[], None]] = {}

    def remaining(self) -> float:
        """Return the seconds that are left, never below zero."""
        if self._closed.is_set():
            return 0.0
        return max(0.0, self._ends - time.monotonic())

    def check(self) -> float:
        """Return the seconds that are left.

        Raises:
            DeadlineExceeded: there are none.
        """
        left = self.remaining()
        if left <= 0:
            raise DeadlineExceeded(
                f"The provider had not answered within {self.seconds:g} seconds. Try again, or "
                "raise SEARCH_TIMEOUT_SECONDS."
            )
        return left

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than the request lives.

        Raises:
            DeadlineExceeded: the time was over before the sleep was.
        """
        self._closed.wait(min(seconds, self.remaining()))
        self.check()

    @contextlib.contextmanager
    def on_close(self, closer: Callable[[], None]) -> Iterator[None]:
        """Have `closer` called from another thread if the request ends inside the block.

        Raises:
            DeadlineExceeded: the request has ended already.
        """
        key = id(closer)
        with self._lock:
            self.check()
            self._closers[key] = closer
        try:
            yield
        finally:
            with self._lock:
                self._closers.pop(key, None)

    def close(self) -> None:
        """End the request: every later `check` raises, every call under way is broken off."""
        with self._lock:
            self._closed.set()
            closers = list(self._closers.values())
            self._closers.clear()
        for closer in closers:
            closer()
