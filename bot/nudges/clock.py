"""When the next nudge is due: one slot for every chosen local day, never in quiet hours, whatever the zone does that day.

Pure: no clock of its own; instants come in and go out aware, the latter in UTC. Each slot is computed afresh from the day, the
local time and the zone, so that no error is carried from one day to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from bot.nudges.schedule import NEVER, Schedule, aware, zone

LATE = timedelta(hours=2)  # what is due longer than this is not sent any more
_MINUTE = timedelta(minutes=1)
_FAR = 15  # days looked through: with one day a week, and that one skipped by the zone, the next is 14 days away


def next_due(schedule: Schedule, after: datetime, *, last_day: date | None = None) -> datetime | None:
    """The first slot later than `after`, and not before the end of a pause; None while the pace is stopped.

    `last_day`: the local day of the last slot that was used. Its day and those before it get no second one, although the clock
    was set back or the person flew west over the date line.
    """
    if schedule.pace.stopped:
        return None
    after, where, days = aware(after), zone(schedule.zone), schedule.slots
    begin = after if schedule.paused is None else max(after, aware(schedule.paused))
    try:
        for day in _days(begin.astimezone(where), schedule.at, last_day):
            due = _slot(schedule, day, where) if day.weekday() in days else None
            if due is not None and due > after and due >= begin:
                return due
    except OverflowError:  # the calendar of the language ends with the year 9999
        pass
    return None


def slot(schedule: Schedule, day: date) -> datetime | None:
    """The instant of the chosen hour on this local day, chosen or not; None for a day that the zone skips.

    What falls into a gap comes at the first instant after it, or, where that is another day or quiet, in the last minute before
    it; of an hour that comes twice, the first is taken.
    """
    return _slot(schedule, day, zone(schedule.zone))


def _slot(schedule: Schedule, day: date, where: tzinfo) -> datetime | None:
    wanted = datetime.combine(day, schedule.at)
    due = _exact(wanted, where)
    if due is not None:
        return due
    end = _after_gap(wanted, where)
    quiet = NEVER if schedule.loud else schedule.quiet
    for found in (end, end - _MINUTE):
        local = found.astimezone(where)
        if local.date() == day and not quiet.covers(local.time()):
            return found
    return None


def local_day(schedule: Schedule, due: datetime) -> date:
    """The local day that a slot belongs to, also if sent after midnight: the day of its record, and the next `last_day`."""
    return aware(due).astimezone(zone(schedule.zone)).date()


def overdue(due: datetime, now: datetime) -> bool:
    """Whether this one is too old to be sent."""
    return aware(now) - aware(due) > LATE


def latest(schedule: Schedule, due: datetime) -> datetime:
    """The last instant at which this slot may still be sent: two hours later, or when the quiet hours begin."""
    due, end = aware(due), aware(due) + LATE
    if schedule.loud or schedule.quiet.start == schedule.quiet.end:
        return end
    where = zone(schedule.zone)
    local, there = due.astimezone(where), end.astimezone(where)
    if _apart(local.time(), there.time(), schedule.quiet.start) and there.utcoffset() == local.utcoffset():
        return end
    for day in (local.date(), local.date() + timedelta(days=1)):
        wanted = datetime.combine(day, schedule.quiet.start)
        begins = _exact(wanted, where) or _after_gap(wanted, where)
        if due < begins <= end:
            return begins - timedelta.resolution
    return end


def may_send(schedule: Schedule, due: datetime, now: datetime) -> bool:
    """Whether this slot may be sent now: not before its time, not too old, not in quiet hours."""
    return aware(due) <= aware(now) <= latest(schedule, due) and not is_quiet(schedule, now)


def is_quiet(schedule: Schedule, now: datetime) -> bool:
    """Whether it is quiet where the person is; never for somebody who knowingly chose a quiet hour."""
    return not schedule.loud and schedule.quiet.covers(aware(now).astimezone(zone(schedule.zone)).time())


def _days(local: datetime, at: time, last_day: date | None) -> Iterator[date]:
    """The days to look at. Where clocks already show a later time than the chosen one, its first coming that day is past."""
    first = local.toordinal() + (local.time() > at)
    if last_day is not None:
        first = max(first, last_day.toordinal() + 1)
    for number in range(first, min(first + _FAR, date.max.toordinal() + 1)):
        yield date.fromordinal(number)


@lru_cache(maxsize=4096)  # many live by the same clock, and choose the same hour
def _exact(wanted: datetime, where: tzinfo) -> datetime | None:
    """The first instant at which clocks there show this; None where none does."""
    found = wanted.replace(tzinfo=where).astimezone(UTC)
    return found if found.astimezone(where).replace(tzinfo=None, fold=0) == wanted else None


def _apart(begin: time, end: time, start: time) -> bool:
    """Whether clocks that go from `begin` to `end` on the same day do not come past `start`."""
    return start <= begin < end or begin < end < start


def _after_gap(missing: datetime, where: tzinfo) -> datetime:
    """The first instant, to the second, after the gap that this local time falls into."""
    # Read with the offset after the gap it lies before the change, and the other way round (PEP 495).
    low = missing.replace(tzinfo=where, fold=1).astimezone(UTC)
    high = missing.replace(tzinfo=where).astimezone(UTC)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(where).replace(tzinfo=None) < missing:
            low = middle
        else:
            high = middle
    return high
