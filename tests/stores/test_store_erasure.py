"""Erased is erased: the old bytes are looked for in every file that the database has."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import LargeBinary

from bot.conversation.facts import NUDGES, PROGRESS
from bot.nudges.compose import Sent
from bot.nudges.plan import Plan, pack_past, pack_plan
from bot.nudges.schedule import Schedule
from bot.ports import Claim, Entry, StoreError
from storage import erasure, sqlite, sqlite_scrub
from storage.keys import KeySource
from storage.tables import metadata
from tests.stores.conftest import only

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.store import SqlStore
    from tests.stores.conftest import World

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
# Every column that is ciphertext.
SEALED = {
    "people": ("address",),
    "sessions": ("session",),
    "entries": ("content",),
    "nudges": ("address", "plan", "past"),
    "owed": ("reply",),
}
ENTRY = Entry(kind="result", at=datetime(2026, 3, 1, tzinfo=UTC), content={"needs": ["touch"]})


def ciphertexts(world: World, person: bytes) -> list[bytes]:
    """What stands in the database for this person now, table by table; read as another program would."""
    found = []
    with closing(sqlite3.connect(world.path)) as link:
        for table, columns in SEALED.items():
            rows = link.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE person = ?", (person,))
            found += [value for row in rows for value in row if value is not None]
    return found


def nudges_of(world: World, person: bytes) -> list[bytes]:
    with closing(sqlite3.connect(world.path)) as link:
        return [
            value for row in link.execute("SELECT address, plan, past FROM nudges WHERE person = ?", (person,)) for value in row
        ]


async def lived(store: SqlStore, world: World, name: str, turns: int) -> tuple[bytes, list[bytes]]:
    """A person after some turns of very different lengths, and every ciphertext there ever was of them."""
    person = await world.agree(store, name, b"{}", entries=(ENTRY,))
    old = ciphertexts(world, person)
    for version in range(2, turns):
        entries = (ENTRY,) if version % 7 == 0 else ()
        nudging = world.nudging(version // 4, plan=b"p" * (version * 57 % 500), past=b"a" * (version * 311 % 4000))
        more = {} if version % 4 else {"nudging": nudging}
        await world.turn(store, name, b"s" * (version * 397 % 6000), version, entries=entries, **more)
        note = await store.owe(person, b"r" * (version * 211 % 3000))
        assert note is not None
        old += ciphertexts(world, person)
        # Of the replies, some are delivered and some are owed to the end.
        if version % 3:
            await store.settle(person, note)
    # Tails and middles as well: a copy may be partly overwritten and still be readable.
    return person, [part for each in old for part in (each[:24], each[-24:], each[len(each) // 2 :][:24])]


@only("sqlite")
async def test_erasing_leaves_no_byte_in_any_file(store: SqlStore, world: World) -> None:
    await world.agree(store, "bo")
    person, old = await lived(store, world, "ana", 40)
    assert world.traces([person])
    assert world.traces(old[-3:])
    assert await store.erase(person) is True
    assert world.traces([person, *old]) == []


@only("sqlite")
async def test_taking_back_every_consent_leaves_no_byte(store: SqlStore, world: World) -> None:
    person, old = await lived(store, world, "ana", 20)
    await world.turn(store, "ana", b"{}", 20, consents=())
    assert world.traces([person, *old]) == []


@only("sqlite")
async def test_taking_back_progress_leaves_no_session_no_entry_and_no_reply(store: SqlStore, world: World) -> None:
    person, old = await lived(store, world, "ana", 20)
    kept = nudges_of(world, person)
    old = [part for part in old if not any(part in value for value in kept)]
    await world.turn(store, "ana", b"{}", 20, consents=world.yes(NUDGES))
    assert world.traces([person])
    assert nudges_of(world, person) == kept
    assert world.traces(old) == []
    record = await store.load(person)
    assert record is not None
    assert record.session is None


@only("sqlite")
@pytest.mark.parametrize("limit", [sqlite.IN_MEMORY_BYTES, 0])
async def test_taking_back_nudges_leaves_nothing_of_them(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(sqlite, "IN_MEMORY_BYTES", limit)
    await world.agree(store, "bo", nudging=world.nudging())
    person = await world.agree(store, "ana", b"s" * 900)
    old = []
    for version in range(1, 20):
        plan, past = b"p" * (version * 57 % 500), b"a" * (version * 311 % 4000)
        await world.turn(store, "ana", b"s" * 900, version + 1, nudging=world.nudging(version, plan=plan, past=past))
        old += nudges_of(world, person)
    parts = [part for each in old for part in (each[:24], each[-24:], each[len(each) // 2 :][:24])]
    assert world.traces(parts[-9:])
    await world.turn(store, "ana", b"s", 21, consents=world.yes(PROGRESS))
    assert nudges_of(world, person) == []
    assert world.traces(parts) == []
    record = await store.load(person)
    assert record is not None
    assert record.session == b"s"


@only("sqlite")
@pytest.mark.parametrize("purposes", [(NUDGES,), (PROGRESS,)])
async def test_what_takes_the_place_of_a_part_that_was_taken_back_leaves_nothing_of_the_old_writing(
    store: SqlStore, world: World, purposes: tuple[str, ...]
) -> None:
    person = await world.agree(store, "ana", b"s" * 900, nudging=world.nudging(plan=b"p" * 300, past=b"a" * 3000))
    old = nudges_of(world, person)
    left = world.nudging(2, plan=b"q" * 200, past=b"[]")
    await world.turn(store, "ana", b"s", 2, consents=world.yes(*purposes), nudging=left)
    assert await store.nudging(person) == left
    parts = [part for each in old for part in (each[:24], each[-24:], each[len(each) // 2 :][:24])]
    assert world.traces(parts) == []


@only("sqlite")
@pytest.mark.parametrize("limit", [sqlite.IN_MEMORY_BYTES, 0])
async def test_taking_back_progress_leaves_no_reply_where_nothing_else_was_kept(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    # A limit of 0 makes the database a large one, which is searched before it is rebuilt.
    monkeypatch.setattr(sqlite, "IN_MEMORY_BYTES", limit)
    searched: list[bytes] = []
    holds = sqlite_scrub.holds

    def noted(file: int, traces: Sequence[bytes]) -> bool:
        searched.extend(traces)
        return holds(file, traces)

    monkeypatch.setattr(sqlite_scrub, "holds", noted)
    person = await world.agree(store, "ana", None)
    await store.owe(person, b"r" * 900)
    sealed = ciphertexts(world, person)[-1]
    assert world.traces([sealed[:24]])
    await world.turn(store, "ana", None, 2, consents=world.yes(NUDGES))
    assert world.traces([sealed[:24], sealed[-24:], sealed[400:424]]) == []
    assert searched == ([] if limit else [sealed[: erasure.END], sealed[-erasure.END :]])


def test_no_sealed_column_is_overlooked() -> None:
    binary = {
        table.name: [each.name for each in table.columns if isinstance(each.type, LargeBinary) and not each.primary_key]
        for table in metadata.sorted_tables
        if table.name != "meta"
    }
    assert {name: tuple(columns) for name, columns in binary.items() if columns} == SEALED


@only("sqlite")
@pytest.mark.parametrize("limit", [sqlite.IN_MEMORY_BYTES, 0])
async def test_rows_that_moved_between_pages_leave_no_copy(world: World, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    # Enough people for pages to split again and again. With this key, order and these lengths, deleting and
    # `secure_delete` alone leave four of the erased in the gaps of pages. A limit of 0 makes the database a large one.
    monkeypatch.setattr(sqlite, "IN_MEMORY_BYTES", limit)
    store = await world.open(KeySource(value="11" * 32))
    await store._database.hop("PRAGMA synchronous=OFF")
    dice = random.Random(1)
    people = {name: await world.agree(store, name) for name in map(str, range(150))}
    for version in (2, 3, 4):
        for name in people:
            await world.turn(store, name, bytes(dice.randrange(900)), version)
    gone = dice.sample(list(people), 75)
    old = [people[name] for name in gone]
    for name in gone:
        old += [part[-24:] for part in ciphertexts(world, people[name])]
    for name in gone:
        await store.erase(people[name])
    assert world.traces(old) == []
    assert [name for name, person in people.items() if await store.load(person) is None] == sorted(gone, key=int)


@only("sqlite")
async def test_a_large_database_is_rebuilt_only_where_a_trace_is_left(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "IN_MEMORY_BYTES", 0)
    rebuilt: list[int] = []

    def rebuild(size: int) -> tuple[str, ...]:
        rebuilt.append(size)
        return ()

    monkeypatch.setattr(sqlite_scrub, "rebuild", rebuild)
    ana, bo = await world.agree(store, "ana"), await world.agree(store, "bo")
    assert await store.erase(ana) is True
    assert (rebuilt, world.traces([ana])) == ([], [])
    monkeypatch.setattr(sqlite_scrub, "holds", lambda file, traces: bo in traces)
    assert await store.erase(bo) is True
    assert len(rebuilt) == 1


@pytest.mark.parametrize("at", [0, 1, 6, 7, 8, 9, 15, 40])
def test_a_trace_is_found_wherever_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    monkeypatch.setattr(sqlite_scrub, "CHUNK", 8)
    content = bytearray(60)
    content[at : at + sqlite_scrub.LONGEST] = b"0123456789abcdef"
    (tmp_path / "file").write_bytes(content)
    file = os.open(tmp_path / "file", os.O_RDONLY)
    try:
        assert sqlite_scrub.holds(file, [b"elsewhere", b"0123456789abcdef"]) is True
        assert sqlite_scrub.holds(file, [b"elsewhere", b"f123456789abcdef"]) is False
    finally:
        os.close(file)


@only("sqlite")
async def test_a_reader_in_the_way_is_named_and_the_erasure_finishes_later(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_scrub, "ATTEMPTS", 1)
    await store._database.hop("PRAGMA busy_timeout=1")
    person, old = await lived(store, world, "ana", 10)
    with closing(sqlite3.connect(world.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM people").fetchone()
        with pytest.raises(StoreError, match="close that program"):
            await store.erase(person)
        assert await store.load(person) is None
        reader.execute("ROLLBACK")
    assert await store.erase(person) is False
    assert world.traces([person, *old]) == []


@only("sqlite")
async def test_an_erasure_cut_short_is_finished_at_the_next_opening(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, old = await lived(store, world, "ana", 10)

    async def crash(*_: object) -> None:
        raise StoreError("cut short")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite_scrub.Scrub, "run", crash)
        with pytest.raises(StoreError, match="cut short"):
            await store.erase(person)
    assert world.traces([person, *old])
    await store.close()
    assert await (await world.open()).load(person) is None
    assert world.traces([person, *old]) == []


@only("sqlite")
async def test_nothing_readable_is_stored(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana-at-home", b'{"own words": "so lonely"}', entries=(ENTRY,))
    await store.owe(person, b"you wrote: so lonely")
    assert world.traces([b"ana-at-home", b"so lonely", b"touch", b"terminal", b"result", b"you wrote"]) == []
    assert world.traces([PROGRESS.encode()])


@only("sqlite")
async def test_of_nudges_only_platform_times_and_states_are_readable(store: SqlStore, world: World) -> None:
    """The words of a real plan, and the ids of what was sent, after everything that is done with them."""
    care = datetime(2026, 4, 7, 3, 21, 9, tzinfo=UTC)
    plan = Plan(schedule=Schedule(at=time(9, 30), zone="Asia/Kolkata"), needs=("touch", "desire"), seed=987_654_321, care=care)
    past = pack_past([Sent(nudge="hand.on.heart", day=739_000, answer="not_for_me", liked=True)])
    packed = json.dumps(pack_plan(plan)).encode()
    nudging = world.nudging(plan=packed, past=json.dumps(past).encode())
    person = await world.agree(store, "ana-at-home", nudging=nudging)
    claim = Claim(person=person, seen=NOW, version=1, next=NOW + timedelta(days=1), day=739_677, slot=0, state="claimed")
    assert await store.claim([claim]) == [True]
    await store.record(person, replace(nudging, version=3), day=739_677, slot=0, state="sent")
    await store.away(person, day=739_677, slot=1)
    words = {word.encode() for word in re.findall(r"[A-Za-z_/.]{4,}|[0-9:.-]{4,}", packed.decode() + json.dumps(past))}
    words.remove(b"00:00")  # the moment of a consent, which is readable, ends so too
    assert {b"Asia/Kolkata", b"09:30", b"03:21:09", b"touch", b"care", b"hand.on.heart", b"not_for_me", b"987654321"} <= words
    assert [word for word in (*words, b"ana-at-home") if world.traces([word])] == []
    with closing(sqlite3.connect(world.path)) as link:
        names = [row[1] for row in link.execute("PRAGMA table_info(nudges)")]
        kinds = [type(value) for value in link.execute("SELECT * FROM nudges").fetchone()]
        rows = link.execute("SELECT day, slot, state FROM deliveries ORDER BY slot").fetchall()
    readable = {name for name, kind in zip(names, kinds, strict=True) if kind is not bytes}
    assert readable == {"platform", "due_at", "version"}
    assert rows == [(739_677, 0, "sent"), (739_677, 1, "failed")]
