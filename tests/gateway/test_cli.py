"""The operator's commands, and `make run-gateway` as the README has it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from scripts.processes import ROOT, START_SECONDS, environment, stop
from tests.support.gateway import RunningGateway, command, free_port

_KEY = re.compile(r"^\s*(gw_[\w-]{43})$", re.MULTILINE)


@contextmanager
def _run_gateway(folder: Path, port: int) -> Iterator[str]:
    """`make run-gateway` in the repository, with its data elsewhere; gives what it printed."""
    log = folder / "printed"
    with log.open("wb") as printed:
        process = subprocess.Popen(
            ["make", "--silent", "run-gateway", f"PORT={port}"],
            cwd=ROOT,
            env=environment({"GATEWAY_DATA_DIR": str(folder)}),
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends and process.poll() is None:
            if "Booting worker" in log.read_text():
                break
            time.sleep(0.05)
        requests.get(f"http://127.0.0.1:{port}/health", timeout=START_SECONDS).raise_for_status()
        yield log.read_text()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        stop(process)


def test_the_first_start_says_an_admin_s_key_once(tmp_path: Path) -> None:
    port = free_port()
    with _run_gateway(tmp_path, port) as printed:
        (key,) = _KEY.findall(printed)
        url = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {key}"}
        answer = requests.get(f"{url}/v1/connectors", headers=headers, timeout=30)
        assert answer.json() == {"connectors": [], "total_count": 0}
    with _run_gateway(tmp_path, port) as printed:
        assert not _KEY.findall(printed)


def test_users(gateway: RunningGateway) -> None:
    key = gateway.command("users", "add", "vera").strip()
    listed = gateway.command("users", "list")
    assert re.search(r"member +user_\S+ +vera", listed)
    assert key not in listed

    def status(of: str) -> int:
        return gateway.call("GET", "/v1/connectors", of).status_code

    assert status(key) == 200
    second = gateway.command("users", "new-key", "vera", "--keep-old").strip()
    assert (status(key), status(second)) == (200, 200)
    third = gateway.command("users", "new-key", "vera").strip()
    assert (status(key), status(second), status(third)) == (401, 401, 200)
    gateway.command("users", "disable", "vera")
    assert status(third) == 401
    assert "disabled" in gateway.command("users", "list")


@pytest.mark.parametrize(
    ("words", "settings", "says"),
    [
        (("users", "disable", "nobody"), {}, "there is no user 'nobody'"),
        (("users", "add", "admin"), {}, "there is a user 'admin' already"),
        (("users", "list"), {"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        (("users", "list"), {"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        (
            ("users", "list"),
            {"DATABASE_URL": "postgresql://u:pw-canary@127.0.0.1:1/x"},
            "127.0.0.1",
        ),
        (("users", "list"), {"GATEWAY_ENCRYPTION_KEYS": "short"}, "GATEWAY_ENCRYPTION_KEYS"),
        (("users", "list"), {"GATEWAY_PUBLIC_URL": "gateway.example"}, "GATEWAY_PUBLIC_URL"),
        (
            ("users", "list"),
            {"GATEWAY_ALLOWED_REDIRECT_ORIGINS": "https://a.example/path"},
            "GATEWAY_ALLOWED_REDIRECT_ORIGINS",
        ),
        (("users", "list"), {"GATEWAY_CONNECT": "never"}, "GATEWAY_CONNECT"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    gateway: RunningGateway, words: tuple[str, ...], settings: dict[str, str], says: str
) -> None:
    assert gateway.admin
    told = {**gateway.settings, **settings}
    with pytest.raises(AssertionError) as failed:
        command(gateway.folder, told, *words)
    message = str(failed.value)
    assert says in message
    assert "Traceback" not in message
    assert "canary" not in message
