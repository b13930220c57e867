"""The laws of all that is sent to one person by itself: one a day, the rare kinds far enough apart, none at rest or night."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nudges.clock import is_quiet, local_day
from bot.nudges.plan import (
    FORTNIGHT,
    MOST_UNANSWERED,
    WEEKLY,
    Kind,
    Plan,
    Reminder,
    decide,
    pack_plan,
    read_plan,
    unpack_plan,
)
from bot.nudges.schedule import DAILY, THREE, WEEKDAYS, Pace, Schedule
from bot.ports import GivenUp
from tests.nudges.scene import NOON, Scene, packed, plan, stock
from tests.nudges.test_clock import times, weeks, zones

WEEK = timedelta(days=7)
BEGIN = datetime(2026, 3, 20, 8, tzinfo=UTC)
DAY = BEGIN.date()
REMINDERS = ("reminder", "reminder_end")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    at = draw(times)
    return Plan(
        schedule=Schedule(days=draw(weeks), at=at, zone=draw(zones), knowing=True),
        seed=draw(st.integers(0, 2**32 - 1)),
        daily=draw(st.booleans()),
        reminder=draw(st.none() | st.builds(Reminder, since=st.just(DAY), unanswered=st.integers(0, 5))),
        week=draw(st.none() | st.just(DAY)),
    )


# What a person does after a moment, and how many minutes late the program was.
lives = st.lists(
    st.tuples(st.sampled_from(["", "", "", "checks in", "answers", "rests"]), st.sampled_from([0, 0, 1, 90, 119, 121])),
    min_size=1,
    max_size=60,
)


def lived(begun: Plan, life: Sequence[tuple[str, int]]) -> list[tuple[Kind | None, date]]:
    """What was sent, and on which local day; the days of check-ins among it, as of no kind."""
    found: list[tuple[Kind | None, date]] = []
    now, here = BEGIN, begun
    for does, late in life:
        due = here.due(now)
        if due is None:
            break
        now = due + timedelta(minutes=late)
        decision = decide(here, due, now)
        if decision.kind is not None:
            assert not is_quiet(here.schedule, now)
            assert here.schedule.paused is None or here.schedule.paused <= now
            found.append((decision.kind, date.fromordinal(decision.day)))
        here = decision.after
        if does == "checks in":
            here = here.checked_in(local_day(here.schedule, now))
            found.append((None, local_day(here.schedule, now)))
        elif does == "answers":
            here = replace(here.answered(), reminder=here.reminder and here.reminder.answered())
        elif does == "rests":
            here = here.resting(now + timedelta(hours=72))
    return found


@settings(max_examples=300, deadline=None)
@given(plans(), lives)
def test_one_a_day_and_the_rare_ones_far_enough_apart(begun, life):
    found = lived(begun, life)
    sent = [day for kind, day in found if kind is not None]
    assert len(sent) == len(set(sent))
    reminded = [day for kind, day in found if kind in REMINDERS]
    looked = [day for kind, day in found if kind == "week"]
    assert all((after - before).days >= FORTNIGHT for before, after in pairwise((DAY, *reminded)))
    assert all((after - before).days >= WEEKLY for before, after in pairwise((DAY, *looked)))
    last = None
    for kind, day in found:
        assert kind not in REMINDERS or last is None or (day - last).days >= FORTNIGHT
        last = day if kind is None else last


@settings(max_examples=100, deadline=None)
@given(plans(), lives)
def test_only_what_was_asked_for_comes(begun, life):
    kinds = {kind for kind, _ in lived(begun, life)}
    assert begun.daily or not kinds & {"nudge", "resting"}
    assert (begun.reminder is not None and not begun.reminder.over) or not kinds & set(REMINDERS)
    assert begun.week is not None or "week" not in kinds


@settings(max_examples=100, deadline=None)
@given(plans(), lives)
def test_a_day_with_a_nudge_is_left_to_it_where_there_are_others(begun, life):
    free = set(DAILY) - set(begun.schedule.days)
    rare = {day.weekday() for kind, day in lived(begun, life) if kind in (*REMINDERS, "week")}
    assert not begun.daily or len(free) < 2 or rare <= free


def test_every_day_a_nudge_and_the_rare_ones_in_its_place():
    begun = Plan(schedule=Schedule(at=time(18), zone="UTC"), reminder=Reminder(since=DAY), week=DAY)
    found = lived(begun, [("answers", 0)] * 28)
    assert [(kind, (day - DAY).days) for kind, day in found if kind != "nudge"] == [
        ("week", 7),
        ("reminder", 14),
        ("week", 15),
        ("week", 22),
    ]
    assert len(found) == 28


def test_after_three_unanswered_it_says_so_once_and_ends():
    begun = Plan(schedule=Schedule(at=time(18), zone="UTC"), daily=False, reminder=Reminder(since=DAY))
    found = lived(begun, [("", 0)] * 20)
    assert [kind for kind, _ in found] == ["reminder"] * MOST_UNANSWERED + ["reminder_end"]
    assert [(day - DAY).days for _, day in found] == [14, 28, 42, 56]
    # A check-in by hand brings none of it back, nor does a button of an older one; only who asks for them gets them.
    over = Reminder(since=DAY, unanswered=MOST_UNANSWERED + 1)
    assert over.made(DAY + timedelta(days=3)) == over.answered() == over
    assert not over.woken().over


def test_an_answer_or_a_checkin_begins_the_count_anew():
    begun = Plan(schedule=Schedule(at=time(18), zone="UTC"), daily=False, reminder=Reminder(since=DAY))
    for does in ("answers", "checks in"):
        kinds = [kind for kind, _ in lived(begun, [("", 0), ("", 0), (does, 0)] * 4) if kind]
        assert kinds == ["reminder"] * 12


# -- as it is stored ---------------------------------------------------------------------------------------------------


@given(plans())
def test_what_is_packed_comes_back(begun):
    assert unpack_plan(json.loads(json.dumps(pack_plan(begun)))) == begun


def test_what_was_stored_before_there_were_others_is_nudges_alone():
    old = pack_plan(plan())
    for name in ("daily", "reminder", "week"):
        del old[name]
    read = unpack_plan(old)
    assert (read.daily, read.reminder, read.week) == (True, None, None)
    assert read == plan()


def test_without_nudges_nothing_stays_that_was_theirs():
    begun = plan(needs=("touch",), follows=True, later=NOON, care=NOON, schedule={"days": THREE, "pace": Pace(unanswered=5)})
    left = replace(begun, week=DAY).without_nudges()
    kept = {"at": begun.schedule.at, "zone": begun.schedule.zone}
    assert left == Plan(schedule=Schedule(**kept), seed=1, daily=False, week=DAY)
    assert not left.empty
    assert replace(left, week=None).empty


# -- through the loop --------------------------------------------------------------------------------------------------

TODAY = NOON.toordinal()
LONG_AGO = NOON.date() - timedelta(days=20)


def says(key: str) -> tuple[str, ...]:
    return tuple(stock().library.entry("en", f"nudging.letter.{key}"))


async def test_a_reminder_says_nothing_of_what_it_is_about():
    scene = Scene()
    person = scene.person(daily=False, reminder=Reminder(since=LONG_AGO))
    await scene.poll()
    ((_, text, buttons),) = scene.courier.given
    assert text in says("reminder")
    assert buttons == tuple(f"{name}.{TODAY}" for name in ("begin", "not_now", "stop_reminders"))
    assert scene.plan_of(person).reminder == Reminder(since=NOON.date(), unanswered=1)
    assert scene.store.deliveries == {(person, TODAY, 0): "sent"}


async def test_one_that_surely_did_not_arrive_is_not_counted():
    scene = Scene()
    scene.courier.becomes = lambda to: GivenUp(perhaps=False)
    person = scene.person(daily=False, reminder=Reminder(since=LONG_AGO, unanswered=1), week=NOON.date())
    await scene.poll()
    assert scene.plan_of(person).reminder == Reminder(since=LONG_AGO, unanswered=1)
    assert scene.due_of(person) > NOON + timedelta(hours=20)


@pytest.mark.parametrize(("days_ago", "arrives"), [(6.9, True), (7.1, False)])
async def test_a_week_with_nothing_in_it_is_passed_over(days_ago: float, arrives: bool):
    scene = Scene()
    person = scene.person(daily=False, week=LONG_AGO)
    scene.store.kept[person] = [{"at": (NOON - timedelta(days=days_ago)).isoformat()}]
    await scene.poll()
    assert [text in says("week") for _, text, _ in scene.courier.given] == [True] * arrives
    assert scene.plan_of(person).week == NOON.date()
    assert scene.store.states() == ["sent" if arrives else "skipped"]
    assert scene.due_of(person) > NOON + timedelta(days=6)


async def test_in_place_of_a_week_with_nothing_comes_what_comes_on_any_day():
    scene = Scene()
    person = scene.person(week=LONG_AGO)
    await scene.poll()
    ((_, _, buttons),) = scene.courier.given
    assert buttons[0] == f"open.{TODAY}"
    assert scene.plan_of(person).week == NOON.date()


async def test_a_checkin_made_while_it_was_on_its_way_holds_it_back():
    scene = Scene()
    person = scene.person(daily=False, reminder=Reminder(since=LONG_AGO))

    def checks_in() -> None:
        address, stored = scene.store.rows[person]
        made = read_plan(stored.plan).checked_in(NOON.date())
        scene.store.keep(address, packed(made), made.due(NOON))

    scene.store.meanwhile = [checks_in]
    await scene.poll()
    assert scene.courier.given == []
    assert scene.store.states() == ["skipped"]


async def test_half_a_year_of_some_people():
    scene = Scene(now=BEGIN)
    people: dict[str, bytes] = {}
    for number in range(24):
        schedule = {"days": (DAILY, WEEKDAYS, THREE)[number % 3], "zone": ("Europe/Berlin", "Asia/Tokyo")[number % 2]}
        asked = {"daily": number % 4 != 3, "reminder": Reminder(since=DAY), "week": DAY if number % 2 else None}
        begun = plan(schedule=schedule, seed=number, **asked)
        people[str(number)] = scene.person(str(number), due=begun.due(BEGIN), **{**asked, "schedule": schedule})
    days: dict[tuple[str, str], list[date]] = {}
    while (nexts := [due for person in people.values() if (due := scene.due_of(person))]) and min(nexts) < BEGIN + 26 * WEEK:
        scene.now = min(nexts)
        for person in people.values():
            scene.store.kept[person] = [{"at": scene.now.isoformat()}]
        before = len(scene.courier.given)
        await scene.poll()
        for user, _, buttons in scene.courier.given[before:]:
            days.setdefault((user, buttons[0].partition(".")[0]), []).append(scene.now.date())
    for user in people:
        mine = [day for (who, _), found in days.items() if who == user for day in found]
        assert len(mine) == len(set(mine)), "one a day"
        assert len(days[user, "begin"]) == MOST_UNANSWERED
        assert len(days[user, "remind_again"]) == 1
        assert (int(user) % 2 == 1) == (len(days.get((user, "look"), ())) > 20)
        assert (int(user) % 4 == 3) == ((user, "open") not in days)
