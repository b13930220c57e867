"""What the clock is tested against: every zone, when its clocks change, and where a local time falls, all found by looking."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)
STEP = timedelta(days=3)  # no zone changes twice within three days and back


@cache
def names() -> tuple[str, ...]:
    """Every zone of the tz database."""
    return tuple(files("tzdata").joinpath("zones").read_text("utf-8").split())


def ahead(name: str, at: datetime) -> timedelta:
    return at.astimezone(ZoneInfo(name)).utcoffset() or timedelta()


def changes(name: str, first: int, last: int) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """Each change of the clocks in these years: its instant, and how far ahead of UTC they are before and after."""
    low, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    zone = ZoneInfo(name)
    before = low.astimezone(zone).utcoffset() or timedelta()
    while low < end:
        high = low + STEP
        after = high.astimezone(zone).utcoffset() or timedelta()
        if after != before:
            start, stop = low, high
            while stop - start > SECOND:
                middle = start + (stop - start) // SECOND // 2 * SECOND
                start, stop = (middle, stop) if middle.astimezone(zone).utcoffset() == before else (start, middle)
            yield stop, before, after
        low, before = high, after


@cache
def distinct(first: int, last: int) -> dict[tuple[tuple[datetime, timedelta, timedelta], ...], str]:
    """One zone for each different list of changes; those without any are left out."""
    found = {tuple(changes(name, first, last)): name for name in reversed(names())}
    return {listed: name for listed, name in found.items() if listed}


def shown(name: str, local: datetime, offsets: set[timedelta]) -> list[datetime]:
    """The instants, in order, at which clocks there show this, if these are the offsets they can have."""
    instants = {local.replace(tzinfo=UTC) - each for each in offsets}
    return sorted(at for at in instants if at.astimezone(ZoneInfo(name)).replace(tzinfo=None) == local)


def has(name: str, day: date) -> bool:
    """Whether clocks there show this day at all, looked at every five minutes."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    return any((start + timedelta(minutes=5 * step)).astimezone(ZoneInfo(name)).date() == day for step in range(12 * 54))
