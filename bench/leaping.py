"""A loop whose time is its own: it never waits, and a minute of patience takes no time."""

from __future__ import annotations

import asyncio
import heapq
import math


class Leaping(asyncio.SelectorEventLoop):
    """A loop that never waits: where nothing is to be done, its time leaps to the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self._leapt = 0.0

    def time(self) -> float:
        """Seconds that have been leapt over since the loop was made."""
        return self._leapt

    def _run_once(self) -> None:
        while self._scheduled and self._scheduled[0]._cancelled:  # type: ignore[attr-defined]
            heapq.heappop(self._scheduled)._scheduled = False  # type: ignore[attr-defined]
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            # At least by the least there is: a timer for now that is set again and again would stop time for good.
            least = math.nextafter(self._leapt, math.inf)
            self._leapt = max(least, self._scheduled[0]._when)  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]
