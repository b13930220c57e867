"""What a schedule may hold, and how nudges slow down by themselves: slow after three unanswered, at rest after seven."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nudges.clock import next_due
from bot.nudges.schedule import (
    DAILY,
    OWN,
    PRESETS,
    THREE,
    WEEKDAYS,
    Pace,
    Quiet,
    Schedule,
    UnknownZone,
    days_of,
    fixed_zone,
    zone,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def schedule(**more: object) -> Schedule:
    return Schedule(**{"at": time(10), "zone": "Europe/Berlin", **more})


@pytest.mark.parametrize("days", [(), (7,), (-1,), (1, 0), (1, 1)])
def test_days_are_weekdays_each_once_and_in_order(days: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="days are one or more"):
        schedule(days=days)
    assert schedule(days=days_of(4, 0, 4)).days == (0, 4)


@pytest.mark.parametrize("at", [time(21), time(23, 59), time(0), time(8, 59)])
def test_a_quiet_hour_has_to_be_chosen_knowingly(at: time) -> None:
    with pytest.raises(ValueError, match="knowing"):
        schedule(at=at)
    assert schedule(at=at, knowing=True).loud


@pytest.mark.parametrize("at", [time(9), time(20, 59)])
def test_the_waking_hours_begin_at_nine_and_end_before_nine(at: time) -> None:
    assert not schedule(at=at).loud


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("at", time(10, 0, 1)),
        ("at", time(10, tzinfo=UTC)),
        ("paused", datetime(2026, 1, 1)),  # noqa: DTZ001
        ("zone", "Mars/Olympus"),
    ],
)
def test_what_a_schedule_cannot_hold(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"minute|aware|not a time zone"):
        schedule(**{name: value})


@pytest.mark.parametrize(
    "name",
    [
        "",
        "America",
        "localtime",
        "posix/Europe/Berlin",
        "right/UTC",
        "../etc/passwd",
        "/etc/passwd",
        "UTC+14:01",
        "UTC+5",
        "Europe/",
    ],
)
def test_what_is_no_zone_is_refused_without_naming_it(name: str) -> None:
    with pytest.raises(UnknownZone) as error:
        zone(name)
    assert not name or name not in str(error.value).replace("UTC+05:30", "").replace("Europe/Berlin", "")


@given(st.integers(-14 * 60, 14 * 60))
def test_every_offset_is_a_zone(minutes: int) -> None:
    assert NOW.astimezone(zone(fixed_zone(minutes))).utcoffset() == timedelta(minutes=minutes)


def test_choices_of_days_have_names() -> None:
    assert {name: schedule(days=days).name for name, days in PRESETS.items()} == {name: name for name in PRESETS}
    assert schedule(days=(1, 6)).name == OWN


@given(st.times(), st.times(), st.times())
def test_quiet_hours_and_their_reverse_cover_the_day_between_them(start: time, end: time, at: time) -> None:
    assert Quiet(start=start, end=end).covers(at) is (start != end and not Quiet(start=end, end=start).covers(at))


# -- slowing down ------------------------------------------------------------------------------------------------------


def test_it_slows_after_three_rests_after_seven_and_says_each_once() -> None:
    pace, said = Pace(), []
    for _ in range(8):
        assert not pace.stopped
        said.append(pace.news)
        pace = pace.sent()
    assert said == [None, None, None, "slow", None, None, None, "resting"]
    assert pace.stopped
    assert next_due(schedule(pace=pace), NOW) is None
    assert next_due(schedule(pace=pace.answered()), NOW) is not None


@given(st.lists(st.booleans(), max_size=60))
def test_whoever_answers_now_and_then_is_never_left_alone(answers: list[bool]) -> None:
    pace, silent = Pace(), 0
    for answered in answers:
        if pace.stopped:
            assert silent == 8, "seven nudges, and the word that no more will come"
            break
        assert pace.level == ("resting" if silent >= 7 else "slow" if silent >= 3 else "usual")
        pace, silent = (pace.sent().answered(), 0) if answered else (pace.sent(), silent + 1)


@pytest.mark.parametrize(
    ("days", "slow"), [(DAILY, (0, 2, 4)), (WEEKDAYS, (0, 2)), (THREE, (0,)), ((5, 6), (5,)), ((3,), (3,))]
)
def test_slowed_it_comes_on_about_half_of_the_days(days: tuple[int, ...], slow: tuple[int, ...]) -> None:
    assert schedule(days=days).slots == days
    assert schedule(days=days).pacing(Pace(unanswered=3, said="slow")).slots == slow


@given(st.sets(st.sampled_from(DAILY), min_size=1), st.integers(0, 20))
def test_no_day_comes_that_was_not_chosen(days: set[int], unanswered: int) -> None:
    slots = schedule(days=days_of(*days), pace=Pace(unanswered=unanswered)).slots
    assert slots
    assert set(slots) <= days


def test_slowed_slots_are_the_slots_of_those_days() -> None:
    slowed = schedule(pace=Pace(unanswered=4, said="slow"))
    due, got = NOW, []
    for _ in range(4):
        due = next_due(slowed, due) or due
        got.append(due.date())
    assert got == [date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 27), date(2026, 11, 30)]
