"""Once a day, whoever has written nothing for RETENTION_MONTHS is erased. Goes on beside the platforms; logs counts only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.log import log
from bot.ports import StoreError

DAY = 24 * 3600.0  # seconds
# At the start of a machine its clock may still be wrong, and erasing cannot be taken back.
FIRST = 3600.0


def oldest_kept(now: datetime, months: int) -> int:
    """The first month (counted since the year 0, UTC) that is kept: `months` whole months have passed since the one before it.

    `now` must be aware.
    """
    there = now.astimezone(UTC)
    return there.year * 12 + there.month - 1 - months


class Retention:
    """Erases the idle after an hour, then once a day, but looks for them only where a new month has begun.

    `forget` takes a month as `Store.forget_idle` does; `months` is at least 1; `sleep` takes seconds.
    """

    name = "retention"

    def __init__(
        self,
        forget: Callable[[int], Awaitable[int]],
        *,
        months: int,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._forget, self._months, self._clock, self._sleep = forget, months, clock, sleep
        self._stopping = asyncio.Event()
        self._done: int | None = None

    async def run(self) -> None:
        """Go on until `stop`. No fault ends it."""
        await self._rest(FIRST)
        while not self._stopping.is_set():
            await self._round()
            await self._rest(DAY)

    async def stop(self) -> None:
        """Begin nothing new."""
        self._stopping.set()

    async def _round(self) -> None:
        before = oldest_kept(self._clock(), self._months)
        if before == self._done:
            return
        try:
            gone = await self._forget(before)
        except Exception as error:  # noqa: BLE001 - tomorrow is another day; conversations go on meanwhile
            remedy = str(error) if isinstance(error, StoreError) else ""
            log("error", "retention_failed", kind=type(error).__name__, remedy=remedy)
        else:
            self._done = before
            log("info", "retention", erased=gone)

    async def _rest(self, seconds: float) -> None:
        waits = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._stopping.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
