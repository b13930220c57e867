"""Removing people, and what deleting alone would leave of them in the database's files.

Three layers: the rows are deleted in a transaction; the file is rebuilt, because pages keep copies of rows that moved;
the write-ahead log, which holds older versions of pages, is folded in and emptied. The transaction notes that the
last two are owed, so that a crash between them is made good when the database is next opened.

A rebuild of a large file would stop everybody's turns for seconds (9 s for a million people). There the file is
searched first, for the person's hash and for the ends of each of their ciphertexts, and rebuilt only where one is found.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

from bot.conversation.facts import NUDGES, PROGRESS
from bot.ports import StoreError
from storage.database import Database, Transaction
from storage.dialect import TRUNCATE_LOG, Statement, is_large, log_is_empty, rebuild
from storage.files import POSIX
from storage.sql import ADDRESSES, DROP_META, ENTRIES, KEPT, KEPT_NUDGING, PUT_META, REMOVE

OWED = "scrub"
ATTEMPTS = 3
CHUNK = 4 * 1024 * 1024
# What is kept, sealed, for each purpose, but for entries: what those are for is inside of them (see entries.py).
HELD: Mapping[str, Statement] = {PROGRESS: KEPT, NUDGES: KEPT_NUDGING}
# Either end of a sealed value (key id and nonce; tag) is found nowhere else.
END = 16


class Erasure:
    """Erases people and scrubs the files after them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owed: list[bytes] = []
        self._file: int | None = None

    async def erase(self, person: bytes) -> bool:
        """Remove the person and every trace. True if there was anything. Raises StoreError where traces may remain."""
        return await self._database.finish(self._erase(person))

    async def scrub(self, traces: Iterable[bytes]) -> None:
        """Remove what deleted rows left in the files. Those who come at the same time share the work."""
        self._owed.extend(traces)
        async with self._database.lock:
            if self._owed:
                await self._scrub()

    def close(self) -> None:
        """Let go of the file; only after the database's connections did (see `_holds_traces`)."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def _erase(self, person: bytes) -> bool:
        traces = await self._database.exclusive(partial(remove, person=person))
        if traces or self._owed:
            await self.scrub(traces)
        return bool(traces)

    async def _scrub(self) -> None:
        path = self._database.path
        try:
            await self._empty_log()
            size = path.stat().st_size
            if not is_large(size) or await self._holds_traces():
                for sql in rebuild(size):
                    await self._database.hop(sql)
                await self._empty_log()
        except StoreError as error:
            raise StoreError(
                f"The rows are erased, but traces of them may remain in the files of {path}. {error} Then erase again, "
                f"or restart Closer, which finishes the erasure."
            ) from error
        await self._database.hop(DROP_META.sql, DROP_META.args({"called": OWED}))
        self._owed.clear()

    async def _empty_log(self) -> None:
        for _ in range(ATTEMPTS):
            # Each attempt waits for readers by itself, as long as the busy timeout says.
            if log_is_empty(await self._database.hop(TRUNCATE_LOG)):
                return
        raise StoreError(f"The database {self._database.path} is being read by another program: close that program.")

    async def _holds_traces(self) -> bool:
        if not POSIX:
            return True
        # Kept open as long as the connections: closing any descriptor of a file drops all locks that this process
        # holds on it, those of the connections too.
        if self._file is None:
            self._file = os.open(self._database.path, os.O_RDONLY)
        return await asyncio.to_thread(holds, self._file, tuple(self._owed))


def holds(file: int, traces: Sequence[bytes]) -> bool:
    """Whether any of these byte strings, none longer than END, is in the open file."""
    offset, window = 0, b""
    while chunk := os.pread(file, CHUNK, offset):
        window = window[-END:] + chunk
        if any(trace in window for trace in traces):
            return True
        offset += len(chunk)
    return False


async def remove(transaction: Transaction, person: bytes) -> list[bytes]:
    """Delete the person's row, and with it all others of theirs; return what to look for, nothing if nobody was there."""
    sealed = await transaction.run(ADDRESSES, whose=person)
    traces = await kept(transaction, person, HELD)
    entries = await transaction.run(ENTRIES, whose=person)
    if not await transaction.run(REMOVE, whose=person):
        return []
    await owe_scrub(transaction)
    return [person, *ends(row[0] for row in sealed), *ends(row[1] for row in entries), *traces]


async def kept(transaction: Transaction, person: bytes, purposes: Collection[str]) -> list[bytes]:
    """The ends of what is sealed for this person for these purposes: session and owed replies; plan and past."""
    found = [row[0] for purpose in HELD if purpose in purposes for row in await transaction.run(HELD[purpose], whose=person)]
    return ends(found)


async def owe_scrub(transaction: Transaction) -> None:
    """Note, in the deleting transaction itself, that its traces are still to be removed."""
    await transaction.run(PUT_META, name=OWED, value=b"")


def ends(sealed: Iterable[bytes]) -> list[bytes]:
    """Either end of each sealed value: what is looked for in the files."""
    return [end for each in sealed for end in (each[:END], each[-END:])]
