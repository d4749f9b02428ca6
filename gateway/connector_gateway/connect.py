"""Links with which a user's browser goes to a provider's consent, and what comes of them.

`POST …/oauth/authorize` gives a link to `/connect/<ticket>`, whose button leads to the provider; the
provider sends the browser to the callback (`callback.py`). With `GATEWAY_CONNECT=confirm` the tokens
then wait until the application says whose browser it was.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from connector_sdk.http import origin

from . import audit, callback, connections, consents, views
from .authorization import ConnectorAuth
from .database import now
from .errors import BadRequest, Forbidden, NotFound
from .gateway import Gateway
from .models import Authorization, Connector, User
from .secrets import digest, new_token
from .sessions import Browser

blueprint = views.blueprint("connect")
blueprint.register_blueprint(callback.blueprint)


def start(
    gateway: Gateway, user_id: str, connector: Connector, after_token_redirect: str | None
) -> str:
    """Return where the user's browser must go to connect an account.

    Args:
        gateway: the gateway.
        user_id: whose connection it will be.
        connector: one that is registered with OAuth.
        after_token_redirect: where the browser goes in the end, on an origin that is allowed.

    Raises:
        BadRequest: there is nothing to connect, or the application could not confirm it.
    """
    _must_have_oauth(connector)
    if gateway.settings.connect == "direct":
        return _provider_url(gateway, connector, user_id, None, after_token_redirect)
    if gateway.settings.connect == "confirm" and after_token_redirect is None:
        raise BadRequest(
            "after_token_redirect: is needed with GATEWAY_CONNECT=confirm, as the browser brings "
            "the code there that POST …/oauth/confirm takes"
        )
    ticket = new_token()
    with gateway.database.write() as session:
        row = Authorization(
            digest=digest(ticket),
            stage="link",
            user_id=user_id,
            connector_id=connector.id,
            connector_version=connector.version,
            redirect_uri=gateway.settings.redirect_uri(connector.id),
            after_token_redirect=after_token_redirect,
        )
        consents.add(session, row)
    return f"{gateway.settings.public_url}/connect/{ticket}"


def how_to(gateway: Gateway, user_id: str, connector: Connector) -> str:
    """Return what a user without tokens is to do, with a fresh link where one can be made."""
    if gateway.settings.connect == "confirm":
        return (
            "connect an account through POST /v1/connectors/"
            f"{connector.id}/oauth/authorize?after_token_redirect=…"
        )
    return f"connect an account at {start(gateway, user_id, connector, None)}"


def start_here(gateway: Gateway, here: Browser, connector: Connector) -> str:
    """Return the provider's URL for the user who pressed Connect on our own page.

    Raises:
        BadRequest: there is nothing to connect.
    """
    _must_have_oauth(connector)
    assert here.caller is not None  # noqa: S101 - for the type checker
    after = callback.own_page(gateway.settings)
    return _provider_url(gateway, connector, here.caller.id, here, after)


def confirm(gateway: Gateway, user_id: str, connector: Connector, code: str) -> None:
    """Store tokens that wait, because the application says that it was this user's browser.

    Args:
        gateway: the gateway.
        user_id: whose API key the application sent.
        connector: which one the application says it was.
        code: what the browser brought; it is used up, whatever comes of it.

    Raises:
        BadRequest: the code is not good, or the connector has changed since.
        Forbidden: somebody else asked for this connection; the tokens are dropped.
    """
    with gateway.database.write() as session:
        row = consents.consume(session, code, "code")
        if row is None:
            raise BadRequest(
                "code: is not known here: it was used before, or is older than ten minutes. Send "
                "the user through …/oauth/authorize again"
            )
        asked_for = session.get_one(Connector, row.connector_id)
        changed = not consents.fits(row, asked_for)
        strange = (row.user_id, row.connector_id) != (user_id, connector.id)
        if changed or strange:
            audit.record(
                session,
                "connection.refused",
                user_id=user_id,
                connector_id=row.connector_id,
                reason="the connector changed" if changed else "confirmed for somebody else",
                asked_for_by=row.user_id,
            )
    if changed:
        # The tokens are not even revoked: the addresses may be another provider's by now.
        raise BadRequest(
            "the connector was changed meanwhile: send the user through …/oauth/authorize again"
        )
    tokens = consents.kept(gateway, row)
    if strange:
        connections.revoke(gateway, asked_for, tokens)
        raise Forbidden(
            "this connection was asked for by another user or for another connector, so its tokens "
            "were dropped: the account may be somebody else's"
        )
    connections.store(gateway, user_id, asked_for, tokens)


@blueprint.get("/connect/<ticket>")
def show_link(ticket: str) -> Response:
    """Say what the link will do, to the user it was made for."""
    gateway = views.gateway()
    with gateway.database.read() as session:
        row = session.get(Authorization, digest(ticket))
        if row is None or row.stage != "link" or row.expires_at <= now():
            raise _link_is_over()
        connector = session.get_one(Connector, row.connector_id)
        user = session.get_one(User, row.user_id)
    if gateway.settings.connect == "signin":
        caller = views.browser().caller
        if caller is None:
            return views.page("sign_in.html", next=f"/connect/{ticket}")
        if caller.id != row.user_id:
            _refuse_other_user(row, caller.id)
            return views.page("other_user.html", 403)
    back = row.after_token_redirect
    return views.page(
        "connect.html",
        connector=connector,
        user_name=user.name,
        provider=urlsplit(connector.authorize_url or "").hostname,
        back_to=None if back is None else origin(back, plain_http=True),
    )


@blueprint.post("/connect/<ticket>")
def use_link(ticket: str) -> AnyResponse:
    """Use the link up, and send the browser to the provider."""
    here = views.check_form()
    gateway = views.gateway()
    owner = None
    if gateway.settings.connect == "signin":
        if here.caller is None:
            return views.see_other(f"/connect/{ticket}")
        owner = here.caller.id
    with gateway.database.write() as session:
        row = consents.consume(session, ticket, "link", user_id=owner)
        connector = None if row is None else session.get(Connector, row.connector_id)
    if row is None:
        # Somebody else's, used or over: the page says which.
        return views.see_other(f"/connect/{ticket}")
    if connector is None or not consents.fits(row, connector):
        raise _link_is_over()
    url = _provider_url(gateway, connector, row.user_id, here, row.after_token_redirect)
    return views.see_other(url)


def _provider_url(
    gateway: Gateway, connector: Connector, user_id: str, here: Browser | None, after: str | None
) -> str:
    return ConnectorAuth(gateway, connector).get_auth_url(
        user_id,
        browser=None if here is None else here.token,
        after_token_redirect=after,
    )


def _must_have_oauth(connector: Connector) -> None:
    if connector.auth_type != "oauth":
        raise BadRequest(
            f"connector '{connector.id}' is not registered with oauth: there is no account to "
            "connect, and it can be searched as it is"
        )


def _link_is_over() -> NotFound:
    return NotFound(
        "This link is good for one use within ten minutes, and that is over. Ask the application "
        "for a new one, or connect the account from this gateway's own page."
    )


def _refuse_other_user(row: Authorization, user_id: str) -> None:
    with views.gateway().database.write() as session:
        audit.record(
            session,
            "connection.refused",
            user_id=user_id,
            connector_id=row.connector_id,
            reason="opened a link of another user",
            link_of=row.user_id,
        )
