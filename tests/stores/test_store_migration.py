"""A database of every earlier schema, with people in it, moves to this one and keeps everything."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.conversation.facts import NUDGES, PROGRESS
from storage import entries, owed, schema
from storage.moments import month_of
from storage.opening import open_database
from storage.people import ADDRESS
from storage.schema import HEAD
from storage.sessions import PLACE
from storage.vault import pack_address
from tests.stores.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storage.vault import Vault
    from tests.stores.conftest import World

PEOPLE = ("ana", "bo", "cy")
SESSION = b'{"step": "needs"}'
# The tables of a revision, beside those of the ones before it.
TABLES = {
    "0001": ("alembic_version", "meta", "people", "consents", "sessions", "entries"),
    "0002": ("owed",),
    "0003": ("tallies",),
    "0004": ("nudges", "deliveries"),
    "0005": (),
}
MARK = b"m" * 16


def people(world: World, vault: Vault) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Each row as it was written then, with its table, whichever revision that is of."""
    for name in PEOPLE:
        address = world.address(name)
        person = vault.person(address)
        yield "people", (person, vault.seal(ADDRESS + person, pack_address(address)))
        for purpose in (NUDGES, PROGRESS):
            yield "consents", (person, purpose, 1, NOW.isoformat())
        yield "sessions (person, version, session)", (person, 7, vault.seal(PLACE + person, SESSION))
        entry = json.dumps({"kind": "result", "at": NOW.isoformat(), "content": {}}).encode()
        yield "entries", (person, MARK, vault.seal(entries.PLACE + person + MARK, entry))
        yield "owed", (person, MARK, vault.seal(owed.PLACE + person + MARK, bytes(8) + b'"reply"'))
    yield "tallies", (2026, "card", "suicide", 3)


def rows(world: World) -> Mapping[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    return {name: sorted(world.sql(f"SELECT * FROM {name}")) for name in world.tables()}


@pytest.mark.parametrize("revision", schema.OLDER)
async def test_an_older_database_moves_and_keeps_everything(
    world: World, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    there = {table for made, tables in TABLES.items() if made <= revision for table in tables}
    later = {table for made, tables in TABLES.items() if made > revision for table in tables}
    world.empty()
    with monkeypatch.context() as patch:
        patch.setattr(schema, "HEAD", revision)
        database, vault = await open_database(world.url, world.keys)
        await database.close()
        for table, row in people(world, vault):
            if table.partition(" ")[0] in there:
                world.sql(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", *row)
    before = dict(rows(world))
    assert before.keys() == there
    store = await world.open()
    after = dict(rows(world))
    assert after.pop("alembic_version") == [(HEAD,)] != before.pop("alembic_version")
    # Nobody is away, and nobody goes before their time: as if everybody had written just now.
    this_month = month_of(datetime.now(UTC))
    (month,) = {row[-1] for row in after["sessions"]}
    assert month in {this_month, this_month - 1}
    before["sessions"] = [(*row[:3], 0, month) for row in before["sessions"]]
    assert after == before | {table: [] for table in later}
    for name in PEOPLE:
        person = store.person(world.address(name))
        record, exported = await store.load(person), await store.export(person)
        assert record is not None
        assert exported is not None
        assert (record.session, record.version, record.away) == (SESSION, 7, False)
        assert (exported["turns"], len(exported["entries"]), exported["nudges"]) == (7, 1, None)
        assert exported["owed"] == (["reply"] if "owed" in there else [])
        await world.turn(store, name, SESSION, 8, nudging=world.nudging())
        assert await store.nudging(person) == world.nudging()


def test_every_table_is_of_a_revision() -> None:
    assert list(TABLES) == [*schema.OLDER, HEAD]
