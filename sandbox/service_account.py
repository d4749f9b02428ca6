"""The service account's key, and the assertions signed with it."""

from __future__ import annotations

import base64
import binascii
import json
import time
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY_ID = "sandbox-key"
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"  # what google-auth always writes
_CLOCK_SKEW = 60
_LONGEST = 3600


class AssertionRefused(ValueError):
    """An assertion is not good."""


@lru_cache(maxsize=1)
def key() -> rsa.RSAPrivateKey:
    """Return the key: made once a process, when it is first needed."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def info(email: str, token_uri: str) -> dict[str, str]:
    """Return what Google's JSON key file holds."""
    private = key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {
        "type": "service_account",
        "project_id": "sandbox",
        "private_key_id": KEY_ID,
        "private_key": private.decode(),
        "client_email": email,
        "client_id": "100000000000000000001",
        "auth_uri": token_uri.replace("/token", "/o/oauth2/v2/auth"),
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }


def verify(assertion: str, email: str, token_uri: str) -> dict[str, Any]:
    """Return an assertion's claims when signature, issuer, audience and time are good."""
    try:
        head, body, signature = assertion.split(".")
        header, claims = json.loads(_decode(head)), json.loads(_decode(body))
        signed = _decode(signature)
    except (ValueError, binascii.Error):
        raise AssertionRefused("Invalid JWT: it cannot be read.") from None
    if not isinstance(claims, dict) or not isinstance(header, dict) or header.get("alg") != "RS256":
        raise AssertionRefused("Invalid JWT: RS256 is required.")
    try:
        message = f"{head}.{body}".encode()
        key().public_key().verify(signed, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise AssertionRefused("Invalid JWT Signature.") from None
    if claims.get("iss") != email:
        raise AssertionRefused("Invalid grant: account not found")
    if claims.get("aud") not in {GOOGLE_AUDIENCE, token_uri}:
        raise AssertionRefused("Invalid JWT: wrong audience.")
    issued, expires, now = claims.get("iat"), claims.get("exp"), time.time()
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise AssertionRefused("Invalid JWT: iat and exp are required.")
    if issued > now + _CLOCK_SKEW or expires < now or expires - issued > _LONGEST:
        raise AssertionRefused(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable"
            " timeframe."
        )
    return claims


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
