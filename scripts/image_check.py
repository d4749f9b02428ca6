"""Build every connector's image and run it from its own tree, on a machine without an engine.

With Debian's buildah, on a base made by Debian's debootstrap, as root; what is missing of the two
is installed. Each image is started read-only as its own user, beside a stand-in for its provider,
and must answer /health and a search, be healthy, write nothing, and end on SIGTERM.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from scripts.image import ImageError, build, common_command, size
from scripts.image_run import Failed, run_image
from scripts.processes import ROOT, package_of, services

_PREFIX = "localhost/image-check/"  # nobody's own images have it
_BASE = f"{_PREFIX}base"
_DEBIAN = "trixie"  # the Debian of the Dockerfile's own base
_MAX_MB = {"gdrive": 90.0, "gateway": 100.0}  # over the base
_MAX_OTHER_MB = 60.0


def _run(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def install_tools() -> None:
    """Install buildah and debootstrap where they are missing."""
    if not all(map(shutil.which, ("buildah", "debootstrap"))):
        _run("apt-get", "update", "--quiet")
        _run("apt-get", "install", "--yes", "--no-install-recommends", "buildah", "debootstrap")


def make_base(folder: Path) -> None:
    """Make a base image out of the packages of the mirror that this machine uses."""
    mirrors = _run(
        *("apt-get", "indextargets", "--format", "$(REPO_URI)"),
        *("Created-By: Packages", "Label: Debian", "Component: main"),
    )
    included = "--include=python3-venv,ca-certificates"
    mirror = mirrors.splitlines()[0]
    _run("debootstrap", "--variant=minbase", included, _DEBIAN, folder, mirror)
    container = _run("buildah", "from", "scratch")
    try:
        _run("buildah", "add", "--quiet", container, folder, "/")
        _run("buildah", "commit", "--quiet", "--format", "docker", container, _BASE)
    finally:
        _run("buildah", "rm", container)


@contextmanager
def _tree_of(image: str) -> Iterator[Path]:
    container = _run("buildah", "from", "--pull-never", image)
    try:
        yield Path(_run("buildah", "mount", container))
    finally:
        _run("buildah", "rm", container)


def _config_of(image: str) -> dict[str, Any]:
    inspected = json.loads(_run("buildah", "inspect", "--type", "image", image))
    config: dict[str, Any] = inspected["Docker"]["config"]
    return config


def check_content(name: str, tree: Path, config: dict[str, Any]) -> None:
    """See that the image holds one service alone, compiled, and says what it is.

    Raises:
        Failed: it does not.
    """
    (packages,) = tree.glob("app/lib/python3*/site-packages")
    ours = {
        path.name
        for pattern in ("*_connector", "connector_gateway")
        for path in packages.glob(pattern)
    }
    if ours != {package_of(name)}:
        raise Failed(f"the image holds the services {ours}")
    for unwanted in ("pip", "setuptools", "poetry", "pytest"):
        if (packages / unwanted).exists():
            raise Failed(f"the image holds {unwanted}")
    sources = [path for path in packages.rglob("*.py") if "__pycache__" not in path.parts]
    if not all(list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc")) for path in sources):
        raise Failed("the image holds modules that are not compiled")
    labels = config["Labels"]
    if not labels["org.opencontainers.image.version"]:
        raise Failed("the image does not say its version")


def check_sandbox() -> None:
    """Build the image of the stand-ins, and see that they can be started from it.

    Raises:
        Failed: they cannot.
    """
    image, dockerfile = f"{_PREFIX}sandbox", "deploy/sandbox.Dockerfile"
    _run(*common_command("buildah", os.environ), "--tag", image, "--file", dockerfile, ".")
    config = _config_of(image)
    with _tree_of(image) as tree:
        for module in ("sandbox", "sandbox.rest_server"):
            _run(
                *("unshare", "--mount", "--pid", "--fork", sys.executable, "-m"),
                *("scripts.image_enter", tree, config["User"], config["WorkingDir"]),
                *(*config["Entrypoint"], module, "--help"),
            )


def check_all() -> None:
    """Build, measure and run the image of every connector.

    Raises:
        Failed: one of them is not as it must be.
    """
    os.environ |= {"BUILDAH_ISOLATION": "chroot", "BASE_IMAGE": _BASE}
    rows = []
    for name in services():
        image = f"{_PREFIX}{name}"
        build("buildah", name, image)
        over_base, most = size("buildah", image) - size("buildah", _BASE), _MAX_MB.get(name)
        most = _MAX_OTHER_MB if most is None else most
        config = _config_of(image)
        with _tree_of(image) as tree:
            check_content(name, tree, config)
            rows.append((name, over_base, most, run_image(name, tree, config)))
    print(f"\n{'image':<14} {'MB over base':>12} {'at most':>8}  from its image")
    for name, over_base, most, went in rows:
        print(f"{name:<14} {over_base:>12.0f} {most:>8.0f}  {went}")
    if any(over_base >= most for _, over_base, most, _ in rows):
        raise Failed("an image is too large")


def _remove_images() -> None:
    if shutil.which("buildah"):
        made = _run("buildah", "images", "--quiet", "--filter", f"reference={_PREFIX}*").split()
        if made:
            _run("buildah", "rmi", "--force", *made)


def main() -> int:
    """Check all images; leave none behind."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that it cleans up then, too
    try:
        install_tools()
        with tempfile.TemporaryDirectory() as folder:
            make_base(Path(folder))
        check_all()
        check_sandbox()
    except (Failed, ImageError, RuntimeError, requests.RequestException) as error:
        print(f"\nThe check of the images failed: {error}", file=sys.stderr)
        return 1
    finally:
        _remove_images()
    print(f"All of it took {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
