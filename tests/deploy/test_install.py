"""One connector alone, installed with pip into an empty environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.server import Sandbox
from scripts.processes import ROOT, environment, stop, wait_for


def _pip(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return subprocess.run(
        [str(python), "-m", "pip", *arguments],
        env=environment(kept),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_slack_alone_serves_after_pip_install(tmp_path: Path) -> None:
    """As the README says it: pip, then gunicorn; the other connectors' libraries are not there."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    bin_folder = tmp_path / "venv/bin"
    installed = _pip(bin_folder / "python", "install", "./connectors/slack")
    if "No matching distribution" in installed.stderr and "CI" not in os.environ:
        pytest.skip("the package index cannot be reached from here")
    assert installed.returncode == 0, installed.stderr
    packages = _pip(bin_folder / "python", "list", "--format=freeze").stdout.lower()
    assert "slack-connector==" in packages
    for other in ("google", "jmespath", "beautifulsoup", "gdrive", "generic-rest", "pytest"):
        assert other not in packages
    with Sandbox() as sandbox, (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(str(bin_folder / "gunicorn"), "-c", "python:connector_sdk.gunicorn_conf"),
                "slack_connector.app:app",
            ],
            env=environment(
                {"HOST": "127.0.0.1", "PORT": "0", "SLACK_BASE_URL": sandbox.slack_base_url}
            ),
            cwd=tmp_path,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            printed = tmp_path / "log"
            found = wait_for(
                lambda: re.search(r"Listening at: (http://[\d.]+:\d+)", printed.read_text()),
                process,
                printed.read_text,
            )
            response = requests.post(
                f"{found[1]}/search",
                json={"query": "travel meals"},
                headers={"Authorization": f"Bearer {sandbox.slack_token('alice')}"},
                timeout=30,
            )
            assert response.status_code == 200, response.text
            assert response.json()["results"]
        finally:
            stop(process)
    status = subprocess.run(
        ["git", "status", "--porcelain", "connectors", "shared"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "build" not in status
