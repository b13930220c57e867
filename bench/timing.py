"""Timing turns: one after another, and many outstanding at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from time import perf_counter

Turn = Callable[[], Awaitable[object]]
# Seconds of each turn of a run.
Taken = list[float]


async def p50(turns: Sequence[Turn]) -> float:
    """The median seconds of these turns, one at a time."""
    return median(await taken(turns))


async def taken(turns: Sequence[Turn]) -> Taken:
    """The seconds of each of these turns, one at a time."""
    found = []
    for turn in turns:
        asked = turn()
        begun = perf_counter()
        await asked
        found.append(perf_counter() - begun)
    return found


async def p50_side_by_side(*lanes: Sequence[Turn]) -> list[float]:
    """The median seconds of each lane, one turn of each at a time: whatever slows the machine slows all of them."""
    found: list[Taken] = [[] for _ in lanes]
    for turns in zip(*lanes, strict=True):
        for place, turn in enumerate(turns):
            found[place] += await taken((turn,))
    return list(map(median, found))


def p50_blocking(turns: Sequence[Callable[[], object]]) -> float:
    """The same for turns that do not know asyncio."""
    found = []
    for turn in turns:
        begun = perf_counter()
        turn()
        found.append(perf_counter() - begun)
    return median(found)


async def rate(lanes: Sequence[Sequence[Turn]]) -> float:
    """Turns a second, where each lane (a person) takes its turns one after the other and all lanes run side by side."""

    async def run(lane: Sequence[Turn]) -> None:
        for turn in lane:
            await turn()

    begun = perf_counter()
    await asyncio.gather(*map(run, lanes))
    return sum(map(len, lanes)) / (perf_counter() - begun)


def rate_blocking(turns: Sequence[Callable[[], object]]) -> float:
    """Turns a second, one after the other."""
    begun = perf_counter()
    for turn in turns:
        turn()
    return len(turns) / (perf_counter() - begun)
