"""Alembic's environment: the connection is the gateway's own (`Database.migrate`)."""

from __future__ import annotations

from alembic import context

from connector_gateway.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
