"""An open PostgreSQL database: one connection that writes, one that reads, each made anew where it was lost.

What nobody here can reach: an old version of a row stays in its table's file until VACUUM makes its room free, which is asked
for after each erasure, and can be read off the server's disk until that room is used again; the server's write-ahead log,
its replicas and backups keep it as long as they are set to. All of it is ciphertext under keyed hashes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from io import StringIO
from typing import Any, TypeVar

from bot.ports import StoreError
from storage import postgres_sql, schema, sql
from storage.database import CLOSED, Database, Transaction
from storage.dialect import Rows, Statement
from storage.postgres import (
    BEGIN,
    COMMIT,
    DRIVER_ERRORS,
    ENDED,
    LOCK,
    NAME,
    ROLLBACK,
    TABLES,
    UNLOCK,
    Clash,
    Link,
    Lost,
    connect,
    explain,
)
from storage.schema import NOTED, REVISION, outdated

Result = TypeVar("Result")
# So often is a transaction begun that others are in the way of: each time at least one of them gets through. From `PATIENT`
# on they are kept out, or one that is quicker each time might never let this one through.
TRIES, PATIENT = 12, 4
CLOSE_SECONDS = 5.0
# Where people's rows are: what an erasure leaves is vacuumed there, and a change of keys keeps other writers out.
PERSONAL = ("people", "consents", "sessions", "entries", "owed", "nudges", "deliveries")
# In the indexes, too, which it might leave for later where there is little to do.
VACUUM = f"VACUUM (INDEX_CLEANUP ON) {', '.join(PERSONAL)}"
ALONE = f"LOCK TABLE meta, tallies, {', '.join(PERSONAL)} IN SHARE ROW EXCLUSIVE MODE"


async def open_database(url: str) -> PostgresDatabase:
    """Open the database that `url` names, brought to this version's schema first where needed."""
    await migrate(url)
    database = PostgresDatabase(url)
    await database.connect()
    return database


async def migrate(url: str) -> bool:
    """Bring the schema to HEAD. True where anything was to be done. Raises StoreError for a schema it does not know."""
    link = await connect(url, patience=None)
    try:
        tables, found = await _schema(link)
        if not outdated(tables, found, NAME):
            return False
        # Of two processes that start at once, one does it, and the other finds it done.
        await link.execute(LOCK)
        tables, found = await _schema(link)
        if not outdated(tables, found, NAME):
            return False
        await link.execute(await asyncio.to_thread(upgrade, found[0] if found else "base"))
        await link.execute(UNLOCK)
    except DRIVER_ERRORS as error:
        raise explain(error) from error
    finally:
        # Which also rolls back what is not committed, and gives back the lock.
        await _close(link)
    return True


async def revision_of(url: str) -> str | None:
    """The revision of the database's schema as it is; None where there is none yet. Raises StoreError."""
    link = await connect(url)
    try:
        _, found = await _schema(link)
        return found[0] if found else None
    except DRIVER_ERRORS as error:
        raise explain(error) from error
    finally:
        await _close(link)


async def _schema(link: Link) -> tuple[set[str], list[str]]:
    tables = {row[0] for row in await link.fetch(TABLES)}
    return tables, [row[0] for row in await link.fetch(REVISION)] if NOTED in tables else []


def upgrade(since: str) -> str:
    """The statements that bring the schema from that revision to HEAD, in one transaction.

    As text: Alembic itself would need a second, blocking driver.
    """
    from alembic import command  # noqa: PLC0415 - costs a third of the start, and is needed once per release
    from alembic.config import Config  # noqa: PLC0415

    written = StringIO()
    config = Config(output_buffer=written)
    # A percent sign would be read as the start of a reference.
    config.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
    config.attributes["dialect"] = "postgresql"
    command.upgrade(config, f"{since}:{schema.HEAD}", sql=True)
    return written.getvalue()


def _own() -> Mapping[Statement, Statement]:
    """Each statement of sql.py and what it is here, by the same name."""
    found: dict[Statement, Statement] = {}
    for name, each in vars(sql).items():
        if isinstance(each, Statement):
            found[each] = getattr(postgres_sql, name)
        elif name.isupper() and isinstance(each, Mapping):
            found.update((one, getattr(postgres_sql, name)[size]) for size, one in each.items())
    return found


OWN = _own()


class Line:
    """One connection, for one statement at a time; where it was lost, the next statement makes another."""

    __slots__ = ("_closed", "_link", "_lock", "_url")

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = asyncio.Lock()
        self._closed = False
        self._link: Link | None = None

    async def run(self, text: str, args: Sequence[Any] = (), *, within: bool = False) -> Rows:
        """The rows of one statement. Raises StoreError: Lost where it may or may not have been done.

        `within` a transaction there is no other connection for it: where that is gone, it is not done, and Lost.
        """
        async with self._lock:
            if within and self.gone():
                raise Lost(f"{NAME} {ENDED}.")
            link = await self._ready()
            try:
                return [tuple(row) for row in await link.fetch(text, *args)]
            except DRIVER_ERRORS as error:
                told = explain(error)
                if isinstance(told, Lost):
                    self.drop()
                raise told from error

    async def _ready(self) -> Link:
        if self._closed:
            raise StoreError(CLOSED)
        if self.gone():
            self._link = await connect(self._url)
        return self._link

    def gone(self) -> bool:
        """Whether there is no connection, as far as is known."""
        return self._link is None or bool(self._link.is_closed())

    def drop(self) -> None:
        """Have the next statement make a new connection. The server rolls back what was not committed on this one."""
        if self._link is not None:
            self._link.terminate()
            self._link = None

    async def close(self) -> None:
        """Let go of the connection."""
        async with self._lock:
            self._closed = True
            if self._link is not None:
                await _close(self._link)
                self._link = None


class PostgresDatabase(Database):
    """A database on a server, which others may use at the same time."""

    always_hops = True

    def __init__(self, url: str) -> None:
        super().__init__(NAME)
        self._url = url
        # Whether a transaction is under way on the connection that writes.
        self._within = False
        self._writer = Line(url)
        self._reader = Line(url)

    async def connect(self) -> None:
        """Make both connections now. Raises StoreError."""
        try:
            await asyncio.gather(self._writer.run("SELECT 1"), self._reader.run("SELECT 1"))
        except BaseException:
            await self.close()
            raise

    def own(self, statement: Statement) -> Statement:
        """A statement of sql.py as this engine has it."""
        return OWN[statement]

    async def read(self, sql: str, args: Sequence[Any]) -> Rows:
        """As the seam has it. A reading that the connection was lost under is done once more."""
        return await self.finish(self._read(sql, args))

    async def write(self, sql: str, args: Sequence[Any]) -> Rows:
        """As the seam has it. Where the connection was lost under it, nobody knows whether it is done: StoreError."""
        return await self.finish(self._write(sql, args))

    async def hop(self, sql: str, args: Sequence[Any] = ()) -> Rows:
        """As the seam has it."""
        return await self._writer.run(sql, args, within=self._within)

    async def scrub(self, traces: Collection[bytes] | None, note: Statement, **values: Any) -> None:
        """Have the server make free what deleted rows left (see the top). Nobody's turn waits for it."""
        try:
            link = await connect(self._url, patience=None)
            try:
                await link.execute(VACUUM)
            except DRIVER_ERRORS as error:
                raise explain(error) from error
            finally:
                await _close(link)
        except StoreError as error:
            raise StoreError(
                f"The rows are erased, but old versions of them may remain in the database's files. {error} Then erase again, "
                f"or restart Closer, which finishes the erasure."
            ) from error
        async with self.lock:
            own = self.own(note)
            await self.hop(own.sql, own.args(values))

    async def _read(self, sql: str, args: Sequence[Any]) -> Rows:
        try:
            return await self._reader.run(sql, args)
        except Lost:
            return await self._reader.run(sql, args)

    async def _write(self, sql: str, args: Sequence[Any]) -> Rows:
        async with self.lock:
            for _ in range(TRIES - 1):
                with contextlib.suppress(Clash):
                    return await self.hop(sql, args)
            return await self.hop(sql, args)

    async def _transact(self, body: Callable[[Transaction], Awaitable[Result]], *, alone: bool) -> Result:
        lost = False
        async with self.lock:
            for number in range(TRIES - 1):
                try:
                    return await self._once(body, alone=alone or number >= PATIENT)
                except Clash:
                    continue
                except Lost:
                    # Before the commit was asked for, so none of it is done; a server that is back takes it now.
                    if lost:
                        raise
                    lost = True
            return await self._once(body, alone=True)

    async def _once(self, body: Callable[[Transaction], Awaitable[Result]], *, alone: bool) -> Result:
        transaction = Transaction(self)
        await self.hop(BEGIN)
        self._within = True
        try:
            if alone:
                await self.hop(ALONE)
            result = await body(transaction)
            await self._commit()
        except BaseException:
            await self._roll_back()
            raise
        finally:
            self._within = False
        transaction.committed()
        return result

    async def _commit(self) -> None:
        if self._writer.gone():
            raise Lost(f"{NAME} {ENDED}.")
        try:
            await self.hop(COMMIT)
        except Lost as error:
            # Perhaps it is done: not to be run again here. Who loads again sees which.
            raise StoreError(*error.args) from error

    async def _roll_back(self) -> None:
        # Where that cannot be done either, the next statement gets a new connection, and this one's end rolls back.
        try:
            await self.hop(ROLLBACK)
        except StoreError:
            self._writer.drop()

    async def _let_go(self) -> None:
        await self._reader.close()
        await self._writer.close()


async def _close(link: Link) -> None:
    try:
        await link.close(timeout=CLOSE_SECONDS)
    except DRIVER_ERRORS:
        link.terminate()
