"""The schema on a server, what a server refuses, and what is left there of the erased."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.conversation.facts import PROGRESS
from bot.ports import Entry, StoreError
from storage import postgres_database
from storage.postgres import Clash, Lost, explain, locate
from storage.postgres_database import PERSONAL, migrate
from storage.store import open_store
from storage.tables import metadata
from tests.stores.conftest import NOW, only

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import Server

ENTRY = Entry(kind="result", at=NOW, content={"needs": ["touch"]})


# -- the schema -------------------------------------------------------------------------------------------------------


@only("postgres")
async def test_migrations_and_tables_agree(world: Server) -> None:
    """Everything that a new schema has by the revisions is what one has that is made from the tables at once."""
    world.empty()
    assert await migrate(world.url) is True
    assert await migrate(world.url) is False
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2"
    )
    others = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid::regclass::text <> 'alembic_version' AND connamespace = 'public'::regnamespace AND contype <> 'n' "
        "ORDER BY 1, 2"
    )
    indexes = (
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 2"
    )
    migrated = [world.sql(text) for text in (columns, others, indexes)]
    world.empty()
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        world.sql(str(CreateTable(table).compile(dialect=dialect)))
        for index in table.indexes:
            world.sql(str(CreateIndex(index).compile(dialect=dialect)))
    assert [world.sql(text) for text in (columns, others, indexes)] == migrated
    assert all(migrated)


@only("postgres")
async def test_of_many_who_open_a_new_database_one_makes_it(world: Server) -> None:
    world.empty()
    stores = await asyncio.gather(*(world.open() for _ in range(5)))
    person = await world.agree(stores[0], "ana", b"1")
    assert [record and record.session for record in [await store.load(person) for store in stores]] == [b"1"] * 5


@only("postgres")
async def test_a_migration_cut_short_leaves_the_old_schema(world: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    world.empty()
    upgrade = postgres_database.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(postgres_database, "upgrade", lambda since: upgrade(since).replace("COMMIT", "SELECT 1/0; COMMIT"))
        with pytest.raises(StoreError, match=r"failed \(22012\)"):
            await world.open()
    assert world.tables() == []
    await world.open()


@only("postgres")
async def test_a_newer_database_and_another_programs(world: Server) -> None:
    await (await world.open()).close()
    world.sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="made by a newer Closer: upgrade"):
        await world.open()
    world.empty()
    world.sql("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(StoreError, match="belongs to another program"):
        await world.open()
    assert world.tables() == ["bookmarks"]


def test_every_table_of_people_is_vacuumed_and_every_table_can_be_locked() -> None:
    assert {name for name in metadata.tables if name in re.findall(r"\w+", postgres_database.ALONE)} == {*metadata.tables}
    assert {*PERSONAL} == {name for name, table in metadata.tables.items() if "person" in table.columns}


# -- what the server refuses ------------------------------------------------------------------------------------------


@only("postgres")
async def test_a_database_a_role_and_a_server_that_are_not_there(world: Server) -> None:
    world.sql(f"CREATE ROLE {world.name} LOGIN PASSWORD 'sesame'")
    host = world.server.host
    urls = {
        f"postgresql://postgres@/nowhere?host={host}": "does not exist: make it",
        f"postgresql://nobody:sesame@/{world.name}?host={host}": "refuses this user or password",
        f"postgresql://{world.name}:sesame@/{world.name}?host={host}": "does not let this user do that",
        f"postgresql://u:sesame@/{world.name}?host={world.folder}": "cannot be reached: check that its server runs",
        "postgresql://u:sesame@127.0.0.1:1/x?connect_timeout=1": "cannot be reached",
        f"postgresql://postgres@/{world.name}?host={host}&odd_option=sesame": "does not know an option of DATABASE_URL",
        "postgresql://u:sesame@host:port/x": "DATABASE_URL is not understood",
    }
    try:
        for url, told in urls.items():
            with pytest.raises(StoreError, match=told) as caught:
                await open_store(url, world.keys)
            assert "sesame" not in str(caught.value)
    finally:
        world.sql(f"DROP ROLE {world.name}")


@only("postgres")
async def test_a_database_that_turned_read_only_loses_nothing(store: SqlStore, world: Server) -> None:
    person = await world.agree(store, "ana", b"1")
    for line in ("on", "off"):
        await store._database.hop(f"SET default_transaction_read_only = {line}")
        for more in ({}, {"consents": world.yes(PROGRESS)}):
            if line == "on":
                with pytest.raises(StoreError, match="can only be read: point DATABASE_URL at the primary"):
                    await world.turn(store, "ana", b"2", 2, **more)
    record = await store.load(person)
    assert record is not None
    assert (record.session, record.version) == (b"1", 1)
    await world.turn(store, "ana", b"2", 2)


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (asyncpg.DiskFullError, StoreError, "no room left: free some space"),
        (asyncpg.TooManyConnectionsError, StoreError, "no connection left: raise max_connections"),
        (asyncpg.InvalidPasswordError, StoreError, "refuses this user or password"),
        (asyncpg.ReadOnlySQLTransactionError, StoreError, "can only be read"),
        (asyncpg.SerializationError, Clash, "again and again"),
        (asyncpg.DeadlockDetectedError, Clash, "again and again"),
        (asyncpg.UniqueViolationError, Clash, r"failed \(23505\)"),
        (asyncpg.AdminShutdownError, Lost, "goes on by itself"),
        (asyncpg.CannotConnectNowError, Lost, "goes on by itself"),
        (asyncpg.ConnectionDoesNotExistError, Lost, "goes on by itself"),
        (asyncpg.InterfaceError, Lost, "goes on by itself"),
        (ConnectionResetError, Lost, "goes on by itself"),
        (TimeoutError, Lost, "goes on by itself"),
        (asyncpg.IndexCorruptedError, StoreError, "put a backup in its place"),
        (asyncpg.NotNullViolationError, StoreError, r"failed \(23502\)"),
    ],
)
def test_every_error_says_what_to_do_and_quotes_nothing(error: type[Exception], kind: type[StoreError], told: str) -> None:
    made = explain(error("ana@example.org is not unique; password=sesame"))
    assert type(made) is kind
    assert told.replace("\\", "") in str(made)
    assert not any(word in str(made) for word in ("ana", "sesame"))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_every_way_to_write_the_scheme(scheme: str) -> None:
    assert locate(f"{scheme}://u:p@h/d?sslmode=require") == "postgresql://u:p@h/d?sslmode=require"


# -- erasing ----------------------------------------------------------------------------------------------------------


@only("postgres")
async def test_erased_rows_are_gone_at_once_and_their_old_versions_are_made_free(store: SqlStore, world: Server) -> None:
    person = await world.agree(store, "ana", entries=(ENTRY,), nudging=world.nudging())
    for version in range(2, 30):
        await world.turn(store, "ana", b"s" * 300, version)
    await store.owe(person, b"reply")
    assert world.traces([person])
    assert await store.erase(person) is True
    assert world.traces([person]) == []
    # Whatever a query may find, of whichever version, is what the pages still hold.
    dead = "SELECT sum(n_dead_tup)::int, sum(n_live_tup)::int FROM pg_stat_user_tables WHERE relname = ANY (?)"
    assert world.sql(dead, list(PERSONAL)) == [(0, 0)]
    assert world.sql("SELECT name FROM meta WHERE name = 'scrub'") == []


@only("postgres")
async def test_an_erasure_whose_vacuum_fails_says_so_and_is_finished_at_the_next_opening(
    store: SqlStore, world: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await world.agree(store, "ana")
    with monkeypatch.context() as patch:
        patch.setattr(postgres_database, "VACUUM", "VACUUM nothing")
        with pytest.raises(StoreError, match="The rows are erased, but old versions"):
            await store.erase(person)
    assert world.traces([person]) == []
    assert len(world.sql("SELECT name FROM meta WHERE name = 'scrub'")) == 1
    await world.open()
    assert world.sql("SELECT name FROM meta WHERE name = 'scrub'") == []
