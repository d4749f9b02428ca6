"""Print the simple index that pip itself uses, for Poetry to use the same one.

Looked for where pip looks: its environment variable, its configuration, its own default.
"""

import os
import subprocess
import sys


def index_url() -> str:
    """Return the address of the simple index, without a trailing slash."""
    from_environment = os.environ.get("PIP_INDEX_URL", "")
    if from_environment:
        return from_environment.rstrip("/")
    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    if configured:
        return configured.rstrip("/")
    from pip._internal.models.index import PyPI

    return PyPI.simple_url.rstrip("/")


if __name__ == "__main__":
    print(index_url())
