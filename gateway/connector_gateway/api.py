"""The API under `/v1`: what the `cohere` SDK calls, and what it did not have."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, json, request

from connector_sdk import logs
from connector_sdk.documents import for_chat

from . import audit, connect, connections, rates, registry, sessions, users
from .errors import BadRequest, Forbidden, NotImplementedHere
from .gateway import Gateway
from .payloads import (
    Confirmation,
    ConnectorChange,
    NewConnector,
    SearchRequest,
    read,
    whole_number,
)
from .search import search
from .users import Caller

blueprint = Blueprint("api", __name__, url_prefix="/v1")
_FORMATS = ("v1", "v2")
_MAX_LIST = 1000


@blueprint.post("/connectors")
def create_connector() -> Response:
    """Register a connector."""
    gateway, caller = _admin()
    return answer({"connector": registry.create(gateway, caller, read(NewConnector))})


@blueprint.get("/connectors")
def list_connectors() -> Response:
    """List connectors, newest first."""
    gateway, caller = _caller()
    limit = whole_number("limit", 30, _MAX_LIST)
    offset = whole_number("offset", 0, 10**8)
    found, total = registry.newest(gateway, caller, limit=limit, offset=offset)
    return answer({"connectors": found, "total_count": total})


@blueprint.get("/connectors/<connector_id>")
def get_connector(connector_id: str) -> Response:
    """Show a connector."""
    gateway, caller = _caller()
    return answer({"connector": registry.show(gateway, caller, connector_id)})


@blueprint.patch("/connectors/<connector_id>")
def update_connector(connector_id: str) -> Response:
    """Change a connector."""
    gateway, caller = _admin()
    changed = registry.update(gateway, caller, connector_id, read(ConnectorChange))
    return answer({"connector": changed})


@blueprint.delete("/connectors/<connector_id>")
def delete_connector(connector_id: str) -> Response:
    """Delete a connector."""
    gateway, caller = _admin()
    registry.remove(gateway, caller, connector_id)
    return answer({})


@blueprint.post("/connectors/<connector_id>/oauth/authorize")
def authorize_connector(connector_id: str) -> Response:
    """Say where the user's browser must go to connect an account."""
    gateway, caller = _caller()
    connector = registry.get(gateway, connector_id)
    after = request.args.get("after_token_redirect")
    if after is not None and not gateway.settings.may_redirect_to(after):
        raise BadRequest(
            "after_token_redirect: its origin is not on the list of "
            "GATEWAY_ALLOWED_REDIRECT_ORIGINS"
        )
    return answer({"redirect_url": connect.start(gateway, caller.id, connector, after)})


@blueprint.post("/connectors/<connector_id>/oauth/confirm")
def confirm_connection(connector_id: str) -> Response:
    """Make a connection good that waits for the application's confirmation."""
    gateway, caller = _caller()
    connector = registry.get(gateway, connector_id)
    connect.confirm(gateway, caller.id, connector, read(Confirmation).code)
    return answer({"connector": registry.show(gateway, caller, connector_id)})


@blueprint.delete("/connectors/<connector_id>/oauth")
def disconnect(connector_id: str) -> Response:
    """Forget the caller's tokens."""
    gateway, caller = _caller()
    connections.forget(gateway, caller.id, registry.get(gateway, connector_id))
    return answer({})


@blueprint.post("/sign-in-codes")
def create_sign_in_code() -> Response:
    """Hand out a code with which the caller's browser signs in once."""
    gateway, caller = _caller()
    return answer(sessions.new_code(gateway, caller.id))


@blueprint.post("/search")
def search_connectors() -> Response:
    """Search several connectors at once."""
    gateway, caller = _caller()
    version = request.args.get("format", "v1")
    if version not in _FORMATS:
        raise BadRequest(f"format: must be one of {', '.join(_FORMATS)}")
    asked = read(SearchRequest)
    tokens = [one.user_access_token for one in asked.connectors if one.user_access_token]
    logs.protect_in_request([*_sent_words(), *tokens])
    found = search(gateway, caller, asked)
    g.documents = len(found.documents)
    if version == "v1":
        body: dict[str, Any] = {"documents": found.documents}
    else:
        documents = [for_chat(row) for row in found.documents]
        parts = [{"type": "document", "document": document} for document in documents]
        body = {"documents": documents, "tool_results": parts}
    response = answer({**body, "search_results": found.search_results})
    response.headers["X-Search-Status"] = "partial" if found.partial else "complete"
    return response


@blueprint.post("/chat")
def chat() -> Response:
    """Say what to call instead."""
    _caller()
    raise NotImplementedHere(
        "this gateway does not generate text: call POST /v1/search?format=v2 here, and pass its "
        "'documents' to the chat of your model"
    )


@blueprint.before_request
def _protect() -> None:
    logs.protect_in_request(_sent_words())


def _sent_words() -> list[str]:
    return request.headers.get("Authorization", "").split()


def _caller() -> tuple[Gateway, Caller]:
    gateway: Gateway = current_app.extensions["gateway"]
    caller = users.authenticate(gateway, request.headers.get("Authorization"))
    g.user = caller.id
    rates.count(gateway, caller)
    return gateway, caller


def _admin() -> tuple[Gateway, Caller]:
    gateway, caller = _caller()
    try:
        caller.must_be_admin()
    except Forbidden:
        connector_id = (request.view_args or {}).get("connector_id")
        with gateway.database.write() as session:
            audit.record(
                session,
                "connector.refused",
                user_id=caller.id,
                connector_id=connector_id and connector_id[:80],
                method=request.method,
            )
        raise
    return gateway, caller


def answer(value: Any, status: int = 200) -> Response:
    """Return an answer in JSON."""
    # Not jsonify: it would sort the keys.
    text = json.dumps(value, sort_keys=False, ensure_ascii=False)
    return Response(text, status, mimetype="application/json")
