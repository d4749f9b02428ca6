"""A process that reads files, one after the other, within limits that the system enforces."""

from __future__ import annotations

import contextlib
import math
import resource
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from . import wire
from .errors import Unreadable, too_complex
from .progress import Progress
from .readers import blocks_of

MAX_CHARACTERS = 1_000_000  # of one file's text: a book of 400 pages
_PLACE = 2_000  # characters of a heading or a header, which each passage repeats
_OVERHEAD = 20  # characters that a block counts for beside its text
_MEMORY = 256 * 1024 * 1024  # bytes beside what the process has at its start
_FILES_EACH = 500  # then a new process takes over, in case something leaks
_GROWN = 100 * 1024 * 1024  # bytes; or then


def serve() -> None:
    """Read what comes through the socket that is standard input, until it closes."""
    # Before anything else, that a library prints goes nowhere near the messages.
    channel = socket.socket(fileno=0)
    base = _peak_memory()
    wire.send(channel, {"unlimited": _limit()})
    for count in range(1, _FILES_EACH + 1):
        try:
            job = wire.receive(channel)
            content = wire.receive_bytes(channel, job["size"])
        except (EOFError, OSError):
            return
        _limit_time(job["seconds"])
        end = _answer(channel, content, job)
        last = count == _FILES_EACH or _peak_memory() - base > _GROWN
        wire.send(channel, {**end, "last": last})
        if last:
            return


def _answer(channel: socket.socket, content: bytes, job: dict[str, Any]) -> dict[str, Any]:
    """Send the blocks, and return how it ended."""
    progress = Progress()
    ends = time.monotonic() + job["seconds"]
    size = 0
    try:
        for block in blocks_of(content, job["type"], job["charset"], progress):
            places = (block.heading, block.header, block.fragment)
            message = [block.text[: MAX_CHARACTERS - size], *(text[:_PLACE] for text in places)]
            size += sum(map(len, message)) + _OVERHEAD
            wire.send(channel, message)
            if size >= MAX_CHARACTERS or time.monotonic() > ends:
                return {"cut": str(progress)}
    except Unreadable as error:
        return _reason(error)
    except (MemoryError, RecursionError):
        return _reason(too_complex())
    # Of all kinds: a library in Rust panics with one that is no Exception.
    except BaseException as error:  # noqa: BLE001 - a library's trouble with a file nobody has seen
        # Where, and never what: the message may hold the file's text.
        place = traceback.extract_tb(error.__traceback__)[-1]
        return {"failed": f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"}
    return {}


def _reason(error: Unreadable) -> dict[str, str]:
    return {"reason": error.reason, "detail": error.detail}


def _limit() -> list[str]:
    """Bound this process; return the names of the limits that this system does not have."""
    unlimited = []
    wanted = {
        "RLIMIT_AS": _address_space() + _MEMORY,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": 64,
        "RLIMIT_CORE": 0,
    }
    for name, value in wanted.items():
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (AttributeError, ValueError, OSError):  # macOS has no limit of memory
            unlimited.append(name)
    with contextlib.suppress(OSError):
        # Should the container's memory end, it is this process that goes.
        Path("/proc/self/oom_score_adj").write_text("1000")
    return unlimited


def _limit_time(seconds: float) -> None:
    """Have the system end this process if it computes far longer than it may."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    ends = math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 5
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (ends, hard))


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 1024 * 1024 * 1024  # a guess where the system does not tell
    return pages * resource.getpagesize()


def _peak_memory() -> int:
    """The most memory that this process has had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
