"""A connector is tried before it is stored, so that a mistake shows where it is made."""

from __future__ import annotations

from connector_sdk import ConnectorError, Deadline, Response

from .errors import BadRequest
from .gateway import Gateway

_QUERY = "hello"
_SECONDS = 20.0
MAX_ANSWER_BYTES = 4 * 1024 * 1024


def probe(gateway: Gateway, url: str, *, service_token: str | None) -> None:
    """Send a search to a connector.

    With a registered token the answer must be results. Without one, for OAuth and pass-through, it
    may also be a 401 that asks for a bearer token (RFC 6750 §3).

    Args:
        gateway: the gateway.
        url: the connector's search URL.
        service_token: what is sent as `Authorization: Bearer`, if anything.

    Raises:
        BadRequest: the answer is another one; the message says what was sent and what came back,
            but nothing of the body.
    """
    sent = f'POST {url} with {{"query": "{_QUERY}"}} and ' + (
        "the service_auth token as bearer token" if service_token else "no Authorization header"
    )
    headers = {"Authorization": f"Bearer {service_token}"} if service_token else {}
    try:
        answer = gateway.http.request(
            "POST",
            url,
            deadline=Deadline(_SECONDS),
            headers={**headers, "Accept": "application/json"},
            json={"query": _QUERY},
            max_bytes=MAX_ANSWER_BYTES,
            tries=1,
        )
    except ConnectorError as error:
        raise BadRequest(
            f"the connector was tried, and failed: {sent} failed: {error.detail}"
        ) from None
    problem = _problem(answer, with_token=service_token is not None)
    if problem:
        kind = answer.headers.get("Content-Type", "no content type").split(";")[0][:60]
        raise BadRequest(
            f"the connector was tried, and failed: {sent} was answered with {answer.status} "
            f"({kind}). {problem}"
        )


def _problem(answer: Response, *, with_token: bool) -> str:
    challenge = answer.headers.get("WWW-Authenticate", "").lower()
    if answer.status == 401:
        asks = challenge.startswith("bearer")
        if with_token:
            # A connector behind a key that also wants the user's token says so without an error.
            if asks and "error" not in challenge:
                return ""
            return (
                "The connector refuses the token: register the one that is its CONNECTOR_API_KEY."
            )
        return "" if asks else "A 401 must carry 'WWW-Authenticate: Bearer' (RFC 6750 §3)."
    if 300 <= answer.status < 400:
        return "Redirects are not followed: register the address that answers."
    if answer.status == 404:
        return "Is the path right? It usually ends in /search."
    if not 200 <= answer.status < 300:
        return "It must answer a search with 200."
    try:
        body = answer.json()
    except ConnectorError:
        return "It must answer with JSON."
    if not isinstance(body, dict) or not isinstance(body.get("results"), list):
        return "It must answer with an object that has a list of 'results'."
    return ""
