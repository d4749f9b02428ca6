"""Print the index or the certificate bundle that pip itself uses, for Poetry to use the same.

    python scripts/pip_setting.py index-url
    python scripts/pip_setting.py cert

Looked for where pip looks: its environment variable, its configuration, its own default.
"""

from __future__ import annotations

import os
import subprocess
import sys


def pip_setting(name: str) -> str:
    """Return a setting of pip's; "" where it has none.

    Args:
        name: the long option without its dashes.
    """
    variable = f"PIP_{name.upper().replace('-', '_')}"
    if os.environ.get(variable):
        return os.environ[variable]
    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", f"global.{name}"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return configured or _default(name)


def _default(name: str) -> str:
    if name == "index-url":
        from pip._internal.models.index import PyPI

        return str(PyPI.simple_url)
    if name == "cert":
        from pip._vendor.certifi import where

        return os.environ.get("SSL_CERT_FILE") or where()
    return ""


if __name__ == "__main__":
    print(pip_setting(sys.argv[1]).rstrip("/"))
