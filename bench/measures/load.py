"""Five thousand people in conversation on both platforms at once, and days of visitors: how late replies get, what it takes.

The program is `closer run` as operators start it, in a process of its own; the servers are those of the tests, in this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from time import monotonic

from bench.child import apart
from bench.memory import resident
from bench.ours import closer, key_file, settings
from bench.plan import Plan
from bench.report import Row
from bench.walk import Person, halfway
from bot.app import build
from bot.ports import Address
from tests.botapi.server import TOKEN, BotApi, bot_api
from tests.botapi.someone import Someone
from tests.discord.caller import Caller
from tests.discord.gateway import FakeDiscord, fake_discord
from tests.discord.test_process import OnDiscord

PEOPLE = 5_000
SECONDS = 90
# Telegram allows 30 messages a second for a bot, each turn is one. Discord counts no answers to interactions; 50 requests a
# second is what it allows of all others.
TELEGRAM_RATE, DISCORD_RATE = 29.0, 50.0
SLOWEST, MOST_MIB = 1.0, 200.0
# Two simulated days: so many visits an hour, of so many presses, half of them of people who are stored. After the first, what
# is kept for a day is full, and so is a cache of CACHED.
VISITS, PRESSES, DAY, CACHED, GROWTH_MIB = 200, 12, 24, 500, 2.0
FIRST = 100_000


@dataclass(kw_only=True)
class Times:
    """Seconds from what somebody did to the answer on their screen."""

    taken: list[float] = field(default_factory=list)

    def slowest(self, share: float = 1.0) -> float:
        """The slowest of this share of the quickest."""
        return sorted(self.taken)[max(0, round(len(self.taken) * share) - 1)]


async def measure(plan: Plan) -> list[Row]:
    """People who are stored and in the middle of the exploration write to a program that was just started."""
    folder, people = plan.place("load"), min(PEOPLE, plan.people)
    apart(_fill, folder, people)
    async with bot_api(violations=True) as api, fake_discord() as discord, _program(folder, api, discord) as pid:
        before = resident(pid)
        telegram, on_discord = await asyncio.gather(
            _conversing(TELEGRAM_RATE, _on_telegram(api, people // 2)),
            _conversing(DISCORD_RATE, _in_discord(discord, people // 2)),
        )
        after = resident(pid)
    growth, day = apart(_day, plan.place("day"))
    who = f"{people:,} people in conversation on both platforms"
    return [
        *(_late(f"{who}: slowest reply, {name}", times) for name, times in (("Telegram", telegram), ("Discord", on_discord))),
        Row(
            measure=f"{who}: memory of `closer run`, resident",
            ours=f"{after:.0f} MiB ({before:.0f} MiB when they came)",
            result=f"{after:.0f} MiB",
            goal=f"under {MOST_MIB:.0f} MiB",
            met=0 < after < MOST_MIB,
        ),
        Row(
            measure=f"{DAY} simulated hours after a first day, {VISITS * PRESSES * DAY:,} turns: growth of memory",
            ours=f"{growth:+.1f} MiB of {day:.0f} MiB",
            result=f"{growth:+.1f} MiB",
            goal=f"none (under {GROWTH_MIB:g} MiB)",
            met=growth < GROWTH_MIB,
        ),
    ]


# -- those who write --------------------------------------------------------------------------------------------------


async def _conversing(rate: float, acts: Iterator[Callable[[], Awaitable[object]]]) -> Times:
    """One act after the other at this rate, whoever is still waiting."""
    times, waiting, begun = Times(), set[asyncio.Task[None]](), monotonic()

    async def timed(act: Callable[[], Awaitable[object]]) -> None:
        before = monotonic()
        await act()
        times.taken.append(monotonic() - before)

    for number in range(round(rate * SECONDS)):
        await asyncio.sleep(max(0.0, begun + number / rate - monotonic()))
        task = asyncio.create_task(timed(next(acts)))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    await asyncio.gather(*waiting)
    return times


def _on_telegram(api: BotApi, people: int) -> Iterator[Callable[[], Awaitable[object]]]:
    """Each comes back to the exploration, and then presses what is there."""
    crowd = [Someone(api, FIRST + number) for number in range(people)]
    for nth in count():
        one = crowd[nth % people]
        yield partial(one.say, "/why") if nth < people else partial(_tap, one, one.labels)


def _in_discord(discord: FakeDiscord, people: int) -> Iterator[Callable[[], Awaitable[object]]]:
    crowd = [Caller(discord, FIRST + number) for number in range(people)]
    for nth in count():
        one = crowd[nth % people]
        yield partial(one.call, "why") if nth < people else partial(_tap, one, [each["label"] for each in one._controls()])


async def _tap(one: Someone | Caller, labels: list[str]) -> None:
    """On to the next question, wherever that goes on; otherwise the first that there is."""
    await one.tap("Skip" if "Skip" in labels else labels[0])


@asynccontextmanager
async def _program(folder: Path, api: BotApi, discord: FakeDiscord) -> AsyncIterator[int]:
    """The process id of a program that serves both."""
    telegram = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": api.base}
    program = OnDiscord(folder, discord, **telegram, CLOSER_KEY_FILE=str(key_file(folder)), LOG_LEVEL="WARNING")
    await program.start()
    try:
        await discord.until(discord.connected)
        await api.until(lambda: api.polls)
        yield program.process.pid
    finally:
        await program.end()


# -- in processes of their own ------------------------------------------------------------------------------------------


def _fill(folder: Path, people: int) -> None:
    asyncio.run(_settle(folder, people))


async def _settle(folder: Path, people: int) -> None:
    """People who are remembered and stand at the first question, half of them on each platform."""
    async with closer(folder) as runtime:
        for number in range(people):
            person = Person(runtime, str(number))
            platform = ("telegram", "discord")[number % 2]
            person.address = Address(platform=platform, user=str(FIRST + number // 2))
            await person.meet()
            await person.remember()
            await person.turn()


def _day(folder: Path) -> tuple[float, float]:
    return asyncio.run(_simulated(folder))


async def _simulated(folder: Path) -> tuple[float, float]:
    """MiB that the second day added, and MiB in the end."""
    clock = [datetime.now(UTC)]
    runtime = await build(settings(folder, CACHED), lambda: clock[0])
    sizes = []
    try:
        for hour in range(2 * DAY):
            for visit in range(VISITS):
                name = f"{hour}-{visit}"
                person = await halfway(runtime, name, 1)
                if visit % 2:
                    await person.remember()
                for _ in range(PRESSES):
                    await person.turn()
                clock[0] += timedelta(hours=1) / VISITS
            sizes.append(resident())
    finally:
        await runtime.close()
    return sizes[-1] - sizes[DAY - 1], sizes[-1]


def _late(measure: str, times: Times) -> Row:
    slowest = times.slowest()
    return Row(
        measure=measure,
        ours=f"{slowest * 1000:.0f} ms ({len(times.taken):,} replies; 99 % within {times.slowest(0.99) * 1000:.0f} ms)",
        result=f"{slowest * 1000:.0f} ms",
        goal=f"under {SLOWEST * 1000:.0f} ms",
        met=slowest < SLOWEST,
    )
