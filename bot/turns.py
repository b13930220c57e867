"""One lock for each conversation: a person's turns run one after the other, different people's side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Locks by person, there only while somebody holds or awaits one."""

    def __init__(self) -> None:
        self._locks: dict[bytes, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def of(self, person: bytes) -> AsyncIterator[None]:
        """Wait for this person's earlier turns, in the order of arrival."""
        lock, waiting = self._locks.get(person) or (asyncio.Lock(), 0)
        self._locks[person] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._locks[person]
            if waiting == 1:
                del self._locks[person]
            else:
                self._locks[person] = (lock, waiting - 1)
