"""Everything moves from one database to another, either way, and is compared; or nothing does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.conversation.facts import NUDGES
from bot.ports import Claim, Entry, StoreError, Tally
from storage import moving
from storage.operations import Operations
from storage.store import open_store
from storage.tables import metadata
from tests.stores.conftest import NOW, only
from tests.stores.nudged import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from storage.store import SqlStore
    from tests.postgres import Postgres
    from tests.stores.conftest import World

NAMES = tuple(f"person {number}" for number in range(23))


async def filled(store: SqlStore, world: World) -> None:
    """People with something in every table, some with nothing but a nudge."""
    for place, name in enumerate(NAMES):
        entry = Entry(kind="result", at=NOW, content={"n": place})
        person = await world.agree(store, name, b"s" * place * 40, entries=(entry,) * (place % 4), nudging=world.nudging())
        if place % 3:
            await store.owe(person, b"reply")
        claim = Claim(person=person, seen=NOW, version=1, next=None, day=DAY + place, slot=0, state="claimed")
        assert await store.claim([claim]) == [True]
        if place % 5 == 0:
            await store.away(person, day=DAY + place, slot=1)
            await world.turn(store, name, None, 3, consents=world.yes(NUDGES))
    await store.tally([Tally(year=2026, kind="card", category="suicide", count=3)])


async def everything(store: SqlStore, world: World) -> list[Mapping[str, Any] | None]:
    return [await store.export(store.person(world.address(name))) for name in NAMES]


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'elsewhere' / 'closer.db'}"


async def move(world: World, source: str, target: str) -> dict[str, moving.Moved]:
    moved = await Operations(url=source, keys=world.keys).move(source, target)
    return {each.table: each for each in moved}


async def opened(world: World, url: str) -> SqlStore:
    store = await open_store(url, world.keys, now=lambda: world.clock, warn=world.warned.append)
    world.opened.append(store)
    return store


@only("sqlite")
async def test_all_of_it_arrives_and_comes_back(
    world: World, store: SqlStore, postgres: Postgres, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small enough for several readings, and for writings of many rows and of single ones.
    monkeypatch.setattr(moving, "READ", 7)
    monkeypatch.setattr(moving, "WRITTEN", 3)
    await filled(store, world)
    before = await everything(store, world)
    await world.close()
    server = postgres.url(postgres.empty())
    there = await move(world, world.url, server)
    assert [*there] == [table.name for table in metadata.sorted_tables]
    assert all(each.rows for each in there.values())
    assert there["people"].rows == len(NAMES)
    # The digests tell nothing of the order, nor of the engine.
    assert await move(world, server, elsewhere) == there
    for url in (server, elsewhere):
        other = await opened(world, url)
        assert await everything(other, world) == before
        assert [each.count for each in await other.tallies()] == [3]
        await world.turn(other, NAMES[1], b"and on it goes", 2)


async def test_a_target_that_holds_anything_is_refused(world: World, store: SqlStore, elsewhere: str) -> None:
    await world.agree(store, "ana")
    other = await opened(world, elsewhere)
    await other.tally([Tally(year=2026, kind="card", category="suicide", count=3)])
    await world.close()
    with pytest.raises(StoreError, match="not empty"):
        await move(world, world.url, elsewhere)
    other = await opened(world, elsewhere)
    assert not await other.holds_people()


async def test_the_same_database_twice_is_refused(world: World, store: SqlStore) -> None:
    await world.close()
    with pytest.raises(StoreError, match="same database"):
        await move(world, world.url, world.url)


async def test_a_source_that_is_not_there_is_not_made(world: World, elsewhere: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no database"):
        await move(world, f"sqlite:///{tmp_path / 'typo.db'}", elsewhere)
    assert not (tmp_path / "typo.db").exists()


async def test_what_arrives_otherwise_is_not_kept(
    world: World, store: SqlStore, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(store, world)
    await world.close()
    put = moving._Put.put

    async def lose_one(self: moving._Put, rows: list[Any]) -> None:
        await put(self, rows[:-1] if self._columns[1].name == "purpose" else rows)

    monkeypatch.setattr(moving._Put, "put", lose_one)
    with pytest.raises(StoreError, match="'consents'"):
        await move(world, world.url, elsewhere)
    other = await opened(world, elsewhere)
    assert not await other.holds_people()


def test_a_digest_sees_every_value_and_no_order() -> None:
    rows = [(b"a", 1, None, "x"), (b"b", 2, b"", "y")]

    def digest(*rows: tuple[object, ...]) -> tuple[int, int]:
        found = moving._Digest()
        found.add(list(rows))
        return found.rows, found.sum

    assert digest(*rows) == digest(*reversed(rows))
    assert digest((b"a", True)) == digest((b"a", 1))
    changed = [(b"a", 1, None, ""), (b"a", 1, b"", "x"), (b"a", 1, "None", "x"), (b"a1", None, "x"), ("a", 1, None, "x")]
    assert len({digest(rows[0]), *(digest(each) for each in changed)}) == 1 + len(changed)
    assert digest(rows[0], rows[0]) != digest()


async def test_the_digests_in_the_report_name_nobody(world: World, store: SqlStore, elsewhere: str) -> None:
    person = await world.agree(store, "ana")
    await world.close()
    told = json.dumps([(each.table, each.rows, each.digest) for each in (await move(world, world.url, elsewhere)).values()])
    assert person.hex()[:8] not in told
