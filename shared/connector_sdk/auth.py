"""Who may call, and as whom the provider is called: the auth table of the README.

Presence, not truthiness, selects the row: a credential header that is there but is not exactly one
well-formed token is 401, never the next row.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .errors import BadRequest, Unauthorized

B64TOKEN = r"[A-Za-z0-9\-._~+/]+=*"  # RFC 6750 §2.1
BEARER = re.compile(rf"Bearer +({B64TOKEN})", re.IGNORECASE)
_TOKEN = re.compile(B64TOKEN)
_GOOGLE_ISSUERS = {"https://accounts.google.com", "accounts.google.com"}

AUTHORIZATION = "HTTP_AUTHORIZATION"
USER_ACCESS_TOKEN = "HTTP_X_USER_ACCESS_TOKEN"  # noqa: S105 - the name of a header


class Kind(Enum):
    """Whose credential the provider is called with."""

    USER = "user"
    SERVICE = "service"
    NONE = "none"


@dataclass(frozen=True, repr=False)
class Credential:
    """What the provider is called with in this request.

    Args:
        kind: whose it is.
        value: for a user, the token as it was sent; for the service, what the connector's
            settings gave as `service_credential`; for none, None.
    """

    kind: Kind
    value: Any = None

    def __repr__(self) -> str:
        return f"Credential({self.kind.value})"

    @property
    def is_service(self) -> bool:
        """Whether it is the operator's, so that its refusal is the operator's problem."""
        return self.kind is Kind.SERVICE


class Authenticator:
    """Decides for a request's headers which row of the auth table it is.

    Args:
        keys: the connector keys, any of which is good; empty for an open connector.
        service_credential: what to call the provider with for a caller without a token.
        accepts_user_token: whether the source can be called with a user's token.
        needs_credential: whether the source can be called only with a credential.
    """

    def __init__(
        self,
        *,
        keys: Iterable[str],
        service_credential: object | None,
        accepts_user_token: bool,
        needs_credential: bool,
    ) -> None:
        self._digests = [_digest(key) for key in keys]
        self._service_credential = service_credential
        self._accepts_user_token = accepts_user_token
        self._needs_credential = needs_credential

    def authenticate(self, environ: Mapping[str, Any]) -> Credential:
        """Return the credential for a request.

        Args:
            environ: the WSGI environment, in which a header's absence can be told from its being
                empty.

        Raises:
            Unauthorized: no row gives this caller a credential.
            BadRequest: a user token was sent that cannot be used here.
        """
        if self._digests:
            return self._behind_key(environ)
        if USER_ACCESS_TOKEN in environ:
            raise BadRequest(
                "X-User-Access-Token needs a connector key: this connector runs without one, so "
                "send the user's token as 'Authorization: Bearer <token>'."
            )
        if AUTHORIZATION in environ:
            return self._user(_bearer_token(environ[AUTHORIZATION]))
        return self._without_user_token(
            "Send 'Authorization: Bearer <token>' with the user's own access token."
        )

    def _behind_key(self, environ: Mapping[str, Any]) -> Credential:
        expected = "Send 'Authorization: Bearer <connector key>'."
        if AUTHORIZATION not in environ:
            raise Unauthorized(f"The connector key is missing. {expected}", invalid_token=False)
        digest = _digest(_bearer_token(environ[AUTHORIZATION]))
        # All are compared, so that the time taken says nothing about which one matched.
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        if True not in matches:
            raise Unauthorized(f"This is not the connector key. {expected}")
        if USER_ACCESS_TOKEN in environ:
            token = environ[USER_ACCESS_TOKEN]
            if not _TOKEN.fullmatch(token):
                raise Unauthorized("X-User-Access-Token must hold one token and nothing else.")
            return self._user(token)
        return self._without_user_token(
            "The connector key is good, but this connector has no credential of its own: send the "
            "user's access token in X-User-Access-Token."
        )

    def _user(self, token: str) -> Credential:
        if not self._accepts_user_token:
            raise BadRequest(
                "This source cannot be called with a user's token, so none may be sent to it."
            )
        if _is_google_identity_token(token):
            raise Unauthorized(
                "This is a Google identity token (it says who calls Cloud Run), not an access "
                "token of the provider. Send it in X-Serverless-Authorization, and the user's "
                "access token here."
            )
        return Credential(Kind.USER, token)

    def _without_user_token(self, what_to_send: str) -> Credential:
        if self._service_credential is not None:
            return Credential(Kind.SERVICE, self._service_credential)
        if not self._needs_credential:
            return Credential(Kind.NONE)
        raise Unauthorized(f"A token is missing. {what_to_send}", invalid_token=False)


def _bearer_token(header: str) -> str:
    match = BEARER.fullmatch(header)
    if match is None:
        raise Unauthorized("Authorization must be 'Bearer', a space and exactly one token.")
    return match[1]


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _is_google_identity_token(token: str) -> bool:
    parts = token.split(".")
    if len(parts) != 3:
        return False
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(claims, dict) and claims.get("iss") in _GOOGLE_ISSUERS
