"""The laws of the clock: one slot for every chosen local day, none in quiet hours, none twice, whatever zones and people do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.nudges.clock import LATE, is_quiet, latest, local_day, may_send, next_due, overdue, slot
from bot.nudges.schedule import DAILY, NEVER, THREE, WEEKDAYS, Quiet, Schedule
from tests.nudges.zones import changes, distinct, has, names, shown

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

zones = st.sampled_from(names())
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
dates = st.dates(date(1970, 1, 2), date(2100, 12, 30))
instants = st.datetimes(datetime(1970, 1, 3), datetime(2100, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
weeks = st.sets(st.sampled_from(DAILY), min_size=1).map(lambda days: tuple(sorted(days)))


@st.composite
def quiets(draw: st.DrawFn) -> Quiet:
    return Quiet(start=draw(times), end=draw(times))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    quiet = draw(st.just(Quiet()) | quiets())
    at = draw(times)
    return Schedule(days=draw(weeks), at=at, zone=draw(zones), quiet=quiet, knowing=quiet.covers(at))


def daily(zone: str, at: time = time(10), **more: object) -> Schedule:
    return Schedule(at=at, zone=zone, knowing=True, **more)


def local(schedule: Schedule, due: datetime) -> datetime:
    return due.astimezone(ZoneInfo(schedule.zone)).replace(tzinfo=None)


def walk(schedule: Schedule, after: datetime, many: int) -> list[datetime]:
    """The next slots, each asked for after the one before was sent."""
    found: list[datetime] = []
    last = None
    for _ in range(many):
        due = next_due(schedule, after, last_day=last)
        assert due is not None
        assert due > after
        found.append(due)
        after, last = due, local_day(schedule, due)
    return found


# -- one slot for every chosen day -------------------------------------------------------------------------------------


@given(schedules(), dates)
@settings(max_examples=300)
def test_a_slot_is_on_its_day_at_its_hour_and_never_in_quiet_hours(schedule: Schedule, day: date) -> None:
    due = slot(schedule, day)
    if due is None:
        assert not has(schedule.zone, day)
        return
    at = local(schedule, due)
    assert due.tzinfo is UTC
    assert at.date() == day == local_day(schedule, due)
    assert schedule.loud or not schedule.quiet.covers(at.time())
    if at.time() != schedule.at:
        wanted = datetime.combine(day, schedule.at)
        assert local(schedule, wanted.replace(tzinfo=ZoneInfo(schedule.zone)).astimezone(UTC)) != wanted, (
            "there is no such time"
        )


@given(schedules(), instants, st.integers(2, 12))
@settings(max_examples=200)
def test_every_chosen_day_gets_one_and_no_other_day_does(schedule: Schedule, after: datetime, many: int) -> None:
    got = [local_day(schedule, due) for due in walk(schedule, after, many)]
    span = [got[0] + DAY * step for step in range((got[-1] - got[0]).days + 1)]
    assert got == [day for day in span if day.weekday() in schedule.days and slot(schedule, day) is not None]


@given(schedules(), instants)
@settings(max_examples=200)
def test_the_next_is_the_first_of_all_slots_that_come_later(schedule: Schedule, after: datetime) -> None:
    today = after.date()
    around = (today + DAY * step for step in range(-3, 24))
    slots = [due for day in around if day.weekday() in schedule.days and (due := slot(schedule, day)) is not None]
    assert slots == sorted(slots)
    assert next_due(schedule, after) == next(due for due in slots if due > after)


@given(schedules(), instants, st.integers(0, 90))
@settings(max_examples=200)
def test_restarts_and_repeated_questions_change_nothing(schedule: Schedule, after: datetime, minutes: int) -> None:
    due = next_due(schedule, after)
    assert due is not None
    assert next_due(schedule, after + (due - after) / 100 * minutes) == due
    again = next_due(schedule, due - MINUTE * minutes, last_day=local_day(schedule, due))
    assert again == next_due(schedule, due), "a clock set back gives no second one"


# -- the days around every change of the clocks ------------------------------------------------------------------------


def test_around_every_change_in_every_zone() -> None:
    """2020 to 2030: before, within and after each gap and overlap, against what clocks there really show."""
    looked_at = 0
    for listed, zone in distinct(2020, 2030).items():
        for at, before, after in listed:
            edge = (at + min(before, after)).replace(tzinfo=None)
            size = abs(after - before)
            for wanted in (edge - MINUTE, edge, edge + size // 2, edge + size - MINUTE, edge + size, edge + size + MINUTE):
                check(zone, wanted.replace(second=0), at, {before, after})
                looked_at += 1
    assert looked_at > 3000


def check(zone: str, wanted: datetime, change: datetime, offsets: set[timedelta]) -> None:
    schedule = daily(zone, wanted.time())
    real = shown(zone, wanted, offsets)
    due = slot(schedule, wanted.date())
    assert due is not None
    if real:
        assert due == real[0], "the first of an hour that comes twice"
    else:
        same_day = local(schedule, change).date() == wanted.date()
        assert due == (change if same_day else change - MINUTE), "the first instant after the gap, on the same day"
    walked = walk(schedule, due - 2 * DAY - timedelta(hours=3), 5)
    got = [local_day(schedule, each) for each in walked]
    assert got == [got[0] + DAY * step for step in range(5)]
    assert due in walked


@pytest.mark.slow
@pytest.mark.parametrize("at", [time(9), time(2, 30), time(23, 50), time(0)], ids=str)
def test_thirty_years_in_every_zone(at: time) -> None:
    for zone in names():
        schedule = daily(zone, at)
        after, last = datetime(2010, 1, 1, tzinfo=UTC), None
        while after.year < 2040:
            due = next_due(schedule, after, last_day=last)
            assert due is not None
            day = local(schedule, due).date()
            if last is not None and day != last + DAY:
                assert day == last + 2 * DAY, zone
                assert not has(zone, last + DAY), zone
            exact = local(schedule, due).time() == at
            assert exact or due.timestamp() in {c.timestamp() for c in nearby(zone, due)}, zone
            after, last = due, day


def nearby(zone: str, due: datetime) -> list[datetime]:
    """The changes around this instant, and the minute before each."""
    found = [at for at, _, _ in changes(zone, due.year, due.year)]
    return [*found, *(at - MINUTE for at in found)]


# -- days that do not exist, half hours, and other things that zones do -------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Fakaofo", date(2011, 12, 30)), ("Pacific/Kwajalein", date(1993, 8, 21))],
)
def test_a_day_that_a_zone_skips_has_no_slot_and_its_neighbours_have_one(zone: str, day: date) -> None:
    schedule = daily(zone)
    assert slot(schedule, day) is None
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert [local_day(schedule, due) for due in walk(schedule, noon - 3 * DAY, 5)][2:] == [day - DAY, day + DAY, day + 2 * DAY]
    weekly = replace(schedule, days=(day.weekday(),))
    before, after = walk(weekly, noon - 8 * DAY, 2)
    assert [local_day(weekly, due) for due in (before, after)] == [day - 7 * DAY, day + 7 * DAY]
    assert next_due(weekly, before) == after


@pytest.mark.parametrize(
    ("zone", "day", "at", "due"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T03:00+02:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T02:30+02:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-04T02:30+11:00"),
        ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45), "2027-04-04T01:45+11:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), time(0, 30), "2018-11-04T01:00-02:00"),
        ("Africa/Monrovia", date(1972, 1, 7), time(0, 10), "1972-01-07T00:44:30+00:00"),
        ("Asia/Pyongyang", date(2018, 5, 4), time(23, 45), "2018-05-04T23:29+08:30"),
        ("Asia/Kathmandu", date(2026, 2, 1), time(9), "2026-02-01T09:00+05:45"),
        ("Pacific/Chatham", date(2028, 2, 29), time(9), "2028-02-29T09:00+13:45"),
        ("UTC-05:30", date(2026, 1, 1), time(9), "2026-01-01T09:00-05:30"),
    ],
)
def test_what_clocks_do_there(zone: str, day: date, at: time, due: str) -> None:
    assert slot(daily(zone, at), day) == datetime.fromisoformat(due)


def test_a_gap_at_the_end_of_the_waking_hours_is_not_left_into_the_quiet_ones() -> None:
    schedule = Schedule(at=time(22, 30), zone="America/Nuuk", quiet=Quiet(start=time(23), end=time(9)))
    due = slot(schedule, date(2022, 3, 26))  # clocks go from 22:00 to 23:00, when it is quiet
    assert due is not None
    assert local(schedule, due) == datetime(2022, 3, 26, 21, 59)  # noqa: DTZ001


def test_a_leap_day_is_a_day() -> None:
    schedule = Schedule(at=time(9), zone="Europe/London")
    got = [local_day(schedule, due) for due in walk(schedule, datetime(2028, 2, 28, tzinfo=UTC), 3)]
    assert got == [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]


# -- people move, and clocks are set wrong -----------------------------------------------------------------------------


@given(st.lists(st.tuples(zones, times, st.integers(1, 80)), min_size=2, max_size=12), instants)
@example([("Pacific/Auckland", time(9), 30), ("Pacific/Honolulu", time(9), 30), ("Pacific/Auckland", time(9), 30)] * 2,
         datetime(2026, 6, 1, tzinfo=UTC))  # fmt: skip
@settings(max_examples=200)
def test_whoever_travels_gets_no_day_twice_and_the_next_is_never_four_days_ahead(
    legs: list[tuple[str, time, int]], after: datetime
) -> None:
    got: list[date] = []
    now = after
    for zone, at, hours in legs:
        schedule, end = daily(zone, at), now + timedelta(hours=hours)
        while (due := next_due(schedule, now, last_day=got[-1] if got else None)) is not None and due <= end:
            got.append(local_day(schedule, due))
            now = due
        assert due is not None
        assert due - now < 4 * DAY
        now = end
    assert got == sorted(set(got))


@given(schedules(), instants, st.integers(0, 400))
@settings(max_examples=100)
def test_a_clock_set_back_never_gives_a_day_its_second_slot(schedule: Schedule, after: datetime, days: int) -> None:
    due = next_due(schedule, after)
    assert due is not None
    sent = local_day(schedule, due)
    again = next_due(schedule, due - DAY * days, last_day=sent)
    assert again is not None
    assert local_day(schedule, again) > sent


# -- pauses, lateness, quiet -------------------------------------------------------------------------------------------


@given(schedules(), instants, st.integers(-10_000, 100_000))
@settings(max_examples=100)
def test_nothing_is_due_within_a_pause(schedule: Schedule, after: datetime, minutes: int) -> None:
    until = after + MINUTE * minutes
    due = next_due(schedule.pausing(until), after)
    assert due is not None
    assert due >= until
    assert due == next_due(schedule, max(after, until - timedelta.resolution))


def test_a_pause_may_end_with_a_slot_and_within_an_hour_that_comes_twice() -> None:
    schedule = daily("Europe/Berlin", time(2, 30))
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # half past two, and again an hour later
    assert next_due(schedule.pausing(first), before) == first
    assert next_due(schedule.pausing(first + timedelta(minutes=40)), before) == first + DAY + timedelta(hours=1)


def test_a_pause_without_end_has_no_next() -> None:
    assert next_due(daily("Europe/Berlin").pausing(datetime.max.replace(tzinfo=UTC)), datetime(2026, 1, 1, tzinfo=UTC)) is None


@given(schedules(), instants, st.integers(-200, 400))
@settings(max_examples=200)
def test_nothing_is_sent_early_or_late_or_when_it_is_quiet(schedule: Schedule, after: datetime, minutes: int) -> None:
    due = next_due(schedule, after)
    assert due is not None
    now = due + MINUTE * minutes
    assert overdue(due, now) is (minutes > 120)
    sent = may_send(schedule, due, now)
    assert not sent or (due <= now <= due + LATE and not is_quiet(schedule, now))
    assert sent or minutes < 0 or minutes > 120 or is_quiet(schedule, now) or now > latest(schedule, due)
    assert may_send(schedule, due, due)
    assert due <= latest(schedule, due) <= due + LATE
    assert not is_quiet(schedule, latest(schedule, due))


@pytest.mark.parametrize(
    ("at", "quiet", "last"),
    [
        (time(10), Quiet(), "12:00:00"),
        (time(20, 30), Quiet(), "20:59:59.999999"),
        (time(19), Quiet(), "20:59:59.999999"),
        (time(23, 30), Quiet(start=time(0, 30), end=time(7)), "00:29:59.999999"),
        (time(23, 30), Quiet(start=time(2), end=time(7)), "01:30:00"),
    ],
)
def test_a_slot_waits_two_hours_or_until_it_is_quiet(at: time, quiet: Quiet, last: str) -> None:
    schedule = Schedule(at=at, zone="Europe/Berlin", quiet=quiet)
    due = slot(schedule, date(2026, 11, 23))
    assert due is not None
    assert local(schedule, latest(schedule, due)).time() == time.fromisoformat(last)


def test_two_hours_are_not_too_late_and_more_are() -> None:
    due = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert not overdue(due, due + LATE)
    assert overdue(due, due + LATE + timedelta.resolution)


def test_an_evening_slot_may_wait_until_the_quiet_hours_and_no_longer() -> None:
    schedule = Schedule(at=time(20, 30), zone="Europe/Berlin")
    due = slot(schedule, date(2026, 11, 23))
    assert due is not None
    assert may_send(schedule, due, due + timedelta(minutes=29))
    assert not may_send(schedule, due, due + timedelta(minutes=30))
    knowing = Schedule(at=time(21, 30), zone="Europe/Berlin", knowing=True)
    late = slot(knowing, date(2026, 11, 23))
    assert late is not None
    assert may_send(knowing, late, late + LATE)


def test_somebody_who_knows_no_quiet_hours_waits_two_hours() -> None:
    schedule = Schedule(at=time(23, 30), zone="Asia/Kolkata", quiet=NEVER)
    due = slot(schedule, date(2026, 11, 23))
    assert due is not None
    assert latest(schedule, due) == due + LATE
    assert local_day(schedule, due) == date(2026, 11, 23), "also where it is sent after midnight"


@pytest.mark.parametrize("days", [DAILY, WEEKDAYS, THREE, (6,)])
def test_after_three_days_down_only_what_is_not_too_late_is_left(days: tuple[int, ...]) -> None:
    schedule = Schedule(days=days, at=time(9), zone="Europe/Berlin")
    now = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)  # Thursday, half past nine there
    missed = walk(schedule, now - 3 * DAY - timedelta(hours=1), 5)
    fresh = [due for due in missed if due <= now and not overdue(due, now)]
    assert len(fresh) == (3 in days)


def test_a_time_without_a_zone_is_refused() -> None:
    for call in (lambda at: next_due(daily("UTC"), at), lambda at: overdue(at, at), lambda at: local_day(daily("UTC"), at)):
        with pytest.raises(ValueError, match="aware"):
            call(datetime(2026, 1, 1))  # noqa: DTZ001
