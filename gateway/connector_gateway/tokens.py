"""What a token endpoint answers, read strictly (RFC 6749 §5), Slack's answers too.

Slack's come with status 200, and say `ok: false` where something is wrong
(https://docs.slack.dev/authentication/using-token-rotation).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from connector_sdk import ConnectorError, Response

from .database import now
from .errors import BadGateway, Unavailable

# RFC 6749 §A.12 without its space: RFC 6750 §2.1 takes less, but some providers' tokens hold a "!".
_TOKEN = re.compile(r"[!-~]{1,8000}")
_LONGEST = 10 * 365 * 86400.0
# Letters only: a provider that repeats a secret as its error would have it shown.
_WORD = re.compile(r"[a-z_]{1,60}")
# The refresh token or the code is good for nothing any more: RFC 6749 §5.2, then the words of
# Slack, GitHub and Microsoft.
_FINAL = {
    "invalid_grant",
    "invalid_refresh_token",
    "token_expired",
    "token_revoked",
    "account_inactive",
    "invalid_code",
    "code_already_used",
    "code_expired",
    "bad_refresh_token",
    "bad_verification_code",
    "interaction_required",
    "consent_required",
    "login_required",
}
_CLIENT = {
    "invalid_client",
    "invalid_client_id",
    "bad_client_secret",
    "incorrect_client_credentials",
}
_TRANSIENT = {
    "temporarily_unavailable",
    "server_error",
    "slow_down",
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
}
_TRANSIENT_STATUS = {408, 425, 429}


class GrantEnded(Exception):
    """The provider says that the code or the refresh token is not good; trying again is in vain."""


class ClientRefused(Exception):
    """The provider refuses the client, not the user: `invalid_client`."""


@dataclass(frozen=True, repr=False)
class Tokens:
    """What a token endpoint gave.

    Args:
        access_token: a bearer token.
        refresh_token: what gets the next one; None when none came.
        expires_at: when the access token ends, in seconds since 1970; None when that was not said.
    """

    access_token: str
    refresh_token: str | None = None
    expires_at: float | None = None

    def __repr__(self) -> str:
        return "Tokens(…)"


def read_tokens(where: str, answer: Response) -> Tokens:
    """Read an answer.

    Args:
        where: the endpoint, for messages.
        answer: as it came, whatever its status.

    Raises:
        GrantEnded: the grant is over.
        ClientRefused: the provider does not take the client, or its way to authenticate.
        Unavailable: the provider may answer otherwise in a while.
        BadGateway: the provider refuses for good, or the answer is none.
    """
    body = _body(where, answer)
    if answer.status >= 300 or body.get("error") or body.get("ok") is False:
        raise _failure(where, body.get("error"), answer)
    mine = body.get("authed_user")
    if isinstance(mine, dict) and mine.get("access_token"):
        body = mine  # Slack's: what stands beside it is the app's own token
    elif str(body.get("token_type") or "bearer").lower() not in ("bearer", "user"):
        raise BadGateway(f"{where} gave no bearer token of the user")
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if not isinstance(access, str) or not _TOKEN.fullmatch(access):
        raise BadGateway(f"{where} gave no access token that can be sent")
    if refresh is not None and not isinstance(refresh, str):
        raise BadGateway(f"{where} gave a refresh token that is no text")
    return Tokens(access, refresh or None, _expiry(body.get("expires_in")))


def _body(where: str, answer: Response) -> dict[str, Any]:
    if answer.status in _TRANSIENT_STATUS or answer.status >= 500:
        raise Unavailable(
            f"{where} answered {answer.status}: try again", retry_after=answer.retry_after
        )
    if answer.status == 200 and not answer.content:
        # As an answer looks whose head was cut off.
        raise Unavailable(f"{where} answered with nothing: try again")
    try:
        body = answer.json()
    except ConnectorError:
        body = None
    if isinstance(body, dict):
        return body
    if answer.status == 401:
        raise ClientRefused("401")
    raise BadGateway(f"{where} answered {answer.status} without a JSON object")


def _failure(where: str, error: object, answer: Response) -> Exception:
    word = error if isinstance(error, str) and _WORD.fullmatch(error) else "an unknown error"
    if word in _FINAL:
        return GrantEnded(word)
    if word in _TRANSIENT:
        return Unavailable(f"{where} says {word}: try again", retry_after=answer.retry_after)
    if word in _CLIENT or answer.status == 401:
        return ClientRefused(word)
    return BadGateway(
        f"{where} answered {answer.status} and refuses the request ({word}): an admin must mend the "
        "connector's oauth settings, or the client at the provider"
    )


def _expiry(seconds: Any) -> float | None:
    """The moment of the end; None where it is not said, or said in no number of seconds."""
    if isinstance(seconds, str) and re.fullmatch(r"[0-9]{1,12}", seconds):
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    if not seconds > 0:  # nor is NaN
        return None
    return now() + min(seconds, _LONGEST)
