"""Replies that are not delivered yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of what is owed."""
    op.create_table(
        "owed",
        sa.Column("person", sa.LargeBinary(16), nullable=False),
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("reply", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.person"], name=op.f("fk_owed_person_people"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "id", name=op.f("pk_owed")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("owed")
