"""One lock for each conversation: a person's turns run one after the other, different people's side by side."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Turns:
    """Locks by person, there only while somebody holds or awaits one."""

    def __init__(self) -> None:
        self._queues: dict[bytes, _Queue] = {}

    def __len__(self) -> int:
        return len(self._queues)

    def of(self, person: bytes) -> _Queue:
        """Enter with `async with`: waits for this person's earlier turns, in the order of arrival."""
        queue = self._queues.get(person)
        if queue is None:
            queue = self._queues[person] = _Queue(self._queues, person)
        queue.length += 1
        return queue


class _Queue:
    """One person's lock, which leaves the table with the last of its holders."""

    __slots__ = ("_lock", "_person", "_queues", "length")

    def __init__(self, queues: dict[bytes, _Queue], person: bytes) -> None:
        self._queues, self._person = queues, person
        self._lock = asyncio.Lock()
        self.length = 0

    async def __aenter__(self) -> None:
        try:
            await self._lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        self._leave()

    def _leave(self) -> None:
        self.length -= 1
        if not self.length:
            del self._queues[self._person]
