"""The processes that read files: reused, replaced, bounded by the request's deadline."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_sdk import Deadline, DeadlineExceeded
from connector_sdk.files.pool import Broken, Pool, Worker

JOB = {"type": "txt", "charset": "", "seconds": 5.0}


@pytest.fixture
def worker() -> Iterator[Worker]:
    started = Worker()
    yield started
    started.close()


def test_a_worker_reads_one_file_after_the_other(worker: Worker) -> None:
    for text in ("one", "two"):
        blocks, end = worker.read(JOB, text.encode(), 10)
        assert [block.text for block in blocks] == [text]
        assert end == {"last": False}


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks at the process through /proc")
def test_a_worker_has_nothing_of_ours_and_limits(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No variable, which may be a key; no more memory than it is given; no file it could write."""
    monkeypatch.setenv("GDRIVE_CONNECTOR_API_KEY", "canary-key")
    fresh = Worker()
    fresh.read(JOB, b"x", 10)
    process = Path("/proc") / str(fresh.pid)
    assert b"canary" not in (process / "environ").read_bytes()
    limits = (process / "limits").read_text()
    assert "Max file size             0 " in limits
    memory = next(line for line in limits.splitlines() if line.startswith("Max address space"))
    assert int(memory.split()[3]) < 600 * 1024 * 1024
    fresh.close()


def test_a_worker_that_dies_is_told_of_and_replaced() -> None:
    """The next file is read by another."""
    pool = Pool(1)
    first = pool.take(Deadline(10))
    first.end()
    with pytest.raises(Broken):
        first.read(JOB, b"x", 10)
    pool.give_back(first)
    second = pool.take(Deadline(10))
    assert second is not first
    assert second.read(JOB, b"x", 10)[0][0].text == "x"
    pool.give_back(second)
    assert pool.take(Deadline(10)) is second
    second.close()


def test_a_worker_that_died_while_it_was_idle_is_not_lent() -> None:
    """The system ends workers first where memory is short."""
    pool = Pool(1)
    first = pool.take(Deadline(10))
    first.read(JOB, b"x", 10)
    pool.give_back(first)
    os.kill(first.pid, 9)
    os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)
    second = pool.take(Deadline(10))
    assert second.pid != first.pid
    assert second.read(JOB, b"x", 10)[0][0].text == "x"
    second.close()


def test_a_request_that_finds_no_free_worker_waits_until_its_deadline() -> None:
    pool = Pool(1)
    only = pool.take(Deadline(10))
    with pytest.raises(DeadlineExceeded):
        pool.take(Deadline(0.05))
    waiting = Deadline(30)
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(DeadlineExceeded):
            pool.take(waiting)
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.close()  # the request ends early: nobody waits for the file any more
    assert ended.wait(5)
    thread.join()
    only.close()


def test_a_file_ends_with_its_request(worker: Worker) -> None:
    """Closing the deadline ends the process in the middle of its work."""
    worker.read(JOB, b"x", 10)
    deadline = Deadline(30)
    failed: list[BaseException] = []
    reading = threading.Event()

    def read() -> None:
        try:
            with deadline.on_close(worker.end):
                reading.set()
                worker.read({**JOB, "type": "html"}, b"<div>" * 100_000, 30)
        except Broken as broken:
            failed.append(broken)

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait(5)
    started = time.monotonic()
    deadline.close()
    thread.join(5)
    assert failed
    assert time.monotonic() - started < 5
    assert not worker.alive


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is no child")
def test_workers_end_with_the_process_that_they_read_for() -> None:
    """Their socket closes, whatever way it went."""
    program = (
        "import os; from connector_sdk.files.pool import Worker\n"
        "worker = Worker(); worker.read({'type': 'txt', 'charset': '', 'seconds': 5}, b'x', 10)\n"
        "print(worker.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=False)
    try:
        descriptor = os.pidfd_open(int(done.stdout))
    except ProcessLookupError:
        return  # gone already
    assert select.select([descriptor], [], [], 10)[0]
    os.close(descriptor)
