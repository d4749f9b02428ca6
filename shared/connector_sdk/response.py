"""A provider's answer, and what its status stands for where it says no more."""

from __future__ import annotations

import email.utils
import json as jsonlib
import time
from dataclasses import dataclass
from typing import Any

from requests.structures import CaseInsensitiveDict

from .errors import (
    ConnectorError,
    Forbidden,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Unauthorized,
)


@dataclass(frozen=True)
class Response:
    """An answer that was read whole, decompressed."""

    status: int
    headers: CaseInsensitiveDict[str]
    content: bytes
    host: str

    def json(self) -> Any:
        """Return the parsed body.

        Raises:
            ProviderError: it is not JSON.
        """
        try:
            return jsonlib.loads(self.content)
        except (ValueError, RecursionError):
            kind = self.headers.get("Content-Type", "no content type").split(";")[0][:60]
            raise ProviderError(
                f"{self.host} answered {self.status} with {kind} where JSON was expected."
            ) from None

    @property
    def retry_after(self) -> float | None:
        """Seconds of the `Retry-After` header, given as a number or a date (RFC 9110 §10.2.3)."""
        value = self.headers.get("Retry-After", "").strip()
        if value.isdigit():
            return float(value[:9])
        try:
            return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
        except (ValueError, OverflowError):
            return None

    def raise_for_status(self) -> None:
        """Raise the error of the field's usual reading of a status; 2xx passes.

        Raises:
            ConnectorError: the subclass that the status stands for.
        """
        if not 200 <= self.status < 300:
            raise error_for_status(self.status, self.host, retry_after=self.retry_after)


def error_for_status(status: int, host: str, *, retry_after: float | None = None) -> ConnectorError:
    """Return the error that an HTTP status of a provider stands for, where it says no more."""
    if status == 401:
        return Unauthorized(f"{host} says that the token is expired, revoked or not its own.")
    if status == 403:
        return Forbidden(f"{host} refuses: a scope or a permission is missing.")
    if status == 429:
        return RateLimited(f"{host} limits the rate of calls.", retry_after=retry_after)
    if status == 503:
        return ProviderUnavailable(f"{host} is unavailable (503).", retry_after=retry_after)
    if 300 <= status < 400:
        return ProviderError(f"{host} answered with a redirect ({status}), which is not followed.")
    if 400 <= status < 500:
        return ProviderError(f"{host} refused the request of this connector ({status}).")
    return ProviderError(f"{host} failed ({status}).")
