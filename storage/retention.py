"""Erasing those from whom nothing came for long, as /forget does, a few at a time so that nobody's turn waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from storage.database import Database, Transaction
from storage.erasure import Erasure, remove
from storage.sql import IDLE, STILL_IDLE

# How many are looked up in one reading, and erased in one transaction, for which turns wait.
MOST, AT_ONCE = 1_000, 20


class Retention:
    """Finds and erases the idle."""

    def __init__(self, database: Database, erasure: Erasure) -> None:
        self._database = database
        self._erasure = erasure

    async def forget(self, before_month: int) -> int:
        """Erase those whose last turn was before that month (see moments.month_of); how many there were.

        The files are scrubbed once for each reading: a rebuild costs the same, whatever it is for. Raises StoreError; what was
        erased by then stays so, and is scrubbed by the next erasure or at the next opening.
        """
        gone = 0
        while idle := [row[0] for row in await self._database.ask(IDLE, before=before_month, most=MOST)]:
            erased = await self._database.finish(self._forget(idle, before_month))
            gone += erased
            if not erased:
                break  # all of them wrote, or were erased, meanwhile
        return gone

    async def _forget(self, idle: Sequence[bytes], before_month: int) -> int:
        gone, traces = 0, list[bytes]()
        try:
            for begin in range(0, len(idle), AT_ONCE):
                body = partial(_remove, persons=idle[begin : begin + AT_ONCE], before_month=before_month)
                erased, left = await self._database.exclusive(body)
                gone += erased
                traces += left
        finally:
            if traces:
                await self._erasure.scrub(traces)
        return gone


async def _remove(transaction: Transaction, *, persons: Sequence[bytes], before_month: int) -> tuple[int, list[bytes]]:
    """Erase those of them who are idle still; how many, and what to look for in the files."""
    gone, traces = 0, list[bytes]()
    for person in persons:
        if await transaction.run(STILL_IDLE, whose=person, before=before_month):
            left = await remove(transaction, person)
            gone += bool(left)
            traces += left
    return gone, traces
