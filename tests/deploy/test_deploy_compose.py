"""compose.yaml, and what it takes from the environment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gdrive_connector.settings import Settings as Gdrive
from generic_rest_connector.settings import Settings as GenericRest
from sandbox.server import Sandbox
from scripts.processes import ROOT
from slack_connector.settings import Settings as Slack
from tests.deploy.tools import CONNECTORS, DEPLOY, module, run

FILE = DEPLOY / "compose.yaml"
SERVICES: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]
DEPLOYED = sorted(SERVICES.keys() & set(CONNECTORS))


def _variables(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_file_is_valid(tmp_path: Path) -> None:
    """Against the official schema of the Compose specification, which finds a mistake."""
    check = [*module("check_jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    done = run(*check, FILE)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(FILE.read_text().replace("cap_drop:", "cap_dropped:"))
    assert run(*check, wrong).returncode == 1


def test_every_connector_that_ships_is_there_on_a_port_of_its_own() -> None:
    assert {"gdrive", "slack", "generic-rest"} <= set(DEPLOYED)
    ports = [port for name in DEPLOYED for port in SERVICES[name]["ports"]]
    assert len(set(ports)) == len(DEPLOYED)
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", DEPLOYED)
def test_a_connector_runs_as_its_image_is_meant_to(name: str) -> None:
    service = SERVICES[name]
    assert service["build"] == {"context": "..", "args": {"CONNECTOR": name}}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "profiles" not in service
    paths = [entry["path"] for entry in service["env_file"]]
    assert f"../connectors/{name}/.env" in paths
    assert all((DEPLOY / path).is_file() for path in paths if path.endswith("t.env"))


@pytest.mark.parametrize("name", DEPLOYED)
def test_its_stand_in_shares_its_loopback_and_is_off_by_default(name: str) -> None:
    """The sandbox listens on loopback only, where alone a connector speaks plain HTTP."""
    stand_in = SERVICES[f"{name}-sandbox"]
    assert stand_in["network_mode"] == f"service:{name}"
    assert stand_in["profiles"] == ["sandbox"]
    assert (ROOT / stand_in["build"]["dockerfile"]).is_file()


def test_the_sandboxs_variables_are_where_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """With them, each connector starts and calls its stand-in."""
    variables = _variables(DEPLOY / "sandbox.env")
    assert variables["SANDBOX_ENV"] == "sandbox.env"
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with Sandbox(port=0) as sandbox:
        listens = sandbox.gdrive_api_endpoint, sandbox.slack_base_url
        on_its_port = [re.sub(r":\d+/", ":8090/", url) for url in listens]
    assert [Gdrive().api_endpoint, Slack().base_url] == on_its_port
    rest = SERVICES["generic-rest-sandbox"]["command"]
    assert rest[rest.index("--port") + 1] in variables["DATASETTE_URL"]
    assert next(iter(GenericRest().provider_urls)) == variables["DATASETTE_URL"]


def test_generic_rest_starts_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _variables(DEPLOY / "generic-rest.env").items():
        monkeypatch.setenv(name, value)
    assert not GenericRest().needs_credential


def test_the_gateway_is_off_by_default_and_on_postgresql() -> None:
    gateway, database = SERVICES["gateway"], SERVICES["database"]
    assert gateway["profiles"] == database["profiles"] == ["gateway"]
    assert gateway["build"]["args"] == {"CONNECTOR": "gateway", "SERVICE": "gateway"}
    assert gateway["read_only"] is True
    assert gateway["environment"]["DATABASE_URL"].startswith("postgresql://")
    assert "ports" not in database
