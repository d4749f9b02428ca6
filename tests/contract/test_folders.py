"""What every folder in connectors/ has, so that nobody has to look for it."""

from __future__ import annotations

import importlib
import re

import pytest

from scripts.processes import ROOT, package_of
from tests.contract.provider import NAMES, has_contract, provider_of

# Read by gunicorn's configuration, not by the connector's settings.
_SERVER = {"HOST", "PORT", "WEB_CONCURRENCY", "THREADS"}


@pytest.mark.parametrize("name", NAMES)
def test_the_folder_has_the_files_that_every_folder_has(name: str) -> None:
    """A reader finds the same names in each."""
    folder = ROOT / "connectors" / name
    package = folder / package_of(name)
    for path in ("README.md", ".env.example", "pyproject.toml"):
        assert (folder / path).is_file(), path
    for module in ("app", "search", "settings", "oauth"):
        assert (package / f"{module}.py").is_file(), module
    assert (package / "py.typed").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_suite_runs_over_the_folder(name: str) -> None:
    """With the prefix that its settings have; without a stand-in for its provider it cannot."""
    if not has_contract(name):
        pytest.skip(f"no contract.py for {name}: the contract suite does not run over it")
    settings = importlib.import_module(f"{package_of(name)}.settings").Settings
    assert provider_of(name).prefix == settings.model_config["env_prefix"]


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_is_in_the_example_and_every_example_is_read(name: str) -> None:
    """In `.env.example`, commented out, so that a copy of it changes nothing."""
    text = (ROOT / "connectors" / name / ".env.example").read_text()
    named = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    settings = importlib.import_module(f"{package_of(name)}.settings").Settings
    prefix = settings.model_config["env_prefix"]
    read = {f"{prefix}{field}".upper() for field in settings.model_fields}
    assert read <= named, f"missing in .env.example: {read - named}"
    assert named <= read | _SERVER, f"nothing reads: {named - read - _SERVER}"
    assert not re.findall(r"^[A-Z]", text, re.MULTILINE), "a variable is not commented out"


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_names_every_variable(name: str) -> None:
    """So does the folder's README."""
    readme = (ROOT / "connectors" / name / "README.md").read_text()
    settings = importlib.import_module(f"{package_of(name)}.settings").Settings
    prefix = settings.model_config["env_prefix"]
    missing = [f for f in settings.model_fields if f"{prefix}{f}".upper() not in readme]
    assert not missing


@pytest.mark.parametrize("name", NAMES)
def test_a_connector_imports_the_sdk_and_no_other_connector(name: str) -> None:
    """Imports point one way."""
    others = {package_of(other) for other in NAMES if other != name} | {"sandbox", "tests"}
    for path in (ROOT / "connectors" / name).rglob("*.py"):
        imported = set(re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.MULTILINE))
        assert not imported & others, path


def test_the_sdk_and_the_sandbox_import_no_connector() -> None:
    """Nor each other."""
    connectors = {package_of(name) for name in NAMES}
    for folder, forbidden in (
        ("shared", connectors | {"sandbox", "tests"}),
        ("sandbox", connectors | {"connector_sdk", "tests"}),
    ):
        for path in (ROOT / folder).rglob("*.py"):
            imported = set(re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.MULTILINE))
            assert not imported & forbidden, path
