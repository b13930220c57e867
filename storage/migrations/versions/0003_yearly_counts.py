"""How often help was shown in a year."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of the yearly counts."""
    op.create_table(
        "tallies",
        sa.Column("year", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("year", "kind", "category", name=op.f("pk_tallies")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("tallies")
