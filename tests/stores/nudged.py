"""What the tests of nudges in the store share: people who asked for them, and claims. Nothing here asserts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.ports import Claim, Due
from tests.stores.conftest import NOW

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import World

DAY = NOW.toordinal()
TOMORROW = NOW + timedelta(days=1)


def claim(due: Due, slot: int = 0, **more: Any) -> Claim:
    """A claim of what is due, as a loop would make it, with these changes."""
    made = Claim(
        person=due.person,
        seen=due.since,
        version=due.version,
        next=TOMORROW,
        day=DAY,
        slot=slot,
        state="claimed",
    )
    return replace(made, **more)


async def subscribe(store: SqlStore, world: World, *names: str, due: datetime | None = NOW) -> list[bytes]:
    """Store these people with nudges that are due then; their hashes."""
    return [await world.agree(store, name, nudging=world.nudging(due=due)) for name in names]


def deliveries(world: World) -> list[tuple[Any, ...]]:
    """Their rows, read as another program would."""
    return world.sql("SELECT person, day, slot, state, at FROM deliveries ORDER BY person, day, slot")
