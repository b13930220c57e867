"""The same twelve questions in other frameworks, one turn at a time and with 64 outstanding."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Protocol

from bench.ours import closer
from bench.peers.aiogram_fsm import AiogramBot
from bench.peers.ptb import PtbBot
from bench.plan import Plan
from bench.report import Row, per_second, ratio, times
from bench.timing import Turn, rate
from bench.walk import Person, settled

LANES = 64
EACH = 30
THEIRS = 5
ALONE = 300
GOALS = {"many": 10.0, "one": 5.0}


class Peer(Protocol):
    """A bot in another framework."""

    def turns(self, person: int, number: int) -> list[Turn]:
        """So many turns of this person."""

    async def close(self) -> None:
        """Let go of what is open."""


async def measure(plan: Plan) -> list[Row]:
    """Ours, then theirs, again and again."""
    rows: list[Row] = []
    async with closer(plan.place("ours")) as runtime:
        people = await settled(runtime, [f"walker-{n}" for n in range(LANES)])
        aiogram = await AiogramBot.open(plan.place("aiogram"), LANES)
        ptb = await PtbBot.open(plan.place("ptb"), LANES)
        try:
            rates = [await _run(people, (aiogram, ptb)) for _ in range(plan.runs + 1)][1:]
        finally:
            await aiogram.close()
            await ptb.close()
    names = ("aiogram 3, finite states in SQLite", f"python-telegram-bot, flushed pickle of {LANES} people")
    for place, name in enumerate(names, 1):
        goals = GOALS if place == 1 else {}
        rows.append(_row(f"{LANES} turns outstanding", name, [r["many"] for r in rates], place, goals.get("many")))
        rows.append(_row("one turn at a time", name, [r["one"] for r in rates], place, goals.get("one")))
    return rows


async def _run(people: Sequence[Person], peers: Sequence[Peer]) -> dict[str, list[float]]:
    """The rates of all, ours first."""
    many = [await rate([[person.turn] * EACH for person in people])]
    one = [await rate([[people[0].turn] * ALONE])]
    for peer in peers:
        many.append(await rate([peer.turns(person, THEIRS) for person in range(1, LANES + 1)]))
        one.append(await rate([peer.turns(1, ALONE // 3)]))
    return {"many": many, "one": one}


def _row(measure: str, name: str, rates: list[list[float]], place: int, goal: float | None) -> Row:
    ours, theirs = [r[0] for r in rates], [r[place] for r in rates]
    result = ratio(ours, theirs)
    return Row(
        measure=measure,
        ours=per_second(median(ours)),
        peer=f"{name}: {per_second(median(theirs))}",
        result=times(result),
        goal="" if goal is None else f"at least {goal:g}x",
        met=None if goal is None else result >= goal,
    )
