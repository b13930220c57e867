"""Timing turns: one after another, and many outstanding at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from time import perf_counter

Turn = Callable[[], Awaitable[object]]


async def p50(turns: Sequence[Turn]) -> float:
    """The median seconds of these turns, one at a time."""
    taken = []
    for turn in turns:
        asked = turn()
        begun = perf_counter()
        await asked
        taken.append(perf_counter() - begun)
    return median(taken)


async def p50_side_by_side(*lanes: Sequence[Turn]) -> list[float]:
    """The median seconds of each lane, one turn of each at a time: whatever slows the machine slows all of them."""
    taken: list[list[float]] = [[] for _ in lanes]
    for turns in zip(*lanes, strict=True):
        for place, turn in enumerate(turns):
            asked = turn()
            begun = perf_counter()
            await asked
            taken[place].append(perf_counter() - begun)
    return list(map(median, taken))


def p50_blocking(turns: Sequence[Callable[[], object]]) -> float:
    """The same for turns that do not know asyncio."""
    taken = []
    for turn in turns:
        begun = perf_counter()
        turn()
        taken.append(perf_counter() - begun)
    return median(taken)


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
