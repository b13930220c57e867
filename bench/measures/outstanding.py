"""64 turns outstanding: whole durable turns a second, beside bare commits one at a time."""

from __future__ import annotations

from contextlib import closing
from statistics import median

from bench.ours import closer, row_bytes
from bench.peers.bare import Bare
from bench.plan import Plan
from bench.report import Row, per_second, ratio, times
from bench.timing import rate, rate_blocking
from bench.walk import Person, settled

LANES = 64
EACH = 60
BARE = 2_000


async def measure(plan: Plan) -> list[Row]:
    """The rate with 64 people at once; and where each finished exploration is also kept as an entry."""
    folder = plan.place("ours")
    async with closer(folder) as runtime:
        walkers = await settled(runtime, [f"walker-{n}" for n in range(LANES)])
        keepers = await settled(runtime, [f"keeper-{n}" for n in range(LANES)], keeps=True)
        await _ours(walkers)
        await _ours(keepers)
        ours, kept, bare = [], [], []
        with closing(Bare(plan.place("bare"), people=LANES, row=row_bytes(folder))) as floor:
            for _ in range(plan.runs):
                bare.append(rate_blocking(floor.turns(BARE)))
                ours.append(await _ours(walkers))
                kept.append(await _ours(keepers))
    return [
        _row(f"{LANES} turns outstanding", ours, bare, goal=True),
        _row(f"{LANES} turns outstanding, each finished exploration kept as well", kept, bare, goal=False),
    ]


async def _ours(people: list[Person]) -> float:
    return await rate([[person.turn] * EACH for person in people])


def _row(name: str, ours: list[float], bare: list[float], *, goal: bool) -> Row:
    result = ratio(ours, bare)
    return Row(
        measure=name,
        ours=per_second(median(ours)),
        peer=f"bare, one at a time: {per_second(median(bare))}",
        result=times(result),
        goal="at least 1x" if goal else "",
        met=result >= 1 if goal else None,
    )
