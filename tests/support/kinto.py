"""A real store of JSON records: Kinto, which asks an OpenID Connect issuer whose a token is."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.processes import environment, stop, wait_for
from tests.deploy.tools import program

_LISTENING = re.compile(r"Serving on (http://[\d.]+:\d+)")
_INI = """
[app:main]
use = egg:kinto
kinto.http_scheme = http
kinto.storage_backend = kinto.core.storage.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.userid_hmac_secret = of-the-tests
kinto.includes = kinto.plugins.openid
kinto.bucket_create_principals = {writer}
multiauth.policies = openid
multiauth.policy.openid.use = kinto.plugins.openid.OpenIDConnectPolicy
multiauth.policy.openid.issuer = {issuer}
multiauth.policy.openid.client_id = search

[server:main]
use = egg:waitress#main
host = 127.0.0.1
"""


@contextmanager
def running_kinto(folder: Path, issuer: str, writer: str) -> Iterator[str]:
    """Run Kinto, empty, on a port that the system chooses, and yield its address until the end.

    Args:
        folder: an empty folder for the configuration and the log.
        issuer: the URL of the OpenID Connect issuer, whose `userinfo` Kinto asks with each token.
        writer: the `sub` of the user who may make buckets.
    """
    kinto = program(str(Path(sys.executable).with_name("kinto")))
    (folder / "kinto.ini").write_text(_INI.format(issuer=issuer, writer=f"openid:{writer}"))
    log = folder / "kinto.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [kinto, "start", "--ini", str(folder / "kinto.ini"), "--port", "0"],
            env=environment({}),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        found = wait_for(lambda: _LISTENING.search(log.read_text()), process, log.read_text)
        yield f"{found[1]}/v1"
    finally:
        stop(process)
