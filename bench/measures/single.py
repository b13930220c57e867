"""One turn at a time: the median turn with the session cached and cold, beside a bare commit."""

from __future__ import annotations

from contextlib import closing
from statistics import median

from bench.ours import closer, row_bytes
from bench.peers.bare import Bare
from bench.plan import Plan
from bench.report import Row, micros, ratio, times
from bench.timing import Turn, p50, p50_blocking
from bench.walk import Person, settled

BLOCK = 400
# Blocks that are not counted: turns are slower until the write-ahead log's file no longer grows.
WARM = 5
CACHED_GOAL = 2.0
COLD_GOAL = 3.5


async def measure(plan: Plan) -> list[Row]:
    """Cached: the same person again and again. Cold: room for one session, and two people taking turns."""
    warm, cold = plan.place("cached"), plan.place("cold")
    async with closer(warm) as roomy, closer(cold, cached=1) as narrow:
        one = await settled(roomy, ["one"])
        two = await settled(narrow, ["one", "two"])
        for people in (one, two) * WARM:
            await p50(_alternating(people))
        cached, loaded, bare = [], [], []
        with closing(Bare(plan.place("bare"), people=2, row=row_bytes(warm))) as floor:
            for _ in range(plan.runs):
                bare.append(p50_blocking(floor.turns(BLOCK)))
                cached.append(await p50(_alternating(one)))
                loaded.append(await p50(_alternating(two)))
    return [
        _row("one turn at a time, session cached (p50)", cached, bare, CACHED_GOAL),
        _row("one turn at a time, cold (p50)", loaded, bare, COLD_GOAL),
    ]


def _alternating(people: list[Person]) -> list[Turn]:
    return [people[n % len(people)].turn for n in range(BLOCK)]


def _row(name: str, ours: list[float], bare: list[float], goal: float) -> Row:
    result = ratio(ours, bare)
    return Row(
        measure=name,
        ours=micros(median(ours)),
        peer=f"bare: {micros(median(bare))}",
        result=times(result),
        goal=f"at most {goal:g}x",
        met=result <= goal,
    )
