"""Many people stored against a thousand: the median turn of people picked at random, cached and cold."""

from __future__ import annotations

from random import Random
from statistics import median

from bench.child import apart
from bench.crowd import fill, halfway_session, name
from bench.ours import closer
from bench.plan import Plan
from bench.report import Row, micros, ratio, times
from bench.timing import Turn, p50_side_by_side
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
    cached: list[list[float]] = []
    cold: list[list[float]] = []
    for room, found, turns in ((2 * FAMILIAR, cached, Crowd.familiar), (1, cold, Crowd.strangers)):
        async with closer(few, cached=room) as small, closer(many, cached=room) as large:
            crowds = (Crowd(small, FEW, screen), Crowd(large, plan.people, screen))
            for _ in range(WARM + plan.runs):
                found.append(await p50_side_by_side(*map(turns, crowds)))
    against = f"{plan.people:,} people stored, against {FEW:,}"
    return [_row(f"{against}, session cached (p50)", cached[WARM:]), _row(f"{against}, cold (p50)", cold[WARM:])]


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
