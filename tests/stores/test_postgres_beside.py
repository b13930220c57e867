"""What a server has that a file has not: others beside us, a network between, and a restart of its own."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bot.conversation.facts import NUDGES, PROGRESS
from bot.ports import Conflict, Entry, StoreError
from storage import postgres_database
from storage.keys import KeySource, encode
from storage.postgres import Lost
from storage.postgres_database import PATIENT, TRIES
from tests.postgres import Postgres
from tests.stores.conftest import NOW, only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.store import SqlStore
    from tests.stores.conftest import Server

ENTRY = Entry(kind="result", at=NOW, content={"needs": ["touch"]})


# -- others at the same time ------------------------------------------------------------------------------------------


@only("postgres")
async def test_of_two_who_save_the_same_turn_one_conflicts_and_neither_is_half_done(store: SqlStore, world: Server) -> None:
    other, names = await world.open(), [str(number) for number in range(40)]
    people = [await world.agree(store, name, b"0") for name in names]
    for version in range(2, 6):
        # Batches in opposite orders: rows wait for each other, even around a corner.
        saves = [
            world.turn(one, name, mark, version)
            for one, mark, row in ((store, b"one", names), (other, b"two", names[::-1]))
            for name in row
        ]
        told = await asyncio.gather(*saves, return_exceptions=True)
        won = [
            {name for name, result in zip(row, results, strict=True) if result is None}
            for row, results in ((names, told[:40]), (names[::-1], told[40:]))
        ]
        assert all(result is None or isinstance(result, Conflict) for result in told)
        assert (won[0] | won[1], won[0] & won[1]) == ({*names}, set())
        records = [await store.load(person) for person in people]
        assert [record and (record.session, record.version) for record in records] == [
            (b"one" if name in won[0] else b"two", version) for name in names
        ]


@only("postgres")
async def test_what_was_taken_back_meanwhile_is_not_written(store: SqlStore, world: Server) -> None:
    """A turn and a withdrawal of the same version, from two processes: whichever comes first, the other conflicts."""
    other = await world.open()
    for number in range(20):
        person = await world.agree(store, str(number), b"1")
        saved, withdrawn = await asyncio.gather(
            world.turn(store, str(number), b"2", 2),
            world.turn(other, str(number), None, 2, consents=world.yes(NUDGES)),
            return_exceptions=True,
        )
        record = await store.load(person)
        assert record is not None
        assert [type(each) for each in (saved, withdrawn)].count(Conflict) == 1
        assert (record.session, len(record.consents)) == ((b"2", 2) if saved is None else (None, 1))


@only("postgres")
async def test_a_body_that_others_were_in_the_way_of_is_run_again(store: SqlStore, world: Server) -> None:
    person, other, ran = await world.agree(store, "ana", b"1"), await world.open(), list[int]()

    async def body(transaction: Any) -> str:
        ran.append(1)
        transaction.afterwards(lambda: ran.append(100))
        (seen,) = await transaction.run(postgres_database.sql.VERSION, whose=person)
        if len(ran) == 1:
            await world.turn(other, "ana", b"2", 2)
        await transaction.run(postgres_database.sql.GO_AWAY, whose=person)
        return f"saw {seen[0]}"

    assert await store._database.exclusive(body) == "saw 2"
    assert ran == [1, 1, 100]


@only("postgres")
async def test_whoever_is_slower_each_time_is_let_through_in_the_end(store: SqlStore, world: Server) -> None:
    person, other, ran = await world.agree(store, "ana", b"1"), await world.open(), list[int]()
    turns = list[asyncio.Task[None]]()

    async def body(transaction: Any) -> None:
        ran.append(1)
        await transaction.run(postgres_database.sql.VERSION, whose=person)
        turns.append(asyncio.create_task(world.turn(other, "ana", b"2", 1 + len(ran))))
        if len(ran) <= PATIENT:
            await turns[-1]
        await transaction.run(postgres_database.sql.GO_AWAY, whose=person)

    await store._database.exclusive(body)
    told = await asyncio.gather(*turns, return_exceptions=True)
    assert [type(each) for each in told] == [type(None)] * PATIENT + [Conflict]
    assert len(ran) == PATIENT + 1


@only("postgres")
async def test_one_that_is_never_let_through_is_told_so(
    store: SqlStore, world: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Were they locked, nobody could be in the way.
    monkeypatch.setattr(postgres_database, "ALONE", "SELECT 1")
    person, other, ran = await world.agree(store, "ana", b"1"), await world.open(), list[int]()

    async def body(transaction: Any) -> None:
        ran.append(1)
        await transaction.run(postgres_database.sql.VERSION, whose=person)
        await world.turn(other, "ana", b"2", 1 + len(ran))
        await transaction.run(postgres_database.sql.GO_AWAY, whose=person)

    with pytest.raises(StoreError, match="again and again: try again"):
        await store._database.exclusive(body)
    assert len(ran) == TRIES


@only("postgres")
async def test_a_change_of_keys_waits_for_others_and_keeps_them_out(world: Server) -> None:
    old, new = encode(b"1" * 32), encode(b"2" * 32)
    behind = await world.open(KeySource(value=old))
    people = [await world.agree(behind, str(number), b"1") for number in range(30)]
    turns = [world.turn(behind, str(number), b"2", 2) for number in range(30)]
    told = await asyncio.gather(world.open(KeySource(value=f"{new},{old}")), *turns, return_exceptions=True)
    ahead: SqlStore = told[0]  # type: ignore[assignment]
    assert [await behind.load(person) for person in people] == [None] * 30
    for number, turn in enumerate(told[1:]):
        record = await ahead.load(ahead.person(world.address(str(number))))
        assert record is not None
        assert record.version == (2 if turn is None else 1)
        assert turn is None or isinstance(turn, Conflict)


# -- the connection ---------------------------------------------------------------------------------------------------


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A server that may be stopped: the others' is not."""
    server = Postgres()
    yield server
    server.stop()


@only("postgres")
async def test_a_restart_of_the_server_between_two_turns_is_not_noticed(own_server: Postgres, world: Server) -> None:
    world.server, shared, name = own_server, world.server, world.name
    world.name = own_server.migrated()
    try:
        store = await world.open()
        person = await world.agree(store, "ana", b"1")
        await asyncio.to_thread(own_server.halt)
        for call in (store.load(person), world.turn(store, "ana", b"2", 2), store.export(person), store.erase(person)):
            with pytest.raises(StoreError, match=r"cannot be reached|ended the connection"):
                await call
        await asyncio.to_thread(own_server.resume)
        await world.turn(store, "ana", b"2", 2)
        record = await store.load(person)
        assert record is not None
        assert (record.session, record.version) == (b"2", 2)
        await asyncio.to_thread(own_server.halt)
        await asyncio.to_thread(own_server.resume)
        assert await store.export(person) is not None
        assert await store.erase(person) is True
        await world.close()
    finally:
        world.server, world.name = shared, name


def cut(world: Server) -> None:
    """End every connection of Closer's, as an operator may."""
    world.server.run(
        "postgres",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'closer'",
        world.name,
    )


@only("postgres")
async def test_a_transaction_whose_connection_went_before_the_commit_is_done_once(store: SqlStore, world: Server) -> None:
    person, ran = await world.agree(store, "ana", b"1"), list[int]()

    async def body(transaction: Any) -> None:
        ran.append(1)
        await transaction.run(postgres_database.sql.GO_AWAY, whose=person)
        if len(ran) == 1:
            cut(world)
        # Neither this one nor the commit may go to another connection, on which they would be alone.
        await transaction.run(postgres_database.sql.GO_AWAY, whose=person)

    await store._database.exclusive(body)
    record = await store.load(person)
    assert record is not None
    assert (len(ran), record.version) == (2, 3)


@only("postgres")
async def test_a_statement_of_a_transaction_never_goes_to_a_new_connection(store: SqlStore, world: Server) -> None:
    person = await world.agree(store, "ana", b"1")
    begun = asyncio.Event()
    again = asyncio.Event()

    async def body(transaction: Any) -> None:
        await transaction.run(postgres_database.sql.GO_AWAY, whose=person)
        begun.set()
        await again.wait()
        await transaction.run(postgres_database.sql.GO_AWAY, whose=person)
        raise StoreError("taken back")

    doing = asyncio.create_task(store._database.exclusive(body))
    await begun.wait()
    store._database._writer._link.terminate()
    again.set()
    with pytest.raises(StoreError, match="taken back"):
        await doing
    record = await store.load(person)
    assert record is not None
    assert record.version == 1


@only("postgres")
async def test_a_commit_whose_answer_is_lost_is_an_error_and_not_repeated(
    store: SqlStore, world: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await world.agree(store, "ana", b"1")
    database = store._database
    hop, commits = database.hop, list[str]()

    async def lost_after(sql: str, args: Any = ()) -> Any:
        rows = await hop(sql, args)
        if sql in {"COMMIT", store._sessions._saving[1].sql}:
            commits.append(sql)
            raise Lost("the answer did not arrive")
        return rows

    monkeypatch.setattr(database, "hop", lost_after)
    for more in ({}, {"consents": world.yes(PROGRESS)}):
        with pytest.raises(StoreError, match="did not arrive"):
            await world.turn(store, "ana", b"new", 2 + len(commits), **more)
    monkeypatch.setattr(database, "hop", hop)
    assert len(commits) == 2
    record = await store.load(person)
    assert record is not None
    assert record.version == 3
    with pytest.raises(Conflict):
        await world.turn(store, "ana", b"new", 3)


# Turn after turn in one process; each says so when it is committed.
TURNS = """
import asyncio, sys
from pathlib import Path
from bot.ports import Address, Change
from storage.keys import KeySource
from storage.store import open_store


async def main():
    store = await open_store(sys.argv[1], KeySource(file=Path(sys.argv[2])))
    address = Address(platform="terminal", user="ana")
    for version in range(2, 100_000):
        print(version, flush=True)
        await store.commit(store.person(address), address, Change(session=b"%d" % version * 500, version=version))


asyncio.run(main())
"""


def started(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


@only("postgres")
@pytest.mark.parametrize("turns", [1, 7, 60])
async def test_a_process_killed_in_the_middle_of_a_commit_leaves_whole_turns(
    store: SqlStore, world: Server, turns: int
) -> None:
    person = await world.agree(store, "ana", b"1")
    words = [sys.executable, "-c", TURNS, world.url, str(world.key_file)]
    with started(words) as process:
        assert process.stdout
        for _ in range(turns):
            version = int(process.stdout.readline())
        # That one is asked for by now; those before it are answered.
        process.send_signal(signal.SIGKILL)
    record = await store.load(person)
    assert record is not None
    assert record.version >= version - 1
    assert record.session == (b"%d" % record.version * 500 if record.version > 1 else b"1")
    await world.turn(store, "ana", b"on", record.version + 1)
