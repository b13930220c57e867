"""Work that is begun and not waited for: it is kept here until it is done, as the event loop itself would let go of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Asides:
    """What is under way beside the rest."""

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
