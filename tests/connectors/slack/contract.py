"""The Slack connector's provider, for the contract suite."""

from __future__ import annotations

from scripts.standins import StandIn
from tests.contract.provider import Provider

NAME = "slack"

PROVIDER = Provider(
    settings=lambda sandbox: {"SLACK_BASE_URL": sandbox.slack_base_url},
    service=lambda sandbox: {"SLACK_OAUTH_ACCESS_TOKEN": sandbox.slack_service_token},
    token=lambda sandbox, user: sandbox.slack_token(user),
    unscoped_token=lambda sandbox: sandbox.issue_token(
        provider="slack", user="alice", scopes=["users:read"]
    ),
    query="travel policy meals",
    search_path="/slack/api/*",
    prefix="SLACK_",
    plays="slack",
)

# What `make run-slack SANDBOX=1` starts beside the connector.
STAND_IN = StandIn(
    module="sandbox",
    settings=lambda ready: {"SLACK_BASE_URL": ready["slack_base_url"]},
    callers=lambda ready: {name: ready["users"][name]["slack_token"] for name in ("alice", "bob")},
)
