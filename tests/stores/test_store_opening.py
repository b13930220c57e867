"""Opening, migrating, and everything that can be wrong with a file: an error with a remedy, never a half-written turn."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.conversation.facts import PROGRESS
from bot.ports import StoreError
from storage import schema, sqlite_database
from storage.dialect import engine_of
from storage.schema import HEAD, MIGRATIONS
from storage.sqlite import Line, connect, connect_line, engine, explain, locate
from storage.sqlite_database import migrate
from storage.sqlite_here import LONG, SHORT, Here
from storage.store import open_store
from storage.tables import metadata
from tests.stores.conftest import only

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import World

ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="file modes do not stop the superuser")


def named(url: str) -> Path:
    assert engine_of(url) == "sqlite"
    return locate(url)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///closer.db", "closer.db"),
        ("sqlite:///a/b c%20d.db", "a/b c%20d.db"),
        ("sqlite:////srv/closer.db", "/srv/closer.db"),
        ("sqlite:///~/closer.db", "~/closer.db"),
    ],
)
def test_urls_name_files(url: str, path: str) -> None:
    assert named(url) == Path(path)


@pytest.mark.parametrize(
    "url",
    [
        *("", "closer.db", "/srv/closer.db", "sqlite:", "sqlite://", "sqlite:///", "sqlite://host/x.db"),
        *("sqlite:///:memory:", "sqlite:///x.db?mode=ro", "sqlite:///x\0.db", "SQLITE:///x.db"),
        *("sqlite+aiosqlite:///x.db", "mysql://u:sesame@h/d"),
    ],
)
def test_other_urls_are_refused_with_the_form(url: str) -> None:
    with pytest.raises(StoreError, match=r"DATABASE_URL.*sqlite:///relative/path\.db") as caught:
        named(url)
    assert "sesame" not in str(caught.value)


def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "x.db")) as connection:
        assert migrate(connection, tmp_path / "x.db") is True
        assert migrate(connection, tmp_path / "x.db") is False
        with engine(connection).connect() as link:
            context = MigrationContext.configure(link, opts={"compare_type": True, "compare_server_default": True})
            assert compare_metadata(context, metadata) == []


def test_the_head_is_the_last_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    known = {script.revision for script in scripts.walk_revisions()}
    assert known == {HEAD, *schema.OLDER}


def test_a_migration_cut_short_leaves_the_old_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.db"
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA max_page_count=6")
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, path)
    with closing(connect(path)) as connection:
        assert migrate(connection, path) is True


@only("sqlite")
async def test_opening_again_needs_no_migrations(world: World) -> None:
    await (await world.open()).close()
    script = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom storage.store import open_store\n"
        "from storage.keys import KeySource\n"
        "async def main():\n    await (await open_store(sys.argv[1], KeySource(file=Path(sys.argv[2])))).close()\n"
        "asyncio.run(main())\nassert 'alembic' not in sys.modules\nprint('done')"
    )
    words = [sys.executable, "-c", script, world.url, str(world.key_file)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: ASYNC221 - our own words
    assert done.stdout == "done\n"


@only("sqlite")
async def test_a_newer_database_asks_for_a_newer_closer(world: World) -> None:
    await (await world.open()).close()
    for revision in ("9999", "0000"):
        with closing(sqlite3.connect(world.path)) as link, link:
            link.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        with pytest.raises(StoreError, match="made by a newer Closer: upgrade"):
            await world.open()


@only("sqlite")
async def test_another_programs_database_is_left_alone(world: World) -> None:
    world.folder.mkdir()
    with closing(sqlite3.connect(world.path)) as link, link:
        link.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(StoreError, match="belongs to another program"):
        await world.open()
    with closing(sqlite3.connect(world.path)) as link:
        assert link.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]


@only("sqlite")
@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\x07" * 5000, b"x"])
async def test_a_file_that_is_no_database(world: World, content: bytes) -> None:
    world.folder.mkdir()
    world.path.write_bytes(content)
    with pytest.raises(StoreError, match=r"closer\.db.*(not a Closer database|damaged)"):
        await world.open()
    assert world.path.read_bytes() == content


@only("sqlite")
async def test_a_damaged_database_is_told_apart_from_an_empty_one(world: World) -> None:
    store = await world.open()
    for name in range(50):
        await world.agree(store, str(name), b"x" * 2000)
    await store.close()
    content = bytearray(world.path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    world.path.write_bytes(content)
    with pytest.raises(StoreError, match=r"closer\.db.*(damaged|backup)"):
        await world.open()


@only("sqlite")
async def test_a_value_changed_in_the_file_is_noticed(store: SqlStore, world: World) -> None:
    person, other = await world.agree(store, "ana", b"1"), await world.agree(store, "bo", b"2")
    with closing(sqlite3.connect(world.path)) as link, link:
        link.execute(
            "UPDATE sessions SET session = (SELECT session FROM sessions WHERE person = ?) WHERE person = ?",
            (other, person),
        )
    with pytest.raises(StoreError, match="changed or moved"):
        await store.load(person)
    with pytest.raises(StoreError, match="changed or moved"):
        await store.export(person)
    assert await store.load(other) is not None


@only("sqlite")
async def test_a_folder_in_the_files_place(world: World) -> None:
    world.path.mkdir(parents=True)
    with pytest.raises(StoreError, match="is a folder, not a file"):
        await world.open()


@only("sqlite")
async def test_a_file_in_the_folders_place(world: World) -> None:
    world.folder.touch()
    with pytest.raises(StoreError, match=r"data.*DATABASE_URL"):
        await world.open()
    with pytest.raises(StoreError, match=r"data/deeper cannot be made.*DATABASE_URL"):
        await open_store(f"sqlite:///{world.folder}/deeper/closer.db", world.keys)


@only("sqlite")
async def test_a_second_connection_that_fails_leaves_no_first_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await (await world.open()).close()
    lines: list[Line] = []

    async def once(path: Path) -> Line:
        if lines:
            raise sqlite3.OperationalError("no more")
        lines.append(await connect_line(path))
        return lines[0]

    monkeypatch.setattr(sqlite_database, "connect_line", once)
    with pytest.raises(StoreError, match=r"closer\.db failed"):
        await world.open()
    with pytest.raises(ValueError, match=r"closed|no active connection"):
        await lines[0].execute_fetchall("SELECT 1")


@only("sqlite")
async def test_a_name_that_the_disk_refuses(world: World) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL"):
        await open_store(f"sqlite:///{world.folder}/{'n' * 300}", world.keys)


@only("sqlite")
@pytest.mark.parametrize("name", ["data", "closer.db", "closer.db-wal", "closer.db-shm"])
async def test_what_may_not_be_written_to_is_named(
    store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    await world.agree(store, "ana")
    monkeypatch.setattr("storage.files.os.access", lambda path, mode: path.name != name)
    with pytest.raises(StoreError, match=f"{name} cannot be written to: make it writable for this user"):
        await world.open()


@only("sqlite")
@ROOT
async def test_an_unwritable_folder_and_a_read_only_file(world: World) -> None:
    world.folder.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="writable"):
        await world.open()
    world.folder.chmod(0o700)
    await (await world.open()).close()
    world.path.chmod(0o400)
    with pytest.raises(StoreError, match="writable for this user"):
        await world.open()
    assert world.files() == [world.path]
    world.path.chmod(0o600)
    await world.open()


async def for_all_writers(store: SqlStore, pragma: str) -> None:
    """Both connections that write: the one on the driver's thread, and the one on the loop's own."""
    await store._database.hop(pragma)
    store._database._here._connection.execute(pragma).fetchall()


@only("sqlite")
async def test_a_turn_alone_hops_where_somebody_else_writes(store: SqlStore, world: World) -> None:
    await world.agree(store, "ana", b"1")
    other = connect(world.path)
    other.execute("BEGIN IMMEDIATE")
    assert store._database.at_once("DELETE FROM meta WHERE name = 'none'", ()) is None
    waiting = asyncio.ensure_future(world.turn(store, "ana", b"2", 2))
    await asyncio.sleep(0)
    other.execute("ROLLBACK")
    other.close()
    await waiting


@only("sqlite")
async def test_a_slow_disk_gets_hops_for_a_while(store: SqlStore, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.agree(store, "ana", b"1")
    times = iter([0.0, 1.0])
    monkeypatch.setattr("storage.sqlite_here.perf_counter", lambda: next(times))
    await world.turn(store, "ana", b"2", 2)
    assert store._database._here._pause == SHORT
    await world.turn(store, "ana", b"3", 3)
    assert store._database._here._pause == SHORT - 1


def test_a_disk_that_stays_slow_gets_more_hops_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, slow = [0.0], [True]

    def ticking() -> float:
        clock[0] += slow[0]
        return clock[0]

    here = Here(tmp_path / "here.db")
    monkeypatch.setattr("storage.sqlite_here.perf_counter", ticking)

    def hops() -> int:
        assert here.rows("SELECT 1", ()) == [(1,)]
        hopped = 0
        while here._pause:
            assert here.rows("SELECT 1", ()) is None
            hopped += 1
        return hopped

    assert [hops() for _ in range(3)] == [SHORT, 2 * SHORT, 4 * SHORT]
    assert max(hops() for _ in range(10)) == LONG
    slow[0] = False
    assert hops() == 0
    slow[0] = True
    assert hops() == SHORT
    here.close()


@only("sqlite")
async def test_a_database_that_turned_read_only_loses_nothing(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1")
    await for_all_writers(store, "PRAGMA query_only=ON")
    for more in ({}, {"consents": ()}, {"consents": world.yes(PROGRESS)}):
        with pytest.raises(StoreError, match=r"closer\.db cannot be written to"):
            await world.turn(store, "ana", b"2", 2, **more)
    await for_all_writers(store, "PRAGMA query_only=OFF")
    record = await store.load(person)
    assert record is not None
    assert (record.session, record.version) == (b"1", 1)
    await world.turn(store, "ana", b"2", 2)


@only("sqlite")
async def test_a_full_disk_writes_no_half_turn(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1")
    (pages,) = (await store._database.hop("PRAGMA page_count"))[0]
    await for_all_writers(store, f"PRAGMA max_page_count={pages}")
    large = b"x" * 100_000
    for more in ({}, {"consents": world.yes(PROGRESS)}):
        with pytest.raises(StoreError, match=r"closer\.db has no room left: free some space"):
            await world.turn(store, "ana", large, 2, **more)
    with pytest.raises(StoreError, match="no room left"):
        await world.agree(store, "bo", large)
    record = await store.load(person)
    assert record is not None
    assert (record.session, record.version, len(record.consents)) == (b"1", 1, 2)
    await for_all_writers(store, "PRAGMA max_page_count=100000")
    await world.turn(store, "ana", large, 2)


@only("sqlite")
async def test_a_locked_database_is_named(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana", b"1")
    await store._database.hop("PRAGMA busy_timeout=1")
    with closing(sqlite3.connect(world.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for more in ({}, {"consents": ()}):
            with pytest.raises(StoreError, match=r"closer\.db is locked by another program"):
                await world.turn(store, "ana", b"2", 2, **more)
        assert await store.load(person) is not None
        other.execute("ROLLBACK")
    await world.turn(store, "ana", b"2", 2)


def test_an_unknown_error_is_not_quoted() -> None:
    told = explain(sqlite3.IntegrityError("ana@example.org is not unique"), Path("x.db"))
    assert "ana" not in str(told)
    assert "x.db failed (IntegrityError): restart Closer" in str(told)


@only("sqlite")
async def test_the_pragmas_hold_on_both_connections(store: SqlStore) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    for line in (store._database._writer, store._database._reader):
        for name, value in wanted.items():
            assert list(await line.execute_fetchall(f"PRAGMA {name}")) == [(value,)]


def test_only_its_own_files_name_an_engine() -> None:
    folder = MIGRATIONS.parent
    for one, words in (("sqlite", "sqlite"), ("postgres", "postgres|asyncpg")):
        naming = {file.stem for file in folder.rglob("*.py") if re.search(words, file.read_text("utf-8").lower())}
        allowed = {name for name in naming if name.startswith(one)}
        # Which URL is whose; whose texts are generated; what an operator does with files, and with a server.
        assert naming - allowed <= {"dialect", "generate", "operations", "found"}, one


@only("sqlite")
async def test_the_driver_of_a_server_is_not_loaded_for_a_file(world: World) -> None:
    script = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom storage.store import open_store\n"
        "from storage.keys import KeySource\n"
        "async def main():\n    await (await open_store(sys.argv[1], KeySource(file=Path(sys.argv[2])))).close()\n"
        "asyncio.run(main())\nprint(*sorted({'aiosqlite', 'asyncpg', 'storage.postgres_sql'} & sys.modules.keys()))"
    )
    words = [sys.executable, "-c", script, world.url, str(world.key_file)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: ASYNC221 - our own words
    assert done.stdout == "aiosqlite\n"
