"""The redirect URI of each connector: where a provider sends the browser back to (RFC 6749 §4.1.2)."""

from __future__ import annotations

import hmac
from urllib.parse import urlencode, urlsplit

from flask import g, request
from werkzeug.wrappers import Response as AnyResponse

from connector_sdk.http import origin

from . import audit, connections, consents, views
from .authorization import ConnectorAuth
from .errors import (
    ApiError,
    BadRequest,
    Forbidden,
    GatewayTimeout,
    NotFound,
    RateLimited,
    Unavailable,
)
from .gateway import Gateway
from .models import Authorization, Connector
from .secrets import digest
from .sessions import Browser
from .settings import CALLBACK_PATH, GatewaySettings

blueprint = views.blueprint("callback")

# What a provider may say (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6). Its own words are not
# shown: anybody could have written them into the address.
_MEANINGS = {
    "access_denied": "consent was not given at the provider.",
    "account_selection_required": "no account was chosen at the provider.",
    "consent_required": "consent was not given at the provider.",
    "interaction_required": "the sign-in at the provider was not finished.",
    "login_required": "the sign-in at the provider was not finished.",
    "invalid_request": "the provider or this gateway did not take the request.",
    "invalid_scope": "the provider does not grant what the connector asks for; an admin must "
    "correct its scope.",
    "unauthorized_client": "the provider does not let this gateway ask; an admin must correct the "
    "OAuth client there.",
    "unsupported_response_type": "the provider does not let this gateway ask for a code.",
    "temporarily_unavailable": "the provider cannot be reached just now. Try again later.",
    "server_error": "the provider failed, or gave no tokens. Try again; if it stays so, this "
    "gateway's log says more.",
}
_PASSING = (GatewayTimeout, RateLimited, Unavailable)


def meaning(error: str) -> str:
    """Return what an error code means, for the user."""
    return _MEANINGS[_known(error)]


def own_page(settings: GatewaySettings) -> str:
    """Return where the browser goes in the end when it began on our own page."""
    return f"{settings.public_url}/"


@blueprint.get(f"{CALLBACK_PATH}/<connector_id>")
def callback(connector_id: str) -> AnyResponse:  # noqa: ARG001 - compared with what was sent out
    """Take a provider's answer."""
    return _come_back()


@blueprint.get(CALLBACK_PATH)
def legacy_callback() -> AnyResponse:
    """Take a provider's answer at the address that all connectors once shared."""
    if not views.gateway().settings.legacy_callback:
        raise NotFound(
            "This address is switched off: register the connector's own redirect URI with the "
            "provider, or set GATEWAY_LEGACY_CALLBACK=true."
        )
    return _come_back()


def _come_back() -> AnyResponse:
    gateway = views.gateway()
    answer = _answer()
    here = views.browser()
    with gateway.database.write() as session:
        row = consents.consume(session, answer.get("state", ""), "state")
        if row is None:
            raise BadRequest(
                "This is no answer to a question that is open: it was used before, it is older "
                "than ten minutes, or the connector was changed meanwhile. Start again."
            )
        connector = session.get_one(Connector, row.connector_id)
        refusal = _refusal(gateway.settings, row, here)
        error = None if refusal else _error(gateway.settings, answer, row, connector)
        if refusal or error:
            audit.record(
                session,
                "connection.refused",
                user_id=row.user_id,
                connector_id=row.connector_id,
                reason=refusal or error,
            )
    if refusal:
        raise Forbidden(
            f"The account was not connected: {refusal}. Start again in the browser that you want "
            "to use, from the application or from this gateway's own page."
        )
    if error is None:
        return _exchange(gateway, answer, row, connector)
    return _end(gateway.settings, row, connector, error=error)


def _answer() -> dict[str, str]:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise BadRequest(f"The provider's answer has more than one '{name[:20]}'.")
    return dict(request.args.items())


def _refusal(settings: GatewaySettings, row: Authorization, here: Browser) -> str | None:
    """Why the browser, or the address, is not the one that the question was asked with."""
    # One address for each connector: what another provider was made to send on ends here.
    if row.redirect_uri != f"{settings.public_url}{request.path}":
        return "the answer came to the address of another connector"
    if row.browser is None:
        if settings.connect == "direct":
            return None
        return "the link did not begin in a browser that is known"
    if not here.known or not hmac.compare_digest(row.browser, digest(here.token)):
        return "consent was begun in another browser, or this one has signed in anew or lost its cookie"
    if _waits(settings, row):
        return None
    if here.caller is None or here.caller.id != row.user_id:
        return "the user who began is no longer signed in here"
    return None


def _error(
    settings: GatewaySettings, answer: dict[str, str], row: Authorization, connector: Connector
) -> str | None:
    """What keeps the answer from being taken, as an error code."""
    if not consents.fits(row, connector):
        return "invalid_request"
    if not _is_from(connector, answer.get("iss")):
        return "invalid_request"
    after = row.after_token_redirect or ""
    if _waits(settings, row) and not settings.may_redirect_to(after):
        return "server_error"  # the code for the confirmation would reach nobody
    if "error" in answer:
        return _known(answer["error"])
    return None if answer.get("code") else "invalid_request"


def _known(error: str) -> str:
    return error if error in _MEANINGS else "server_error"


def _is_from(connector: Connector, issuer: str | None) -> bool:
    """Whether an answer says to be from the connector's provider, if it says so (RFC 9207 §2.4)."""
    if issuer is None:
        return True
    if connector.issuer is not None:
        return issuer == connector.issuer
    try:
        return origin(issuer, plain_http=True) == origin(
            connector.authorize_url or "", plain_http=True
        )
    except ValueError:
        return False


def _waits(settings: GatewaySettings, row: Authorization) -> bool:
    """Whether an application must confirm; on our own page the user has signed in."""
    return settings.connect == "confirm" and row.after_token_redirect != own_page(settings)


def _exchange(
    gateway: Gateway, answer: dict[str, str], row: Authorization, connector: Connector
) -> AnyResponse:
    auth = ConnectorAuth(gateway, connector)
    try:
        tokens = auth.retrieve_auth_token(answer, row, row.user_id)
        if _waits(gateway.settings, row):
            code = consents.keep(gateway, row, tokens)
            return _end(gateway.settings, row, connector, code=code)
        connections.store(gateway, row.user_id, connector, tokens)
    except ApiError as failure:
        g.error = failure.message
        error = "temporarily_unavailable" if isinstance(failure, _PASSING) else "server_error"
        with gateway.database.write() as session:
            audit.record(
                session,
                "connection.refused",
                user_id=row.user_id,
                connector_id=connector.id,
                reason=failure.message,
            )
        return _end(gateway.settings, row, connector, error=error)
    return _end(gateway.settings, row, connector)


def _end(
    settings: GatewaySettings,
    row: Authorization,
    connector: Connector,
    *,
    error: str | None = None,
    code: str | None = None,
) -> AnyResponse:
    """Send the browser to where it is to go in the end, or show how it went."""
    said = {"error": error, "code": code}
    after = row.after_token_redirect
    if after == own_page(settings):
        said |= {"notice": None if error else "connected", "connector_id": connector.id}
        return views.see_other(_with(after, said))
    # The list may have changed since the link was made.
    if after is not None and settings.may_redirect_to(after):
        if code is not None:
            said["connector_id"] = connector.id
        return views.see_other(_with(after, said))
    if error is not None:
        return views.page(
            "message.html",
            400,
            title=f"{connector.name} was not connected",
            message=f"This is why: {meaning(error)}",
            failed=True,
        )
    return views.page(
        "message.html",
        title=f"{connector.name} is connected",
        message="Searches will find what this account may see. You can close this window.",
    )


def _with(url: str, parameters: dict[str, str | None]) -> str:
    parts = urlsplit(url)
    given = urlencode({name: value for name, value in parameters.items() if value is not None})
    query = "&".join(part for part in (parts.query, given) if part)
    return parts._replace(query=query).geturl()
