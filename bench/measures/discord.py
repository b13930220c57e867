"""A durable turn through the whole Discord adapter: INTERACTION_CREATE as JSON in, its answer as bytes out; and its memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from bench.discord import Line, Presser, pressers
from bench.gateway import rate
from bench.measures.frameworks import Peer
from bench.ours import closer
from bench.peers.discord_bare import DiscordBare
from bench.peers.discord_dynamic import DiscordDynamic
from bench.plan import Plan
from bench.report import Row, beside

LANES = 64
EACH, THEIRS = 20, 10
ALONE = 200
WARM = 2
# Of idle conversations: how many are measured, after how many that are not.
PEOPLE, BEFORE = 2_000, 200
MOST_BYTES = 200
NAMES = ("discord.py, bare View callback", "discord.py, DynamicItem and aiosqlite")


async def measure(plan: Plan) -> list[Row]:
    """Ours beside the library's own ways, then what is kept of an idle conversation."""
    return [*await _beside(plan), await _idle(plan)]


async def _beside(plan: Plan) -> list[Row]:
    async with pressers(plan.place("discord"), range(1, LANES + 1)) as people, AsyncExitStack() as stack:
        bare, dynamic = await DiscordBare.open(LANES), await DiscordDynamic.open(plan.place("dynamic"), LANES)
        for peer in (bare, dynamic):
            stack.push_async_callback(peer.close)
        many = [await _rates(people, bare, dynamic) for _ in range(WARM + plan.runs)][WARM:]
        alone = [
            [await rate([[one.turn] * ALONE]), *[await rate([peer.turns(1, ALONE)]) for peer in (bare, dynamic)]]
            for one in people[: WARM + plan.runs]
        ][WARM:]
    return [
        beside(f"Discord, {LANES} turns outstanding", NAMES[0], [r[0] for r in many], [r[1] for r in many], 0.5),
        beside(f"Discord, {LANES} turns outstanding", NAMES[1], [r[0] for r in many], [r[2] for r in many], 1.5),
        beside("Discord, one turn at a time", NAMES[0], [r[0] for r in alone], [r[1] for r in alone], None),
        beside("Discord, one turn at a time", NAMES[1], [r[0] for r in alone], [r[2] for r in alone], None),
    ]


async def _rates(people: Sequence[Presser], *peers: Peer) -> list[float]:
    found = [await rate([[person.turn] * EACH for person in people])]
    found += [await rate([peer.turns(person, THEIRS) for person in range(1, LANES + 1)]) for peer in peers]
    return found


async def _idle(plan: Plan) -> Row:
    """What the adapter keeps, over what the runtime keeps without it: the same people, the same turns."""
    with_it, without, bare = [], [], await DiscordBare.open(0)
    async with closer(plan.place("with"), cached=10) as runtime:
        line = Line(runtime)
        await line.open()
        with_it.append(await _each(lambda number: _visit(Presser(runtime, line, number))))
        without.append(await _each(lambda number: _visit(Presser(runtime, line, PEOPLE + number), through=False)))

    async def arrive(number: int) -> None:
        bare.arrive(number)

    theirs = await _each(arrive)
    each = max(with_it[0] - without[0], 0)
    return Row(
        measure="Discord, memory of the adapter for an idle conversation",
        ours=f"{each:.0f} bytes",
        peer=f"discord.py, a View a message: {theirs:,.0f} bytes",
        result=f"{each:.0f} bytes",
        goal=f"at most {MOST_BYTES} bytes",
        met=each <= MOST_BYTES,
    )


async def _visit(person: Presser, *, through: bool = True) -> None:
    await person.begin()
    await (person.turn() if through else super(Presser, person).turn())
    person.leave()


async def _each(one_more: Callable[[int], Awaitable[None]]) -> float:
    """Bytes that stay allocated for each further one."""
    tracemalloc.start()
    try:
        for number in range(1, BEFORE + 1):
            await one_more(number)
        gc.collect()
        begun, _ = tracemalloc.get_traced_memory()
        for number in range(BEFORE + 1, BEFORE + PEOPLE + 1):
            await one_more(number)
        gc.collect()
        ended, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (ended - begun) / PEOPLE
