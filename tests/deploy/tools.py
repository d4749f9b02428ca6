"""What the tests of deployment need beside the project's own packages."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.processes import ROOT

DEPLOY = ROOT / "deploy"
CONNECTORS = sorted(path.parent.name for path in ROOT.glob("connectors/*/pyproject.toml"))


def program(name: str) -> str:
    """Return the path of a program; the test is skipped where it is not, but not in CI."""
    path = shutil.which(name)
    if path is None:
        _missing(name)
    assert path is not None
    return path


def module(name: str) -> list[str]:
    """Return how a Python program is started; as above where it is not."""
    if importlib.util.find_spec(name) is None:
        _missing(name)
    return [sys.executable, "-m", name]


def _missing(name: str) -> None:
    if "CI" in os.environ:
        pytest.fail(f"{name} is not installed")
    pytest.skip(f"{name} is not installed")


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the repository's root, without the test's standard input."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
