"""Removing people. The rows are deleted in a transaction, which notes that what deleting leaves is still to be removed.

How that is done, and what nobody can reach, is each engine's own (`Database.scrub`). A crash in between is made good when the
database is next opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from bot.conversation.facts import NUDGES, PROGRESS
from storage.database import Database, Transaction
from storage.dialect import Statement
from storage.sql import ADDRESSES, DROP_META, ENTRIES, GET_META, KEPT, KEPT_NUDGING, PUT_META, REMOVE

OWED = "scrub"
# What is kept, sealed, for each purpose, but for entries: what those are for is inside of them (see entries.py).
HELD: Mapping[str, Statement] = {PROGRESS: KEPT, NUDGES: KEPT_NUDGING}
# Either end of a sealed value (key id and nonce; tag) is found nowhere else.
END = 16


class Erasure:
    """Erases people, and has removed what that leaves."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owed: list[bytes] = []
        self._turn = asyncio.Lock()

    async def erase(self, person: bytes) -> bool:
        """Remove the person and every trace. True if there was anything. Raises StoreError where traces may remain."""
        return await self._database.finish(self._erase(person))

    async def scrub(self, traces: Iterable[bytes]) -> None:
        """Remove what deleted rows left. Those who come at the same time share the work."""
        self._owed.extend(traces)
        async with self._turn:
            if owed := tuple(self._owed):
                await self._database.scrub(owed, DROP_META, called=OWED)
                del self._owed[: len(owed)]

    async def make_good(self) -> None:
        """Finish what a crash left undone, if anything."""
        if await self._database.ask(GET_META, called=OWED):
            await self._database.scrub(None, DROP_META, called=OWED)

    async def _erase(self, person: bytes) -> bool:
        traces = await self._database.exclusive(partial(remove, person=person))
        if traces or self._owed:
            await self.scrub(traces)
        return bool(traces)


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
