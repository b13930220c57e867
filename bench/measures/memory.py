"""What one more conversation costs in memory: of somebody who is stored and idle, and of somebody who is not stored."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Awaitable, Callable
from itertools import count

from bench.child import apart
from bench.crowd import fill, halfway_session, name
from bench.ours import closer
from bench.plan import Plan
from bench.report import Row
from bench.walk import Person, halfway

PEOPLE = 10_000
CACHED = 500
# More than any cache of the process holds: the hashes of 2,048 addresses, and the sessions below.
WARM = 3_000
ANSWERS = 6
MOST_BYTES = 1_000
# The least that can be kept of a person, an entry in a dict, takes a hundred. What is below is the process's own.
NOTHING = 16


async def measure(plan: Plan) -> list[Row]:
    """Whole-process allocations (tracemalloc) after ten thousand people more, for each of them. One run: it is exact."""
    session, screen = await halfway_session(plan.place("model"))
    stored = plan.place("stored")
    apart(fill, stored, WARM + PEOPLE, session)
    async with closer(stored, cached=CACHED) as runtime:
        numbers = count()

        async def visit() -> None:
            await Person(runtime, name(next(numbers)), screen=screen).turn()

        idle = await _each(visit)
    async with closer(plan.place("passing")) as passing:
        names = count()

        async def begin() -> None:
            await halfway(passing, f"guest-{next(names)}", ANSWERS)

        half = await _each(begin)
    return [
        _row(f"memory a conversation: stored, idle, beyond a cache of {CACHED}", idle, NOTHING, "nothing (under 16 bytes)"),
        _row(f"memory a conversation: not stored, {ANSWERS} presses in", half, MOST_BYTES, "at most 1 kB"),
    ]


async def _each(one_more: Callable[[], Awaitable[None]]) -> float:
    """Bytes that stay allocated for each further person."""
    tracemalloc.start()
    try:
        for _ in range(WARM):
            await one_more()
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(PEOPLE):
            await one_more()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / PEOPLE


def _row(measure: str, each: float, most: float, goal: str) -> Row:
    shown = f"{max(each, 0):.0f} bytes"
    return Row(measure=measure, ours=shown, result=shown, goal=goal, met=each <= most)
