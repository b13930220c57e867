"""An open database: one connection that writes, one that reads, one lock, and errors that say what to do.

Knows no table and no key. Opening it for the first time is in opening.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bot.ports import StoreError
from storage.dialect import BEGIN, COMMIT, ROLLBACK, DriverError, Line, Rows, Statement, connect_line, explain, fitting
from storage.here import Here

Result = TypeVar("Result")


class Transaction:
    """Runs statements inside one exclusive transaction."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, statement: Statement, **values: Any) -> Rows:
        """Run a compiled statement with these values and return its rows."""
        return await self._database.hop(statement.sql, statement.args(values))

    async def run_batch(self, statements: Mapping[int, Statement], rows: Sequence[Sequence[Any]]) -> Rows:
        """Run a statement of several sizes on these rows, however many, and return all that it returns."""
        most, found = max(statements), []
        for begin in range(0, len(rows), most):
            batch = rows[begin : begin + most]
            statement = fitting(statements, len(batch))
            found += await self._database.hop(statement.sql, statement.batch(batch))
        return found


class Database:
    """Turns write through `write` and `exclusive`, which share a lock, and read through `read`, which needs none."""

    def __init__(self, path: Path, writer: Line, reader: Line, here: Here) -> None:
        self.path = path
        self._here = here
        self.lock = asyncio.Lock()
        self._writer = writer
        self._reader = reader
        self._open = True
        self._under_way: set[asyncio.Task[Any]] = set()

    @classmethod
    async def connect(cls, path: Path) -> Database:
        """Open both connections to a database that opening.py prepared. Raises StoreError."""
        try:
            writer = await connect_line(path)
            try:
                here = Here(path)
                reader = await connect_line(path)
            except BaseException:
                await writer.close()
                raise
        except DriverError as error:
            raise explain(error, path) from error
        return cls(path, writer, reader, here)

    async def read(self, sql: str, args: Sequence[Any]) -> Rows:
        """One reading statement, in one hop, beside whatever is being written."""
        return await self._fetch(self._reader, sql, args)

    async def write(self, sql: str, args: Sequence[Any]) -> Rows:
        """One writing statement, in one hop and one commit: all of it is durable, or none."""
        async with self.lock:
            return await self._fetch(self._writer, sql, args)

    def at_once(self, sql: str, args: Sequence[Any]) -> Rows | None:
        """One statement without a hop; None where it did not run, because somebody writes or the disk is slow."""
        if self.lock.locked() or not self._open:
            return None
        try:
            return self._here.run(sql, args)
        except DriverError as error:
            raise explain(error, self.path) from error

    async def hop(self, sql: str, args: Sequence[Any] = ()) -> Rows:
        """One statement for those who hold the lock already."""
        return await self._fetch(self._writer, sql, args)

    async def exclusive(self, body: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Run `body` as one transaction: committed as a whole, or rolled back where anything is raised.

        Cancelling the caller leaves the transaction to finish by itself.
        """
        return await self.finish(self._transact(body))

    async def finish(self, work: Awaitable[Result]) -> Result:
        """Wait for work that must not be cut in half, even if the caller is cancelled or the store is closing."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for what is under way, then let go of the files. A second time does nothing."""
        if not self._open:
            return
        self._open = False
        if self._under_way:
            await asyncio.wait(self._under_way)
        async with self.lock:
            try:
                self._here.close()
                await self._reader.close()
            finally:
                # The last to leave folds the write-ahead log into the database.
                await self._writer.close()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            # Looked at, so that asyncio does not report it once more where the caller was cancelled.
            task.exception()

    async def _transact(self, body: Callable[[Transaction], Awaitable[Result]]) -> Result:
        async with self.lock:
            await self.hop(BEGIN)
            try:
                result = await body(Transaction(self))
                await self.hop(COMMIT)
            except BaseException:
                await self._roll_back()
                raise
            return result

    async def _roll_back(self) -> None:
        # A full disk may have rolled back already; a second ROLLBACK would hide the error that counts.
        if self._writer.in_transaction:
            await self.hop(ROLLBACK)

    async def _fetch(self, line: Line, sql: str, args: Sequence[Any]) -> Rows:
        try:
            return list(await line.execute_fetchall(sql, args))  # type: ignore[arg-type]
        except DriverError as error:
            raise explain(error, self.path) from error
        except ValueError as error:
            # The driver's way of saying that the connection is closed.
            if self._open:
                raise
            raise StoreError("The store is closed: open it again.") from error
