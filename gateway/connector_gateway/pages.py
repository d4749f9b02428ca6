"""The page at `/`: a user signs in, sees the connectors, connects and disconnects accounts."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from . import callback, connect, connections, registry, sessions, views
from .errors import BadRequest, NotFound
from .users import Caller

blueprint = views.blueprint("pages")
_PAGE_SIZE = 50
_MAX_OFFSET = 1_000_000
_OWN_PAGE = re.compile(r"/(?:connect/[A-Za-z0-9_-]{1,100})?")


@blueprint.get("/")
def home() -> Response | AnyResponse:
    """Show the user's connectors, or the form to sign in."""
    here = views.browser()
    if here.caller is None:
        return views.page("sign_in.html", next="/")
    offset = min(request.args.get("offset", 0, type=int), _MAX_OFFSET)
    offset = max(offset, 0)
    found, total = registry.newest(views.gateway(), here.caller, limit=_PAGE_SIZE, offset=offset)
    return views.page(
        "home.html",
        connectors=[_shown(connector) for connector in found],
        notice=_notice(here.caller),
        newer=max(offset - _PAGE_SIZE, 0) if offset else None,
        older=offset + _PAGE_SIZE if offset + _PAGE_SIZE < total else None,
    )


@blueprint.post("/sign-in")
def sign_in() -> Response | AnyResponse:
    """Sign a browser in with an API key or a one-time code, and go on to where it was."""
    here = views.check_form()
    gateway = views.gateway()
    next_page = _own_page()
    token = sessions.sign_in(gateway, here, request.form.get("secret", ""))
    if token is None:
        return views.page("sign_in.html", 403, next=next_page, refused=True)
    response = views.see_other(next_page)
    sessions.set_cookie(response, gateway.settings, token, seconds=sessions.SESSION_SECONDS)
    return response


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the browser's session."""
    here = views.check_form()
    gateway = views.gateway()
    sessions.sign_out(gateway, here)
    response = views.see_other(_own_page())
    sessions.end_cookie(response, gateway.settings)
    return response


@blueprint.post("/connectors/<connector_id>/connect")
def start_to_connect(connector_id: str) -> AnyResponse:
    """Send the browser to the provider, for the user who is signed in."""
    here = views.check_form()
    if here.caller is None:
        return views.see_other("/")
    gateway = views.gateway()
    connector = registry.get(gateway, connector_id)
    if not connector.active:
        raise BadRequest("This connector is switched off, so no account can be connected to it.")
    return views.see_other(connect.start_here(gateway, here, connector))


@blueprint.post("/connectors/<connector_id>/disconnect")
def disconnect(connector_id: str) -> AnyResponse:
    """Forget the user's tokens."""
    here = views.check_form()
    if here.caller is not None:
        gateway = views.gateway()
        connector = registry.get(gateway, connector_id)
        connections.forget(gateway, here.caller.id, connector)
        return views.see_other(f"/?notice=disconnected&connector_id={connector.id}")
    return views.see_other("/")


def _own_page() -> str:
    given = request.form.get("next", "/")
    return given if _OWN_PAGE.fullmatch(given) else "/"


def _shown(connector: dict[str, Any]) -> dict[str, Any]:
    oauth = connector.get("oauth")
    return {**connector, "provider": urlsplit(oauth["authorize_url"]).hostname if oauth else None}


def _notice(caller: Caller) -> dict[str, Any] | None:
    """What has just happened; as anybody can write an address, it is told only where it is true."""
    connector_id = request.args.get("connector_id", "")
    happened = request.args.get("notice")
    error = request.args.get("error")
    if happened is None and error is None:
        return None
    try:
        connector = registry.show(views.gateway(), caller, connector_id)
    except NotFound:
        return None
    name, status = connector["name"], connector.get("auth_status")
    if error is not None:
        return {"failed": True, "text": f"{name} was not connected: {callback.meaning(error)}"}
    if happened == "connected" and status == "valid":
        return {"text": f"{name} is connected."}
    if happened == "disconnected" and status is None:
        return {"text": f"{name} is disconnected, and its tokens are deleted here."}
    return None
