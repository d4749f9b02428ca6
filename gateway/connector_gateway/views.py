"""What the pages have in common: headers, forms that only they can send, and how an error looks."""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, Response, current_app, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from connector_sdk import logs
from connector_sdk.http import origin

from . import sessions
from .errors import ApiError, Forbidden
from .gateway import Gateway
from .sessions import Browser

_HEADERS = {
    # Without form-action, which Chromium also applies to where the answer to a form leads: here to
    # the provider.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    # Not no-referrer, with which browsers send 'Origin: null' from our own forms too (Fetch §3.2).
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_SECRETS = ("ticket", "code", "state", "secret")  # as routes, queries and forms call them


def gateway() -> Gateway:
    """Return the gateway that serves the request in hand."""
    running: Gateway = current_app.extensions["gateway"]
    return running


def browser() -> Browser:
    """Return the browser that the request in hand is from, and let the log know its user."""
    if "browser" not in g:
        g.browser = sessions.browser(gateway())
        if g.browser.caller is not None:
            g.user = g.browser.caller.id
    known: Browser = g.browser
    return known


def blueprint(name: str) -> Blueprint:
    """Return a blueprint for pages: their headers are safe, and an `ApiError` becomes a page."""
    made = Blueprint(name, "connector_gateway")
    made.before_request(_protect)
    made.after_request(_secure)
    made.register_error_handler(ApiError, _error)
    return made


def page(template: str, status: int = 200, **values: object) -> Response:
    """Return a page; the browser gets a cookie where it has none, to bind the forms to.

    Args:
        template: a file in `templates/`, which finds `caller` and `csrf_token` beside its values.
        status: of the answer.
        values: what the template shows; escaped there.
    """
    here = browser()
    html = render_template(template, caller=here.caller, csrf_token=csrf_token(here), **values)
    response = Response(html, status)
    if not here.known:
        sessions.set_cookie(response, gateway().settings, here.token)
    return response


def see_other(url: str) -> AnyResponse:
    """Send the browser on with a GET, whatever it came with (RFC 9110 §15.4.4)."""
    return redirect(url, 303)


def csrf_token(browser: Browser) -> str:
    """Return what a form must carry to be taken from this browser."""
    return hmac.new(browser.token.encode(), b"csrf_token", hashlib.sha256).hexdigest()


def check_form() -> Browser:
    """Return the browser, if the form in hand is from a page of this gateway that it was given.

    Raises:
        Forbidden: another site sent it, or the browser does not keep the cookie.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none") or not _is_ours(request.headers.get("Origin")):
        raise Forbidden(
            "This form was not sent from this gateway's own page, so nothing was done. Open "
            f"{gateway().settings.public_url}/ and try again there."
        )
    here = browser()
    sent = request.form.get("csrf_token", "").encode()
    if not here.known or not hmac.compare_digest(sent, csrf_token(here).encode()):
        raise Forbidden(
            "This page is out of date, so nothing was done: go back, load it again and try once "
            "more. The browser must accept this gateway's cookie."
        )
    return here


def _is_ours(sent: str | None) -> bool:
    if sent is None:
        return True  # an old browser: the form's token alone decides
    try:
        return origin(sent, plain_http=True) == origin(
            gateway().settings.public_url, plain_http=True
        )
    except ValueError:
        return False


def _protect() -> None:
    given = {**request.args, **request.form, **(request.view_args or {})}
    secrets = (given[name] for name in _SECRETS if name in given)
    logs.protect_in_request([*request.cookies.values(), *secrets])


def _secure(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _error(error: ApiError) -> Response:
    g.error = error.message
    return page(
        "message.html",
        error.status.value,
        title="That did not work",
        message=logs.redact(error.message),
        failed=True,
    )
