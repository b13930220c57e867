"""What every store promises, against the protocol alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from bot.conversation.facts import CHECKINS, NUDGES, PROGRESS, Consent
from bot.ports import Change, Conflict, Entry, Store, StoreError

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import World

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def entry(kind: str = "result", days: int = 0, **content: object) -> Entry:
    return Entry(kind=kind, at=NOW + timedelta(days=days), content=content)


async def test_nobody_is_stored_at_first(store: SqlStore, world: World) -> None:
    protocol: Store = store
    person = protocol.person(world.address("ana"))
    assert await protocol.load(person) is None
    assert await protocol.export(person) is None
    assert await protocol.erase(person) is False
    assert await store.holds_people() is False


async def test_a_person_is_a_keyed_hash_of_platform_and_user(store: SqlStore, world: World) -> None:
    assert store.person(world.address("ana")) == store.person(world.address("ana"))
    assert len({store.person(world.address(name)) for name in ("ana", "bo", "", "\udc80", "🫂")}) == 5
    assert all(len(store.person(world.address(name))) == 16 for name in ("ana", "a" * 9999))


async def test_a_consent_keeps_the_session(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"one")
    record = await store.load(person)
    assert record is not None
    assert (record.session, record.version) == (b"one", 1)
    assert {consent.purpose for consent in record.consents} == {PROGRESS, NUDGES}
    assert await store.holds_people() is True


async def test_a_consent_comes_back_as_the_same_moment(store: SqlStore, world: World) -> None:
    far = timezone(timedelta(hours=5, minutes=45))
    given = Consent(purpose=PROGRESS, version=3, at=datetime(2026, 1, 1, 2, 3, 4, 567891, tzinfo=far))
    await world.turn(store, "ana", b"x", 1, consents=(given,))
    record = await store.load(store.person(world.address("ana")))
    assert record is not None
    assert record.consents == (given,)


async def test_turns_follow_each_other_and_survive_reopening(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1")
    for version in range(2, 8):
        await world.turn(store, "ana", str(version).encode(), version)
    await store.close()
    record = await (await world.open()).load(person)
    assert record is not None
    assert (record.session, record.version) == (b"7", 7)


@pytest.mark.parametrize("version", [0, 1, 2, 4, 99])
async def test_a_version_that_does_not_follow_conflicts_and_changes_nothing(
    store: SqlStore, world: World, version: int
) -> None:
    person = await world.agree(store, "ana", b"1")
    await world.turn(store, "ana", b"2", 2)
    for more in ({}, {"consents": world.yes(PROGRESS)}, {"consents": ()}, {"entries": (entry(),)}):
        with pytest.raises(Conflict):
            await world.turn(store, "ana", b"stale", version, **more)
    record = await store.load(person)
    assert record is not None
    assert (record.session, record.version, len(record.consents)) == (b"2", 2, 2)


@pytest.mark.parametrize("version", [1, 2, 7])
async def test_nobody_is_stored_without_a_consent(store: SqlStore, world: World, version: int) -> None:
    for more in ({}, {"entries": (entry(),)}):
        with pytest.raises(Conflict):
            await world.turn(store, "ana", b"x", version, **more)
    assert await store.holds_people() is False


async def test_an_erased_person_does_not_come_back_by_a_late_turn(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1")
    other = await world.open()
    assert await other.erase(person) is True
    for more in ({}, {"consents": world.yes(PROGRESS)}, {"entries": (entry(),)}):
        with pytest.raises(Conflict):
            await world.turn(store, "ana", b"2", 2, **more)
    assert await store.load(person) is None


async def test_an_empty_set_of_consents_erases(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1", entries=(entry(),))
    await world.turn(store, "ana", b"2", 2, consents=())
    assert await store.load(person) is None
    assert await store.export(person) is None
    assert await store.holds_people() is False
    await world.agree(store, "ana", b"again")
    record = await store.load(person)
    assert record is not None
    assert record.version == 1


async def test_an_empty_set_of_consents_stores_nobody(store: SqlStore, world: World) -> None:
    await world.turn(store, "ana", b"1", 1, consents=())
    assert await store.holds_people() is False


async def test_a_session_is_kept_only_beside_its_consent(store: SqlStore, world: World) -> None:
    person = store.person(world.address("ana"))
    await world.turn(store, "ana", b"secret", 1, consents=world.yes(NUDGES), entries=(entry(),))
    await world.turn(store, "ana", b"secret", 2)
    record, exported = await store.load(person), await store.export(person)
    assert record is not None
    assert exported is not None
    assert (record.session, record.version) == (None, 2)
    assert exported["entries"] == []


async def test_withdrawing_progress_takes_session_and_entries(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1", entries=(entry(),))
    await world.turn(store, "ana", b"2", 2, consents=world.yes(NUDGES, CHECKINS))
    record, exported = await store.load(person), await store.export(person)
    assert record is not None
    assert exported is not None
    assert record.session is None
    assert {consent.purpose for consent in record.consents} == {NUDGES, CHECKINS}
    assert exported["entries"] == []


async def test_withdrawing_something_else_keeps_the_session(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1", entries=(entry(),))
    await world.turn(store, "ana", b"2", 2, consents=world.yes(PROGRESS))
    record, exported = await store.load(person), await store.export(person)
    assert record is not None
    assert exported is not None
    assert (record.session, len(record.consents), len(exported["entries"])) == (b"2", 1, 1)


async def test_no_session_is_a_session_too(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1")
    await world.turn(store, "ana", None, 2)
    record = await store.load(person)
    assert record is not None
    assert (record.session, record.version) == (None, 2)


async def test_the_export_is_everything_as_plain_json(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b'{"step": "why"}', entries=(entry(days=2, needs=["touch"]),))
    await world.turn(store, "ana", '{"step": "ö"}'.encode(), 2, entries=(entry("first look", 1, note="🫂"),))
    exported = await store.export(person)
    assert json.loads(json.dumps(exported)) == {
        "exported_at": NOW.isoformat(),
        "address": {"platform": "terminal", "user": "ana"},
        "consents": [{"purpose": p, "version": 1, "at": NOW.isoformat()} for p in (NUDGES, PROGRESS)],
        "turns": 2,
        "last_month": "2026-03",
        "session": {"step": "ö"},
        "entries": [
            {"kind": "first look", "at": "2026-03-02T12:30:00+00:00", "content": {"note": "🫂"}},
            {"kind": "result", "at": "2026-03-03T12:30:00+00:00", "content": {"needs": ["touch"]}},
        ],
        "owed": [],
        "nudges": None,
    }


async def test_a_session_that_is_not_json_is_exported_all_the_same(store: SqlStore, world: World) -> None:
    exported = await store.export(await world.agree(store, "ana", b"\x00\xff"))
    assert exported is not None
    assert exported["session"] == {"base64": "AP8="}


async def test_people_do_not_touch_each_other(store: SqlStore, world: World) -> None:
    ana, bo = await world.agree(store, "ana", b"a"), await world.agree(store, "bo", b"b", entries=(entry(),))
    assert await store.erase(ana) is True
    assert await store.erase(ana) is False
    record, exported = await store.load(bo), await store.export(bo)
    assert record is not None
    assert exported is not None
    assert (record.session, len(exported["entries"])) == (b"b", 1)


async def test_a_turn_with_a_bad_entry_leaves_nothing_half_written(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1")
    naive = Entry(kind="result", at=NOW.replace(tzinfo=None), content={})
    for bad in (entry(what=object()), entry(what=float("nan")), naive):
        with pytest.raises((TypeError, ValueError)):
            await world.turn(store, "ana", b"2", 2, entries=(entry(), bad), consents=world.yes(PROGRESS))
    record, exported = await store.load(person), await store.export(person)
    assert record is not None
    assert exported is not None
    assert (record.session, record.version, len(record.consents), exported["entries"]) == (b"1", 1, 2, [])


async def test_a_closed_store_says_so(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana")
    await store.close()
    await store.close()
    calls = (
        store.load(person),
        store.erase(person),
        store.export(person),
        store.holds_people(),
        store.owe(person, b"reply"),
        store.owed("terminal"),
        store.settle(person, b"i" * 16),
        store.nudging(person),
        store.due("terminal", NOW, 1),
        store.reach(person),
        store.away(person, day=1, slot=0),
        store.counts(NOW, NOW.date()),
        store.forget_deliveries(NOW.date()),
        store.commit(person, world.address("ana"), Change(session=None, version=2)),
        store.commit(person, world.address("ana"), Change(session=None, version=2, consents=())),
    )
    for call in calls:
        with pytest.raises(StoreError, match="closed"):
            await call
