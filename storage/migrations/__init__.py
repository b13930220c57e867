"""The schema's history, for Alembic. A revision never changes once it is released."""
