"""What stands on disk, looked at from outside: rows by plain SQL, and the bytes of every file beside the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bot.settings import Settings

TABLES = ("people", "consents", "sessions", "entries")


def database(settings: Settings) -> Path:
    return Path(settings.url().removeprefix("sqlite:///"))


def rows(settings: Settings, tables: Sequence[str] = TABLES) -> dict[str, int]:
    """How many rows each of these tables has."""
    with closing(sqlite3.connect(f"file:{database(settings)}?mode=ro", uri=True)) as connection:
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


def written(settings: Settings) -> bytes:
    """All bytes in the database and its write-ahead log."""
    path = database(settings)
    files = (path, path.with_name(f"{path.name}-wal"))
    return b"".join(file.read_bytes() for file in files if file.exists())
