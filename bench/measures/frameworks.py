"""The same twelve questions in other frameworks, one turn at a time and with 64 outstanding."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Protocol

from bench.ours import closer
from bench.peers.aiogram_fsm import AiogramBot
from bench.peers.aiogram_storage import SqliteStorage, TunedStorage, published
from bench.peers.ptb import PtbBot
from bench.plan import Plan
from bench.report import Row, beside
from bench.timing import Turn, rate
from bench.walk import Person, settled

LANES = 64
EACH = 30
THEIRS = 5
ALONE = 300
WARM = 2
NAMES = (
    "aiogram 3, aiogram-sqlite-storage",
    "aiogram 3, a storage of our own in a write-ahead log",
    "the same tuned to one hop a call",
    f"python-telegram-bot, flushed pickle of {LANES} people",
)
GOALS = {"many": 10.0, "one": 5.0}


class Peer(Protocol):
    """A bot in another framework."""

    def turns(self, person: int, number: int) -> list[Turn]:
        """So many turns of this person."""

    async def close(self) -> None:
        """Let go of what is open."""


async def measure(plan: Plan) -> list[Row]:
    """Ours, then theirs, again and again. The goals stand for aiogram as its users install it."""
    async with closer(plan.place("ours")) as runtime, AsyncExitStack() as stack:
        people = await settled(runtime, [f"walker-{n}" for n in range(LANES)])
        peers: list[Peer] = [
            await AiogramBot.open(plan.place("aiogram"), LANES, published),
            await AiogramBot.open(plan.place("logged"), LANES, SqliteStorage.open),
            await AiogramBot.open(plan.place("tuned"), LANES, TunedStorage.open),
            await PtbBot.open(plan.place("ptb"), LANES),
        ]
        for peer in peers:
            stack.push_async_callback(peer.close)
        rates = [await _run(people, peers) for _ in range(WARM + plan.runs)][WARM:]
    rows: list[Row] = []
    for place, name in enumerate(NAMES, 1):
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
    return beside(measure, name, [r[0] for r in rates], [r[place] for r in rates], goal)
