"""Which stand-in plays the provider of which connector, and how the connector is pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Ready = Mapping[str, Any]  # what a stand-in's ready file says

# A key that anybody may know: it guards a connector on loopback, in front of made-up data.
DEMO_KEY = "demo-connector-key-not-for-production-use"

HANDBOOK_QUESTION = "How do I claim travel expenses?"
QUESTION = "What is the travel policy for meals?"


@dataclass(frozen=True)
class StandIn:
    """A stand-in for a provider.

    Args:
        module: started with `python -m`.
        settings: the connector's variables.
        callers: bearer tokens to try, by who they stand for.
        query: a good one to try.
    """

    module: str
    settings: Callable[[Ready], dict[str, str]]
    callers: Callable[[Ready], dict[str, str]]
    query: str = QUESTION


STAND_INS = {
    "gdrive": StandIn(
        module="sandbox",
        settings=lambda ready: {"GDRIVE_API_ENDPOINT": ready["gdrive_api_endpoint"]},
        callers=lambda ready: {
            name: ready["users"][name]["gdrive_token"] for name in ("alice", "bob")
        },
    ),
    "slack": StandIn(
        module="sandbox",
        settings=lambda ready: {"SLACK_BASE_URL": ready["slack_base_url"]},
        callers=lambda ready: {
            name: ready["users"][name]["slack_token"] for name in ("alice", "bob")
        },
    ),
    "generic-rest": StandIn(
        module="sandbox.rest_server",
        settings=lambda ready: {
            "GENERIC_REST_SOURCE": "datasette",
            "GENERIC_REST_BASE_URL": ready["url"],
            "DATASETTE_TOKEN": ready["token"],
            "GENERIC_REST_CONNECTOR_API_KEY": DEMO_KEY,
        },
        callers=lambda _: {"the service": DEMO_KEY},
        query=HANDBOOK_QUESTION,
    ),
}
