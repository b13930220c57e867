"""The loop beside everything that happens at the same time: people, other processes, a kill, an end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.nudges.compose import Sent
from bot.nudges.loop import AT_ONCE, LAST_ORDERS, POLL, SOON, Loop, Means
from bot.nudges.plan import pack_past
from bot.ports import Address, Claim
from tests.leaping import leap
from tests.nudges.scene import NOON, Scene, packed, stock

TODAY = NOON.toordinal()
LAST = Sent(nudge="song_sent", day=TODAY - 1)


# -- people who write at the same time ---------------------------------------------------------------------------------


def chooses(scene: Scene, person: bytes, **changes: Any) -> Callable[[], None]:
    """The person changes something in a conversation, which goes by what is stored then."""

    def change() -> None:
        address = scene.store.rows[person][0]
        plan = replace(scene.plan_of(person), **changes)
        past = [replace(sent, answer="done") for sent in scene.past_of(person)]
        scene.store.keep(address, packed(plan), plan.due(scene.now), json.dumps(pack_past(past)).encode())

    return change


async def test_who_answers_the_last_one_at_that_moment_gets_todays_and_keeps_the_answer():
    scene = Scene()
    person = scene.person(past=(LAST,))
    scene.store.meanwhile = [chooses(scene, person)]
    await scene.poll()
    assert len(scene.courier.given) == 1
    assert [sent.answer for sent in scene.past_of(person)] == ["done", None]
    assert scene.store.states() == ["sent"]


async def test_who_stops_at_that_moment_gets_nothing():
    scene = Scene()
    person = scene.person()
    scene.store.meanwhile = [lambda: scene.store.erase_now(person)]
    await scene.poll()
    assert scene.courier.given == []
    assert scene.store.rows == {}


@pytest.mark.parametrize("what", ["pause", "hour", "rest"])
async def test_who_changes_when_they_come_at_that_moment_gets_none_now(what: str):
    scene = Scene()
    person = scene.person()
    was = scene.plan_of(person)
    schedule = {
        "pause": was.schedule.pausing(NOON + timedelta(days=7)),
        "hour": replace(was.schedule, at=was.schedule.at.replace(hour=18)),
        "rest": was.resting(NOON + timedelta(hours=72)).schedule,
    }[what]
    scene.store.meanwhile = [chooses(scene, person, schedule=schedule)]
    await scene.poll()
    assert scene.courier.given == []
    assert scene.store.states() == ["skipped"]
    assert scene.plan_of(person).schedule == schedule
    assert scene.due_of(person) > NOON


async def test_who_takes_back_what_they_asked_for_later_does_not_get_it():
    scene = Scene()
    person = scene.person(later=NOON, last_day=NOON.date(), past=(replace(LAST, day=TODAY),))
    scene.store.meanwhile = [chooses(scene, person, later=None)]
    await scene.poll()
    assert scene.courier.given == []
    assert scene.store.states() == ["skipped"]


async def test_who_is_turned_off_at_that_moment_gets_nothing():
    scene = Scene()
    person = scene.person()
    address, stored = scene.store.rows[person]

    def off() -> None:
        scene.store.keep(address, stored.plan, None)

    scene.store.meanwhile = [off]
    await scene.poll()
    assert scene.courier.given == []
    assert (scene.due_of(person), scene.store.rows[person][1].plan) == (None, stored.plan)


async def test_who_answers_before_it_is_recorded_keeps_the_answer():
    scene = Scene()
    person = scene.person()
    scene.store.meanwhile = [lambda: None, chooses(scene, person)]
    await scene.poll()
    assert [sent.answer for sent in scene.past_of(person)] == ["done"]
    assert scene.store.states() == ["sent"]


async def test_who_erases_everything_before_it_is_recorded_stays_erased():
    scene = Scene()
    person = scene.person()
    scene.store.meanwhile = [lambda: None, lambda: scene.store.erase_now(person)]
    await scene.poll()
    assert len(scene.courier.given) == 1
    assert (scene.store.rows, scene.store.deliveries) == ({}, {})


# -- other processes, and kills ----------------------------------------------------------------------------------------


class Seen(Scene):
    """A store that lets both loops see the same before either claims."""

    def both_look_first(self) -> None:
        store, arrived = self.store, asyncio.Barrier(2)
        claim = store.claim

        async def claimed(claims: list[Claim]) -> Any:
            await arrived.wait()
            return await claim(claims)

        store.claim = claimed


async def test_two_loops_on_one_store_send_each_of_them_once():
    scene = Seen()
    for number in range(50):
        scene.person(str(number))
    scene.both_look_first()
    await asyncio.gather(scene.poll(), scene.poll(scene.another()))
    assert sorted(scene.courier.to, key=int) == [str(number) for number in range(50)]
    assert scene.store.states() == ["sent"] * 50


@pytest.mark.parametrize("where", ["noting", "delivering", "recording"])
async def test_a_kill_loses_what_is_in_flight_visibly_and_sends_nothing_twice(where: str):
    scene, ever = Scene(), asyncio.Event()
    person = scene.person()
    hang: Callable[[], Any] = ever.wait
    scene.store.meanwhile = {"noting": [hang], "delivering": [], "recording": [lambda: None, hang]}[where]
    scene.courier.becomes = lambda to: hang() if where == "delivering" else None
    await scene.loop._round()
    killed = tuple(scene.loop._under_way)
    for _ in range(10):
        await asyncio.sleep(0)
    for task in killed:
        task.cancel()
    await asyncio.gather(*killed, return_exceptions=True)
    scene.courier.becomes = lambda to: None
    arrived = len(scene.courier.given)
    assert arrived == (1 if where == "recording" else 0)

    after = scene.another()
    for _ in range(3):
        await scene.poll(after)
        scene.pass_(minutes=30)
    assert len(scene.courier.given) == arrived
    assert scene.store.deliveries == {(person, TODAY, 0): "claimed"}
    noted = [sent.nudge for sent in scene.past_of(person)]
    assert len(noted) == (0 if where == "noting" else 1)

    scene.now = scene.due_of(person)
    await scene.poll(after)
    assert len(scene.courier.given) == arrived + 1
    names = [sent.nudge for sent in scene.past_of(person)]
    assert len(names) == len(set(names)) == len(noted) + 1
    assert scene.store.deliveries[person, TODAY + 1, 0] == "sent"


# -- how many at once --------------------------------------------------------------------------------------------------


async def test_only_so_many_are_in_flight_and_the_longest_due_go_first():
    scene, gate = Scene(), asyncio.Event()
    for number in range(200):
        scene.person(str(number), due=NOON - timedelta(seconds=number))
    scene.courier.becomes = lambda to: gate.wait()
    for _ in range(3):
        await scene.loop._round()
    assert len(scene.loop._under_way) == AT_ONCE
    assert scene.store.states() == ["claimed"] * AT_ONCE
    assert scene.slept == [SOON] * 3
    gate.set()
    await asyncio.wait(scene.loop._under_way)
    assert sorted(map(int, scene.courier.to)) == list(range(200 - AT_ONCE, 200))
    while len(scene.courier.given) < 200:
        await scene.poll()
    assert len(set(scene.courier.to)) == 200


class Clock:
    """The time of the loop that leaps."""

    def __call__(self) -> datetime:
        return NOON + timedelta(seconds=asyncio.get_running_loop().time())


def running(work: Callable[[Scene, Loop], Any], at_once: int = AT_ONCE) -> None:
    """A loop that runs by itself, on time that leaps."""

    async def both() -> None:
        scene = Scene()
        means = Means(store=scene.store, stock=stock(), clock=Clock(), chance=lambda: 0.5)
        await work(scene, Loop(scene.courier, means, at_once=at_once))

    leap(both)


def now() -> float:
    return asyncio.get_running_loop().time()


def test_it_looks_every_quarter_of_a_minute_and_goes_on_at_once_after_a_full_batch():
    async def work(scene: Scene, loop: Loop) -> None:
        for number in range(40):
            scene.person(str(number), due=NOON + timedelta(seconds=20))
        scene.courier.becomes = lambda to: asyncio.sleep(0.1)
        task = asyncio.create_task(loop.run())
        await asyncio.sleep(POLL * 2 - 0.1)
        assert scene.courier.given == []
        assert scene.store.calls == ["due"] * 2
        await asyncio.sleep(1.1)
        assert len(scene.courier.given) == 40, "ten at a time"
        await loop.stop()
        await task

    running(work, at_once=10)


def test_the_end_lets_what_is_in_flight_leave_and_takes_nothing_new():
    async def work(scene: Scene, loop: Loop) -> None:
        for number in range(5):
            scene.person(str(number))
        scene.courier.becomes = lambda to: asyncio.sleep(LAST_ORDERS - 1)
        task = asyncio.create_task(loop.run())
        await asyncio.sleep(0.5)
        scene.person("late", due=NOON)
        await loop.stop()
        await task
        assert now() == pytest.approx(LAST_ORDERS - 1)
        assert sorted(scene.courier.to) == ["0", "1", "2", "3", "4"]
        assert scene.store.states() == ["sent"] * 5

    running(work)


def test_the_end_does_not_wait_for_ever_and_what_has_not_left_stays_claimed():
    async def work(scene: Scene, loop: Loop) -> None:
        scene.person("1")
        scene.courier.becomes = lambda to: asyncio.sleep(1000)
        task = asyncio.create_task(loop.run())
        await asyncio.sleep(1)
        await loop.stop()
        await task
        assert now() == pytest.approx(1 + LAST_ORDERS)
        assert scene.store.states() == ["claimed"]
        assert scene.courier.given == []

    running(work)


def test_it_ends_while_it_rests_after_a_fault():
    async def work(scene: Scene, loop: Loop) -> None:
        scene.store.fails = True
        task = asyncio.create_task(loop.run())
        await asyncio.sleep(100)
        await loop.stop()
        await task
        assert now() == 100

    running(work)


def test_one_that_waits_for_hours_holds_up_nobody():
    async def work(scene: Scene, loop: Loop) -> None:
        for number in range(30):
            scene.person(str(number), due=NOON + timedelta(seconds=number))
        scene.courier.becomes = lambda to: asyncio.sleep(7000 if int(to.user) < 6 else 0.01)
        task = asyncio.create_task(loop.run())
        await asyncio.sleep(90)
        assert sorted(map(int, scene.courier.to)) == list(range(6, 30))
        await loop.stop()
        await task

    running(work, at_once=10)


def test_a_day_seen_twice_has_one_slot():
    """Somebody flies west over the date line after today's: the store has had that day."""

    async def work(scene: Scene, loop: Loop) -> None:
        person = scene.person("1")
        scene.store.deliveries[person, TODAY, 0] = "sent"
        task = asyncio.create_task(loop.run())
        await asyncio.sleep(60)
        assert scene.courier.given == []
        assert scene.due_of(person) == datetime(2026, 11, 24, 11, tzinfo=UTC) + timedelta(seconds=(scene.due_of(person).second))
        await loop.stop()
        await task

    running(work)


async def test_an_address_of_another_platform_is_nobodys():
    scene = Scene()
    scene.store.keep(Address(platform="terminal", user="1"), packed(scene.plan_of(scene.person("2"))), NOON)
    await scene.poll()
    assert scene.courier.to == ["2"]
