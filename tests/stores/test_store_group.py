"""Turns of many people share commits, and nobody pays for anybody else's trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from bot.ports import Change, Conflict, StoreError
from storage.group import LOOKS, Group
from storage.sessions import MOST, saving

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import World


class Gate:
    """Work that waits until it is let through, and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.open = asyncio.Event()
        self.error: Exception | None = None

    async def work(self, batch: Sequence[str]) -> list[str | Exception]:
        self.batches.append(list(batch))
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return [Conflict(item) if item.startswith("bad") else item.upper() for item in batch]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def start(group: Group[str, str], *items: str) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(group.submit(item.encode(), item)) for item in items]
    await settle()
    return tasks


async def test_what_comes_meanwhile_goes_together() -> None:
    gate = Gate()
    group = Group(gate.work, most=3)
    tasks = await start(group, "a", "b", "c", "d", "e")
    gate.open.set()
    assert await asyncio.gather(*tasks) == ["A", "B", "C", "D", "E"]
    assert gate.batches == [["a"], ["b", "c", "d"], ["e"]]
    assert await group.submit(b"f", "f") == "F"
    assert gate.batches[-1] == ["f"]


async def test_who_arrives_together_goes_together_without_a_hop() -> None:
    gate, here = Gate(), list[list[str]]()

    def at_once(batch: Sequence[str]) -> list[str] | None:
        if any(item in "xyz" for item in batch):
            return None
        here.append(list(batch))
        return [item.upper() for item in batch]

    group = Group(gate.work, most=3, at_once=at_once)
    tasks = await start(group, "a", "b", "c", "d")
    assert await asyncio.gather(*tasks) == ["A", "B", "C", "D"]
    assert here == [["b", "c", "d"], ["a"]]
    assert await group.submit(b"e", "e") == "E"
    assert gate.batches == []
    gate.open.set()
    tasks = await start(group, "x", "y")
    assert await asyncio.gather(*tasks) == ["X", "Y"]
    assert sorted(item for batch in gate.batches for item in batch) == ["x", "y"]


async def test_a_crowd_after_a_lonely_time_soon_goes_together() -> None:
    here: list[int] = []

    def at_once(batch: Sequence[str]) -> list[str]:
        here.append(len(batch))
        return list(batch)

    group = Group(Gate().work, most=100, at_once=at_once)
    for number in range(3 * LOOKS + 1):
        await group.submit(b"a", str(number))
    here.clear()
    tasks = await start(group, *map(str, range(50)))
    assert await asyncio.gather(*tasks) == [str(number) for number in range(50)]
    assert sum(here) == 50
    assert len(here) <= LOOKS + 1


async def test_one_key_is_never_twice_in_a_batch() -> None:
    gate = Gate()
    group = Group(gate.work, most=9)
    tasks = await start(group, "x")
    tasks += [asyncio.create_task(group.submit(key, item)) for key, item in ((b"1", "a"), (b"1", "b"), (b"2", "c"))]
    await settle()
    gate.open.set()
    assert await asyncio.gather(*tasks) == ["X", "A", "B", "C"]
    assert gate.batches == [["x"], ["a", "c"], ["b"]]


async def test_each_caller_gets_their_own_result() -> None:
    gate = Gate()
    group = Group(gate.work, most=9)
    tasks = await start(group, "bad first", "a", "bad", "b")
    gate.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [Conflict, str, Conflict, str]


@pytest.mark.parametrize("victim", [0, 1, 3])
async def test_cancelling_one_caller_takes_nothing_from_the_others(victim: int) -> None:
    gate = Gate()
    group = Group(gate.work, most=2)
    tasks = await start(group, "a", "b", "c", "d")
    tasks[victim].cancel()
    await settle()
    gate.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results.pop(victim), asyncio.CancelledError)
    assert results == [name for index, name in enumerate("ABCD") if index != victim]
    assert await group.submit(b"e", "e") == "E"


async def test_a_failed_hop_fails_its_batch_with_an_error_for_each() -> None:
    for error in (StoreError("disk"), RuntimeError("bug")):
        gate = Gate()
        gate.error = error
        group = Group(gate.work, most=9)
        tasks = await start(group, "a", "b", "c")
        gate.open.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} == {type(error)}
        gate.error = None
        assert await group.submit(b"d", "d") == "D"


async def test_closing_waits_for_what_is_under_way_and_takes_nothing_new() -> None:
    gate = Gate()
    group = Group(gate.work, most=9)
    assert await start(group) == []
    tasks = await start(group, "a", "b")
    closing = asyncio.create_task(group.close())
    await settle()
    assert not closing.done()
    with pytest.raises(StoreError, match="closed"):
        await group.submit(b"c", "c")
    gate.open.set()
    await closing
    assert [task.result() for task in tasks] == ["A", "B"]


async def test_a_loop_that_ends_leaves_nobody_waiting() -> None:
    gate = Gate()
    group = Group(gate.work, most=1)
    first, second, third = await start(group, "a", "b", "c")
    first.cancel()
    await settle()
    assert group._task is not None
    group._task.cancel()
    results = await asyncio.gather(first, second, third, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)


@pytest.mark.parametrize("here", [True, False], ids=["on the loop", "by hops"])
async def test_a_hundred_turns_are_durable_in_few_commits(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    names = [str(number) for number in range(100)]
    people = [await world.agree(store, name) for name in names]
    commits: list[str] = []
    write, at_once = store._database.write, store._database.at_once

    async def hopped(sql: str, args: Sequence[Any]) -> list[tuple[Any, ...]]:
        commits.append(sql)
        return await write(sql, args)

    def done_here(sql: str, args: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        commits.append(sql)
        return at_once(sql, args) if here else None

    monkeypatch.setattr(store._database, "write", hopped)
    monkeypatch.setattr(store._database, "at_once", done_here)
    await asyncio.gather(*(world.turn(store, name, name.encode(), 2) for name in names))
    # Where each is tried here first, and hops, every commit is seen twice.
    assert 0 < len(commits) <= (1 + -(-100 // MOST)) * (1 if here else 2)
    await store.close()
    again = await world.open()
    records = await asyncio.gather(*(again.load(person) for person in people))
    assert [(record.session, record.version) for record in records if record] == [(n.encode(), 2) for n in names]


async def test_only_those_who_conflict_conflict(store: SqlStore, world: World) -> None:
    names = [str(number) for number in range(70)]
    people = [await world.agree(store, name, b"old") for name in names]
    await store.erase(people[5])
    versions = [9 if index in {0, 33, 69} else 2 for index in range(70)]
    turns = (world.turn(store, name, b"new", version) for name, version in zip(names, versions, strict=True))
    results = await asyncio.gather(*turns, return_exceptions=True)
    assert {index for index, result in enumerate(results) if result is not None} == {0, 5, 33, 69}
    assert all(result is None or isinstance(result, Conflict) for result in results)
    records = [await store.load(person) for person in people]
    kept = [None if record is None else record.session for record in records]
    assert kept == [None if i == 5 else b"old" if i in {0, 33, 69} else b"new" for i in range(70)]


async def test_a_cancelled_turn_is_whole_or_absent(store: SqlStore, world: World) -> None:
    names = [str(number) for number in range(10)]
    people = [await world.agree(store, name, b"old") for name in names]
    tasks = [asyncio.create_task(world.turn(store, name, b"new", 2)) for name in names]
    await asyncio.sleep(0)
    tasks[0].cancel()
    tasks[4].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await store.close()
    again = await world.open()
    for index, person in enumerate(people):
        record = await again.load(person)
        assert record is not None
        allowed = {(b"new", 2)} if index not in {0, 4} else {(b"new", 2), (b"old", 1)}
        assert (record.session, record.version) in allowed


async def test_a_cancelled_withdrawal_still_happens_as_a_whole(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana")
    address = world.address("ana")
    task = asyncio.create_task(store.commit(person, address, Change(session=None, version=2, consents=())))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.close()
    assert world.traces([person]) == []


@pytest.mark.parametrize("rows", [1, 2, 64])
def test_parameters_stand_in_the_order_of_the_rows(rows: int) -> None:
    names = saving(rows).names
    expected = [f"{part}{row}" for row in range(rows) for part in ("person", "version", "session", "month")]
    assert list(names[: 4 * rows]) == expected
    assert all(name in saving(rows).fixed for name in names[4 * rows :])
