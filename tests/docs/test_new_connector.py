"""A copy of a connector: by the script, by hand as CONTRIBUTING.md says it, and that it works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.new_connector import Refused, copy_connector
from scripts.processes import ROOT

ORIGINS = ["gdrive", "slack", "generic-rest"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The repository as it is here, committed, without what is not tracked."""
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, files):
        source, target = ROOT / name, tmp_path / "repository" / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    repository = tmp_path / "repository"
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", "init", "--quiet"], cwd=repository, check=True)
    subprocess.run(["git", "add", "--all"], cwd=repository, check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "x"], cwd=repository, check=True)
    return repository


def _status(repository: Path) -> list[str]:
    return subprocess.run(
        ["git", "status", "--porcelain"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()


def _content(repository: Path) -> dict[str, str]:
    folders = [repository / "connectors/acme", repository / "tests/connectors/acme"]
    return {
        str(path.relative_to(repository)): path.read_text()
        for path in [repository / "pyproject.toml", *(p for f in folders for p in f.rglob("*"))]
        if path.is_file()
    }


def test_by_hand_and_by_the_script_is_the_same(repository: Path) -> None:
    """The commands of CONTRIBUTING.md, run as they are written."""
    copy_connector(repository, "acme", "slack")
    by_script = _content(repository)
    subprocess.run(["git", "reset", "--quiet", "--hard"], cwd=repository, check=True)
    subprocess.run(["git", "clean", "-qfd"], cwd=repository, check=True)
    (commands,) = re.findall(
        r"^```bash\n(.*?)^```$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE | re.DOTALL
    )
    subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=repository, check=True)
    assert _content(repository) == by_script


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_copy_differs_in_its_names_alone(repository: Path, origin: str) -> None:
    """Nothing else in the tree is touched, and a word that is not the connector's name stays."""
    copy_connector(repository, "acme", origin)
    assert set(_status(repository)) == {
        " M pyproject.toml",
        "?? connectors/acme/",
        "?? tests/connectors/acme/",
    }
    old, new = repository / "connectors" / origin, repository / "connectors/acme"
    snake = origin.replace("-", "_")
    for path in old.rglob("*"):
        if not path.is_file() or path.name == "README.md":
            continue
        twin = new / str(path.relative_to(old)).replace(f"{snake}_connector", "acme_connector")
        back = twin.read_text().replace("ACME_", f"{snake.upper()}_")
        back = back.replace("acme_connector", f"{snake}_connector").replace("acme", origin)
        # An example of our own may be called acme, too.
        assert back == path.read_text().replace("acme", origin), twin
    assert (new / "README.md").read_text().startswith("# acme\n")


def test_the_contract_holds_for_a_copy(repository: Path) -> None:
    """A part of it: who may call, and what every folder has. CI runs all of it, for each origin."""
    copy_connector(repository, "acme", "generic-rest")
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-k", "acme", "-p", "no:cacheprovider"),
            *("tests/contract/test_auth_table.py", "tests/contract/test_folders.py"),
        ],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository / "connectors/acme")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:]
    assert re.search(r"\d\d passed", run.stdout)


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("", "slack"),
        ("Acme", "slack"),
        ("acme_wiki", "slack"),
        ("../acme", "slack"),
        ("slack", "gdrive"),
        ("dev", "slack"),
        ("acme", "nothing"),
        ("acme", ""),
        ("acme", "../shared"),
    ],
)
def test_a_name_that_cannot_be_is_refused(repository: Path, name: str, origin: str) -> None:
    """With the argument's name, and nothing written."""
    with pytest.raises(Refused, match=r"NAME=|FROM="):
        copy_connector(repository, name, origin)
    assert not _status(repository)
