"""The processes that read files: started when they are needed, kept, and ended when they hang."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..blocks import Block
from ..deadline import Deadline
from . import wire
from .errors import Unreadable

MAX_WORKERS = 4
_MOST = 4_000_000  # characters of a file's blocks: a reader of ours sends less
_OVERHEAD = 100  # characters that a block counts for beside its text
_NOT_STARTED = "the process that reads files does not start on this system."
_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # what Python itself may need
_MAIN = Path(__file__).with_name("__main__.py")
_log = logging.getLogger(__name__)


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Broken(Exception):
    """A reader ended or went silent while it read a file.

    Args:
        blocks: what it had read by then.
    """

    def __init__(self, blocks: list[Block]) -> None:
        super().__init__("the reader ended")
        self.blocks = blocks


class Worker:
    """One process, with a socket to it. It gets no variable of ours, as it may turn hostile."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            # A new program and no fork: this process has threads.
            self._process = subprocess.Popen(  # noqa: S603 - this program itself
                [sys.executable, "-I", "-B", "-X", "utf8", str(_MAIN)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,
            )
        self.unlimited: list[str] | None = None  # not known before its first message
        self.alive = True

    @property
    def ready(self) -> bool:
        """Whether it can be given a file: it may have ended by itself, or the system ended it."""
        return self.alive and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def read(
        self, job: Mapping[str, Any], content: bytes, seconds: float
    ) -> tuple[list[Block], dict[str, Any]]:
        """Have a file read; return its blocks, and how it ended.

        Args:
            job: what the worker has to know.
            content: the file.
            seconds: after which the process is ended.

        Raises:
            Broken: it did not come to its end.
            Unreadable: it did not come to its beginning.
        """
        ends = time.monotonic() + seconds
        blocks: list[Block] = []
        size = 0
        if self.unlimited is None:
            self._greet(seconds)
        try:
            self._channel.settimeout(max(0.001, ends - time.monotonic()))
            wire.send(self._channel, {**job, "size": len(content)})
            self._channel.sendall(content)
            while True:
                self._channel.settimeout(max(0.001, ends - time.monotonic()))
                message = wire.receive(self._channel)
                if isinstance(message, dict):
                    self.alive &= not message.get("last")
                    return blocks, message
                size += sum(map(len, message)) + _OVERHEAD
                if size > _MOST:
                    raise ValueError("more than any reader of ours says")  # noqa: TRY301
                blocks.append(Block(*map(str, message)))
        except (EOFError, OSError, ValueError, KeyError, TypeError):
            self.end()
            raise Broken(blocks) from None

    def _greet(self, seconds: float) -> None:
        """Wait for a new process's first message: which limits it could not set."""
        try:
            self._channel.settimeout(max(0.001, seconds))
            self.unlimited = list(wire.receive(self._channel)["unlimited"])
        except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, TimeoutError) or not self.alive:
                self.alive = False
                raise Broken([]) from None  # the request's time was over, not the worker's fault
            self.alive = False
            _log.error("a process that reads files did not start")
            raise Unreadable("text_failed", f"was not read: {_NOT_STARTED}") from None

    def end(self) -> None:
        """End the process, whatever it does."""
        self.alive = False
        self._process.kill()

    def close(self) -> None:
        """End the process, and give back what it holds here."""
        self.end()
        self._process.wait()
        self._channel.close()


class Pool:
    """Lends workers; starts one where none is free and there are fewer than `size`."""

    def __init__(self, size: int | None = None) -> None:
        self._size = size or min(MAX_WORKERS, _processors())
        self._idle: list[Worker] = []
        self._count = 0
        self._changed = threading.Condition()
        self._said = False

    def take(self, deadline: Deadline) -> Worker:
        """Return a worker that nobody uses.

        Raises:
            DeadlineExceeded: none was free in time.
        """

        def wake() -> None:
            with self._changed:
                self._changed.notify_all()

        with deadline.on_close(wake), self._changed:
            self._changed.wait_for(
                lambda: self._idle or self._count < self._size or not deadline.remaining(),
                timeout=deadline.check(),
            )
            deadline.check()
            while self._idle:
                worker = self._idle.pop()
                if worker.ready:
                    return worker
                worker.close()
                self._count -= 1
            self._count += 1
        try:
            return Worker()
        except OSError:
            self._gone()
            raise Unreadable("text_failed", f"was not read: {_NOT_STARTED}") from None

    def give_back(self, worker: Worker) -> None:
        """Keep a worker for the next file, or close it where it has ended."""
        if worker.unlimited and not self._said:
            self._said = True
            _log.warning(
                "this system does not limit what a file may take: %s", ", ".join(worker.unlimited)
            )
        if worker.alive:
            with self._changed:
                self._idle.append(worker)
                self._changed.notify()
        else:
            worker.close()
            self._gone()

    def _gone(self) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify()
