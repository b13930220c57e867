"""A durable turn through the whole Telegram adapter: an update as JSON in, calls of the Bot API as bytes out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from statistics import median

from bench.child import apart
from bench.crowd import fill, halfway_session
from bench.measures.frameworks import Peer
from bench.peers.ptb import PtbBot
from bench.peers.ptb_bare import PtbBare
from bench.plan import Plan
from bench.report import Row, beside, micros, ratio, times
from bench.telegram import Presser, pressers
from bench.timing import p50_side_by_side, rate

LANES = 64
USERS = 256
EACH, THEIRS = 20, 4
ALONE = 200
WARM = 2
FEW, MANY = 1_000, 100_000
NAMES = ("python-telegram-bot, bare CallbackQueryHandler", f"python-telegram-bot, flushed pickle of {USERS} people")


async def measure(plan: Plan) -> list[Row]:
    """Ours beside the library's own ways, then a small crowd beside a large one."""
    return [*await _beside(plan), await _flat(plan)]


async def _beside(plan: Plan) -> list[Row]:
    async with pressers(plan.place("telegram"), range(1, LANES + 1)) as people, AsyncExitStack() as stack:
        bare, flushed = await PtbBare.open(), await PtbBot.open(plan.place("pickle"), USERS)
        for peer in (bare, flushed):
            stack.push_async_callback(peer.close)
        many = [await _rates(people, bare, flushed) for _ in range(WARM + plan.runs)][WARM:]
        alone = [[await rate([[one.turn] * ALONE]), await rate([bare.turns(1, ALONE)])] for one in people[: plan.runs]]
    return [
        beside(f"Telegram, {LANES} turns outstanding", NAMES[0], [r[0] for r in many], [r[1] for r in many], 0.8),
        beside(f"Telegram, {LANES} turns outstanding", NAMES[1], [r[0] for r in many], [r[2] for r in many], 2.0),
        beside("Telegram, one turn at a time", NAMES[0], [r[0] for r in alone], [r[1] for r in alone], None),
    ]


async def _rates(people: Sequence[Presser], *peers: Peer) -> list[float]:
    found = [await rate([[person.turn] * EACH for person in people])]
    found += [await rate([peer.turns(person, THEIRS) for person in range(1, LANES + 1)]) for peer in peers]
    return found


async def _flat(plan: Plan) -> Row:
    session, _ = await halfway_session(plan.place("model"))
    folders = {number: plan.place(f"crowd-{number}") for number in (FEW, MANY)}
    for number, folder in folders.items():
        apart(fill, folder, number, session)
    async with pressers(folders[FEW], [1]) as few, pressers(folders[MANY], [1]) as many:
        runs = [await p50_side_by_side([few[0].turn] * ALONE, [many[0].turn] * ALONE) for _ in range(WARM + plan.runs)]
    pairs = runs[WARM:]
    result = ratio([large for _, large in pairs], [small for small, _ in pairs])
    return Row(
        measure=f"Telegram, {MANY:,} people stored, against {FEW:,} (p50)",
        ours=micros(median(large for _, large in pairs)),
        peer=f"{FEW:,} people: {micros(median(small for small, _ in pairs))}",
        result=times(result),
        goal="at most 1.2x",
        met=result <= 1.2,
    )
