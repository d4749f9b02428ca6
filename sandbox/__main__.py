"""Start the sandbox in the foreground: python -m sandbox."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from sandbox.sections import DataError
from sandbox.server import Sandbox


def main() -> int:
    """Run until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8090, help="0 lets the system choose")
    parser.add_argument("--data", type=Path, help="a folder shaped as sandbox/README.md says")
    parser.add_argument("--ready-file", type=Path, help="write what scripts need to this file")
    parser.add_argument("--rotation", action="store_true", help="refresh tokens work once")
    options = parser.parse_args()
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    try:
        sandbox = Sandbox(data=options.data, port=options.port, rotation=options.rotation)
    except DataError as error:
        print(f"The data folder is not right: {error}", file=sys.stderr)
        return 2
    with sandbox:
        if options.ready_file is not None:
            write_private(options.ready_file, sandbox.ready())
        print(sandbox.describe(), flush=True)
        ended.wait()
    return 0


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Write JSON that only this user may read, all of it or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())
