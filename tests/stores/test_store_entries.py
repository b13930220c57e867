"""What people keep: each kind for its own purpose, read with its id, deleted one by one, and gone from the files after that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.conversation.effects import CHECKIN
from bot.conversation.facts import CHECKINS, NUDGES, PROGRESS
from bot.ports import Conflict, Entry
from storage.entries import FEW, SPOILT

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import World

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ALL = (PROGRESS, NUDGES, CHECKINS)


def entry(kind: str, days: int = 0) -> Entry:
    return Entry(kind=kind, at=NOW + timedelta(days=days), content={"n": days})


BOTH = (entry("exploration", 2), entry(CHECKIN, 1))


async def kinds(store: SqlStore, person: bytes) -> list[str]:
    return [each["kind"] for each in await store.entries(person)]


def sealed(world: World, person: bytes) -> dict[str, bytes]:
    """What stands in the database, by id; read as another program would."""
    return {mark.hex(): each for mark, each in world.sql("SELECT id, content FROM entries WHERE person = ?", person)}


async def test_they_come_with_their_ids_the_oldest_first(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", entries=(entry("b", 2), entry("a", 1)))
    found = await store.entries(person)
    assert [(each["kind"], each["at"], each["content"]) for each in found] == [
        ("a", "2026-03-02T12:30:00+00:00", {"n": 1}),
        ("b", "2026-03-03T12:30:00+00:00", {"n": 2}),
    ]
    assert {each["id"] for each in found} == set(sealed(world, person))
    assert await store.entries(store.person(world.address("bo"))) == []


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (ALL, [CHECKIN, "exploration"]),
        ((NUDGES, CHECKINS), [CHECKIN]),
        ((CHECKINS,), [CHECKIN]),
        ((PROGRESS, NUDGES), ["exploration"]),
        ((NUDGES,), []),
    ],
)
async def test_each_yes_taken_back_takes_its_own_kinds(
    store: SqlStore, world: World, left: tuple[str, ...], kept: list[str]
) -> None:
    await world.turn(store, "ana", b"1", 1, consents=world.yes(*ALL), entries=BOTH)
    person = store.person(world.address("ana"))
    before = sealed(world, person)
    await world.turn(store, "ana", b"2", 2, consents=world.yes(*left))
    assert await kinds(store, person) == kept
    gone = [before[mark] for mark in before.keys() - sealed(world, person).keys()]
    assert len(gone) == 2 - len(kept)
    assert world.traces(gone) == []


@pytest.mark.parametrize(("purposes", "kept"), [((CHECKINS,), [CHECKIN]), ((PROGRESS,), ["exploration"]), ((NUDGES,), [])])
async def test_nothing_is_kept_without_its_own_yes(
    store: SqlStore, world: World, purposes: tuple[str, ...], kept: list[str]
) -> None:
    await world.turn(store, "ana", b"1", 1, consents=world.yes(*purposes), entries=BOTH)
    assert await kinds(store, store.person(world.address("ana"))) == kept


async def test_one_is_deleted_and_leaves_no_trace(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", entries=(entry("a"), entry("b", 1), entry("c", 2)))
    before, drop = sealed(world, person), (await store.entries(person))[1]["id"]
    await world.turn(store, "ana", b"2", 2, dropped=(drop,), entries=(entry("d", 3),))
    assert await kinds(store, person) == ["a", "c", "d"]
    assert world.traces([before[drop]]) == []


async def test_of_somebody_else_nothing_can_be_deleted(store: SqlStore, world: World) -> None:
    ana = await world.agree(store, "ana", entries=(entry("a"),))
    await world.agree(store, "bo")
    await world.turn(store, "bo", b"2", 2, dropped=tuple(sealed(world, ana)))
    assert await kinds(store, ana) == ["a"]


async def test_a_turn_that_comes_too_late_deletes_nothing(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", entries=(entry("a"),))
    with pytest.raises(Conflict):
        await world.turn(store, "ana", b"9", 9, dropped=tuple(sealed(world, person)))
    assert await kinds(store, person) == ["a"]


async def test_one_that_does_not_open_is_left_out_and_goes_with_any_yes(store: SqlStore, world: World) -> None:
    await world.turn(store, "ana", b"1", 1, consents=world.yes(*ALL), entries=(entry("a"), entry("b", 1)))
    person = store.person(world.address("ana"))
    spoilt = (await store.entries(person))[0]["id"]
    world.sql("UPDATE entries SET content = ? WHERE id = ?", b"\0", bytes.fromhex(spoilt))
    assert await kinds(store, person) == ["b"]
    assert world.warned == [SPOILT]
    await world.turn(store, "ana", b"2", 2, consents=world.yes(PROGRESS, NUDGES))
    assert len(sealed(world, person)) == 1


async def test_years_of_them_are_read(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", entries=tuple(entry("nudge", day) for day in range(FEW + 1)))
    assert [each["content"]["n"] for each in await store.entries(person)] == list(range(FEW + 1))
