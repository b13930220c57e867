"""A copy is of one moment, whatever is written meanwhile; it is whole or it is not there; and the erased are not in it."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.ports import StoreError
from storage.operations import Operations
from storage.schema import HEAD
from storage.sqlite_copies import alone, back_up, examine
from storage.store import open_store
from tests.stores.conftest import only
from tests.talk import ROOT, read_until

if TYPE_CHECKING:
    from pathlib import Path

    from storage.store import SqlStore
    from tests.stores.conftest import Files, World

PAIRS = 32
# A copy that stops for ever once the file is written, before it gets its name.
HANGS = """
import sys, time
from pathlib import Path
from storage import sqlite_copies


def hang(draft, copy, **_):
    print(draft.stat().st_size, flush=True)
    time.sleep(60)


sqlite_copies.put_in_place = hang
sqlite_copies.back_up(*map(Path, sys.argv[1:]))
"""


def work_of(world: World) -> Operations:
    return Operations(url=world.url, keys=world.keys)


async def test_a_copy_that_is_made_in_full_swing_is_of_one_moment(world: World, store: SqlStore, tmp_path: Path) -> None:
    """64 people write in each breath: no copy holds half of a breath, and none holds less than what was there before it."""
    names = [f"person {number}" for number in range(2 * PAIRS)]
    for name in names:
        await world.agree(store, name)
    await world.hasten(store)
    ready, stop = asyncio.Event(), asyncio.Event()
    written = 1

    async def swing() -> None:
        nonlocal written
        while not stop.is_set():
            await asyncio.gather(*(world.turn(store, name, b"s" * 700, written + 1) for name in names))
            written += 1
            ready.set()

    swinging = asyncio.create_task(swing())
    await ready.wait()
    copies, least = [tmp_path / f"{number}.db" for number in range(3)], []
    for copy in copies:
        least.append(written)
        await work_of(world).backup(copy)
    stop.set()
    await swinging
    for copy, before in zip(copies, least, strict=True):
        with closing(sqlite3.connect(copy)) as link:
            versions = {row[0] for row in link.execute("SELECT version FROM sessions")}
        # A breath is one commit, or, where its first went ahead, two that follow each other.
        assert max(versions) - min(versions) <= 1
        assert min(versions) >= before
        assert examine(copy).people == len(names)


async def test_what_comes_back_goes_on_from_there(world: World, store: SqlStore, tmp_path: Path) -> None:
    person = await world.agree(store, "ana", b"then", nudging=world.nudging())
    await work_of(world).backup(tmp_path / "copy.db")
    await world.turn(store, "ana", b"later", 2)
    await world.close()
    there = Operations(url=f"sqlite:///{tmp_path / 'there' / 'closer.db'}", keys=world.keys)
    with pytest.raises(StoreError, match="There is no file"):
        await there.restore(tmp_path / "other.db", replace=False, today=world.clock.date())
    done = await there.restore(tmp_path / "copy.db", replace=False, today=world.clock.date())
    assert (done.people, done.aside) == (1, None)
    again = await open_store(there._url, world.keys, now=lambda: world.clock)
    world.opened.append(again)
    record = await again.load(person)
    assert record is not None
    assert (record.session, record.version) == (b"then", 1)
    assert await again.nudging(person) == world.nudging()
    await world.turn(again, "ana", b"on", 2)


@only("postgres")
async def test_a_copy_of_a_server_goes_back_into_an_empty_one(world: World, store: SqlStore, tmp_path: Path) -> None:
    person = await world.agree(store, "ana", b"then")
    copy = tmp_path / "copy.db"
    await work_of(world).backup(copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError, match="is there already"):
        await work_of(world).backup(copy)
    with pytest.raises(StoreError, match="not empty"):
        await work_of(world).restore(copy, replace=False, today=world.clock.date())
    with pytest.raises(StoreError, match="empty database"):
        await work_of(world).restore(copy, replace=True, today=world.clock.date())
    await world.close()
    world.empty()
    await work_of(world).restore(copy, replace=False, today=world.clock.date())
    again = await world.open()
    record = await again.load(person)
    assert record is not None
    assert record.session == b"then"


@only("postgres")
async def test_a_server_says_which_schema_it_has(world: World) -> None:
    world.empty()
    assert await work_of(world).migrate() == (None, HEAD)
    assert await work_of(world).migrate() == (HEAD, HEAD)


@only("sqlite")
async def test_the_erased_are_in_no_copy(world: Files, store: SqlStore, tmp_path: Path) -> None:
    kept, gone = await world.agree(store, "ana", b"s" * 900), await world.agree(store, "bo", b"s" * 900)
    await work_of(world).backup(tmp_path / "before.db")
    await store.erase(gone)
    await work_of(world).backup(tmp_path / "after.db")
    before, after = (tmp_path / "before.db").read_bytes(), (tmp_path / "after.db").read_bytes()
    assert kept in before
    assert gone in before
    assert kept in after
    assert gone not in after


@only("sqlite")
async def test_a_copy_that_is_killed_leaves_no_file_of_that_name(world: Files, store: SqlStore, tmp_path: Path) -> None:
    await world.agree(store, "ana")
    copy = tmp_path / "copy.db"
    begin_and_kill(world.path, copy)
    assert not copy.exists()
    # And the next attempt is not in its way.
    await work_of(world).backup(copy)
    assert examine(copy).people == 1


def begin_and_kill(path: Path, copy: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HANGS, path, copy], stdout=subprocess.PIPE, cwd=ROOT) as copying:
        assert copying.stdout is not None
        assert int(read_until(copying.stdout.fileno(), b"\n")) > 0
        copying.send_signal(signal.SIGKILL)


@only("sqlite")
async def test_a_disk_without_room_leaves_no_file_of_that_name(world: Files, store: SqlStore, tmp_path: Path) -> None:
    for number in range(40):
        await world.agree(store, f"person {number}", b"s" * 900)
    await world.close()
    copy = tmp_path / "copy.db"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # No file may grow beyond this; the system answers as it does where a disk is full.
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, hard))
    try:
        with pytest.raises(StoreError, match="room"):
            back_up(world.path, copy)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [name for name in os.listdir(tmp_path) if name.startswith("copy.db")]  # noqa: PTH208 - a test may block


@only("sqlite")
async def test_who_has_a_database_alone_shuts_others_out_until_the_end(world: Files, store: SqlStore) -> None:
    with pytest.raises(StoreError, match="another program"), alone(world.path):
        raise AssertionError("somebody has it open")
    await world.close()
    with (
        alone(world.path),
        closing(sqlite3.connect(world.path, timeout=0)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("SELECT * FROM people")
    await world.agree(await world.open(), "ana")


@only("sqlite")
async def test_a_disk_that_knows_one_name_for_each_file(
    world: Files, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", never)
    await world.agree(store, "ana")
    await work_of(world).backup(tmp_path / "copy.db")
    assert examine(tmp_path / "copy.db").people == 1
    with pytest.raises(StoreError, match="is there already"):
        await work_of(world).backup(tmp_path / "copy.db")
