"""The audit table: who registered, changed, connected, disconnected, and was refused what."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from connector_sdk import logs

from .database import now
from .models import AuditEvent


def record(
    session: Session,
    action: str,
    *,
    user_id: str | None,
    connector_id: str | None = None,
    **detail: Any,
) -> None:
    """Add a row, in the transaction of what it speaks of.

    Args:
        session: a session that writes.
        action: `connector.created`, `connection.made`, `connection.refused`, ….
        user_id: who did it, or was refused; None for the operator at the command line.
        connector_id: what it was done to.
        detail: more that helps to understand it; never a secret.
    """
    session.add(
        AuditEvent(
            at=now(),
            user_id=user_id,
            action=action,
            connector_id=connector_id,
            detail=detail,
            request_id=logs.request_id.get(),
        )
    )
