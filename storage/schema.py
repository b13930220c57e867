"""Which schema this version has, which it can come from, and whether one that was found is to be brought to it. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from bot.ports import StoreError

HEAD = "0005"
# Revisions from which this version can migrate, oldest first.
OLDER: tuple[str, ...] = ("0001", "0002", "0003", "0004")
MIGRATIONS = Path(__file__).parent / "migrations"
# Where the revision is noted.
NOTED = "alembic_version"
REVISION = f"SELECT version_num FROM {NOTED}"  # noqa: S608 - a constant


def outdated(tables: Collection[str], found: Sequence[str], name: str) -> bool:
    """Whether a database with these tables and revisions is to be migrated. Raises StoreError for a schema it does not know.

    `name` is what to call the database; `found` is empty where none is noted.
    """
    if list(found) == [HEAD]:
        return False
    if not found and {*tables} - {NOTED}:
        raise StoreError(f"{name} belongs to another program: point DATABASE_URL at another one.")
    if len(found) > 1 or any(revision not in OLDER for revision in found):
        raise StoreError(f"The database {name} was made by a newer Closer: upgrade Closer, or use another DATABASE_URL.")
    return True
