"""In which month somebody's last turn was: by it those are found from whom nothing came for long."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the month. Nobody knows it of those who are there: theirs is that of the migration, so none goes too early."""
    op.add_column("sessions", sa.Column("month", sa.Integer, nullable=False, server_default=sa.text("0")))
    now = datetime.now(UTC)
    op.execute(sa.update(sa.table("sessions", sa.column("month", sa.Integer))).values(month=now.year * 12 + now.month - 1))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("sessions", "month")
