"""The same turns on a PostgreSQL of their own, beside bare commits of its driver; then with many people stored."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from statistics import median

import asyncpg  # type: ignore[import-untyped]

from bench.crowd import AT_ONCE, halfway_session, rows_of
from bench.measures.crowd import FAMILIAR, Crowd
from bench.ours import key_file, settings
from bench.plan import Plan
from bench.report import Row, both, per_second, ratio, times
from bench.timing import Taken, Turn, rate, taken
from bench.walk import Person, settled
from bot.app import build
from bot.runtime import Runtime
from storage.keys import KeySource
from storage.opening import open_database
from storage.vault import Vault
from tests.postgres import Postgres

BLOCK, WARM, LANES, EACH = 400, 3, 64, 30
TABLES = ("people", "consents", "sessions")
# A session in the middle of a walk, sealed.
SEALED = 700
BARE = "CREATE TABLE bare (person bytea PRIMARY KEY, version bigint NOT NULL, session bytea)"
PUT = (
    "INSERT INTO bare VALUES ($1, $2, $3) ON CONFLICT (person) "
    "DO UPDATE SET version = excluded.version, session = excluded.session"
)
SIZES = "SELECT sum(pg_table_size(relid))::bigint, sum(pg_indexes_size(relid))::bigint FROM pg_catalog.pg_statio_user_tables"


class Bare:
    """The least that a turn could cost: one row of the same size, written by the driver and committed by itself."""

    def __init__(self, link: asyncpg.Connection) -> None:
        self._link = link
        self._version = 0

    async def turn(self) -> None:
        """One commit."""
        self._version += 1
        await self._link.execute(PUT, bytes([self._version % 2]) * 16, self._version, bytes(SEALED))


async def measure(plan: Plan) -> list[Row]:
    """The server is started for this, with its settings as it comes: every commit waits for the disk."""
    server = await asyncio.to_thread(lambda: Postgres(haste=False))
    try:
        return [*await _few(plan, server), *await _many(plan, server)]
    finally:
        await asyncio.to_thread(server.stop)


async def _few(plan: Plan, server: Postgres) -> list[Row]:
    url = server.url(await asyncio.to_thread(server.empty))
    cold_url = server.url(await asyncio.to_thread(server.empty))
    bare_url = server.url(await asyncio.to_thread(server.empty))
    warm, cold = plan.place("cached"), plan.place("cold")
    async with _closer(plan, warm.name, url) as roomy, _closer(plan, cold.name, cold_url, cached=1) as narrow:
        one, two = await settled(roomy, ["one"]), await settled(narrow, ["one", "two"])
        walkers = await settled(roomy, [f"walker-{n}" for n in range(LANES)])
        link = await asyncpg.connect(bare_url)
        await link.execute(BARE)
        bare = Bare(link)
        cached, loaded, floor, rates, floors = ([] for _ in range(5))
        for number in range(WARM + plan.runs):
            runs = [await taken(turns) for turns in ([bare.turn] * BLOCK, _by_turns(one), _by_turns(two))]
            together = await rate([[person.turn] * EACH for person in walkers])
            if number >= WARM:
                for found, run in zip((floor, cached, loaded), runs, strict=True):
                    found.append(run)
                rates.append(together)
                floors.append(len(runs[0]) / sum(runs[0]))
        await link.close()
    result = ratio(rates, floors)
    return [
        _row("PostgreSQL, one turn at a time, session cached", cached, floor),
        _row("PostgreSQL, one turn at a time, cold", loaded, floor),
        Row(
            measure=f"PostgreSQL, {LANES} turns outstanding",
            ours=per_second(median(rates)),
            peer=f"bare asyncpg, one at a time: {per_second(median(floors))}",
            result=times(result),
        ),
    ]


async def _many(plan: Plan, server: Postgres) -> list[Row]:
    packed, screen = await halfway_session(plan.place("model"))
    url = server.url(await asyncio.to_thread(server.empty))
    sizes = await _fill(plan, url, packed)
    rows = []
    bare_url = server.url(await asyncio.to_thread(server.empty))
    link = await asyncpg.connect(bare_url)
    await link.execute(BARE)
    bare = Bare(link)
    kinds = (("session cached", 2 * FAMILIAR, Crowd.familiar), ("cold", 1, Crowd.strangers))
    for kind, cached, turns in kinds:
        ours: list[Taken] = []
        floor: list[Taken] = []
        async with _closer(plan, "many", url, cached=cached) as runtime:
            crowd = Crowd(runtime, plan.people, screen)
            for _ in range(WARM + plan.runs):
                floor.append(await taken([bare.turn] * BLOCK))
                ours.append(await taken(turns(crowd)))
        rows.append(_row(f"PostgreSQL, {plan.people:,} people stored ({sizes}), {kind}", ours[WARM:], floor[WARM:]))
    await link.close()
    return rows


async def _fill(plan: Plan, url: str, packed: bytes) -> str:
    """Store so many people; how large that is."""
    made, vault = await open_database(url, KeySource(file=key_file(plan.place("many"))))
    await made.close()
    link = await asyncpg.connect(url)
    await _copy(link, vault, plan.people, packed)
    await link.execute("VACUUM ANALYZE")
    await link.execute("CHECKPOINT")
    ((tables, indexes),) = await link.fetch(SIZES)
    await link.close()
    return f"tables {tables / 2**20:,.0f} MiB, indexes {indexes / 2**20:,.0f} MiB"


async def _copy(link: asyncpg.Connection, vault: Vault, people: int, packed: bytes) -> None:
    rows = rows_of(vault, people, packed)
    while batch := list(islice(rows, AT_ONCE)):
        for place, table in enumerate(TABLES):
            await link.copy_records_to_table(table, records=[row[place] for row in batch])


@asynccontextmanager
async def _closer(plan: Plan, folder: str, url: str, *, cached: int = 2_000) -> AsyncIterator[Runtime]:
    runtime = await build(settings(plan.folder / folder, cached).model_copy(update={"database_url": url}))
    gc.collect()
    gc.freeze()
    try:
        yield runtime
    finally:
        await runtime.store.close()


def _by_turns(people: list[Person]) -> list[Turn]:
    return [people[n % len(people)].turn for n in range(BLOCK)]


def _row(measure: str, ours: list[Taken], bare: list[Taken]) -> Row:
    result = ratio([median(run) for run in ours], [median(run) for run in bare])
    return Row(
        measure=f"{measure} (p50, p99)",
        ours=both(ours),
        peer=f"bare asyncpg: {both(bare)}",
        result=times(result),
    )
