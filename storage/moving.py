"""Moves everything from one database to another, of whichever engines. Nothing is decrypted: the same key stays in use.

One transaction on either side: what arrives is read again and compared before any of it is committed. SQLAlchemy is needed
here, which a running Closer does without.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, Integer, LargeBinary, SmallInteger, Table, bindparam, insert, select, tuple_
from sqlalchemy.sql.base import Executable
from sqlalchemy.types import BigInteger

from bot.ports import StoreError
from storage.database import Database
from storage.dialect import Rows, Statement, counted
from storage.tables import meta, metadata

# Rows in one reading, and in one writing: so many parameters are allowed everywhere.
READ, WRITTEN = 2_048, 256
# What a table of a new database may hold: which key it is under, which is the same.
OWN = frozenset({meta.name})

Compile = Callable[[Executable], Statement]


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One of the two databases: itself, and what compiles a statement for its engine."""

    database: Database
    compile: Compile

    async def run(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """A statement that was compiled for this side, in its transaction."""
        try:
            return await self.database.hop(counted(statement.sql), statement.args(values))
        except StoreError as error:
            # Whatever it was, it ends the move: what an engine does again by itself would be of another moment.
            raise StoreError(*error.args) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """A table that was moved: its rows, and a digest of them that does not depend on their order."""

    table: str
    rows: int
    digest: str


async def move(source: Side, target: Side) -> tuple[Moved, ...]:
    """Move every table, or none. Both must be of this version. Raises StoreError where the target holds anything."""
    done: list[tuple[Moved, ...]] = []

    async def read(_: object) -> tuple[Moved, ...]:
        # Read again, where another process got in the way of the reading's end, it has arrived already.
        if not done:
            done.append(await target.database.exclusive(write))
        return done[0]

    async def write(_: object) -> tuple[Moved, ...]:
        await _require_empty(target)
        return tuple([await _move(table, source, target) for table in metadata.sorted_tables])

    return await source.database.exclusive(read)


async def _require_empty(target: Side) -> None:
    for table in metadata.sorted_tables:
        if table.name not in OWN and await _rows(target, table, most=1):
            raise StoreError(f"{target.database.name} is not empty: name a database that holds nothing, or a new one.")


async def _move(table: Table, source: Side, target: Side) -> Moved:
    if table.name in OWN:
        await target.run(target.compile(table.delete()), {})
    put, sent, arrived = _Put(table, target), _Digest(), _Digest()
    async for rows in _batches(source, table):
        sent.add(rows)
        await put.put(rows)
    async for rows in _batches(target, table):
        arrived.add(rows)
    if arrived != sent:
        raise StoreError(f"What arrived in '{table.name}' is not what was sent, so nothing was moved: try again.")
    return Moved(table=table.name, rows=sent.rows, digest=f"{sent.sum:064x}"[:16])


async def _batches(side: Side, table: Table) -> AsyncIterator[Rows]:
    """All rows of a table, by its primary key."""
    after: tuple[Any, ...] = ()
    places = [list(table.columns).index(column) for column in table.primary_key.columns]
    while rows := await _rows(side, table, after=after):
        yield rows
        after = tuple(rows[-1][place] for place in places)


async def _rows(side: Side, table: Table, *, after: tuple[Any, ...] = (), most: int = READ) -> Rows:
    keys = list(table.primary_key.columns)
    after = after or tuple(_least(column) for column in keys)
    marks = [bindparam(f"after{number}", type_=column.type) for number, column in enumerate(keys)]
    found = select(*table.columns).where(tuple_(*keys) > tuple_(*marks)).order_by(*keys).limit(bindparam("most", type_=Integer))
    values = {mark.key: value for mark, value in zip(marks, after, strict=True)}
    return await side.run(side.compile(found), {**values, "most": most})


def _least(column: Column[Any]) -> bytes | int | str:
    """Something before every value of a key's column."""
    if isinstance(column.type, LargeBinary):
        return b""
    return -1 if isinstance(column.type, Integer | BigInteger | SmallInteger) else ""


class _Put:
    """Writes rows into a table, many at a time."""

    def __init__(self, table: Table, target: Side) -> None:
        self._columns, self._target = list(table.columns), target
        self._statements = {size: target.compile(self._insert(table, size)) for size in (WRITTEN, 1)}

    def _insert(self, table: Table, size: int) -> Executable:
        rows = ({each.name: bindparam(f"{each.name}_{n}", type_=each.type) for each in self._columns} for n in range(size))
        return insert(table).values(list(rows))

    async def put(self, rows: Rows) -> None:
        whole = len(rows) // WRITTEN * WRITTEN
        parts = [rows[begin : begin + WRITTEN] for begin in range(0, whole, WRITTEN)] + [[row] for row in rows[whole:]]
        for part in parts:
            values = {
                f"{column.name}_{number}": bool(value) if isinstance(column.type, Boolean) else value
                for number, row in enumerate(part)
                for column, value in zip(self._columns, row, strict=True)
            }
            await self._target.run(self._statements[len(part)], values)


class _Digest:
    """The rows so far: how many, and the sum of their SHA-256, which is the same in any order."""

    def __init__(self) -> None:
        self.rows, self.sum = 0, 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Digest) and (self.rows, self.sum) == (other.rows, other.sum)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def add(self, rows: Rows) -> None:
        for row in rows:
            self.rows += 1
            self.sum = (self.sum + int.from_bytes(hashlib.sha256(_bytes(row)).digest(), "big")) % (1 << 256)


def _bytes(row: tuple[Any, ...]) -> bytes:
    """A row as bytes, the same for every engine: one keeps yes and no as numbers."""
    parts = []
    for value in row:
        plain = int(value) if isinstance(value, bool) else value
        kind, body = (
            ("b", bytes(plain)) if isinstance(plain, bytes | memoryview) else (type(plain).__name__[0], str(plain).encode())
        )
        parts.append(f"{kind}{len(body)}:".encode() + body)
    return b"".join(parts)
