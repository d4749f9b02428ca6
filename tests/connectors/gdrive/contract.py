"""The Drive connector's provider, for the contract suite."""

from __future__ import annotations

import json

from scripts.standins import StandIn
from tests.contract.provider import Provider

NAME = "gdrive"

PROVIDER = Provider(
    settings=lambda sandbox: {"GDRIVE_API_ENDPOINT": sandbox.gdrive_api_endpoint},
    service=lambda sandbox: {
        "GDRIVE_SERVICE_ACCOUNT_INFO": json.dumps(sandbox.service_account_info())
    },
    token=lambda sandbox, user: sandbox.gdrive_token(user),
    unscoped_token=lambda sandbox: sandbox.issue_token(
        provider="gdrive", user="alice", scopes=["openid"]
    ),
    query="travel policy meals",
    search_path="/drive/v3/files",
    prefix="GDRIVE_",
    plays="gdrive",
)

# What `make run-gdrive SANDBOX=1` starts beside the connector.
STAND_IN = StandIn(
    module="sandbox",
    settings=lambda ready: {"GDRIVE_API_ENDPOINT": ready["gdrive_api_endpoint"]},
    callers=lambda ready: {name: ready["users"][name]["gdrive_token"] for name in ("alice", "bob")},
)
