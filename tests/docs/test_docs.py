"""Documentation that would break the build when it is wrong."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from scripts.processes import ROOT

PAGES = sorted(
    path
    for pattern in (
        "*.md",
        "connectors/*/*.md",
        "connectors/*/sources/*.md",
        "sandbox/*.md",
        "docs/*.md",
        "deploy/*.md",
    )
    for path in ROOT.glob(pattern)
    if path.is_file()
)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    """Relative to the page."""
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_make_target_exists(page: Path) -> None:
    """As it is written, with its arguments, it is one that make knows."""
    written = re.findall(r"(?:^|`|KEEP=1 )make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE)
    for target in set(written):
        if target.endswith("-"):
            continue  # `make run-…` stands for all of them
        found = subprocess.run(
            ["make", "--dry-run", target, "URL=https://x/search"],
            cwd=ROOT,
            capture_output=True,
            check=False,
            text=True,
        )
        assert found.returncode == 0, found.stderr


def test_make_alone_lists_the_targets() -> None:
    """With a line for each."""
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    for target in ("demo", "test", "lint", "run-%", "register-%", "run-sandbox"):
        assert re.search(rf"make {target} +\S", listed), target


def test_architecture_names_every_module_of_the_request_path() -> None:
    """A file that is renamed is renamed there too."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    packages = ("shared/connector_sdk/**", "connectors/*/*_connector", "gateway/connector_gateway")
    for name in re.findall(r"`([a-z_]+\.py)`", text):
        assert any(list(ROOT.glob(f"{package}/{name}")) for package in packages), name
