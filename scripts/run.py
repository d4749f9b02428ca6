"""Start one connector, or the gateway: `python -m scripts.run gdrive --port 8080 --sandbox`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from dotenv import dotenv_values

from scripts.processes import GATEWAY, gunicorn, package_of, services, start_module, stop
from scripts.standins import stand_in_of


def main() -> int:
    """Run the connector until it is interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="the connector's folder")
    parser.add_argument("--port", default="8080")
    parser.add_argument("--sandbox", action="store_true", help="beside a stand-in for the provider")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends what was started, as Ctrl-C
    folder = services().get(given.name)
    if folder is None:
        print(
            f"There is no connector named {given.name}; there are {', '.join(services())}.",
            file=sys.stderr,
        )
        return 2
    # The folder's .env, but not the folder: paths are the caller's.
    settings = {name: value or "" for name, value in dotenv_values(folder / ".env").items()}
    settings |= os.environ
    settings |= {"PORT": given.port, "HOST": os.environ.get("HOST", "127.0.0.1")}
    if given.name == GATEWAY:
        # Beside a sandbox it is run by `make demo-gateway`.
        serve = (sys.executable, "-m", package_of(GATEWAY), "serve", "--port", given.port)
        os.execve(sys.executable, serve, settings)  # noqa: S606
    if not given.sandbox:
        os.execve(sys.executable, gunicorn(given.name), settings)  # noqa: S606
    with tempfile.TemporaryDirectory() as temporary:
        return _beside_a_sandbox(given.name, settings, Path(temporary))


def _beside_a_sandbox(name: str, environment: dict[str, str], temporary: Path) -> int:
    stand_in = stand_in_of(name)
    sandbox, ready = start_module(stand_in.module, temporary, "--port", "0")
    try:
        settings = stand_in.settings(ready)
        print(f"The sandbox is at {ready['url']}. {name} is started with:")
        for variable, value in settings.items():
            print(f"  {variable}={value}")
        for who, header in stand_in.callers(ready).items():
            body = json.dumps({"query": stand_in.query})
            print(
                f"\n# as {who}\ncurl http://{environment['HOST']}:{environment['PORT']}/search "
                f"-H 'Authorization: Bearer {header}' \\\n"
                f"  -H 'Content-Type: application/json' -d '{body}'"
            )
        print(flush=True)
        with subprocess.Popen(gunicorn(name), env={**environment, **settings}) as connector:
            try:
                return connector.wait()
            except KeyboardInterrupt:
                stop(connector)
                return 0
    finally:
        stop(sandbox)


if __name__ == "__main__":
    raise SystemExit(main())
