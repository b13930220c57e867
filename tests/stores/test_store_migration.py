"""A database of every earlier schema, with people in it, moves to this one and keeps everything."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from bot.conversation.facts import NUDGES, PROGRESS
from storage import entries, opening, owed
from storage.opening import HEAD, prepare
from storage.people import ADDRESS
from storage.sessions import PLACE
from storage.vault import pack_address
from tests.stores.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

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
        yield "sessions", (person, 7, vault.seal(PLACE + person, SESSION))
        entry = json.dumps({"kind": "result", "at": NOW.isoformat(), "content": {}}).encode()
        yield "entries", (person, MARK, vault.seal(entries.PLACE + person + MARK, entry))
        yield "owed", (person, MARK, vault.seal(owed.PLACE + person + MARK, bytes(8) + b'"reply"'))
    yield "tallies", (2026, "card", "suicide", 3)


def rows(path: Path) -> Mapping[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as link:
        names = [row[0] for row in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(link.execute(f"SELECT * FROM {name}")) for name in names}


@pytest.mark.parametrize("revision", opening.OLDER)
async def test_an_older_database_moves_and_keeps_everything(
    world: World, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    there = {table for made, tables in TABLES.items() if made <= revision for table in tables}
    later = {table for made, tables in TABLES.items() if made > revision for table in tables}
    with monkeypatch.context() as patch:
        patch.setattr(opening, "HEAD", revision)
        vault = prepare(world.path, world.keys)
        with closing(sqlite3.connect(world.path)) as link, link:
            for table, row in people(world, vault):
                if table in there:
                    link.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    before = dict(rows(world.path))
    assert before.keys() == there
    store = await world.open()
    after = dict(rows(world.path))
    assert after.pop("alembic_version") == [(HEAD,)] != before.pop("alembic_version")
    # Nobody is away.
    before["sessions"] = [(*row, 0) for row in before["sessions"]]
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
    assert list(TABLES) == [*opening.OLDER, HEAD]
