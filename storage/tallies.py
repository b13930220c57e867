"""How often help was shown in a year. The only rows that belong to nobody: no person, no text, no time but the year."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bot.ports import Tally
from storage.database import Database, Transaction
from storage.sql import ADD_TALLY, COUNT_ON, TALLIES


class Tallies:
    """Adds to the yearly counts, and reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, counts: Sequence[Tally]) -> None:
        """Add these, all or none."""
        if counts:
            await self._database.exclusive(partial(_add, counts=counts))

    async def all(self) -> tuple[Tally, ...]:
        """All of them, by year, kind and category."""
        rows = await self._database.ask(TALLIES)
        return tuple(Tally(year=year, kind=kind, category=category, count=count) for year, kind, category, count in rows)


async def _add(transaction: Transaction, *, counts: Sequence[Tally]) -> None:
    for each in counts:
        place = {"in_year": each.year, "of_kind": each.kind, "of_category": each.category}
        if not await transaction.run(COUNT_ON, **place, more=each.count):
            await transaction.run(ADD_TALLY, year=each.year, kind=each.kind, category=each.category, count=each.count)
