"""The provider of a source file, for the contract suite: the sandbox's Drive."""

from __future__ import annotations

import tempfile
from pathlib import Path

from scripts.standins import DEMO_KEY, HANDBOOK_QUESTION, StandIn
from tests.contract.provider import Provider

NAME = "generic-rest"

# A source names its connector; this one is named as every folder's is.
_FOLDER = tempfile.TemporaryDirectory()
_SOURCE = Path(_FOLDER.name) / "drive.yaml"
_SOURCE.write_text(
    Path(__file__).with_name("drive.yaml").read_text().replace("name: drive", f"name: {NAME}")
)

PROVIDER = Provider(
    settings=lambda sandbox: {
        "GENERIC_REST_SOURCE": str(_SOURCE),
        "GENERIC_REST_BASE_URL": sandbox.gdrive_api_endpoint,
    },
    service=lambda sandbox: {"DRIVE_TOKEN": sandbox.gdrive_token("service")},
    token=lambda sandbox, user: sandbox.gdrive_token(user),
    unscoped_token=lambda sandbox: sandbox.issue_token(
        provider="gdrive", user="alice", scopes=["openid"]
    ),
    query="travel policy meals",
    search_path="/drive/v3/files",
    prefix="GENERIC_REST_",
    plays="gdrive",
)

# What `make run-generic-rest SANDBOX=1` starts beside the connector: a real search server.
STAND_IN = StandIn(
    module="sandbox.rest_server",
    settings=lambda ready: {
        "GENERIC_REST_SOURCE": "datasette",
        "GENERIC_REST_BASE_URL": ready["url"],
        "DATASETTE_TOKEN": ready["token"],
        "GENERIC_REST_CONNECTOR_API_KEY": DEMO_KEY,
    },
    callers=lambda _: {"the service": DEMO_KEY},
    query=HANDBOOK_QUESTION,
)
