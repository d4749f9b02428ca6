"""Faults: what goes wrong on purpose, for which requests and how often."""

from __future__ import annotations

import fnmatch
import random
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, get_type_hints


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong; which requests it hits, then what it does to them."""

    path: str = "*"
    token: str | None = None
    times: int | None = None
    probability: float = 1.0
    seed: int = 0

    latency: float = 0.0
    status: int | None = None
    reason: str | None = None
    body: str | None = None
    content_type: str | None = None
    retry_after: str | None = None
    slack_error: str | None = None
    drop: bool = False
    trickle: float | None = None
    truncate: bool = False
    html: bool = False
    redirect: str | None = None
    huge: int | None = None
    gzip: bool = False
    incomplete_search: bool = False

    @classmethod
    def from_json(cls, content: object) -> Fault:
        """Read a fault that came over HTTP; ValueError says what is wrong with it."""
        if not isinstance(content, Mapping):
            raise ValueError("a fault is a JSON object")  # noqa: TRY004 - one error for bad input
        known = get_type_hints(cls)
        values: dict[str, Any] = {}
        for key, value in content.items():
            if key not in known:
                raise ValueError(f"{key}: unknown; known are {', '.join(sorted(known))}")
            values[key] = _convert(key, value, known[key])
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return what differs from a fault that does nothing."""
        defaults = {item.name: item.default for item in fields(self)}
        return {key: value for key, value in asdict(self).items() if value != defaults[key]}


def _convert(key: str, value: object, kind: Any) -> Any:
    if key == "retry_after":
        return str(value)
    wanted: dict[type, Any] = {bool: bool, float: (int, float), int: int, str: str}
    for plain, accepted in wanted.items():
        if kind == plain or kind == plain | None:
            if not isinstance(value, accepted) or (isinstance(value, bool) and plain is not bool):
                raise ValueError(f"{key}: must be {plain.__name__}, not {value!r}")
            return plain(value)
    raise ValueError(f"{key}: cannot be set")


class _Armed:
    """A fault in the book, with what is left of it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times
        self._random = random.Random(fault.seed)  # noqa: S311 - repeatable on purpose

    def hits(self, path: str, token: str | None) -> bool:
        fault = self.fault
        if self.left == 0 or not fnmatch.fnmatchcase(path, fault.path):
            return False
        if fault.token is not None and fault.token != token:
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class FaultBook:
    """The faults in force; the first that matches a request is the one it meets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._cleared = threading.Event()

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Forget every fault and release whoever waits in one."""
        with self._lock:
            self._armed.clear()
            self._cleared.set()
            self._cleared = threading.Event()

    def meet(self, path: str, token: str | None) -> tuple[Fault | None, threading.Event]:
        """Return the fault for a request, and the event that ends its waiting."""
        with self._lock:
            armed = next((item for item in self._armed if item.hits(path, token)), None)
            return (armed.fault if armed else None), self._cleared

    def to_json(self) -> list[dict[str, Any]]:
        """List the faults in force."""
        with self._lock:
            return [{**item.fault.to_json(), "left": item.left} for item in self._armed]
