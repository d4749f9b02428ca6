"""One search over several connectors: asked side by side, under one deadline."""

from __future__ import annotations

from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connector_sdk import Deadline

from . import registry
from .asking import Answer, ask
from .errors import ApiError, BadRequest, GatewayTimeout
from .gateway import Gateway
from .models import Connector
from .payloads import AskedConnector, SearchRequest
from .users import Caller


@dataclass
class Found:
    """What a search found.

    Args:
        documents: flat, each with its `id`: `<connector-id>_<n>`.
        search_results: for each connector its part, as chat's response has it.
        partial: whether something was left out.
    """

    documents: list[dict[str, str]] = field(default_factory=list)
    search_results: list[dict[str, Any]] = field(default_factory=list)
    partial: bool = False


def search(gateway: Gateway, caller: Caller, request: SearchRequest) -> Found:
    """Ask all connectors that the request names.

    Raises:
        NotFound: one does not exist.
        BadRequest: one is named twice, or is not active.
        ApiError: one failed that may not.
    """
    names = [one.id for one in request.connectors]
    if len(set(names)) < len(names):
        raise BadRequest("connectors: each may be named once")
    asked = [(one, _connector(gateway, one.id)) for one in request.connectors]
    deadline = Deadline(gateway.settings.search_timeout_seconds)
    try:
        futures = [
            gateway.calls.submit(
                copy_context().run,
                partial(ask, gateway, caller, connector, one, request.query, deadline),
            )
            for one, connector in asked
        ]
        return _collect(asked, futures, deadline)
    finally:
        deadline.close()  # when one fails, nobody waits for the others


def _connector(gateway: Gateway, connector_id: str) -> Connector:
    connector = registry.get(gateway, connector_id)
    if not connector.active:
        raise BadRequest(
            f"connector '{connector.id}' is not active: an admin can activate it again"
        )
    return connector


def _collect(
    asked: list[tuple[AskedConnector, Connector]],
    futures: list[Future[Answer]],
    deadline: Deadline,
) -> Found:
    found = Found()
    seen: set[str] = set()
    for (one, connector), future in zip(asked, futures, strict=True):
        result: dict[str, Any] = {"connector": {"id": connector.id}, "document_ids": []}
        found.search_results.append(result)
        may_continue = one.continue_on_failure
        if may_continue is None:
            may_continue = connector.continue_on_failure
        try:
            answer = _wait(connector, future, deadline)
        except ApiError as error:
            if not may_continue:
                raise
            result["error_message"] = error.message
            found.partial = True
            continue
        if answer.warnings:
            result["warnings"] = answer.warnings
            found.partial = True
        for number, row in enumerate(answer.rows):
            words = " ".join((row.get("text") or row.get("url") or row.get("id", "")).split())
            if words and words in seen:
                continue
            seen.add(words)
            fields = {k: v for k, v in row.items() if k != "id" and k not in connector.excludes}
            document_id = f"{connector.id}_{number}"
            found.documents.append({"id": document_id, **fields})
            result["document_ids"].append(document_id)
    return found


def _wait(connector: Connector, future: Future[Answer], deadline: Deadline) -> Answer:
    try:
        return future.result(timeout=deadline.remaining())
    except TimeoutError:
        raise GatewayTimeout(
            f"connector '{connector.id}' had not answered within {deadline.seconds:g} seconds"
        ) from None
