"""The guide "Your own source in an hour", followed to the letter in a clone.

It installs everything anew, so it runs only where FOLLOW_GUIDE is set; CI sets it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.processes import ROOT, stop, wait_for

GUIDE = (ROOT / "docs/own-source.md").read_text()

pytestmark = pytest.mark.skipif(
    "FOLLOW_GUIDE" not in os.environ,
    reason="it installs everything anew: set FOLLOW_GUIDE=1",
)


def _run(command: str, folder: Path) -> str:
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"{command}\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}"
    return run.stdout


def _start(command: str, folder: Path, log: Path, ready: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["bash", "-euc", f"exec {command}" if "\n" not in command else command],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(lambda: re.search(ready, log.read_text()), process, log.read_text)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        stop(process)


def test_the_guide(tmp_path: Path) -> None:
    """Its commands in their order, its files where it says, its answers as it shows them."""
    clone = tmp_path / "clone"
    _run(f"git clone --quiet {ROOT} {clone}", tmp_path)
    steps = re.findall(
        r"(?:^`(connectors/[^`]+)`\n\n)?^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL
    )
    shell = [body for path, language, body in steps if language == "sh" and not path]
    install, api = shell[0].splitlines()
    look, copy, remove, check, run, ask, register = shell[1:]
    _run(install, clone)
    for _ in _start(api, clone, tmp_path / "api.log", "The handbook is at"):
        assert '"slug": "booking-a-trip"' in _run(look, clone)
        _run(copy, clone)
        _run(remove, clone)
        for path, _language, body in steps:
            if path:
                (clone / path).write_text(body)
        assert "passed" in _run(check, clone)
        for _ in _start(run, clone, tmp_path / "connector.log", "Booting worker"):
            found = json.loads(_run(ask, clone))["results"]
            (shown,) = (json.loads(body) for _, language, body in steps if language == "json")
            first = shown["results"][0]
            assert found[0]["id"] == first["id"]
            assert found[0]["text"].startswith(first["text"].removesuffix(" …"))
            wrong = ask.replace("handbook-token", "wrong-token")
            assert json.loads(_run(wrong, clone))["status"] == 401
        assert "https://handbook.example/search" in _run(register, clone)
    changed = _run("git status --porcelain", clone).splitlines()
    assert set(changed) == {" M poetry.lock", " M pyproject.toml", "?? connectors/handbook/"}
