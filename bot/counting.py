"""The yearly count of help shown: best effort, behind the reply's back. No identity, no text, no time but the year.

A reply never waits for it, and never fails with it. What the store could not take waits here for the next time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.conversation.effects import Count, Effect
from bot.log import log
from bot.ports import Store, Tally


class Counting:
    """Counts what turns had to show of help."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: Counter[tuple[int, str, str]] = Counter()
        self._task: asyncio.Task[None] | None = None

    def note(self, effects: Iterable[Effect], now: datetime) -> None:
        """Count what is to be counted among the effects of a turn (at `now`, aware). Returns at once and raises nothing."""
        found = [(now.astimezone(UTC).year, e.kind, e.category) for e in effects if isinstance(e, Count)]
        if found:
            self._waiting.update(found)
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self.write())

    async def finish(self) -> None:
        """Have written what waits. Raises nothing."""
        if self._task is not None:
            await asyncio.wait({self._task})
        await self.write()

    async def write(self) -> None:
        """Hand over what waits. Raises nothing: what went wrong is logged by its kind."""
        while self._waiting:
            taken, self._waiting = self._waiting, Counter()
            rows = [Tally(year=y, kind=kind, category=category, count=n) for (y, kind, category), n in taken.items()]
            try:
                await self._store.tally(rows)
            except Exception as error:  # noqa: BLE001 - whatever goes wrong with a count, nobody's help depends on it
                self._waiting.update(taken)
                log("warning", "count_failed", kind=type(error).__name__)
                return
