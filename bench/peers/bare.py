"""The floor: Python's own sqlite3, one row replaced and committed durably at a time. No encryption, no decision, no reply."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path

TABLE = """\
CREATE TABLE sessions (
    person BLOB NOT NULL,
    version BIGINT NOT NULL,
    session BLOB,
    CONSTRAINT pk_sessions PRIMARY KEY (person)
)"""
UPSERT = """\
INSERT INTO sessions (person, version, session) VALUES (?, ?, ?)
ON CONFLICT (person) DO UPDATE SET version = excluded.version, session = excluded.session"""

# Writes are slower until the write-ahead log was folded in once or twice and its file no longer grows.
WARM = 2_500


class Bare:
    """A database with one row for each of `people`, of `row` bytes."""

    def __init__(self, folder: Path, *, people: int, row: int) -> None:
        # Autocommit: each statement is a transaction of its own.
        self._line = sqlite3.connect(folder / "bare.db", isolation_level=None)
        self._line.execute("PRAGMA journal_mode=WAL").fetchall()
        self._line.execute("PRAGMA synchronous=FULL")
        self._line.execute(TABLE)
        self._people = [os.urandom(16) for _ in range(people)]
        self._rows = [os.urandom(row) for _ in range(16)]
        self._number = count()
        for _ in range(max(WARM, people)):
            self.write()

    def write(self) -> None:
        """Replace the next person's row, durably."""
        number = next(self._number)
        person = self._people[number % len(self._people)]
        self._line.execute(UPSERT, (person, number, self._rows[number % 16]))

    def turns(self, number: int) -> list[Callable[[], None]]:
        """So many writes."""
        return [self.write] * number

    def close(self) -> None:
        """Let go of the file."""
        self._line.close()
