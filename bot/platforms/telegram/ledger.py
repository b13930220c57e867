"""Which updates have been answered for good, and so which offset may be asked for next. No network, no clock.

Asking for an offset makes Telegram forget everything before it: it must not pass an update that is still under way.
An update stays here until Telegram no longer sends it. Ids mostly rise, but may begin anew after a quiet week.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

# How many updates Telegram sends at a time. Where the first of so many does not move, nothing behind it would arrive.
WINDOW = 100


class Ledger:
    """The updates that Telegram still remembers."""

    def __init__(self) -> None:
        self.offset: int | None = None
        self._pending: set[int] = set()
        self._late: set[int] = set()
        self._done: set[int] = set()
        self._moved = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._pending

    def arrived(self, ids: Iterable[int], asked: int | None) -> list[int]:
        """Note what Telegram answered to the offset `asked` for; return the updates that are not under way or done already.

        What lies before that offset has been acknowledged: should it come again, it is answered again.
        """
        batch = list(ids)
        self._done = {each for each in self._done.intersection(batch) if asked is None or each >= asked}
        fresh = [each for each in dict.fromkeys(batch) if each not in self._pending and each not in self._done]
        self._pending.update(fresh)
        if not fresh and len(batch) >= WINDOW:
            self._make_way()
        self._move(batch)
        return fresh

    def late(self, update: int) -> None:
        """Its turn is done, but its reply is not through: if need be, others need not wait for it."""
        if update in self._pending:
            self._late.add(update)

    def done(self, update: int) -> None:
        """It has been answered, or its answer is kept elsewhere. A second time does nothing."""
        self._late.discard(update)
        if update in self._pending:
            self._pending.remove(update)
            self._done.add(update)
            self._move(self._done)
            self._moved.set()

    async def calm(self, seconds: float) -> None:
        """Wait until nothing is under way, so many seconds at most."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self._pending:
            self._moved.clear()
            try:
                async with asyncio.timeout_at(end):
                    await self._moved.wait()
            except TimeoutError:
                return

    def _make_way(self) -> None:
        if self._late:
            self.done(min(self._late))

    def _move(self, known: Iterable[int]) -> None:
        if self._pending:
            self.offset = min(self._pending)
        elif known:
            self.offset = max(known) + 1
