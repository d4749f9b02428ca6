"""Make a connector from another one: `make new-connector NAME=acme FROM=slack`.

CONTRIBUTING.md does the same by hand; a test compares the two.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path

from scripts.processes import ROOT, package_of

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc", ".env", "*.egg-info", "build", "dist")
_OTHER_GROUPS = {"main", "dev", "sandbox"}


class Refused(Exception):
    """The connector cannot be made; the message says why."""


def copy_connector(root: Path, name: str, origin: str) -> None:
    """Copy a connector's folder and contract, with every name changed, and add it to the project.

    Args:
        root: the repository.
        name: the new connector's, as its folder and distribution have it: `acme-wiki`.
        origin: the folder to copy.

    Raises:
        Refused: the name cannot be one, is taken, or there is no such origin.
    """
    source, target = root / "connectors" / origin, root / "connectors" / name
    if not _NAME.fullmatch(name) or name in _OTHER_GROUPS:
        raise Refused(f"NAME={name}: a name has lower-case letters, digits and hyphens: acme-wiki")
    if not _NAME.fullmatch(origin) or not (source / "pyproject.toml").is_file():
        known = ", ".join(sorted(p.parent.name for p in root.glob("connectors/*/pyproject.toml")))
        raise Refused(f"FROM={origin}: there is no such connector; there are {known}")
    if target.exists():
        raise Refused(f"NAME={name}: connectors/{name} exists already")
    shutil.copytree(source, target, ignore=_NOT_COPIED)
    (target / package_of(origin)).rename(target / package_of(name))
    tests = root / "tests" / "connectors" / name.replace("-", "_")
    tests.mkdir()
    for path in (root / "tests/connectors" / origin.replace("-", "_")).iterdir():
        # The origin's other tests are about the origin's search.
        if path.name == "contract.py" or path.suffix == ".yaml":
            shutil.copy(path, tests)
    for path in [*target.rglob("*"), *tests.rglob("*")]:
        if path.is_file():
            path.write_text(renamed(path.read_text(), name, origin))
    readme = target / "README.md"
    readme.write_text(_first_steps(root, name, origin) + readme.read_text())
    with (root / "pyproject.toml").open("a") as project:
        project.write(
            f"\n[tool.poetry.group.{name}.dependencies]\n"
            f'{name}-connector = {{ path = "connectors/{name}", develop = true }}\n'
        )


def renamed(text: str, name: str, origin: str) -> str:
    """Return a file's text with the origin's name changed, but not the provider's.

    `slack_connector`, `SLACK_BASE_URL` and `run-slack` are names of the connector; `slack_sdk` and
    `slack.com` are not.
    """
    snake, old_snake = name.replace("-", "_"), origin.replace("-", "_")
    for old, new in (
        (f"{old_snake}_connector", f"{snake}_connector"),
        (f"{origin}-connector", f"{name}-connector"),
        (f"{old_snake.upper()}_", f"{snake.upper()}_"),
        (f"connectors/{origin}", f"connectors/{name}"),
        (f"connectors/{old_snake}", f"connectors/{snake}"),
        (f"connectors.{old_snake}", f"connectors.{snake}"),
        (f'create_app("{origin}"', f'create_app("{name}"'),
        (f'NAME = "{origin}"', f'NAME = "{name}"'),
        (f"run-{origin}", f"run-{name}"),
        (f"register-{origin}", f"register-{name}"),
    ):
        text = text.replace(old, new)
    return text


def _first_steps(root: Path, name: str, origin: str) -> str:
    text = (root / "scripts/new_connector.md").read_text()
    for placeholder, value in (
        ("@NAME@", name),
        ("@FROM@", origin),
        ("@PACKAGE@", package_of(name)),
        ("@TESTS@", name.replace("-", "_")),
    ):
        text = text.replace(placeholder, value)
    return text


def main() -> int:
    """Make the connector; 2 where the arguments do not allow it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("origin")
    given = parser.parse_args()
    try:
        copy_connector(ROOT, given.name, given.origin)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print(f"connectors/{given.name} is there; its README says what to edit, in order.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
