"""The page where a user picks who they are and presses Allow or Deny."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode, urlsplit

from flask import request
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sandbox.answers import html_answer
from sandbox.people import User

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def problem(message: str) -> Response:
    """Answer an authorize request that cannot be sent back to its client."""
    return html_answer(f"<title>Error</title><h1>Error 400</h1><p>{escape(message)}</p>", 400)


def bad_redirect(address: str) -> bool:
    """Say whether an address is not one that a code may be sent to."""
    parts = urlsplit(address)
    return not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK))


def page(title: str, users: Iterable[User], scopes: Iterable[str]) -> Response:
    """Ask who it is and whether they agree; the form posts back to the same address."""
    options = "".join(
        f"<option value='{escape(user.key)}'>{escape(user.name)} ({escape(user.email)})</option>"
        for user in users
    )
    wanted = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in scopes)
    return html_answer(
        f"<title>{title}</title>"
        "<style>body{font:16px/1.5 system-ui;max-width:32rem;margin:4rem auto;padding:0 1rem}"
        "button,select{font:inherit;padding:.4rem .8rem;margin:.5rem .5rem 0 0}</style>"
        f"<h1>{title}</h1><p>The client <b>{escape(request.args.get('client_id', ''))}</b>"
        f" asks for:</p><ul>{wanted}</ul><form method=post>"
        f"<label>Continue as <select name=user>{options}</select></label><p>"
        "<button name=decision value=allow>Allow</button>"
        "<button name=decision value=deny>Deny</button></form>"
    )


def back(address: str, **parameters: str) -> Response:
    """Send the browser back to the client."""
    state = request.args.get("state")
    if state is not None:
        parameters["state"] = state
    joint = "&" if urlsplit(address).query else "?"
    return redirect(f"{address}{joint}{urlencode(parameters)}")


def client_of(sent: Request) -> tuple[str, str]:
    """Return a client's id and secret, sent as Basic authentication or in the form."""
    basic = sent.authorization
    if basic is not None and basic.type == "basic":
        return basic.username or "", basic.password or ""
    return sent.form.get("client_id", ""), sent.form.get("client_secret", "")
