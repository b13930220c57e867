"""Those from whom nothing came for long are erased, and nobody else: by the month of their last turn, in either engine."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.conversation.facts import NUDGES
from bot.ports import Claim, StoreError
from storage import retention, sqlite, sqlite_scrub
from storage.keys import KeySource, encode
from storage.moments import month_of
from tests.stores.conftest import NOW, only

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import World

MARCH = month_of(NOW)


async def stored(store: SqlStore, world: World, *names: str) -> list[str]:
    return [name for name in names if await store.load(store.person(world.address(name))) is not None]


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), 2026 * 12 + 10),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), 2026 * 12 + 11),
        (datetime(2027, 1, 1, tzinfo=UTC), 2027 * 12),
        (datetime.fromisoformat("2027-01-01T00:30:00+01:00"), 2026 * 12 + 11),
        (datetime(2028, 2, 29, tzinfo=UTC), 2028 * 12 + 1),
    ],
)
def test_a_month_is_that_of_utc(moment: datetime, month: int) -> None:
    assert month_of(moment) == month


def test_a_month_of_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        month_of(datetime(2026, 3, 1))  # noqa: DTZ001 - what is refused


async def test_who_wrote_in_the_month_stays_and_who_wrote_before_it_goes(store: SqlStore, world: World) -> None:
    world.clock = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
    await world.agree(store, "february")
    world.clock = datetime(2026, 3, 1, tzinfo=UTC)
    await world.agree(store, "march")
    assert await store.forget_idle(MARCH - 1) == 0
    assert await stored(store, world, "february", "march") == ["february", "march"]
    assert await store.forget_idle(MARCH) == 1
    assert await stored(store, world, "february", "march") == ["march"]
    assert await store.forget_idle(MARCH) == 0


async def test_every_kind_of_turn_counts(store: SqlStore, world: World) -> None:
    """One alone, many in a breath, one that changes something, and one of somebody whose session is not kept."""
    for name in ("one", "few", "change", "nudged", "idle"):
        await world.agree(store, name)
    await world.turn(store, "nudged", None, 2, consents=world.yes(NUDGES))
    world.clock += timedelta(days=31)
    await world.turn(store, "one", b"1", 2)
    await world.turn(store, "change", b"1", 2, nudging=world.nudging())
    await world.turn(store, "nudged", None, 3)
    await asyncio.gather(*(world.turn(store, name, b"2", version) for name, version in (("few", 2), ("one", 3))))
    assert await store.forget_idle(MARCH + 1) == 1
    assert await stored(store, world, "one", "few", "change", "nudged", "idle") == ["one", "few", "change", "nudged"]


async def test_who_only_gets_nudges_is_idle(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", nudging=world.nudging())
    world.clock += timedelta(days=31)
    claim = Claim(person=person, seen=NOW, version=1, next=None, day=1, slot=0, state="claimed")
    assert await store.claim([claim]) == [True]
    await store.record(person, world.nudging(3), day=1, slot=0, state="sent")
    await store.away(person, day=1, slot=1)
    await store.owe(person, b"reply")
    assert await store.forget_idle(MARCH + 1) == 1
    assert await store.load(person) is None


async def test_many_go_some_at_a_time_and_are_scrubbed_together(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 7)
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    scrubbed: list[int] = []
    scrub = store._erasure.scrub

    async def noted(traces: list[bytes]) -> None:
        scrubbed.append(len(traces))
        await scrub(traces)

    monkeypatch.setattr(store._erasure, "scrub", noted)
    for number in range(16):
        await world.agree(store, f"idle {number}")
    world.clock += timedelta(days=31)
    await world.agree(store, "here")
    assert await store.forget_idle(MARCH + 1) == 16
    assert await store.holds_people()
    assert await stored(store, world, "here") == ["here"]
    assert len(scrubbed) == 3
    assert all(scrubbed)


async def test_somebody_who_writes_meanwhile_stays(store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.agree(store, "ana")
    world.clock += timedelta(days=31)
    ask = store._database.ask

    async def write_first(statement: object, **values: object) -> object:
        rows = await ask(statement, **values)  # type: ignore[arg-type]
        monkeypatch.undo()
        await world.turn(store, "ana", b"just in time", 2)
        return rows

    monkeypatch.setattr(store._database, "ask", write_first)
    assert await store.forget_idle(MARCH + 1) == 0
    assert await stored(store, world, "ana") == ["ana"]


async def test_what_was_erased_before_a_fault_is_scrubbed_all_the_same(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    persons = [await world.agree(store, name, b"s" * 900) for name in ("ana", "bo")]
    await world.agree(store, "cy")
    remove, erased = retention.remove, []

    async def once(transaction: object, person: bytes) -> list[bytes]:
        if erased:
            raise StoreError("the disk is full")
        erased.append(person)
        return await remove(transaction, person)  # type: ignore[arg-type]

    monkeypatch.setattr(retention, "remove", once)
    with pytest.raises(StoreError, match="full"):
        await store.forget_idle(MARCH + 1)
    assert len(erased) == 1
    assert erased[0] in {*persons, store.person(world.address("cy"))}
    assert await store.load(erased[0]) is None
    assert world.traces(erased) == []


@only("sqlite")
@pytest.mark.parametrize("limit", [sqlite.IN_MEMORY_BYTES, 0])
async def test_nothing_of_them_is_left_in_the_files(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """A limit of 0 makes the database a large one, which is not searched for so many: to rebuild it is quicker."""
    monkeypatch.setattr(sqlite, "IN_MEMORY_BYTES", limit)
    monkeypatch.setattr(sqlite_scrub, "holds", lambda *_: False)
    persons = [await world.agree(store, f"idle {number}", bytes(range(200)) * number) for number in range(9)]
    world.clock += timedelta(days=31)
    await world.agree(store, "here")
    assert world.traces(persons)
    assert await store.forget_idle(MARCH + 1) == 9
    assert world.traces(persons) == []


async def test_a_change_of_keys_changes_no_month(world: World) -> None:
    old, new = encode(b"1" * 32), encode(b"2" * 32)
    store = await world.open(KeySource(value=old))
    await world.agree(store, "ana")
    await store.close()
    world.clock += timedelta(days=400)
    store = await world.open(KeySource(value=f"{new},{old}"))
    exported = await store.export(store.person(world.address("ana")))
    assert exported is not None
    assert exported["last_month"] == "2026-03"
    assert await store.forget_idle(MARCH) == 0
    assert await store.forget_idle(MARCH + 1) == 1
