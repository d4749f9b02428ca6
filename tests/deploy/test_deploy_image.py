"""The Dockerfile, and the command that builds from it; `make check-images` runs the images."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from scripts import image
from scripts.processes import ROOT
from tests.deploy.tools import CONNECTORS, DEPLOY

DOCKERFILES = [ROOT / "Dockerfile", DEPLOY / "sandbox.Dockerfile"]


def _final_stage(path: Path) -> dict[str, str]:
    """The instructions of the stage that is shipped; the last of each kind."""
    text = re.sub(r"\\\n\s*", " ", path.read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    start = max(n for n, line in enumerate(lines) if line.startswith("FROM "))
    return dict(line.split(" ", 1) for line in lines[start:])


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.name))
def test_an_image_runs_as_an_ordinary_user_and_starts_without_a_shell(path: Path) -> None:
    """By number, so that Kubernetes can tell that it is not root."""
    final = _final_stage(path)
    uid, gid = final["USER"].split(":")
    assert int(uid) > 0
    assert int(gid) > 0
    assert json.loads(final["ENTRYPOINT"])[0].startswith("/app/bin/")


def test_the_health_check_asks_this_connector_without_a_shell() -> None:
    """It is Python, as an image need not have curl, and honours PORT."""
    check = _final_stage(ROOT / "Dockerfile")["HEALTHCHECK"].partition(" CMD ")[2]
    python, option, program = json.loads(check)
    assert (python, option) == ("/app/bin/python", "-c")
    compile(program, "health check", "exec")
    assert "/health" in program
    assert "'PORT'" in program


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.name))
def test_the_tools_are_those_of_the_makefile(path: Path) -> None:
    """The image holds what the lock says because the same Poetry reads it."""
    wanted = re.findall(r"(poetry[a-z-]*==[\d.]+)", (ROOT / "Makefile").read_text())
    assert re.findall(r"(poetry[a-z-]*==[\d.]+)", path.read_text()) == wanted


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.name))
def test_a_dockerfile_names_no_host_but_that_of_its_base(path: Path) -> None:
    """Packages come from wherever pip gets them."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("ARG BASE_")]
    assert not re.search(r"https?:|\.(org|io|com)/", "\n".join(lines))
    assert len(path.read_text().splitlines()) - len(lines) == 1


def test_the_build_context_holds_no_secrets() -> None:
    """A .env file beside a connector does not get into its image's layers."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert {"pyproject.toml", "poetry.lock", "shared", "connectors"} <= allowed
    assert rules.index("**/.env") > max(rules.index(f"!{name}") for name in allowed)


@pytest.mark.parametrize("tool", image.TOOLS)
@pytest.mark.parametrize("name", CONNECTORS)
def test_the_command_builds_one_connector(tool: str, name: str) -> None:
    """The base and the certificates are those of the environment; an index is only named."""
    environment = {
        "BASE_IMAGE": "registry.example/base:1",
        "PIP_INDEX_URL": "https://someone:canary@packages.example/simple",
        "PIP_CERT": "/etc/ssl/proxy.pem",
    }
    command = image.build_command(tool, name, "here:1", environment, "linux/amd64")
    assert command[:2] == [tool, "build"]
    assert command[-1] == "."
    assert ("--format" in command) == (tool != "docker")  # for the health check
    arguments = [value for option, value in _pairs(command) if option == "--build-arg"]
    assert f"CONNECTOR={name}" in arguments
    assert "BASE_IMAGE=registry.example/base:1" in arguments
    assert "PIP_INDEX_URL" in arguments
    assert "VERSION=0.1.0" in arguments
    assert ("--secret", "id=ca-certificates,src=/etc/ssl/proxy.pem") in _pairs(command)
    assert "canary" not in " ".join(command)


def test_no_password_of_the_remote_gets_into_the_labels() -> None:
    """The address that git was given may hold one."""
    with_password = "https://someone:canary@git.example/connectors"
    assert image._source(with_password) == "https://git.example/connectors"
    assert image._source("git@git.example:connectors") == ""


def test_an_unknown_connector_is_named_with_those_there_are() -> None:
    with pytest.raises(image.ImageError, match=r"gdrive, generic-rest, slack|acme"):
        image.folder_of("drive")


def _pairs(command: list[str]) -> list[tuple[str, str]]:
    return list(pairwise(command))
