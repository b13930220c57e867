"""Runs the revisions on the connection that it is handed, or writes them down as text. Reads no settings, opens nothing."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

if context.is_offline_mode():
    # Written down as text, for an engine of this name.
    context.configure(dialect_name=context.config.attributes["dialect"], literal_binds=True, transactional_ddl=True)
else:
    # One transaction for all: a crash in the middle leaves the old schema, whole.
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
