"""The yearly counts: added up, of nobody, and untouched by whoever comes and goes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.ports import Store, StoreError, Tally
from storage.tables import tallies

if TYPE_CHECKING:
    from storage.store import SqlStore
    from tests.stores.conftest import World


def tally(count: int = 1, category: str = "suicide", kind: str = "card", year: int = 2026) -> Tally:
    return Tally(year=year, kind=kind, category=category, count=count)


async def test_counts_add_up_by_year_kind_and_category_and_survive_reopening(store: SqlStore, world: World) -> None:
    protocol: Store = store
    assert await protocol.tallies() == ()
    await protocol.tally([])
    await protocol.tally([tally(), tally(2), tally(kind="referral")])
    await protocol.tally([tally(year=2025), tally(4, category="abuse"), tally(10)])
    wanted = (tally(year=2025), tally(4, category="abuse"), tally(13), tally(kind="referral"))
    assert await protocol.tallies() == wanted
    await world.close()
    assert await (await world.open()).tallies() == wanted


async def test_those_who_count_at_the_same_time_lose_nothing(store: SqlStore, world: World) -> None:
    other = await world.open()
    await asyncio.gather(*(each.tally([tally(), tally(kind="referral")]) for each in (store, other) for _ in range(20)))
    assert await store.tallies() == (tally(40), tally(40, kind="referral"))


async def test_all_of_them_are_added_or_none(store: SqlStore, world: World) -> None:
    world.sql("CREATE UNIQUE INDEX one_a_year ON tallies (year)")
    with pytest.raises(StoreError):
        await store.tally([tally(), tally(category="abuse")])
    assert await store.tallies() == ()


async def test_an_erasure_leaves_them(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana")
    await store.tally([tally(7)])
    assert await store.erase(person)
    assert await store.tallies() == (tally(7),)
    assert not await store.holds_people()


async def test_no_copy_of_anybody_has_them(store: SqlStore, world: World) -> None:
    person = await world.agree(store, "ana")
    before = await store.export(person)
    await store.tally([tally(7)])
    assert await store.export(person) == before


def test_a_row_says_nothing_but_year_kind_category_and_count() -> None:
    assert [column.name for column in tallies.columns] == ["year", "kind", "category", "count"]
    assert not tallies.foreign_keys


async def test_a_closed_store_counts_nothing(store: SqlStore) -> None:
    await store.close()
    for call in (store.tally([tally()]), store.tallies()):
        with pytest.raises(StoreError, match="closed"):
            await call
