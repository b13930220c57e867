"""Many people stored against a thousand: the turns of people picked at random, cached and cold; and how large their file is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median

from bench.child import apart
from bench.crowd import fill, halfway_session, name
from bench.ours import closer, database
from bench.plan import Plan
from bench.report import Row, both, micros, ratio, times
from bench.timing import Taken, Turn, p50_side_by_side, taken
from bench.walk import Person
from bot.content.render import Bubble
from bot.runtime import Runtime

FEW = 1_000
BLOCK = 400
FAMILIAR = 200
# Blocks that are not counted: turns are slower until the write-ahead log's file no longer grows.
WARM = 5
GOAL = 1.2


class Crowd:
    """The people of one database. The first FAMILIAR are met again and again, the others as chance has it."""

    def __init__(self, runtime: Runtime, number: int, screen: Bubble) -> None:
        self._runtime, self._number, self._screen = runtime, number, screen
        self._chance = Random(number)
        self._met: dict[int, Person] = {}

    def familiar(self) -> list[Turn]:
        """A block of turns of the same people, by turns. Their keys are hashes: they stand anywhere in the index."""
        return [self._person(n % FAMILIAR).turn for n in range(BLOCK)]

    def strangers(self) -> list[Turn]:
        """A block of turns of people picked at random among all the others."""
        return [self._person(self._chance.randrange(FAMILIAR, self._number)).turn for _ in range(BLOCK)]

    def _person(self, number: int) -> Person:
        met = self._met.get(number)
        if met is None:
            met = self._met[number] = Person(self._runtime, name(number), screen=self._screen)
        return met


async def measure(plan: Plan) -> list[Row]:
    """Both databases are open at once, and turns alternate between them."""
    session, screen = await halfway_session(plan.place("model"))
    few, many = plan.place("few"), plan.place("many")
    apart(fill, few, FEW, session)
    apart(fill, many, plan.people, session)
    size = apart(_size, database(many))
    cached: list[list[float]] = []
    cold: list[list[float]] = []
    alone: list[list[Taken]] = []
    for room, found, turns in ((2 * FAMILIAR, cached, Crowd.familiar), (1, cold, Crowd.strangers)):
        async with closer(few, cached=room) as small, closer(many, cached=room) as large:
            crowds = (Crowd(small, FEW, screen), Crowd(large, plan.people, screen))
            for _ in range(WARM + plan.runs):
                found.append(await p50_side_by_side(*map(turns, crowds)))
            alone.append([await taken(turns(crowds[1])) for _ in range(plan.runs)])
    against, stored = f"{plan.people:,} people stored, against {FEW:,}", f"SQLite, {plan.people:,} people stored ({size})"
    return [
        _row(f"{against}, session cached (p50)", cached[WARM:]),
        _row(f"{against}, cold (p50)", cold[WARM:]),
        *(
            Row(measure=f"{stored}, {kind} (p50, p99)", ours=both(runs))
            for kind, runs in zip(("session cached", "cold"), alone, strict=True)
        ),
    ]


def _size(path: Path) -> str:
    """How large the file is, and, where this SQLite can tell, what in it is tables and what indexes."""
    told = f"file {path.stat().st_size / 2**20:,.0f} MiB"
    with closing(sqlite3.connect(path)) as line:
        try:
            pages = dict(line.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
            indexes = {name for (name,) in line.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
        except sqlite3.OperationalError:
            return told
    inside = sum(size for name, size in pages.items() if name in indexes) / 2**20
    return f"{told}: tables {sum(pages.values()) / 2**20 - inside:,.0f} MiB, indexes {inside:,.0f} MiB"


def _row(measure: str, medians: list[list[float]]) -> Row:
    few, many = ([pair[place] for pair in medians] for place in (0, 1))
    result = ratio(many, few)
    return Row(
        measure=measure,
        ours=micros(median(many)),
        peer=f"{FEW:,} people: {micros(median(few))}",
        result=times(result),
        goal=f"at most {GOAL:g}x",
        met=result <= GOAL,
    )
