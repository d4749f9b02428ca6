"""What a payload makes of a connector's row, and what may not be changed without its secrets."""

from __future__ import annotations

from connector_sdk.http import origin

from .database import now
from .errors import BadRequest
from .gateway import Gateway
from .models import Connector
from .payloads import ConnectorChange, OAuthClient

_NEEDED = ("client_id", "client_secret", "authorize_url", "token_url")
_URLS = ("authorize_url", "token_url", "revocation_url", "issuer")


def apply(gateway: Gateway, connector: Connector, payload: ConnectorChange) -> bool:
    """Write a payload into a row; return whether something changed that a probe must try.

    Raises:
        BadRequest: the payload is wrong, or has less than such a connector needs.
    """
    if payload.oauth is not None and payload.service_auth is not None:
        raise BadRequest("give oauth or service_auth, not both: a connector has one of them")
    for name in ("name", "description", "excludes", "active", "continue_on_failure"):
        if name in payload.model_fields_set:
            value = getattr(payload, name)
            if value is None and name != "description":
                raise BadRequest(f"{name}: must not be null; leave it out to keep it as it is")
            setattr(connector, name, value)
    changed = False
    if payload.url is not None:
        changed = connector.url != payload.url
        connector.url = _url(gateway, "url", payload.url)
    if payload.service_auth is not None:
        _apply_service_auth(gateway, connector, payload)
        changed = True
    if payload.oauth is not None:
        _apply_oauth(gateway, connector, payload.oauth)
        changed = True
    connector.updated_at = now()
    return changed


def _apply_service_auth(gateway: Gateway, connector: Connector, payload: ConnectorChange) -> None:
    service_auth = payload.service_auth
    assert service_auth is not None  # noqa: S101 - for the type checker
    if service_auth.type != "bearer":
        raise BadRequest(
            f"service_auth.type: '{service_auth.type[:20]}' is not supported, only 'bearer' is: "
            "the token is sent as 'Authorization: Bearer <token>'"
        )
    connector.auth_type = "service_auth"
    connector.sealed_service_token = gateway.vault.seal(
        service_auth.token, "sealed_service_token", connector.id
    )
    connector.sealed_client_id = connector.sealed_client_secret = None
    connector.authorize_url = connector.token_url = connector.scope = None
    connector.revocation_url = connector.issuer = connector.token_auth_method = None


def _apply_oauth(gateway: Gateway, connector: Connector, oauth: OAuthClient) -> None:
    missing = [f"oauth.{name}" for name in _NEEDED if not getattr(oauth, name)]
    if missing and connector.auth_type != "oauth":
        raise BadRequest(f"missing: {', '.join(missing)}")
    connector.auth_type = "oauth"
    connector.sealed_service_token = None
    for name in ("client_id", "client_secret"):
        secret = getattr(oauth, name)
        if secret is not None:
            column = f"sealed_{name}"
            setattr(connector, column, gateway.vault.seal(secret, column, connector.id))
    for name in _URLS:
        value = getattr(oauth, name)
        if value is not None:
            setattr(connector, name, _url(gateway, f"oauth.{name}", value))
    if "scope" in oauth.model_fields_set:
        connector.scope = oauth.scope or None
    if oauth.pkce is not None:
        connector.pkce = oauth.pkce
    if oauth.token_endpoint_auth_method is not None or oauth.token_url is not None:
        connector.token_auth_method = oauth.token_endpoint_auth_method


def _url(gateway: Gateway, name: str, url: str) -> str:
    private = gateway.settings.allow_private_addresses
    try:
        target = origin(url, plain_http=private)
    except ValueError as error:
        raise BadRequest(f"{name}: {error}") from None
    if target.startswith("http:") and not private:
        raise BadRequest(
            f"{name}: is plain http: use https, or set GATEWAY_ALLOW_PRIVATE_ADDRESSES"
        )
    if "#" in url:
        raise BadRequest(f"{name}: has a fragment, which no server is sent")
    return url


def moved(before: Connector, after: Connector) -> list[str]:
    """Return the names of the URLs whose origin is another one."""
    pairs = {
        name: (getattr(before, name), getattr(after, name))
        for name in ("url", "authorize_url", "token_url", "revocation_url")
    }
    return [
        name
        for name, (old, new) in pairs.items()
        if old and new and origin(old, plain_http=True) != origin(new, plain_http=True)
    ]


def secrets_must_come_again(
    connector: Connector, payload: ConnectorChange, places: list[str]
) -> None:
    """Refuse to send secrets elsewhere that were given for another host.

    Raises:
        BadRequest: the payload does not have the secrets.
    """
    missing = []
    if connector.auth_type == "service_auth" and payload.service_auth is None:
        missing = ["service_auth"]
    if connector.auth_type == "oauth":
        given = payload.oauth or OAuthClient()
        missing = [
            f"oauth.{name}" for name in ("client_id", "client_secret") if not getattr(given, name)
        ]
    if missing:
        raise BadRequest(
            f"{' and '.join(places)} would lead to another host, so give the secrets again, as they "
            f"are to be used there: {', '.join(missing)}"
        )


def client_changed(payload: ConnectorChange) -> bool:
    """Whether there is another OAuth client, to which the tokens so far do not belong."""
    return payload.oauth is not None and payload.oauth.client_id is not None
