"""Build the image of one connector: `python -m scripts.image gdrive`.

With whichever of docker, podman and buildah is there. It needs nothing but the standard library.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from scripts.pip_setting import pip_setting
from scripts.processes import GATEWAY, ROOT, services

TOOLS = ("docker", "podman", "buildah")
_UNITS = {"B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9}


class ImageError(Exception):
    """An image cannot be built, and why."""


def find_tool() -> str:
    """Return the first of the tools that works here.

    Raises:
        ImageError: there is none.
    """
    for tool in TOOLS:
        # A docker command is often there without an engine behind it.
        if shutil.which(tool) and (tool != "docker" or _succeeds(tool, "info")):
            return tool
    raise ImageError("Images are built with docker, podman or buildah; none of them works here.")


def folder_of(name: str) -> Path:
    """Return the folder of a connector, or of the gateway.

    Raises:
        ImageError: there is no such service.
    """
    known = services()
    if name not in known:
        raise ImageError(f"There is no connector named {name}; there are {', '.join(known)}.")
    return known[name]


def build_command(
    tool: str, name: str, tag: str, environment: Mapping[str, str], platform: str | None = None
) -> list[str]:
    """Return the command that builds a connector's image, run in the repository's root."""
    arguments = {
        "CONNECTOR": name,
        "SERVICE": str(folder_of(name).relative_to(ROOT)),
        "VERSION": _version(folder_of(name)),
        "REVISION": revision(40),
        "SOURCE": _source(_git("config", "--get", "remote.origin.url")),
    }
    command = [*common_command(tool, environment), "--tag", tag]
    for argument, value in arguments.items():
        if value:
            command += ["--build-arg", f"{argument}={value}"]
    if platform:
        command += ["--platform", platform]
    return [*command, "."]


def common_command(tool: str, environment: Mapping[str, str]) -> list[str]:
    """Return what every build begins with: the base, and how packages are fetched."""
    command = [tool, "build"]
    if tool != "docker":
        command += ["--format", "docker"]  # the other format has no health check
    if environment.get("BASE_IMAGE"):
        command += ["--build-arg", f"BASE_IMAGE={environment['BASE_IMAGE']}"]
    if environment.get("PIP_INDEX_URL"):
        # Without its value, which may hold a password and is taken from the environment.
        command += ["--build-arg", "PIP_INDEX_URL"]
    certificates = environment.get("PIP_CERT") or environment.get("REQUESTS_CA_BUNDLE")
    if certificates:
        command += ["--secret", f"id=ca-certificates,src={certificates}"]
    return command


def build(tool: str, name: str, tag: str, platform: str | None = None) -> None:
    """Build a connector's image.

    Raises:
        ImageError: the tool failed; it has said why.
    """
    environment = {**os.environ, "DOCKER_BUILDKIT": "1", "PIP_INDEX_URL": _index()}
    command = build_command(tool, name, tag, environment, platform)
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise ImageError(f"{tool} could not build the image.")


def size(tool: str, image: str) -> float:
    """Return the size of an image, not compressed, in MB."""
    if tool == "buildah":
        said = _output(tool, "images", "--format", "{{.Size}}", image)
        number, unit = said.split()[:2]
        return float(number) * _UNITS[unit] / 1e6
    if tool == "docker" and not _succeeds(tool, "image", "inspect", image):
        _output(tool, "pull", "--quiet", image)  # BuildKit keeps a base to itself
    return int(_output(tool, "image", "inspect", "--format", "{{.Size}}", image)) / 1e6


def revision(length: int) -> str:
    """Return which commit this is, and whether anything was changed since; empty without git."""
    return _git("describe", "--always", "--dirty", "--exclude=*", f"--abbrev={length}")


def base_image() -> str:
    """Return the base: BASE_IMAGE of the environment, or what the Dockerfile has."""
    found = re.search(r"^ARG BASE_IMAGE=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    return os.environ.get("BASE_IMAGE") or (found[1] if found else "")


def _index() -> str:
    """The index that pip uses here, for the pip in the build; empty means that one's default."""
    try:
        return pip_setting("index-url").rstrip("/")
    except ImportError:
        return ""  # this Python has no pip


def _version(folder: Path) -> str:
    version: str = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["version"]
    return version


def _source(remote: str) -> str:
    """The address of the repository, without a name and password that may be in it."""
    parts = urlsplit(remote)
    if parts.scheme not in ("http", "https"):
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _git(*arguments: str) -> str:
    return _output("git", *arguments) if shutil.which("git") else ""


def _output(*command: str) -> str:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def main() -> int:
    """Build an image and print its size over its base."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="the connector's folder")
    parser.add_argument("--tag", help="default: <name>-connector, connector-gateway")
    given = parser.parse_args()
    tag = given.tag or ("connector-gateway" if given.name == GATEWAY else f"{given.name}-connector")
    try:
        folder_of(given.name)
        tool = find_tool()
        build(tool, given.name, tag)
    except ImageError as error:
        print(error, file=sys.stderr)
        return 1
    whole, base = size(tool, tag), size(tool, base_image())
    print(f"{tag}: {whole - base:.0f} MB over its base of {base:.0f} MB, built with {tool}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
