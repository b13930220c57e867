"""Replies that are owed: to whom, in which order, how many, and until when."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.conversation.facts import CHECKINS, NUDGES, PROGRESS
from bot.ports import Address, Change, Owed, Store
from storage import owed as debts
from storage.keys import KeySource, encode
from storage.store import open_store

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import World

SPOILT = "owed_reply_unreadable"


async def replies(store: Store, platform: str = "terminal") -> list[bytes]:
    return [each.reply for each in await store.owed(platform)]


def stored(world: World) -> int:
    return int(world.sql("SELECT count(*) FROM owed")[0][0])


def spoil(world: World, which: bytes, column: str = "reply", table: str = "owed") -> None:
    """Turn over the last bit of one stored value; `which` is the row's id, or the person's hash."""
    by = "id" if table == "owed" else "person"
    ((sealed,),) = world.sql(f"SELECT {column} FROM {table} WHERE {by} = ?", which)
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    world.sql(f"UPDATE {table} SET {column} = ? WHERE {by} = ?", changed, which)


async def note(store: SqlStore, person: bytes, reply: bytes) -> bytes:
    made = await store.owe(person, reply)
    assert made is not None
    return made


async def test_a_reply_is_owed_until_it_is_settled(store: SqlStore, world: World) -> None:
    protocol: Store = store
    person = await world.agree(store, "ana")
    assert await protocol.owed("terminal") == ()
    made = await protocol.owe(person, b"hello\0\0")
    assert made is not None
    owed = Owed(address=world.address("ana"), person=person, id=made, reply=b"hello\0\0")
    assert await protocol.owed("terminal") == (owed,)
    await protocol.settle(person, made)
    assert await protocol.owed("terminal") == ()
    assert stored(world) == 0


@pytest.mark.parametrize("purposes", [(), (NUDGES, CHECKINS)])
async def test_nothing_is_noted_of_those_who_do_not_agree_to_it(
    store: SqlStore, world: World, purposes: tuple[str, ...]
) -> None:
    person = store.person(world.address("ana"))
    await world.turn(store, "ana", None, 1, consents=world.yes(*purposes))
    assert await store.owe(person, b"reply") is None
    assert stored(world) == 0


async def test_what_is_owed_survives_reopening_in_order(store: SqlStore, world: World) -> None:
    wanted = []
    people = [await world.agree(store, name) for name in ("ana", "bo", "cy")]
    for turn in range(9):
        world.clock += timedelta(microseconds=1)
        wanted.append(b"%d" % turn)
        await store.owe(people[turn * 2 % 3], wanted[-1])
    await store.close()
    assert await replies(await world.open()) == wanted


@pytest.mark.parametrize("step", [timedelta(0), timedelta(days=-1)])
async def test_a_clock_that_stands_or_goes_back_keeps_ones_order(store: SqlStore, world: World, step: timedelta) -> None:
    person = await world.agree(store, "ana")
    wanted = [b"%d" % number for number in range(20)]
    for reply in wanted:
        world.clock += step
        await store.owe(person, reply)
        if reply == b"9":
            await store.close()
            store = await world.open()
    assert await replies(store) == wanted


async def test_only_what_is_owed_on_that_platform_is_told(store: SqlStore, world: World) -> None:
    for platform in ("telegram", "discord"):
        address = Address(platform=platform, user="7")
        person = store.person(address)
        await store.commit(person, address, Change(session=b"{}", version=1, consents=world.yes(PROGRESS)))
        await store.owe(person, platform.encode())
    assert await replies(store, "telegram") == [b"telegram"]
    assert await replies(store, "discord") == [b"discord"]
    assert await replies(store) == []


async def test_settling_takes_only_that_reply_of_that_person(store: SqlStore, world: World) -> None:
    ana, bo = await world.agree(store, "ana"), await world.agree(store, "bo")
    first, _ = await note(store, ana, b"1"), await note(store, ana, b"2")
    for person, which in ((bo, first), (ana, b"?" * 16), (b"?" * 16, first), (ana, b"")):
        await store.settle(person, which)
    assert await replies(store) == [b"1", b"2"]
    await store.settle(ana, first)
    await store.settle(ana, first)
    assert await replies(store) == [b"2"]


async def test_the_oldest_makes_room(store: SqlStore, world: World) -> None:
    ana, bo = await world.agree(store, "ana"), await world.agree(store, "bo")
    await store.owe(bo, b"of bo")
    for number in range(debts.MOST + 5):
        await store.owe(ana, b"%d" % number)
        assert stored(world) == 1 + min(number + 1, debts.MOST)
    assert await replies(store) == [b"of bo", *(b"%d" % number for number in range(5, debts.MOST + 5))]
    assert debts.MOST == 32


async def test_many_at_once_are_all_noted(store: SqlStore, world: World) -> None:
    people = [await world.agree(store, str(number)) for number in range(40)]
    notes = await asyncio.gather(*(store.owe(person, person + b"%d" % turn) for turn in range(3) for person in people))
    assert len({*notes} - {None}) == 120
    told = await store.owed("terminal")
    for person in people:
        assert [each.reply for each in told if each.person == person] == [person + b"%d" % turn for turn in range(3)]
    await asyncio.gather(*(store.settle(each.person, each.id) for each in told))
    assert stored(world) == 0


async def test_a_caller_who_goes_away_leaves_no_half_note(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana")
    made = await note(store, person, b"0")
    for call in (store.owe(person, b"1"), store.settle(person, made)):
        task = asyncio.ensure_future(call)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await store.close()
    assert await replies(await world.open()) == [b"1"]


async def test_an_erased_person_is_owed_nothing(store: SqlStore, world: World) -> None:
    ana, bo = await world.agree(store, "ana"), await world.agree(store, "bo")
    for person in (ana, bo):
        await store.owe(person, b"reply")
    await store.erase(ana)
    assert [each.person for each in await store.owed("terminal")] == [bo]
    assert await store.owe(ana, b"too late") is None
    assert stored(world) == 1


async def test_withdrawing_progress_takes_what_is_owed(store: SqlStore, world: World) -> None:
    ana, bo = await world.agree(store, "ana"), await world.agree(store, "bo")
    for person in (ana, bo):
        await store.owe(person, b"reply")
    await world.turn(store, "ana", b"{}", 2, consents=world.yes(NUDGES))
    assert [each.person for each in await store.owed("terminal")] == [bo]
    assert await store.owe(ana, b"too late") is None
    assert stored(world) == 1


async def test_withdrawing_something_else_does_not(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana")
    await store.owe(person, b"reply")
    await world.turn(store, "ana", b"{}", 2, consents=world.yes(PROGRESS))
    await world.turn(store, "ana", b"{}", 3)
    assert await replies(store) == [b"reply"]


async def test_the_export_has_what_is_owed(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana")
    for reply in ('{"text": "ö"}'.encode(), b"\x00\xff", b"[1, 2]"):
        await store.owe(person, reply)
    exported = await store.export(person)
    assert exported is not None
    assert exported["owed"] == [{"text": "ö"}, {"base64": "AP8="}, [1, 2]]


@pytest.mark.parametrize("reads", ["owed", "export", "owe"])
async def test_a_spoilt_reply_is_dropped_with_a_word_and_stops_nothing(store: SqlStore, world: World, reads: str) -> None:
    person = await world.agree(store, "ana")
    _, second, _ = [await note(store, person, reply) for reply in (b"1", b"2", b"3")]
    spoil(world, second)
    if reads == "owed":
        assert await replies(store) == [b"1", b"3"]
    elif reads == "export":
        exported = await store.export(person)
        assert exported is not None
        assert exported["owed"] == [1, 3]
    else:
        assert await store.owe(person, b"4") is not None
    assert world.warned == [SPOILT]
    assert stored(world) == (3 if reads == "owe" else 2)
    assert b"2" not in await replies(store)
    assert world.warned == [SPOILT]


async def test_a_reply_that_was_moved_to_somebody_else_does_not_open(store: SqlStore, world: World) -> None:
    ana, bo = await world.agree(store, "ana"), await world.agree(store, "bo")
    made = await note(store, ana, b"for ana alone")
    world.sql("UPDATE owed SET person = ? WHERE id = ?", bo, made)
    assert await replies(store) == []
    assert world.warned == [SPOILT]


async def test_a_reply_to_an_address_that_does_not_open_is_dropped_too(store: SqlStore, world: World) -> None:
    ana, bo = await world.agree(store, "ana"), await world.agree(store, "bo")
    for person in (ana, bo):
        await store.owe(person, b"reply")
    spoil(world, ana, "address", "people")
    assert [each.person for each in await store.owed("terminal")] == [bo]
    assert (stored(world), world.warned) == (1, [SPOILT])


async def test_without_anybody_to_tell_it_goes_to_the_log_and_holds_no_content(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    store = await open_store(world.url, world.keys)
    world.opened.append(store)
    made = await note(store, await world.agree(store, "ana"), b"so lonely")
    spoil(world, made)
    assert await replies(store) == []
    assert caplog.messages == [SPOILT]


async def test_no_repr_shows_a_reply_or_whom_it_is_for(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana-at-home")
    await store.owe(person, b"so lonely")
    (owed,) = await store.owed("terminal")
    debt = debts.Debt(moment=1, person=person, id=owed.id, reply=owed.reply)
    for shown in (repr(owed), repr(debt)):
        assert not any(part in shown for part in ("lonely", "ana", repr(person)[2:-1], person.hex()))


async def test_the_length_and_the_order_are_not_readable(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana")
    for reply in (b"", b"x" * 20, b"y" * 50):
        await store.owe(person, reply)
    sealed = world.sql("SELECT id, length(reply) FROM owed")
    assert len({length for _, length in sealed}) == 1
    assert {len(mark) for mark, _ in sealed} == {16}


async def test_a_secret_is_the_same_after_a_restart(store: SqlStore, world: World) -> None:
    protocol: Store = store
    before = protocol.secret("buttons")
    await store.close()
    store = await world.open()
    assert store.secret("buttons") == before
    assert store.secret("webhook") != before
    other = await open_store(f"sqlite:///{world.folder}/other.db", KeySource(value=encode(b"2" * 32)))
    world.opened.append(other)
    assert other.secret("buttons") != before
