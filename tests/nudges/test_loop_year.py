"""A year of a thousand people in many zones, on a clock that leaps from one due moment to the next."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

from bot.content.render import Bubble
from bot.nudges.clock import is_quiet, slot
from bot.nudges.compose import Sent
from bot.nudges.loop import Loop, Means
from bot.nudges.plan import Plan, pack_past, pack_plan, read_plan, unpack_past
from bot.nudges.schedule import DAILY, THREE, WEEKDAYS, Schedule, zone
from bot.ports import Address, Due, GivenUp, Nudging
from tests.nudges.scene import packed, stock
from tests.nudges.shelfstore import ShelfStore

BEGIN, END = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
# Both halves of the globe, half hours, the date line, changes at midnight, a day that was set back, and none at all.
ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Apia", "Asia/Kolkata",
    "America/Santiago", "Africa/Cairo", "Asia/Beirut", "Pacific/Kiritimati", "America/St_Johns", "UTC-11:00", "UTC+05:45",
)  # fmt: skip
PEOPLE, FAITHFUL = 1000, 13
STEP = timedelta(minutes=10)


class Heaped(ShelfStore):
    """The same, quick to ask who is due."""

    def __init__(self) -> None:
        super().__init__()
        self.heap: list[tuple[datetime, bytes]] = []

    async def due(self, platform: str, now: datetime, most: int) -> Sequence[Due]:
        found: dict[bytes, Due] = {}
        while self.heap and self.heap[0][0] <= now and len(found) < most:
            at, person = heappop(self.heap)
            _, nudging = self.rows[person]
            if nudging.due == at:
                found[person] = Due(person=person, plan=nudging.plan, since=at, version=nudging.version)
        return tuple(found.values())

    def _put(self, person: bytes, address: Address, nudging: Nudging) -> None:
        super()._put(person, address, nudging)
        if nudging.due is not None:
            heappush(self.heap, (nudging.due, person))


@dataclass
class Year:
    """The world around the loop: time, people who answer or do not, and a platform that sometimes fails."""

    store: Heaped = field(default_factory=Heaped)
    name: str = "telegram"
    now: datetime = BEGIN
    chance: Random = field(default_factory=lambda: Random(6))
    plans: dict[str, Plan] = field(default_factory=dict)
    got: dict[str, list[tuple[date, str]]] = field(default_factory=dict)
    failed: dict[str, list[date]] = field(default_factory=dict)
    to_answer: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for number in range(PEOPLE):
            schedule = Schedule(
                days=(DAILY, WEEKDAYS, THREE)[number % 3],
                at=time(9 + number % 12, (0, 30, 45)[number % 3]),
                zone=ZONES[number % len(ZONES)],
            )
            plan = Plan(schedule=schedule, seed=number)
            self.plans[str(number)], self.got[str(number)], self.failed[str(number)] = plan, [], []
            self.store.keep(Address(platform=self.name, user=str(number)), packed(plan), plan.due(BEGIN))

    async def deliver(self, to: Address, bubbles: Sequence[Bubble], within: float) -> None:
        schedule = self.plans[to.user].schedule
        local = self.now.astimezone(zone(schedule.zone))
        assert not is_quiet(schedule, self.now), "in the quiet hours"
        assert 0 < within <= 7200
        if self.chance.random() < 0.01:
            self.failed[to.user].append(local.date())
            raise GivenUp(perhaps=False)
        (bubble,) = bubbles
        self.got[to.user].append((local.date(), bubble.text))
        if int(to.user) < FAITHFUL:
            self.to_answer.add(to.user)

    async def sleep(self, seconds: float) -> None:
        """Answer what came, then leap until something is due, and some minutes further; but not past the end."""
        while self.to_answer:
            self._answers(self.to_answer.pop())
        upcoming = self.store.heap[0][0] + STEP if self.store.heap else END
        self.now = max(self.now + timedelta(seconds=seconds), min(upcoming, END))

    def _answers(self, user: str) -> None:
        address = Address(platform=self.name, user=user)
        stored = self.store.rows[self.store.person(address)][1]
        past = unpack_past(json.loads(stored.past))
        answered = replace(past[-1], answer="done", answered=past[-1].day)
        plan = read_plan(stored.plan).answered()
        packed_past = json.dumps(pack_past((*past[:-1], answered))).encode()
        self.store.keep(address, json.dumps(pack_plan(plan)).encode(), plan.due(self.now), packed_past)


async def through(year: Year, *loops: Loop) -> None:
    while year.now < END:
        for loop in loops:
            await loop._round()
        for loop in loops:
            while loop._under_way:
                await asyncio.wait(loop._under_way)


def loops(year: Year, number: int) -> list[Loop]:
    means = Means(store=year.store, stock=stock(), clock=lambda: year.now, sleep=year.sleep, chance=lambda: 0.5)  # type: ignore[arg-type]
    return [Loop(year, means) for _ in range(number)]


def slots(schedule: Schedule) -> list[date]:
    """The chosen local days of the year whose hour lies in it."""
    days = (BEGIN.date() + timedelta(days=n) for n in range(-1, 367))
    due = ((day, slot(schedule, day)) for day in days if day.weekday() in schedule.days)
    return [day for day, at in due if at is not None and BEGIN < at < END - STEP]


async def test_a_year_of_a_thousand_people():
    year = Year()
    await through(year, *loops(year, 2))
    told: list[Any] = []
    for number, user in enumerate(year.plans):
        days = [day for day, _ in year.got[user]] + year.failed[user]
        assert len(days) == len(set(days)), "one a day"
        if number < FAITHFUL:
            told.append(days)
            assert sorted(days) == slots(year.plans[user].schedule), "one on every chosen day"
            names = [sent.nudge for sent in _past(year, user)]
            assert len(set(names[:100])) == 100, "none comes again while there are others"
        else:
            assert len(year.got[user]) == 8, "seven, and the word that no more will come"
            assert sum("\n\n" in text for _, text in year.got[user]) == 1, "slower, said once"
            assert year.got[user][-1][1] == stock().library.text("en", "nudging.letter.resting")
    assert len(told) == FAITHFUL
    assert set(year.store.states()) <= {"sent", "failed"}
    assert all(day >= (END - timedelta(days=37)).toordinal() for _, day, _ in year.store.deliveries)


def _past(year: Year, user: str) -> tuple[Sent, ...]:
    stored = year.store.rows[year.store.person(Address(platform=year.name, user=user))][1]
    return unpack_past(json.loads(stored.past))
