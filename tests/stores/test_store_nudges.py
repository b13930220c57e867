"""Nudges in the store: whose moment has come, each claimed once however many want it, and what became of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.conversation.facts import NUDGES, PROGRESS
from bot.ports import Address, Change, Conflict, Due, Nudging, StoreError
from storage.nudges import SPOILT
from storage.sql import CLAIMING, DELIVERING
from tests.stores.conftest import NOW, only
from tests.stores.nudged import DAY, TOMORROW, claim, deliveries, subscribe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.store import SqlStore
    from tests.stores.conftest import World

LATER = NOW + timedelta(days=2)


def spoil(world: World, person: bytes, column: str) -> None:
    ((sealed,),) = world.sql(f"SELECT {column} FROM nudges WHERE person = ?", person)
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    world.sql(f"UPDATE nudges SET {column} = ? WHERE person = ?", changed, person)


# -- what is due ------------------------------------------------------------------------------------------------------


async def test_due_are_those_whose_moment_has_come_on_this_platform_the_longest_due_first(
    store: SqlStore, world: World
) -> None:
    people = []
    for number, name in enumerate(("cy", "ana", "bo", "dee")):
        people += await subscribe(store, world, name, due=NOW + timedelta(microseconds=number))
    await subscribe(store, world, "eve", due=None)
    other = Address(platform="discord", user="ana")
    change = Change(session=None, version=1, consents=world.yes(NUDGES), nudging=world.nudging())
    await store.commit(store.person(other), other, change)
    moment = NOW + timedelta(microseconds=2)
    found = await store.due("terminal", moment, 9)
    assert [due.person for due in found] == people[:3]
    assert found[0] == Due(person=people[0], plan=world.nudging().plan, since=NOW, version=1)
    assert await store.due("terminal", moment, 2) == found[:2]
    assert [due.person for due in await store.due("discord", moment, 9)] == [store.person(other)]
    assert await store.due("telegram", moment, 9) == []
    assert await store.due("terminal", NOW - timedelta(microseconds=1), 9) == []


async def test_one_that_cannot_be_read_is_left_out_and_gets_nothing_more(store: SqlStore, world: World) -> None:
    ana, bo = await subscribe(store, world, "ana", "bo")
    spoil(world, ana, "plan")
    assert [due.person for due in await store.due("terminal", NOW, 9)] == [bo]
    assert world.warned == [SPOILT]
    assert [due.person for due in await store.due("terminal", NOW, 9)] == [bo]
    assert world.warned == [SPOILT]
    counts = await store.counts(NOW, NOW.date())
    assert counts.subscribers == {"due": 0, "overdue": 1, "paused": 1, "away": 0}
    # Who chooses anew mends it.
    await world.turn(store, "ana", b"2", 2, nudging=world.nudging(3))
    assert len(await store.due("terminal", NOW, 9)) == 2


async def test_reached_is_who_is_stored_with_all_that_is(store: SqlStore, world: World) -> None:
    ana, bo = await subscribe(store, world, "ana", "bo")
    assert await store.reach(ana) == (world.address("ana"), world.nudging())
    await store.erase(bo)
    assert await store.reach(bo) is None
    assert world.warned == []


@pytest.mark.parametrize("column", ["address", "plan", "past"])
async def test_nobody_is_reached_where_anything_cannot_be_read(store: SqlStore, world: World, column: str) -> None:
    ana, bo = await subscribe(store, world, "ana", "bo")
    spoil(world, ana, column)
    assert await store.reach(ana) is None
    assert world.warned == [SPOILT]
    assert await store.reach(bo) == (world.address("bo"), world.nudging())
    # Who chooses anew mends it.
    await world.turn(store, "ana", b"2", 2, nudging=world.nudging(2))
    assert await store.reach(ana) == (world.address("ana"), world.nudging(2))


async def test_whoever_chose_anew_meanwhile_is_not_stopped(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ana,) = await subscribe(store, world, "ana")
    spoil(world, ana, "plan")
    other, read = await world.open(), store._database.read

    async def read_before_the_turn(sql: str, args: Sequence[Any]) -> list[tuple[Any, ...]]:
        rows = await read(sql, args)
        await world.turn(other, "ana", b"2", 2, nudging=world.nudging(2))
        return rows

    with monkeypatch.context() as patch:
        patch.setattr(store._database, "read", read_before_the_turn)
        assert await store.due("terminal", NOW, 9) == []
    assert len(await store.due("terminal", NOW, 9)) == 1


# -- claiming ---------------------------------------------------------------------------------------------------------


async def test_a_claim_moves_the_moment_and_notes_the_delivery(store: SqlStore, world: World) -> None:
    ana, bo = await subscribe(store, world, "ana", "bo")
    found = {due.person: due for due in await store.due("terminal", NOW, 9)}
    assert await store.claim([]) == ()
    claims = [claim(found[ana]), claim(found[bo], next=None, state="skipped", slot=1)]
    assert await store.claim(claims) == [True, True]
    assert await store.nudging(ana) == world.nudging(2, due=TOMORROW)
    assert await store.nudging(bo) == world.nudging(2, due=None)
    at = int(NOW.timestamp())
    assert deliveries(world) == sorted([(ana, DAY, 0, "claimed", at), (bo, DAY, 1, "skipped", at)])
    assert await store.due("terminal", NOW, 9) == []
    # A turn that read them before comes too late.
    with pytest.raises(Conflict):
        await world.turn(store, "ana", b"2", 2, nudging=world.nudging(2))


async def test_what_changed_since_it_was_seen_is_not_ours(store: SqlStore, world: World) -> None:
    people = await subscribe(store, world, *"abcdef")
    found = {due.person: due for due in await store.due("terminal", NOW, 9)}
    a, b, c, d, e, f = (found[person] for person in people)
    await store.erase(f.person)
    before = deliveries(world)
    wrong = [
        claim(a, seen=NOW - timedelta(microseconds=1)),
        claim(b, version=0),
        claim(c, version=2),
        claim(d, person=b"?" * 16),
        claim(f),
    ]
    assert await store.claim([*wrong, claim(e)]) == [False] * 5 + [True]
    assert [row[0] for row in deliveries(world)] == [e.person]
    assert before == []
    assert len(await store.due("terminal", NOW, 9)) == 4


async def test_a_day_and_slot_that_is_taken_moves_the_moment_all_the_same(store: SqlStore, world: World) -> None:
    (ana,) = await subscribe(store, world, "ana")
    for round_, (slot, ours) in enumerate([(0, True), (0, False), (1, True), (1, False)], start=1):
        (due,) = await store.due("terminal", NOW, 9)
        assert await store.claim([claim(due, slot, next=NOW)]) == [ours]
        assert await store.nudging(ana) == world.nudging(round_ + 1)
    assert [row[1:4] for row in deliveries(world)] == [(DAY, 0, "claimed"), (DAY, 1, "claimed")]


async def test_the_same_person_twice_in_one_call_is_claimed_once(store: SqlStore, world: World) -> None:
    await subscribe(store, world, "ana")
    (due,) = await store.due("terminal", NOW, 9)
    one = claim(due)
    assert await store.claim([one, one, claim(due, slot=1, next=LATER)]) == [True, False, False]
    assert len(deliveries(world)) == 1


@pytest.mark.parametrize(("many", "most"), [(1, 512), (3, 512), (64, 512), (65, 512), (5, 1), (6, 4), (8, 4)])
async def test_many_are_claimed_at_once_and_each_is_told(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch, many: int, most: int
) -> None:
    for name, statements in (("CLAIMING", CLAIMING), ("DELIVERING", DELIVERING)):
        fewer = {size: each for size, each in statements.items() if size <= most}
        monkeypatch.setattr(f"storage.nudges.{name}", fewer)
    await world.hasten(store)
    people = await subscribe(store, world, *(f"p{number}" for number in range(many)))
    found = {due.person: due for due in await store.due("terminal", NOW, 999)}
    claims = [claim(found[person], version=place % 3 and 1) for place, person in enumerate(people)]
    assert await store.claim(claims) == [bool(place % 3) for place in range(many)]
    assert {row[0] for row in deliveries(world)} == {person for place, person in enumerate(people) if place % 3}


async def test_of_two_stores_on_one_file_each_moment_is_claimed_by_one(store: SqlStore, world: World) -> None:
    await world.hasten(store)
    people = await subscribe(store, world, *(f"p{number}" for number in range(70)))
    other = await world.open()
    seen = [await each.due("terminal", NOW, 99) for each in (store, other)]
    one, two = await asyncio.gather(
        *(each.claim([claim(due) for due in found]) for each, found in zip((store, other), seen, strict=True))
    )
    won = [
        due.person for found, told in zip(seen, (one, two), strict=True) for due, ours in zip(found, told, strict=True) if ours
    ]
    assert sorted(won) == sorted(people)
    assert len(deliveries(world)) == 70


# -- how it went ------------------------------------------------------------------------------------------------------


async def test_what_became_of_it_is_recorded(store: SqlStore, world: World) -> None:
    (ana,) = await subscribe(store, world, "ana")
    (due,) = await store.due("terminal", NOW, 9)
    await store.claim([claim(due)])
    world.clock += timedelta(seconds=40)
    noted = Nudging(plan=b"{}", past=b"[1]", due=LATER, version=3)
    await store.record(ana, noted, day=DAY, slot=0, state="sent")
    assert await store.nudging(ana) == noted
    assert deliveries(world) == [(ana, DAY, 0, "sent", int(NOW.timestamp()) + 40)]
    with pytest.raises(Conflict):
        await store.record(ana, noted, day=DAY, slot=0, state="failed")
    assert deliveries(world)[0][3] == "sent"


async def test_away_until_the_nudges_are_written_by_a_turn(store: SqlStore, world: World) -> None:
    (ana,) = await subscribe(store, world, "ana")
    (due,) = await store.due("terminal", NOW, 9)
    await store.claim([claim(due)])
    await store.away(ana, day=DAY, slot=0)
    assert [row[1:4] for row in deliveries(world)] == [(DAY, 0, "failed")]
    assert await store.nudging(ana) == world.nudging(3, due=None)
    assert await store.due("terminal", LATER, 9) == []
    with pytest.raises(Conflict):  # whoever has the session in memory must see that they were away
        await world.turn(store, "ana", b"2", 2)
    for version, more in ((3, {}), (4, {"consents": world.yes(PROGRESS, NUDGES)}), (5, {"nudging": world.nudging(4)})):
        record = await store.load(ana)
        assert record is not None
        assert (record.away, record.version) == (True, version - 1)
        await world.turn(store, "ana", b"s", version, **more)
    record = await store.load(ana)
    assert record is not None
    assert (record.away, record.version, record.session) == (False, 5, b"s")
    assert len(await store.due("terminal", NOW, 9)) == 1


async def test_nobody_else_is_away(store: SqlStore, world: World) -> None:
    ana, bo = await subscribe(store, world, "ana", "bo")
    await store.away(ana, day=DAY, slot=0)
    records = [await store.load(person) for person in (ana, bo)]
    assert [record and record.away for record in records] == [True, False]


# -- in numbers -------------------------------------------------------------------------------------------------------


async def test_the_counts(store: SqlStore, world: World) -> None:
    noughts = {"due": 0, "overdue": 0, "paused": 0, "away": 0}
    states = {"claimed": 0, "sent": 0, "failed": 0, "skipped": 0}
    counts = await store.counts(NOW, NOW.date())
    assert (counts.subscribers, counts.deliveries) == (noughts, states)
    await subscribe(store, world, "a", "b", "c")
    await subscribe(store, world, "d", due=TOMORROW)
    await subscribe(store, world, "e", "f", due=None)
    (gone,) = await subscribe(store, world, "g")
    found = await store.due("terminal", NOW, 2)
    yesterday = DAY - 1
    await store.claim([claim(found[0], day=yesterday), claim(found[1], state="skipped")])
    await store.away(gone, day=DAY, slot=0)
    counts = await store.counts(NOW, NOW.date())
    assert counts.subscribers == {"due": 3, "overdue": 1, "paused": 2, "away": 1}
    assert counts.deliveries == states | {"skipped": 1, "failed": 1}
    assert (await store.counts(NOW, NOW.date() - timedelta(days=1))).deliveries["claimed"] == 1


async def test_old_deliveries_are_forgotten_some_at_a_time(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.nudges.AT_ONCE", 2)
    (ana,) = await subscribe(store, world, "ana")
    for version, day in enumerate(range(DAY - 4, DAY + 3), start=1):
        await store.record(ana, world.nudging(version + 1), day=day, slot=0, state="sent")
    assert await store.forget_deliveries(NOW.date()) == 4
    assert [row[1] for row in deliveries(world)] == [DAY, DAY + 1, DAY + 2]
    assert await store.forget_deliveries(NOW.date()) == 0
    assert await store.nudging(ana) == world.nudging(8)


@only("sqlite")
async def test_a_store_that_cannot_write_claims_nothing(store: SqlStore, world: World) -> None:
    (ana,) = await subscribe(store, world, "ana")
    (due,) = await store.due("terminal", NOW, 9)
    await store._database.hop("PRAGMA query_only=ON")
    for call in (store.claim([claim(due)]), store.away(ana, day=DAY, slot=0), store.forget_deliveries(NOW.date())):
        with pytest.raises(StoreError, match="cannot be written to"):
            await call
    await store._database.hop("PRAGMA query_only=OFF")
    assert await store.claim([claim(due)]) == [True]
