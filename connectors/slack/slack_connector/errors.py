"""Slack's error codes, as the errors of the SDK that they stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from connector_sdk import (
    BadRequest,
    ConnectorError,
    Forbidden,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Unauthorized,
    error_for_status,
)

_CODE = re.compile(r"[a-z_]{1,60}")
_SCOPE = re.compile(r"[a-z][a-z0-9.:_\-]*")
_USER_TOKEN = "Search needs a user's token (xoxp-…), which this one is not."  # noqa: S105

# https://docs.slack.dev/reference/methods/search.messages#errors and, for the Real-time Search
# API, https://docs.slack.dev/reference/methods/assistant.search.context#errors
ERRORS: Mapping[str, tuple[Callable[[str], ConnectorError], str]] = {
    "not_authed": (Unauthorized, "No token reached Slack."),
    "invalid_auth": (Unauthorized, "The token is not one that Slack knows."),
    "token_expired": (Unauthorized, "The token is expired: refresh it."),
    "token_revoked": (Unauthorized, "The token was revoked, or the app was removed."),
    "account_inactive": (Unauthorized, "The account of the token was deactivated."),
    "two_factor_setup_required": (Unauthorized, "The user must set up two-factor authentication."),
    "not_allowed_token_type": (Forbidden, _USER_TOKEN),
    "is_bot": (Forbidden, _USER_TOKEN),
    "invalid_action_token": (Forbidden, _USER_TOKEN),
    "no_permission": (Forbidden, "The token may not search: a scope or a permission is missing."),
    "access_denied": (Forbidden, "The user may not search in this workspace."),
    "accesslimited": (Forbidden, "Slack limits the access to this workspace."),
    "ekm_access_denied": (Forbidden, "The organization's key management forbids it."),
    "enterprise_is_restricted": (
        Forbidden,
        "The method cannot be called with a token of a whole organization: set SLACK_TEAM_ID.",
    ),
    "org_login_required": (Forbidden, "The workspace is being moved to an organization."),
    "feature_not_enabled": (ProviderError, "The Real-time Search API is not enabled for the app."),
    "assistant_search_context_disabled": (
        ProviderError,
        "The Real-time Search API is switched off for this workspace.",
    ),
    "method_deprecated": (
        ProviderError,
        "Slack has withdrawn the method: see SLACK_SEARCH_METHOD.",
    ),
    "deprecated_endpoint": (
        ProviderError,
        "Slack has withdrawn the method: see SLACK_SEARCH_METHOD.",
    ),
    "unknown_method": (ProviderError, "Slack does not know the method: see SLACK_SEARCH_METHOD."),
    "ratelimited": (RateLimited, "Slack limits the rate of searches."),
    "rate_limited": (RateLimited, "Slack limits the rate of searches."),
    "no_query": (ProviderError, "Slack found no word to search for."),
    "missing_query": (ProviderError, "Slack found no word to search for."),
    "query_too_long": (BadRequest, "'query' is longer than Slack searches: ask in fewer words."),
    "invalid_cursor": (ProviderError, "Slack refused its own next page."),
    "fatal_error": (ProviderError, "Slack failed."),
    "internal_error": (ProviderError, "Slack failed."),
    "service_unavailable": (ProviderUnavailable, "Slack is unavailable."),
    "request_timeout": (ProviderUnavailable, "Slack did not answer in time."),
    "team_added_to_org": (
        ProviderUnavailable,
        "The workspace is being moved to an organization, and cannot be searched meanwhile.",
    ),
}


class Refused(Exception):
    """Slack answered `ok: false`.

    Args:
        code: Slack's word for it, "" where it gave none.
        error: what the caller is told.
        provided: the scopes that the token has, where the answer says so.
    """

    def __init__(self, code: str, error: ConnectorError, provided: frozenset[str]) -> None:
        super().__init__(code)
        self.code = code
        self.error = error
        self.provided = provided


def refused(error: SlackApiError, host: str) -> Refused:
    """Return what an answer that is not `ok` stands for.

    Args:
        error: as the client raised it; its message holds the answer and is never shown.
        host: who answered.
    """
    response = error.response
    data = response.data if isinstance(response.data, dict) else {}
    said = data.get("error")
    code = said if isinstance(said, str) and _CODE.fullmatch(said) else ""
    return Refused(
        code,
        _meaning(code, data, response.status_code, _retry_after(response.headers), host),
        frozenset(scopes_in(data.get("provided"))),
    )


def scopes_in(value: object) -> list[str]:
    """Return the scopes that a comma-separated list of Slack's names."""
    if not isinstance(value, str):
        return []
    return [scope for scope in re.split(r"[,\s]+", value[:2000]) if _SCOPE.fullmatch(scope)]


def missing_scope(needed: list[str], provided: list[str]) -> Forbidden:
    """Return the error for a token that lacks scopes.

    Args:
        needed: what it would need.
        provided: what it has.
    """
    return Forbidden(
        f"The token lacks a scope: {', '.join(needed) or 'one for searching'} "
        f"is needed, {', '.join(provided) or 'nothing that is known'} is there. Add it to the app "
        "as a user token scope, and have the user authorize it again.",
        scope=" ".join(needed) or None,
    )


def _meaning(
    code: str, data: dict[str, Any], status: int, retry_after: float | None, host: str
) -> ConnectorError:
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return RateLimited("Slack limits the rate of searches.", retry_after=retry_after)
    if code == "missing_scope":
        return missing_scope(scopes_in(data.get("needed")), scopes_in(data.get("provided")))
    if code in ERRORS:
        kind, text = ERRORS[code]
        return kind(f"{text} (Slack says: {code})")
    if status != 200:
        return error_for_status(status, host, retry_after=retry_after)
    if code:
        return ProviderError(f"Slack refused the request of this connector: {code}.")
    return ProviderError("Slack refused the request of this connector and gave no reason.")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, value in headers.items():
        if name.lower() == "retry-after" and value.strip().isdigit():
            return float(value.strip()[:9])
    return None
