"""An open SQLite database: one connection that writes, one that reads, one on the loop's own thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bot.ports import StoreError
from storage import schema
from storage.database import CLOSED, Database, Transaction
from storage.dialect import Rows, Statement
from storage.files import keep_private, make_file, make_folder, require_writable
from storage.schema import NOTED, REVISION, outdated
from storage.sqlite import (
    BEGIN,
    BESIDE,
    COMMIT,
    ROLLBACK,
    TABLES,
    TRUNCATE_LOG,
    DriverError,
    Line,
    Sync,
    connect,
    connect_line,
    engine,
    explain,
    locate,
)
from storage.sqlite_here import Here
from storage.sqlite_scrub import Scrub

Result = TypeVar("Result")


async def open_database(url: str) -> SqliteDatabase:
    """Open the file that `url` names, made or brought to this version's schema first where needed."""
    path = locate(url)
    await asyncio.to_thread(prepare, path)
    return await SqliteDatabase.connect(path)


def prepare(path: Path) -> None:
    """Make the file ready: private, writable, of this version's schema, its log folded in. Blocking. Raises StoreError."""
    make_folder(path.parent, "DATABASE_URL")
    make_file(path, "DATABASE_URL")
    for each in (path.parent, path, *(path.with_name(path.name + suffix) for suffix in BESIDE)):
        require_writable(each, "DATABASE_URL")
        if each != path.parent:
            keep_private(each)
    try:
        connection = connect(path)
        try:
            migrate(connection, path)
            # Also after a crash: pages as they were before an erasure must not outlive it in the log.
            connection.execute(TRUNCATE_LOG).fetchall()
        finally:
            connection.close()
    except DriverError as error:
        raise explain(error, path) from error


def migrate(connection: Sync, path: Path) -> bool:
    """Bring the schema to HEAD. True where anything was to be done. Raises StoreError for a schema it does not know."""
    tables = {row[0] for row in connection.execute(TABLES)}
    found = [row[0] for row in connection.execute(REVISION)] if NOTED in tables else []
    if not outdated(tables, found, str(path)):
        return False
    _upgrade(connection)
    return True


def _upgrade(connection: Sync) -> None:
    from alembic import command  # noqa: PLC0415 - costs a third of the start, and is needed once per release
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    config = Config()
    # A percent sign would be read as the start of a reference.
    config.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
    try:
        with engine(connection).connect() as link:
            config.attributes["connection"] = link
            command.upgrade(config, schema.HEAD)
    except DBAPIError as error:
        if isinstance(error.orig, DriverError):
            raise error.orig from error
        raise


class SqliteDatabase(Database):
    """A file, and those beside it."""

    def __init__(self, path: Path, writer: Line, reader: Line, here: Here) -> None:
        super().__init__(str(path))
        self.path = path
        self._here = here
        self._writer = writer
        self._reader = reader
        self._scrub = Scrub(path, self.hop)

    @classmethod
    async def connect(cls, path: Path) -> SqliteDatabase:
        """Open the connections to a database that was prepared. Raises StoreError."""
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
        """As the seam has it."""
        return await self._fetch(self._reader, sql, args)

    async def write(self, sql: str, args: Sequence[Any]) -> Rows:
        """As the seam has it."""
        async with self.lock:
            return await self._fetch(self._writer, sql, args)

    def at_once(self, sql: str, args: Sequence[Any]) -> Rows | None:
        """As the seam has it: it did not run where somebody writes or the disk is slow."""
        return self._here_if_free(self._here.rows, sql, args)

    def change_at_once(self, sql: str, args: Sequence[Any]) -> int | None:
        """As the seam has it, and as above."""
        return self._here_if_free(self._here.changed, sql, args)

    def _here_if_free(self, run: Callable[[str, Sequence[Any]], Result | None], sql: str, args: Sequence[Any]) -> Result | None:
        if self.lock.locked() or not self._open:
            return None
        try:
            return run(sql, args)
        except DriverError as error:
            raise explain(error, self.path) from error

    async def hop(self, sql: str, args: Sequence[Any] = ()) -> Rows:
        """As the seam has it."""
        return await self._fetch(self._writer, sql, args)

    async def scrub(self, traces: Collection[bytes] | None, note: Statement, **values: Any) -> None:
        """Rewrite the file where a trace is left, and empty the log. Turns wait for it."""
        async with self.lock:
            await self._scrub.run(traces)
            await self.hop(note.sql, note.args(values))

    async def _transact(self, body: Callable[[Transaction], Awaitable[Result]], *, alone: bool) -> Result:
        # Whoever begins to write here is alone, from the first statement on: nothing has ever to be run again.
        transaction = Transaction(self)
        async with self.lock:
            await self.hop(BEGIN)
            try:
                result = await body(transaction)
                await self.hop(COMMIT)
            except BaseException:
                await self._roll_back()
                raise
        transaction.committed()
        return result

    async def _roll_back(self) -> None:
        # A full disk may have rolled back already; a second ROLLBACK would hide the error that counts.
        if self._writer.in_transaction:
            await self.hop(ROLLBACK)

    async def _let_go(self) -> None:
        try:
            self._here.close()
            await self._reader.close()
        finally:
            # The last to leave folds the write-ahead log into the database.
            await self._writer.close()
            self._scrub.close()

    async def _fetch(self, line: Line, sql: str, args: Sequence[Any]) -> Rows:
        try:
            return list(await line.execute_fetchall(sql, args))  # type: ignore[arg-type]
        except DriverError as error:
            raise explain(error, self.path) from error
        except ValueError as error:
            # The driver's way of saying that the connection is closed.
            if self._open:
                raise
            raise StoreError(CLOSED) from error
