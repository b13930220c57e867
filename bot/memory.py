"""The sessions of people who have not asked to be remembered: in memory only, for a day, and bounded in number.

Kept as encoded bytes, so that an idle conversation costs hundreds of bytes and not thousands.
"""

from __future__ import annotations

from collections import OrderedDict


class Memory:
    """Encoded sessions by person, the longest untouched first. Times are epoch seconds."""

    def __init__(self, *, hours: float, most: int) -> None:
        self._keep = hours * 3600
        self._most = most
        self._held: OrderedDict[bytes, tuple[bytes, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, person: bytes, now: int) -> bytes | None:
        """The session of this person, unless its time has run out."""
        self._expire(now)
        held = self._held.get(person)
        return None if held is None else held[0]

    def put(self, person: bytes, session: bytes, now: int) -> None:
        """Keep this session until its time runs out; the longest untouched make room where there are too many."""
        self._expire(now)
        # A copy of just its size: what packed it made room for far more, which it would hold on to.
        self._held[person] = (bytes(memoryview(session)), now)
        self._held.move_to_end(person)
        while len(self._held) > self._most:
            self._held.popitem(last=False)

    def drop(self, person: bytes) -> None:
        """Forget this person."""
        self._held.pop(person, None)

    def _expire(self, now: int) -> None:
        while self._held:
            person, (_, at) = next(iter(self._held.items()))
            if now - at < self._keep:
                return
            del self._held[person]
