"""The floor of claiming: the two statements that it takes, on Python's own sqlite3. Nothing is read, opened or decided."""

from __future__ import annotations

import sqlite3
from pathlib import Path

TABLES = """\
CREATE TABLE nudges (
    person BLOB NOT NULL,
    platform TEXT NOT NULL,
    due_at BIGINT,
    version BIGINT NOT NULL,
    plan BLOB NOT NULL,
    past BLOB NOT NULL,
    CONSTRAINT pk_nudges PRIMARY KEY (person)
);
CREATE TABLE deliveries (
    person BLOB NOT NULL,
    day INTEGER NOT NULL,
    slot SMALLINT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_deliveries PRIMARY KEY (person, day, slot)
);
"""
COPY = "INSERT INTO nudges SELECT person, platform, due_at, version, plan, past FROM ours.nudges"
INDEX = "CREATE INDEX ix_nudges ON nudges (platform, due_at)"
NEXT = "SELECT person, due_at FROM nudges WHERE platform = ? AND due_at >= ? ORDER BY due_at LIMIT ?"
MOVE = "UPDATE nudges SET due_at = ? WHERE person = ? AND due_at = ?"
NOTE = "INSERT INTO deliveries (person, day, slot, state, at) VALUES (?, ?, ?, 'claimed', ?)"
DAY = 86_400_000_000


class BareNudges:
    """A copy of our rows of nudges, with the same two indexes and no other."""

    def __init__(self, folder: Path, ours: Path, platform: str) -> None:
        self.path = folder / "bare.db"
        self._platform = platform
        self._round = 0
        self._line = sqlite3.connect(self.path, isolation_level=None)
        self._line.execute("PRAGMA journal_mode=WAL").fetchall()
        self._line.executescript(TABLES)
        self._line.execute("PRAGMA synchronous=OFF")
        self._line.execute("ATTACH ? AS ours", (str(ours),))
        self._line.execute(COPY)
        self._line.execute(INDEX)
        self._line.execute("DETACH ours")
        self._line.execute("PRAGMA synchronous=FULL")

    def next(self, begin: int, most: int) -> list[tuple[bytes, int]]:
        """Whom to claim, from a connection of its own: what this one has in its cache is what it wrote."""
        with sqlite3.connect(self.path) as line:
            found = line.execute(NEXT, (self._platform, begin, most)).fetchall()
        line.close()
        return found

    def claim(self, due: list[tuple[bytes, int]]) -> None:
        """Move each to the next day and note its delivery, durably, in one commit."""
        self._round += 1
        self._line.execute("BEGIN IMMEDIATE")
        self._line.executemany(MOVE, [(at + DAY, person, at) for person, at in due])
        self._line.executemany(NOTE, [(person, self._round, 0, at) for person, at in due])
        self._line.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._line.close()
