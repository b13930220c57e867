"""Removing people, and what deleting alone would leave of them in the database's files.

Three layers: the rows are deleted in a transaction; the file is rebuilt, because pages keep copies of rows that moved;
the write-ahead log, which holds older versions of pages, is folded in and emptied. The transaction notes that the
last two are owed, so that a crash between them is made good when the database is next opened.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import bindparam, delete

from bot.ports import StoreError
from storage.database import Database, Transaction
from storage.dialect import REBUILD, REBUILD_ON_DISK, TRUNCATE_LOG, compiled, upsert
from storage.tables import meta, people

OWED = "scrub"
# Up to here a rebuild (0.3 s for 54 MiB, some 80,000 people, on a small machine) is done in memory.
IN_MEMORY_BYTES = 64 * 1024 * 1024
ATTEMPTS = 3

REMOVE = compiled(delete(people).where(people.c.person == bindparam("whose")).returning(people.c.person))
OWE = compiled(upsert(meta))
SETTLE = compiled(delete(meta).where(meta.c.name == OWED))


class Erasure:
    """Erases people and scrubs the files after them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owed = False

    async def erase(self, person: bytes) -> bool:
        """Remove the person and every trace. True if there was anything. Raises StoreError where traces may remain."""
        return await self._database.finish(self._erase(person))

    async def scrub(self) -> None:
        """Remove what deleted rows left in the files. Those who come at the same time share one rebuild."""
        self._owed = True
        async with self._database.lock:
            if self._owed:
                await self._scrub()

    async def _erase(self, person: bytes) -> bool:
        removed = await self._database.exclusive(partial(_remove_and_owe, person=person))
        if removed or self._owed:
            await self.scrub()
        return removed

    async def _scrub(self) -> None:
        path = self._database.path
        large = path.stat().st_size > IN_MEMORY_BYTES
        try:
            for sql in REBUILD_ON_DISK if large else (REBUILD,):
                await self._database.hop(sql)
            await self._empty_log()
        except StoreError as error:
            raise StoreError(
                f"The rows are erased, but traces of them may remain in the files of {path}. {error} Then erase again, "
                f"or restart Closer, which finishes the erasure."
            ) from error
        await self._database.hop(SETTLE.sql, SETTLE.args({}))
        self._owed = False

    async def _empty_log(self) -> None:
        for _ in range(ATTEMPTS):
            # Each attempt waits for readers by itself, as long as the busy timeout says.
            rows = await self._database.hop(TRUNCATE_LOG)
            if not rows[0][0]:
                return
        raise StoreError(f"The database {self._database.path} is being read by another program: close that program.")


async def remove(transaction: Transaction, person: bytes) -> bool:
    """Delete the person's row, and with it all others of theirs. True if there was one."""
    return bool(await transaction.run(REMOVE, whose=person))


async def owe_scrub(transaction: Transaction) -> None:
    """Note, in the deleting transaction itself, that its traces are still to be removed."""
    await transaction.run(OWE, name=OWED, value=b"")


async def _remove_and_owe(transaction: Transaction, *, person: bytes) -> bool:
    removed = await remove(transaction, person)
    if removed:
        await owe_scrub(transaction)
    return removed
