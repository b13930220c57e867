"""The first tables: people, their consents, their sessions, and what they chose to keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _person() -> sa.Column[bytes]:
    return sa.Column("person", sa.LargeBinary(16), nullable=False)


def _whose(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_person_people")
    return sa.ForeignKeyConstraint(["person"], ["people.person"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Make the tables of the first release."""
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "people",
        _person(),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_people")),
    )
    op.create_table(
        "consents",
        _person(),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        _whose("consents"),
        sa.PrimaryKeyConstraint("person", "purpose", name=op.f("pk_consents")),
    )
    op.create_table(
        "sessions",
        _person(),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("session", sa.LargeBinary),
        _whose("sessions"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_sessions")),
    )
    op.create_table(
        "entries",
        _person(),
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        _whose("entries"),
        sa.PrimaryKeyConstraint("person", "id", name=op.f("pk_entries")),
    )


def downgrade() -> None:
    """Drop them, the referring ones first."""
    for table in ("entries", "sessions", "consents", "people", "meta"):
        op.drop_table(table)
