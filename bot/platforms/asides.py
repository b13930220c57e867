"""What is under way: work that is begun and not waited for, and work that the end of a service waits for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from typing import Any


class Asides:
    """What is under way beside the rest: kept here until it is done, as the event loop itself would let go of it."""

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Have this done."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until all that was begun is done."""
        if self._tasks:
            await asyncio.wait(self._tasks)


class UnderWay:
    """Counts what is under way."""

    __slots__ = ("_calm", "_count")

    def __init__(self) -> None:
        self._count = 0
        self._calm = asyncio.Event()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """One more, for as long as this lasts."""
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._calm.set()

    async def over(self, seconds: float) -> None:
        """Wait until nothing is under way, so many seconds at most."""
        self._calm.clear()
        if self._count:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._calm.wait(), seconds)
