"""The README's commands, run as they are written, show what it says they show."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

from scripts.processes import ROOT, environment, stop, wait_for

README = (ROOT / "README.md").read_text()


def _blocks(language: str) -> list[str]:
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [body for opened_as, body in fences if opened_as == language]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_running_one_connector(tmp_path: Path) -> None:
    """`make run-gdrive SANDBOX=1` and the curl below it, on a port that is free here."""
    command = next(block for block in _blocks("sh") if block.startswith("make run-")).strip()
    curl = next(block for block in _blocks("sh") if block.startswith("curl "))
    expected = json.loads(_blocks("json")[0])["results"]
    port = str(_free_port())
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command.split(), f"PORT={port}"],
            env=environment({}),
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(lambda: "Booting worker" in log.read_text() or None, process, log.read_text)
        answer = subprocess.run(
            ["bash", "-euc", curl.replace("curl ", "curl --silent ", 1).replace("8080", port)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    finally:
        stop(process)
    results = json.loads(answer)["results"]
    for said, shown in zip(expected, results, strict=True):
        text = said.pop("text").removesuffix(" …")
        assert shown.pop("text").startswith(text)
        assert shown == said


def test_the_demo_shows_what_the_readme_says() -> None:
    """Every line of the README's excerpt is printed, whatever ports the system chose."""
    shown = subprocess.run(
        [sys.executable, "-m", "scripts.demo"],
        env=environment({"COLUMNS": "110"}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (excerpt,) = (block for block in _blocks("") if "Alice (People" in block)
    told = {_general(line) for line in shown.splitlines()}
    for line in excerpt.splitlines():
        if line.strip() and line.strip() != "…":
            assert _general(line) in told, line


def _general(line: str) -> str:
    """A line without what differs from run to run."""
    return re.sub(r"127\.0\.0\.1:\d+|\d+ ms", "…", line.rstrip())
