"""A new key above the old one: everything moves under it when the database is opened, or nothing does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from bot.conversation.facts import NUDGES, PROGRESS
from bot.ports import Claim, Entry, StoreError
from storage import rotation
from storage.keys import KeySource, encode
from storage.vault import VaultError
from tests.stores.conftest import NOW

if TYPE_CHECKING:
    from tests.stores.conftest import World

ONE, TWO = b"1" * 32, b"2" * 32
OLD = KeySource(value=encode(ONE))
BOTH = KeySource(value=f"{encode(TWO)},{encode(ONE)}")
NEW = KeySource(value=encode(TWO))
BACK = KeySource(value=f"{encode(ONE)},{encode(TWO)}")
ENTRY = Entry(kind="result", at=datetime(2026, 3, 1, tzinfo=UTC), content={"needs": ["touch"]})


async def populate(world: World) -> dict[str, object]:
    """Some people under the old key; what each one's export says."""
    store = await world.open(OLD)
    exports: dict[str, object] = {}
    for name in ("ana", "bo", "cy"):
        person = await world.agree(store, name, b'{"of": "%s"}' % name.encode(), entries=(ENTRY, ENTRY))
        for number in range(3):
            await store.owe(person, b'{"reply": %d}' % number)
        await world.turn(store, name, b'{"of": "%s"}' % name.encode(), 2, nudging=world.nudging())
        exports[name] = await store.export(person)
    for due in await store.due("terminal", NOW, 2):
        claim = Claim(person=due.person, seen=NOW, version=1, next=NOW, day=9, slot=1, state="claimed")
        assert await store.claim([claim]) == [True]
    await store.away(store.person(world.address("ana")), day=9, slot=0)
    for name in ("ana", "bo"):
        exports[name] = await store.export(store.person(world.address(name)))
    await world.turn(store, "cy", b"", 3, consents=world.yes(NUDGES))
    exports["cy"] = await store.export(store.person(world.address("cy")))
    await store.close()
    return exports


@pytest.mark.parametrize("path", [(BOTH, NEW), (BOTH, BOTH, NEW), (BOTH, BACK, OLD)])
async def test_everything_moves_and_the_old_key_can_go(world: World, path: tuple[KeySource, ...]) -> None:
    exports = await populate(world)
    for keys in path:
        store = await world.open(keys)
        for name, export in exports.items():
            assert await store.export(store.person(world.address(name))) == export
        await store.close()


async def test_nothing_under_the_old_key_remains_in_the_files(world: World) -> None:
    await populate(world)
    old = [bytes(row[0]) for row in world.sql("SELECT person FROM people")]
    old += [row[0] for row in world.sql("SELECT session FROM sessions WHERE session IS NOT NULL")]
    old += [row[0][:24] for row in world.sql("SELECT reply FROM owed")]
    old += [value[:24] for row in world.sql("SELECT address, plan, past FROM nudges") for value in row]
    assert len(old) == 3 + 2 + 6 + 9
    assert world.traces(old)
    await world.open(BOTH)
    assert world.traces(old) == []


async def test_the_old_key_alone_no_longer_opens(world: World) -> None:
    await populate(world)
    await (await world.open(BOTH)).close()
    with pytest.raises(StoreError, match="not the one"):
        await world.open(OLD)


async def test_a_rotation_that_fails_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    exports = await populate(world)
    moved: list[object] = []
    move = rotation._move

    async def fails_at_the_second(*args: object) -> None:
        if moved:
            raise VaultError("a value does not open")
        moved.append(args)
        await move(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "_move", fails_at_the_second)
        with pytest.raises(VaultError):
            await world.open(BOTH)
    assert moved
    store = await world.open(OLD)
    for name, export in exports.items():
        assert await store.export(store.person(world.address(name))) == export


async def test_another_process_with_the_old_key_writes_nothing_new(world: World) -> None:
    await populate(world)
    behind = await world.open(OLD)
    ahead = await world.open(BOTH)
    assert await behind.load(behind.person(world.address("ana"))) is None
    with pytest.raises(StoreError, match="restart Closer with the new key"):
        await world.turn(behind, "dee", b"{}", 1, consents=world.yes(PROGRESS))
    assert await ahead.load(ahead.person(world.address("dee"))) is None


async def test_what_is_owed_keeps_its_ids_and_its_order(world: World) -> None:
    await populate(world)
    before = await (await world.open(OLD)).owed("terminal")
    await world.close()
    assert len(before) == 6
    store = await world.open(BOTH)
    after = await store.owed("terminal")
    assert {(each.id, each.reply) for each in after} == {(each.id, each.reply) for each in before}
    for name in ("ana", "bo"):
        whose = [each for each in after if each.address == world.address(name)]
        assert [each.reply for each in whose] == [b'{"reply": %d}' % number for number in range(3)]
        assert {each.person for each in whose} == {store.person(world.address(name))}
        await store.settle(whose[0].person, whose[0].id)
    assert len(await store.owed("terminal")) == 4


async def test_a_spoilt_reply_neither_stops_a_rotation_nor_stays(world: World) -> None:
    await populate(world)
    ((mark, sealed),) = world.sql("SELECT id, reply FROM owed LIMIT 1")
    spoilt = sealed[:-1] + bytes([sealed[-1] ^ 1])
    world.sql("UPDATE owed SET reply = ? WHERE id = ?", spoilt, mark)
    store = await world.open(BOTH)
    assert world.traces([spoilt[:24]]) == []
    assert world.warned == []
    left = await store.owed("terminal")
    assert (len(left), mark in {each.id for each in left}, world.warned) == (5, False, ["owed_reply_unreadable"])


async def test_nudges_move_with_their_deliveries(world: World) -> None:
    await populate(world)
    store = await world.open(BOTH)
    ana, bo, cy = (store.person(world.address(name)) for name in ("ana", "bo", "cy"))
    assert [due.person for due in await store.due("terminal", NOW, 9)] == [bo, cy]
    assert await store.reach(bo) == (world.address("bo"), world.nudging(2))
    records = [await store.load(person) for person in (ana, bo, cy)]
    assert [record and record.away for record in records] == [True, False, False]
    assert (await store.counts(NOW, date.min)).deliveries == {"claimed": 2, "sent": 0, "failed": 1, "skipped": 0}
    await store.record(bo, world.nudging(3), day=9, slot=1, state="sent")
    assert await store.erase(ana) is True
    assert (await store.counts(NOW, date.min)).deliveries == {"claimed": 0, "sent": 1, "failed": 0, "skipped": 0}


async def test_a_spoilt_plan_neither_stops_a_rotation_nor_stays(world: World) -> None:
    await populate(world)
    ((person, sealed),) = world.sql("SELECT person, plan FROM nudges WHERE due_at IS NOT NULL LIMIT 1")
    spoilt = sealed[:-1] + bytes([sealed[-1] ^ 1])
    world.sql("UPDATE nudges SET plan = ? WHERE person = ?", spoilt, person)
    store = await world.open(BOTH)
    assert world.traces([spoilt[:24]]) == []
    assert world.warned == []
    assert len(await store.due("terminal", NOW, 9)) == 1
    assert world.warned == ["nudging_unreadable"]


async def test_another_process_with_the_old_key_stops_nobody(world: World) -> None:
    await populate(world)
    behind = await world.open(OLD)
    seen = await behind.due("terminal", NOW, 9)
    ahead = await world.open(BOTH)
    with pytest.raises(StoreError, match="restart Closer with the new key"):
        await behind.due("terminal", NOW, 9)
    assert await behind.reach(seen[0].person) is None
    with pytest.raises(StoreError, match="restart Closer with the new key"):
        await behind.record(seen[0].person, world.nudging(3), day=9, slot=1, state="sent")
    claims = [
        Claim(person=due.person, seen=NOW, version=due.version, next=None, day=10, slot=0, state="claimed") for due in seen
    ]
    assert await behind.claim(claims) == [False, False]
    assert world.warned == []
    assert len(await ahead.due("terminal", NOW, 9)) == 2


async def test_another_process_with_the_old_key_drops_nothing(world: World) -> None:
    await populate(world)
    behind = await world.open(OLD)
    ahead = await world.open(BOTH)
    ana = behind.person(world.address("ana"))
    for call in (behind.owed("terminal"), behind.owe(ana, b"reply")):
        with pytest.raises(StoreError, match="restart Closer with the new key"):
            await call
    assert world.warned == []
    assert len(await ahead.owed("terminal")) == 6
