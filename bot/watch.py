"""Looks once a second at how late the event loop woke, and at which platform is connected. Goes on beside the platforms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from bot.log import log
from bot.meter import Meter

# Seconds between looks: until everything is connected for the first time, and after that.
EAGER, CALM = 0.05, 1.0


class Watch:
    """Tells the meter of delays, and the log of platforms that come and go.

    `begun` (loop time) is when the program was started: "ready" says how long it took until every platform was connected.
    """

    name = "watch"

    def __init__(
        self,
        connected: Callable[[], Mapping[str, bool]],
        meter: Meter,
        *,
        begun: float,
    ) -> None:
        self._connected, self._meter, self._begun = connected, meter, begun
        self._seen: dict[str, bool] = {}
        self._ready = False
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Look until `stop`."""
        now = asyncio.get_running_loop().time
        while not self._stopping.is_set():
            self._look(now())
            wait = CALM if self._ready else EAGER
            due = now() + wait
            try:
                await asyncio.wait_for(self._stopping.wait(), wait)
            except TimeoutError:
                self._meter.lag.note(max(now() - due, 0.0))

    async def stop(self) -> None:
        """Look no more."""
        self._stopping.set()

    def _look(self, now: float) -> None:
        for name, up in self._connected().items():
            if self._seen.get(name, False) != up:
                log("info" if up else "warning", "connected" if up else "disconnected", platform=name)
            self._seen[name] = up
        if not self._ready and all(self._seen.values()):
            self._ready = True
            log("info", "ready", after_ms=round((now - self._begun) * 1000))
