"""A loop with everything around it: a clock that moves only when told, people, and a courier that keeps what it is given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.content.library import Library, load
from bot.content.loader import ROOT
from bot.content.nudges import load as read_nudges
from bot.content.render import Bubble
from bot.nudges.compose import Sent, Shelf
from bot.nudges.loop import Loop, Means
from bot.nudges.moment import Stock
from bot.nudges.plan import Plan, pack_past, pack_plan, read_plan, unpack_past
from bot.nudges.schedule import Schedule
from bot.ports import Address
from tests.nudges.shelfstore import ShelfStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PACK = "intimacy"


@cache
def stock() -> Stock:
    root = Path(ROOT)
    library: Library = load(root)
    return Stock(shelf=Shelf(read_nudges(root / "packs" / PACK / "nudges" / "nudges.yaml")), library=library, pack=PACK)


def plan(**changes: Any) -> Plan:
    """Somebody in Berlin, who gets one a day at noon of their own clock: 11:00 UTC in winter."""
    schedule = Schedule(at=time(12), zone="Europe/Berlin")
    return replace(Plan(schedule=replace(schedule, **changes.pop("schedule", {})), seed=1), **changes)


def packed(given: Plan) -> bytes:
    return json.dumps(pack_plan(given)).encode()


@dataclass
class Courier:
    """Keeps what it is given. `becomes` says what becomes of it: an error, or something to wait for."""

    name: str = "telegram"
    given: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    within: list[float] = field(default_factory=list)
    becomes: Callable[[Address], Any] = lambda to: None

    async def deliver(self, to: Address, bubbles: Sequence[Bubble], within: float) -> None:
        self.within.append(within)
        becomes = self.becomes(to)
        if isinstance(becomes, Exception):
            raise becomes
        if becomes is not None:
            await becomes
        (bubble,) = bubbles
        assert bubble.turn == 0, "its buttons belong to no turn"
        self.given.append((to.user, bubble.text, tuple(button.key for button in bubble.choices)))

    @property
    def to(self) -> list[str]:
        return [user for user, _, _ in self.given]


class Scene:
    """One store, one courier, and a loop that is stepped through poll by poll."""

    def __init__(self, now: datetime = NOON, at_once: int = 64, store: Any = None, name: str = "telegram") -> None:
        self.now = now
        self.store: Any = ShelfStore() if store is None else store
        self.courier = Courier(name)
        self.slept: list[float] = []
        self.loop = self.another(at_once)

    def another(self, at_once: int = 64) -> Loop:
        """One more loop on the same store, as in another process, or after a restart."""
        means = Means(store=self.store, stock=stock(), clock=lambda: self.now, sleep=self._sleep, chance=lambda: 0.5)
        return Loop(self.courier, means, at_once=at_once)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def person(self, user: str = "1", due: datetime | None = None, past: Sequence[Sent] = (), **changes: Any) -> bytes:
        """Somebody whose moment is `due`: now, where none is given."""
        address = Address(platform=self.courier.name, user=user)
        bytes_ = json.dumps(pack_past(past)).encode()
        return bytes(self.store.keep(address, packed(plan(**changes)), self.now if due is None else due, bytes_))

    async def poll(self, loop: Loop | None = None) -> None:
        """One poll, and all that it takes in seen to."""
        loop = loop or self.loop
        await loop._round()
        while loop._under_way:
            await asyncio.wait(loop._under_way)

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)

    def plan_of(self, person: bytes) -> Plan:
        return read_plan(self.store.rows[person][1].plan)

    def past_of(self, person: bytes) -> tuple[Sent, ...]:
        return unpack_past(json.loads(self.store.rows[person][1].past))

    def due_of(self, person: bytes) -> datetime | None:
        return self.store.rows[person][1].due  # type: ignore[no-any-return]
