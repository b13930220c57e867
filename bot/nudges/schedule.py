"""What a person chose about their nudges, as values: which days, which hour, where, when not; and how many stayed unanswered.

Values and tables only; when the next one is due is the clock's to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from itertools import combinations
from types import MappingProxyType
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Days: TypeAlias = tuple[int, ...]  # Monday is 0; each once, in their order
Level: TypeAlias = Literal["usual", "slow", "resting"]

DAILY: Days = (0, 1, 2, 3, 4, 5, 6)
WEEKDAYS: Days = (0, 1, 2, 3, 4)
WEEKEND: Days = (5, 6)
THREE: Days = (0, 2, 4)
PRESETS: Mapping[str, Days] = MappingProxyType({"daily": DAILY, "weekdays": WEEKDAYS, "three": THREE, "weekend": WEEKEND})
OWN = "own"  # the name of every other choice of days

_CHOICES = frozenset(days for many in range(1, 8) for days in combinations(DAILY, many))

# By how many in a row stayed unanswered; the last holds for more too.
LEVELS: tuple[Level, ...] = ("usual", "usual", "usual", "slow", "slow", "slow", "slow", "resting")

_FIXED = re.compile(r"UTC([+-])(\d\d):([0-5]\d)")
# Every zone of the database that a person can live in begins so; `localtime`, `posix/...` and `right/...` (which counts leap
# seconds) are the machine's own.
_ZONE = re.compile(r"[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_FARTHEST = timedelta(hours=14)


class UnknownZone(ValueError):
    """No zone has this name: ask the person for their city again."""


@lru_cache(maxsize=512)  # zoneinfo itself keeps only the last eight
def zone(name: str) -> tzinfo:
    """The zone of this IANA name ("Europe/Berlin") or fixed offset ("UTC+05:30"). Raises UnknownZone."""
    if fixed := _FIXED.fullmatch(name):
        offset = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        if offset <= _FARTHEST:
            return timezone(-offset if fixed[1] == "-" else offset, name)
    elif _ZONE.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, OSError, ValueError):  # OSError: a folder of zones ("America")
            pass
    raise UnknownZone("not a time zone: give an IANA name like Europe/Berlin, or an offset like UTC+05:30")


def fixed_zone(minutes: int) -> str:
    """The name of the zone that is always so many minutes ahead of UTC."""
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """From `start` to `end` (local, the end excluded, usually over midnight) nothing is sent. Both the same: never quiet."""

    start: time = time(21)
    end: time = time(9)

    def __post_init__(self) -> None:
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("quiet hours are local: give times without a zone")

    def covers(self, at: time) -> bool:
        """Whether this local time is quiet."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


NEVER = Quiet(start=time(), end=time())


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How many in a row stayed unanswered, and which slowing down was said last: each is said once."""

    unanswered: int = 0
    said: Level = "usual"

    @property
    def level(self) -> Level:
        """What so many unanswered call for."""
        return LEVELS[min(self.unanswered, len(LEVELS) - 1)]

    @property
    def news(self) -> Level | None:
        """What to say with the next one, as it was not said yet: "slow" beside the nudge, "resting" in its place."""
        return self.level if self.level not in ("usual", self.said) else None

    @property
    def stopped(self) -> bool:
        """Whether nothing comes any more, not even the word that nothing comes."""
        return self.said == "resting" and self.level == "resting"

    def sent(self) -> Pace:
        """After one was sent, with its news if there was any. Not for one that was skipped or failed."""
        return Pace(unanswered=self.unanswered + 1, said=self.level)

    def answered(self) -> Pace:
        """After any answer or message of the person: as if new."""
        return Pace()


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """When somebody wants nudges. `at`: local hour and minute; `zone`: see `zone`; `paused`: aware, nothing before it.

    `knowing`: an hour within the quiet ones was chosen knowingly; without it such an hour is a ValueError.
    """

    days: Days = DAILY
    at: time
    zone: str
    quiet: Quiet = Quiet()
    knowing: bool = False
    paused: datetime | None = None
    pace: Pace = Pace()

    def __post_init__(self) -> None:
        if self.days not in _CHOICES:
            raise ValueError("days are one or more of 0 (Monday) to 6, each once and in order: use schedule.days_of()")
        if self.at.tzinfo or self.at.second or self.at.microsecond:
            raise ValueError("the hour is local and on the minute: give a time without zone and seconds")
        if self.paused is not None and self.paused.tzinfo is None:
            raise ValueError("a pause needs an aware datetime: pass one with tzinfo")
        if self.loud and not self.knowing:
            raise ValueError("this hour is within the quiet ones: ask, and then set knowing")
        zone(self.zone)

    @property
    def loud(self) -> bool:
        """Whether the chosen hour is within the quiet ones."""
        return self.quiet.covers(self.at)

    @property
    def name(self) -> str:
        """The name of the choice of days, a key of PRESETS or OWN."""
        return next((name for name, days in PRESETS.items() if days == self.days), OWN)

    @property
    def slots(self) -> Days:
        """The days on which one comes: those chosen; when slowed, about half of them, evenly spread."""
        if self.pace.level == "usual":
            return self.days
        many = max(1, len(self.days) // 2)
        return tuple(self.days[place * len(self.days) // many] for place in range(many))

    def pausing(self, until: datetime | None) -> Schedule:
        """The same with another pause; None ends it."""
        return replace(self, paused=until)

    def pacing(self, pace: Pace) -> Schedule:
        """The same after one more was sent or answered."""
        return replace(self, pace=pace)


def days_of(*days: int) -> Days:
    """These weekdays (Monday is 0) as a schedule holds them."""
    return tuple(sorted(set(days)))


def aware(instant: datetime) -> datetime:
    """`instant` in UTC. Raises ValueError where it says no zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs an aware datetime: pass one with tzinfo")
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)
