"""Slack's own client over the SDK's pooled session."""

from __future__ import annotations

import logging
from typing import Any
from urllib.request import Request

from slack_sdk.web import WebClient

from connector_sdk import ProviderError, Response, SearchContext

# Failures that pass, which Slack mostly reports with status 200.
PASSING = {
    "ratelimited",
    "rate_limited",
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
_ERROR_BYTES = 4096  # an answer that is an error is shorter, and is looked at twice

# The client logs the bodies of answers that it cannot read, and by default builds a line for a
# debug log on every call, whatever the level.
_SILENT = logging.Logger("slack_sdk", logging.CRITICAL + 1)


class Client(WebClient):
    """A `WebClient` whose every call is one of the request it belongs to.

    By itself the client opens a connection for each call, follows a redirect to another host with
    the token, and reads answers of any size for as long as they last. Here a call is pooled, sent
    to the listed host alone, bounded in size, ended by the deadline, and tried again while that
    allows.

    Args:
        context: the request.
        token: who calls.
    """

    def __init__(self, context: SearchContext[Any, Any], token: str) -> None:
        super().__init__(
            token=token, base_url=context.settings.base_url, logger=_SILENT, retry_handlers=[]
        )
        self._context = context

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        """Send what the client has prepared, and return what it expects of its own sender.

        Raises:
            ConnectorError: the call failed, or the answer is not a JSON object.
        """
        response = self._context.request(
            req.get_method(),
            url,
            headers=dict(req.header_items()),
            data=req.data,
            rate_limited=_will_pass,
        )
        if not response.content.lstrip().startswith(b"{"):
            response.raise_for_status()
        if not isinstance(response.json(), dict):
            raise ProviderError(f"{response.host} answered with something other than an object.")
        return {
            "status": response.status,
            "headers": response.headers,
            "body": response.content.decode("utf-8", "replace"),
        }


def _will_pass(response: Response) -> bool:
    if response.status != 200 or len(response.content) > _ERROR_BYTES:
        return False
    try:
        return response.json().get("error") in PASSING
    except (ProviderError, AttributeError, TypeError):
        return False
