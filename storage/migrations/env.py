"""Runs the revisions on the connection that storage/opening.py hands over. Reads no settings and opens nothing."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # One transaction for all: a crash in the middle leaves the old schema, whole.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
