"""The loop, poll by poll: what is sent, what is not, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.log import configure
from bot.nudges.compose import Sent
from bot.nudges.plan import ASKED_FOR, pack_past
from bot.nudges.schedule import Pace
from bot.ports import Address, GivenUp, Unreachable
from tests.nudges.scene import NOON, Scene, packed, plan, stock

TODAY = NOON.toordinal()
OPENINGS = stock().library.entry("en", "intimacy.nudges.first")


def says(key: str) -> str:
    return stock().library.text("en", f"nudging.letter.{key}")


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    configure("DEBUG")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    configure("WARNING")


# -- what is sent -----------------------------------------------------------------------------------------------------


async def test_what_is_due_is_sent_once_and_noted():
    scene = Scene()
    person = scene.person()
    await scene.poll()
    await scene.poll()
    ((user, text, buttons),) = scene.courier.given
    assert (user, buttons) == ("1", (f"open.{TODAY}", f"stop.{TODAY}"))
    assert text in OPENINGS
    assert scene.store.deliveries == {(person, TODAY, 0): "sent"}
    (sent,) = scene.past_of(person)
    assert sent.nudge in stock().shelf
    assert sent.day == TODAY
    after = scene.plan_of(person)
    assert (after.last_day, after.schedule.pace) == (NOON.date(), Pace(unanswered=1))
    tomorrow = datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert tomorrow <= scene.due_of(person) < tomorrow + timedelta(minutes=1)


async def test_the_message_that_arrives_says_nothing_of_what_it_is_about():
    scene = Scene()
    for number in range(200):
        scene.person(str(number), seed=number)
    while "claim" in scene.store.calls or not scene.courier.given:
        scene.store.calls.clear()
        await scene.poll()
    assert len(scene.courier.given) == 200
    assert {text for _, text, _ in scene.courier.given} <= set(OPENINGS)


async def test_what_is_not_yet_due_waits():
    scene = Scene()
    scene.person(due=NOON + timedelta(seconds=1))
    await scene.poll()
    assert scene.courier.given == []
    scene.pass_(seconds=1)
    await scene.poll()
    assert scene.courier.to == ["1"]


async def test_only_its_own_platform():
    scene, other = Scene(), Scene(name="discord")
    other.store = scene.store
    scene.person("1")
    other.person("2")
    await scene.poll()
    assert scene.courier.to == ["1"]


@pytest.mark.parametrize(("late", "sent"), [({"hours": 2}, 1), ({"hours": 2, "seconds": 1}, 0), ({"days": 3}, 0)])
async def test_two_hours_late_is_too_late(late: dict[str, float], sent: int):
    scene = Scene()
    person = scene.person(due=NOON - timedelta(**late))
    before = scene.plan_of(person)
    await scene.poll()
    await scene.poll()
    assert len(scene.courier.given) == sent
    assert scene.store.states() == ["sent" if sent else "skipped"]
    assert NOON < scene.due_of(person) < NOON + timedelta(days=1)
    assert sent or (scene.plan_of(person), scene.past_of(person)) == (before, ())


async def test_after_three_days_down_nothing_old_is_sent_and_nobody_is_flooded():
    scene = Scene()
    for number in range(1000):
        scene.person(str(number), due=NOON - timedelta(days=3) + timedelta(seconds=number))
    for _ in range(1000 // 64 + 1):
        await scene.poll()
    assert scene.courier.given == []
    assert scene.store.states() == ["skipped"] * 1000
    assert len(scene.slept) == 1, "what is skipped is gone through without a rest, but for the last poll"


async def test_it_is_tried_until_the_quiet_hours_begin():
    at, due = time(20, 30), datetime(2026, 11, 23, 19, 30, tzinfo=UTC)
    scene = Scene(now=due + timedelta(minutes=10))
    scene.person(due=due, schedule={"at": at})
    await scene.poll()
    assert scene.courier.within == [pytest.approx(20 * 60, abs=1)]


async def test_three_unanswered_slow_it_down_and_seven_end_it_and_each_is_said_once():
    scene = Scene()
    person = scene.person()
    for _ in range(40):
        await scene.poll()
        if (due := scene.due_of(person)) is None:
            break
        scene.now = due
    texts = [text for _, text, _ in scene.courier.given]
    assert len(texts) == 8
    assert [says("slow") in text for text in texts] == [False] * 3 + [True] + [False] * 4
    assert texts[-1] == says("resting")
    assert scene.courier.given[-1][2][0].startswith("wake.")
    assert len(scene.past_of(person)) == 7
    gaps = [after.day - before.day for before, after in pairwise(scene.past_of(person))]
    assert gaps[:2] == [1, 1]
    assert min(gaps[2:]) > 1


async def test_the_same_one_does_not_come_again():
    scene = Scene()
    person = scene.person(seed=9)
    for _ in range(60):
        await scene.poll()
        address, stored = scene.store.rows[person]
        answered = scene.plan_of(person).answered()
        scene.store.keep(address, packed(answered), stored.due, stored.past)
        scene.now = stored.due
    names = [sent.nudge for sent in scene.past_of(person)]
    assert len(names) == len(set(names)) == 60


async def test_an_unknown_language_gets_the_first():
    scene = Scene()
    scene.person(language="xx")
    await scene.poll()
    assert scene.courier.given[0][1] in OPENINGS


# -- what was asked for -----------------------------------------------------------------------------------------------

LAST = Sent(nudge="song_sent", day=TODAY)


async def test_later_today_shows_the_same_one_again():
    scene = Scene()
    person = scene.person(later=NOON, last_day=NOON.date(), past=(LAST,))
    scene.store.deliveries[person, TODAY, 0] = "sent"
    await scene.poll()
    ((_, text, buttons),) = scene.courier.given
    assert text == says("later")
    assert buttons[0] == f"open.{TODAY}"
    assert scene.store.deliveries[person, TODAY, ASKED_FOR] == "sent"
    assert scene.past_of(person) == (LAST,)
    assert scene.plan_of(person).later is None
    assert scene.plan_of(person).schedule.pace.unanswered == 0


@pytest.mark.parametrize("past", [(), (replace(LAST, answer="done"),)])
async def test_later_is_let_be_where_there_is_nothing_to_show(past: tuple[Sent, ...]):
    scene = Scene()
    person = scene.person(later=NOON, last_day=NOON.date(), past=past)
    await scene.poll()
    assert scene.courier.given == []
    assert scene.store.deliveries == {(person, TODAY, ASKED_FOR): "skipped"}
    assert scene.plan_of(person).later is None


async def test_what_was_asked_for_later_and_missed_is_not_made_up_for_tomorrow():
    scene = Scene()
    person = scene.person(due=NOON - timedelta(hours=5), later=NOON - timedelta(hours=5), last_day=NOON.date(), past=(LAST,))
    await scene.poll()
    assert scene.store.states() == ["skipped"]
    scene.now = scene.due_of(person)
    await scene.poll()
    assert scene.courier.given[0][1] in OPENINGS
    assert len(scene.past_of(person)) == 2
    assert scene.plan_of(person).later is None


async def test_the_look_in_comes_once_and_says_something_else():
    scene = Scene()
    person = scene.person(care=NOON, schedule={"paused": NOON + timedelta(days=2)})
    await scene.poll()
    ((_, text, buttons),) = scene.courier.given
    assert text == says("care")
    assert buttons[0] == f"care.{TODAY}"
    assert scene.plan_of(person).care is None
    assert scene.due_of(person) > NOON + timedelta(days=2), "the rest from ordinary ones goes on"


async def test_where_nothing_fits_nothing_is_sent_and_nothing_counts():
    scene = Scene()
    every = [nudge.id for nudge in stock().shelf._nudges]
    past = tuple(Sent(nudge=name, day=1 + n, answer="not_for_me") for n, name in enumerate(every))
    person = scene.person(past=past)
    await scene.poll()
    assert scene.courier.given == []
    assert scene.store.states() == ["skipped"]
    assert scene.plan_of(person).schedule.pace.unanswered == 0
    assert scene.due_of(person) > NOON


# -- what goes wrong ---------------------------------------------------------------------------------------------------


async def test_who_cannot_be_reached_gets_nothing_more():
    scene = Scene()
    scene.courier.becomes = lambda to: Unreachable() if to.user == "1" else None
    person = scene.person("1")
    scene.person("2")
    await scene.poll()
    assert scene.courier.to == ["2"]
    assert scene.store.gone == {person}
    assert scene.store.deliveries[person, TODAY, 0] == "failed"
    assert scene.due_of(person) is None


async def test_what_surely_did_not_arrive_is_as_if_it_had_never_been_tried():
    scene = Scene()
    scene.courier.becomes = lambda to: GivenUp(perhaps=False)
    person = scene.person(schedule={"pace": Pace(unanswered=3)})
    await scene.poll()
    assert scene.store.states() == ["failed"]
    assert scene.past_of(person) == ()
    assert scene.plan_of(person).schedule.pace == Pace(unanswered=3), "and its news is said with the next one"
    assert scene.plan_of(person).last_day == NOON.date(), "not again today"
    assert scene.due_of(person) > NOON + timedelta(hours=12)


async def test_what_may_have_arrived_is_not_sent_again_on_another_day():
    scene = Scene()
    scene.courier.becomes = lambda to: GivenUp(perhaps=True)
    person = scene.person()
    await scene.poll()
    assert scene.store.states() == ["failed"]
    assert len(scene.past_of(person)) == 1
    assert scene.plan_of(person).schedule.pace.unanswered == 1


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[1]", packed(plan()).replace(b"Europe/Berlin", b"Atlantis")])
async def test_a_plan_that_cannot_be_read_ends_there_and_holds_up_nobody(data: bytes, log: Any):
    scene = Scene()
    person = scene.store.keep(Address(platform="telegram", user="0"), data, NOON - timedelta(minutes=1))
    scene.person("1")
    await scene.poll()
    assert scene.courier.to == ["1"]
    assert scene.store.deliveries[person, TODAY, 0] == "failed"
    assert scene.due_of(person) is None
    assert scene.store.rows[person][1].plan == data
    assert "nudge_plan_unreadable" in [line["event"] for line in log()]


async def test_who_is_due_and_cannot_be_reached_in_the_store_is_away_and_holds_up_nobody():
    scene = Scene()
    person, _ = scene.person("0"), scene.person("1")
    scene.store.spoilt.add(person)
    await scene.poll()
    assert scene.courier.to == ["1"]
    assert scene.store.deliveries[person, TODAY, 0] == "failed"
    assert scene.due_of(person) is None
    assert person in scene.store.gone


@pytest.mark.parametrize("past", [b"", b"{}", b"[1, [2], [[], [], [], [], []]]", b"null"])
async def test_a_past_that_cannot_be_read_is_as_none(past: bytes):
    scene = Scene()
    person = scene.store.keep(Address(platform="telegram", user="0"), packed(plan()), NOON, past)
    await scene.poll()
    assert len(scene.courier.given) == 1
    assert len(scene.past_of(person)) == 1


async def test_a_fault_of_the_store_is_waited_out_more_and_more_slowly(log: Any):
    scene = Scene()
    scene.person()
    scene.store.fails = True
    for _ in range(9):
        await scene.poll()
    assert scene.slept == [1, 2, 4, 8, 16, 32, 64, 120, 120]
    scene.store.fails = False
    await scene.poll()
    assert scene.courier.to == ["1"]
    assert scene.slept[-1] == 15
    lines = [line for line in log() if line["event"] == "nudges_not_taken"]
    assert {line["remedy"] for line in lines} == {"the disk is full: make room"}


async def test_a_fault_in_one_of_them_leaves_it_claimed_and_the_others_alone(log: Any):
    scene = Scene()
    scene.courier.becomes = lambda to: RuntimeError("somebody's words") if to.user == "1" else None
    person = scene.person("1")
    scene.person("2")
    await scene.poll()
    assert scene.courier.to == ["2"]
    assert scene.store.deliveries[person, TODAY, 0] == "claimed"
    told = log()
    assert [line["kind"] for line in told if line["event"] == "nudge_lost"] == ["RuntimeError"]
    assert "somebody's words" not in str(told)


async def test_the_log_says_how_many_and_never_who(log: Any):
    scene = Scene()
    for number in range(3):
        scene.person(f"78901{number}", due=NOON - timedelta(days=number))
    await scene.poll()
    (line,) = [line for line in log() if line["event"] == "nudges_taken"]
    assert (line["due"], line["ours"], line["skipped"]) == (3, 3, 2)
    assert "78901" not in str(line)


async def test_what_became_of_them_is_kept_for_five_weeks():
    scene = Scene()
    person = scene.person(due=NOON + timedelta(days=9))
    old = TODAY - 36
    scene.store.deliveries = {(person, old, 0): "sent", (person, old + 1, 0): "sent"}
    for _ in range(3):
        await scene.poll()
        scene.pass_(hours=4)
    assert scene.store.forgotten == [date.fromordinal(TODAY - 35)]
    assert list(scene.store.deliveries) == [(person, old + 1, 0)]
    await scene.poll()
    assert scene.store.forgotten == [date.fromordinal(TODAY - 35), date.fromordinal(TODAY - 34)]


async def test_the_past_that_is_noted_is_one_that_conversations_can_read():
    scene = Scene()
    person = scene.person(past=(LAST,))
    await scene.poll()
    assert json.loads(scene.store.rows[person][1].past) == pack_past(scene.past_of(person))
