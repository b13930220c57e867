"""What is kept of somebody's nudges: what they chose, as long as they say yes to it; and all of it in their export."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from bot.conversation.facts import CHECKINS, NUDGES, PROGRESS
from bot.ports import Conflict, Nudging, Store
from tests.stores.conftest import NOW
from tests.stores.nudged import DAY, TOMORROW, claim, deliveries, subscribe

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import World


async def test_what_is_stored_comes_back_to_the_microsecond(store: SqlStore, world: World) -> None:
    protocol: Store = store
    far = datetime(2026, 3, 1, 18, 15, 0, 123_457, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    person = await world.agree(store, "ana")
    assert await protocol.nudging(person) is None
    for version, due in enumerate((far, None, NOW), start=1):
        nudging = Nudging(plan=b'{"n": %d}' % version, past=b"\0\xff\x80\0" * version, due=due, version=version)
        await world.turn(store, "ana", b"s", version + 1, nudging=nudging)
        assert await store.nudging(person) == nudging
    assert await (await world.open()).nudging(person) == nudging


@pytest.mark.parametrize("version", [0, 2, 7])
async def test_a_first_version_that_is_not_one_conflicts(store: SqlStore, world: World, version: int) -> None:
    with pytest.raises(Conflict):
        await world.agree(store, "ana", nudging=world.nudging(version))
    assert await store.holds_people() is False


@pytest.mark.parametrize("version", [0, 1, 2, 4])
async def test_a_version_that_does_not_follow_conflicts_and_changes_nothing(
    store: SqlStore, world: World, version: int
) -> None:
    (person,) = await subscribe(store, world, "ana")
    await world.turn(store, "ana", b"2", 2, nudging=world.nudging(2, due=None))
    for more in ({}, {"consents": world.yes(NUDGES)}):
        with pytest.raises(Conflict, match="nudges were written or erased by somebody else"):
            await world.turn(store, "ana", b"3", 3, nudging=world.nudging(version), **more)
    with pytest.raises(Conflict):
        await store.record(person, world.nudging(version), day=DAY, slot=0, state="sent")
    record = await store.load(person)
    assert record is not None
    assert (record.session, record.version, len(record.consents)) == (b"2", 2, 2)
    assert await store.nudging(person) == world.nudging(2, due=None)
    assert deliveries(world) == []


async def test_a_stale_session_keeps_the_nudges_as_they_are(store: SqlStore, world: World) -> None:
    (person,) = await subscribe(store, world, "ana")
    with pytest.raises(Conflict):
        await world.turn(store, "ana", b"2", 3, nudging=world.nudging(2, due=None))
    assert await store.nudging(person) == world.nudging()


async def test_turns_that_say_nothing_of_nudges_leave_them(store: SqlStore, world: World) -> None:
    (person,) = await subscribe(store, world, "ana")
    await world.turn(store, "ana", b"2", 2)
    await world.turn(store, "ana", b"3", 3, consents=world.yes(NUDGES, CHECKINS))
    assert await store.nudging(person) == world.nudging()


async def test_nothing_is_kept_without_a_consent_that_anything_could_be_sent_for(store: SqlStore, world: World) -> None:
    person = store.person(world.address("ana"))
    await world.turn(store, "ana", b"1", 1, consents=world.yes("another"), nudging=world.nudging())
    assert await store.nudging(person) is None
    assert await store.due("terminal", TOMORROW, 9) == []


@pytest.mark.parametrize("purpose", [NUDGES, CHECKINS, PROGRESS])
async def test_what_is_sent_by_itself_rests_on_any_of_its_consents(store: SqlStore, world: World, purpose: str) -> None:
    person = store.person(world.address("ana"))
    await world.turn(store, "ana", b"1", 1, consents=world.yes(purpose), nudging=world.nudging())
    assert [due.person for due in await store.due("terminal", TOMORROW, 9)] == [person]
    await world.turn(store, "ana", b"2", 2, silent=True)
    assert await store.nudging(person) is None
    assert await store.load(person) is not None


async def test_what_is_left_of_it_takes_the_place_of_what_was_taken_back(store: SqlStore, world: World) -> None:
    (ana,) = await subscribe(store, world, "ana")
    left = world.nudging(2, plan=b'{"reminder": 1}', past=b"[]", due=TOMORROW)
    await world.turn(store, "ana", b"2", 2, consents=world.yes(PROGRESS), nudging=left)
    assert await store.nudging(ana) == left
    assert [due.person for due in await store.due("terminal", TOMORROW, 9)] == [ana]


@pytest.mark.parametrize("purposes", [(), (PROGRESS,)])
async def test_taking_the_consent_back_removes_nudges_and_deliveries(
    store: SqlStore, world: World, purposes: tuple[str, ...]
) -> None:
    ana, bo = await subscribe(store, world, "ana", "bo")
    await store.claim([claim(due) for due in await store.due("terminal", NOW, 9)])
    await store.away(ana, day=DAY, slot=0)
    # Where the same turn puts nothing in their place.
    await world.turn(store, "ana", b"2", 3, consents=world.yes(*purposes))
    assert await store.nudging(ana) is None
    assert [row[0] for row in deliveries(world)] == [bo]
    record = await store.load(ana)
    assert record is None if not purposes else record is not None and not record.away
    # And it may be begun anew.
    await world.turn(store, "ana", b"3", 4 if purposes else 1, consents=world.yes(NUDGES), nudging=world.nudging())
    assert await store.nudging(ana) == world.nudging()


async def test_erasing_removes_nudges_and_deliveries(store: SqlStore, world: World) -> None:
    ana, bo = await subscribe(store, world, "ana", "bo")
    await store.claim([claim(due) for due in await store.due("terminal", NOW, 9)])
    assert await store.erase(ana) is True
    assert await store.nudging(ana) is None
    assert [row[0] for row in deliveries(world)] == [bo]
    with pytest.raises(Conflict):
        await store.record(ana, world.nudging(3), day=DAY, slot=0, state="sent")
    await store.away(ana, day=DAY, slot=0)
    assert await store.load(ana) is None
    assert [row[0] for row in deliveries(world)] == [bo]


async def test_a_naive_moment_is_refused_and_nothing_is_half_written(store: SqlStore, world: World) -> None:
    (person,) = await subscribe(store, world, "ana")
    with pytest.raises(ValueError, match="aware datetime"):
        await world.turn(store, "ana", b"2", 2, nudging=world.nudging(2, due=NOW.replace(tzinfo=None)))
    record = await store.load(person)
    assert record is not None
    assert (record.version, await store.nudging(person)) == (1, world.nudging())


async def test_the_export_says_it_all(store: SqlStore, world: World) -> None:
    (person,) = await subscribe(store, world, "ana")
    (due,) = await store.due("terminal", NOW, 9)
    await store.claim([claim(due)])
    world.clock += timedelta(seconds=3)
    await store.record(person, world.nudging(3, due=TOMORROW, past=b'[["a", 1]]'), day=DAY, slot=0, state="sent")
    await store.away(person, day=DAY, slot=1)
    exported = await store.export(person)
    assert exported is not None
    at = "2026-03-01T12:30:03+00:00"
    assert json.loads(json.dumps(exported["nudges"])) == {
        "due": None,
        "changes": 4,
        "away": True,
        "plan": {"at": "09:30"},
        "past": [["a", 1]],
        "deliveries": [
            {"day": "2026-03-01", "slot": 0, "state": "sent", "at": at},
            {"day": "2026-03-01", "slot": 1, "state": "failed", "at": at},
        ],
    }
    await world.turn(store, "ana", b"s", 3, nudging=world.nudging(5, due=TOMORROW))
    exported = await store.export(person)
    assert exported is not None
    assert (exported["nudges"]["due"], exported["nudges"]["away"]) == (TOMORROW.isoformat(), False)
