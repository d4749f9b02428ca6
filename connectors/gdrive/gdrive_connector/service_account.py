"""The operator's own credential: a service account, which may act as one user of its domain."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from connector_sdk import SearchContext, ServiceCredentialRefused

from .oauth import SCOPE


class ServiceAccount:
    """Gets access tokens for a service account and keeps each until shortly before its end.

    https://developers.google.com/identity/protocols/oauth2/service-account

    Args:
        info: the key file, parsed.
        subject: e-mail address of the user to act as; None for the account itself.

    Raises:
        ValueError: the private key is not one.
    """

    def __init__(self, info: Mapping[str, str], subject: str | None) -> None:
        from google.oauth2 import service_account  # late: callers with tokens never need it

        self._subject = subject
        self._lock = threading.Lock()
        try:
            # The library is typed in part.
            from_info: Any = service_account.Credentials.from_service_account_info
            credentials = from_info(info, scopes=[SCOPE])
        except Exception:  # noqa: BLE001 - whatever the parsers raise; it may quote the key
            raise ValueError(
                "GDRIVE_SERVICE_ACCOUNT_INFO: its private_key is not a private key in PEM format"
            ) from None
        self._credentials = credentials.with_subject(subject) if subject else credentials

    def __repr__(self) -> str:
        return "ServiceAccount()"

    def token(self, context: SearchContext[Any, Any]) -> str:
        """Return an access token that is good for minutes at least.

        Raises:
            ServiceCredentialRefused: Google refuses the key, or the delegation.
            DeadlineExceeded: the time of the request is over.
        """
        from google.auth.exceptions import GoogleAuthError

        if not self._lock.acquire(timeout=context.deadline.remaining()):
            context.deadline.check()
        try:
            if not self._credentials.valid:
                self._credentials.refresh(_Transport(context))
            return str(self._credentials.token)
        except GoogleAuthError as error:
            raise ServiceCredentialRefused(self._explain(str(error))) from None
        finally:
            self._lock.release()

    def _explain(self, message: str) -> str:
        if self._subject and "unauthorized_client" in message:
            return (
                "Google does not let the service account act as GDRIVE_DELEGATED_SUBJECT: in the "
                "Admin console, under Security > API controls > Domain-wide delegation, give its "
                f"client id the scope {SCOPE}."
            )
        return (
            "Google does not accept the key in GDRIVE_SERVICE_ACCOUNT_INFO: it may be deleted, "
            "disabled, or this machine's clock may be off."
        )


class _Transport:
    """google.auth.transport.Request over the SDK's pooled session and the request's deadline."""

    def __init__(self, context: SearchContext[Any, Any]) -> None:
        self._context = context

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is the timeout
        **_: Any,
    ) -> _Answer:
        response = self._context.request(method, url, data=body, headers=headers)
        return _Answer(response.status, response.headers, response.content)


class _Answer:
    """google.auth.transport.Response."""

    def __init__(self, status: int, headers: Mapping[str, str], data: bytes) -> None:
        self.status = status
        self.headers = headers
        self.data = data
