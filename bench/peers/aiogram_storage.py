"""Finite-state storages for aiogram on SQLite: the published one, and two of our own that are kinder to the disk.

Ours are durable as Closer is: write-ahead log, `synchronous=FULL`, each call its own commit, one row for each key. The
published one, untouched, leaves SQLite at its defaults: a rollback journal, and `synchronous=FULL` too.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeAlias

import aiosqlite
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey
from aiogram_sqlite_storage.sqlitestore import SQLStorage  # type: ignore[import-untyped]

# Opens a storage in a file.
Opening: TypeAlias = Callable[[Path], Awaitable[BaseStorage]]

TABLE = "CREATE TABLE IF NOT EXISTS fsm (key TEXT PRIMARY KEY, state TEXT, data TEXT) WITHOUT ROWID"
PUT_STATE = "INSERT INTO fsm (key, state) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET state = excluded.state"
PUT_DATA = "INSERT INTO fsm (key, data) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = excluded.data"
GET_STATE = "SELECT state FROM fsm WHERE key = ?"
GET_DATA = "SELECT data FROM fsm WHERE key = ?"


async def published(path: Path) -> BaseStorage:
    """aiogram-sqlite-storage as its own page shows it: it runs on the loop's thread, and commits each call."""
    return SQLStorage(str(path))  # type: ignore[no-any-return]  # its types are not published


class SqliteStorage(BaseStorage):
    """As aiosqlite's own pages show it: several hops to the driver's thread for each call."""

    def __init__(self, line: aiosqlite.Connection) -> None:
        self._line = line
        self._keys = DefaultKeyBuilder(with_bot_id=True)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """A storage in this file."""
        line = await aiosqlite.connect(path)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", TABLE):
            await line.execute(statement)
        await line.commit()
        return cls(line)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Keep the state."""
        await self._write(PUT_STATE, (self._keys.build(key), state.state if isinstance(state, State) else state))

    async def get_state(self, key: StorageKey) -> str | None:
        """The state kept, or None."""
        return await self._read(GET_STATE, (self._keys.build(key),))

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Keep the data."""
        await self._write(PUT_DATA, (self._keys.build(key), json.dumps(dict(data))))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """The data kept, or none."""
        found = await self._read(GET_DATA, (self._keys.build(key),))
        return json.loads(found) if found else {}

    async def close(self) -> None:
        """Let go of the file."""
        await self._line.close()

    async def _write(self, sql: str, values: tuple[object, ...]) -> None:
        await self._line.execute(sql, values)
        await self._line.commit()

    async def _read(self, sql: str, values: tuple[object, ...]) -> str | None:
        async with self._line.execute(sql, values) as cursor:
            row = await cursor.fetchone()
        return row[0] if row else None


class TunedStorage(SqliteStorage):
    """The same in autocommit and by the calls that need a single hop: as quick as one commit a call can be."""

    @classmethod
    async def open(cls, path: Path) -> Self:
        """A storage in this file."""
        line = await aiosqlite.connect(path, isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", TABLE):
            await line.execute_fetchall(statement)
        return cls(line)

    async def _write(self, sql: str, values: tuple[object, ...]) -> None:
        await self._line.execute_fetchall(sql, values)

    async def _read(self, sql: str, values: tuple[object, ...]) -> str | None:
        rows = list(await self._line.execute_fetchall(sql, values))
        return rows[0][0] if rows else None
