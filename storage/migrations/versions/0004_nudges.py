"""What is kept of those who asked for nudges: when the next is due, how it went, and who could not be reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _whose(table: str, of: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_person_{of}")
    return sa.ForeignKeyConstraint(["person"], [f"{of}.person"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Make the tables of the nudges. The new column changes no row that is there: it is quick however many they are."""
    op.create_table(
        "nudges",
        sa.Column("person", sa.LargeBinary(16), nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("plan", sa.LargeBinary, nullable=False),
        sa.Column("past", sa.LargeBinary, nullable=False),
        _whose("nudges", "people"),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_nudges")),
    )
    op.create_index("ix_nudges_platform_due_at", "nudges", ["platform", "due_at"])
    op.create_table(
        "deliveries",
        sa.Column("person", sa.LargeBinary(16), nullable=False),
        sa.Column("day", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("slot", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        _whose("deliveries", "nudges"),
        sa.PrimaryKeyConstraint("person", "day", "slot", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_day", "deliveries", ["day"])
    op.add_column("sessions", sa.Column("away", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("sessions", "away")
    op.drop_table("deliveries")
    op.drop_table("nudges")
