"""What a moment calls for, decided once for all who chose alike: at nine o'clock thousands did, and one poll finds hundreds.

Pure. A plan holds a rhythm, which many share, and what is somebody's own (`OWN`), which decides nothing here but the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

from bot.nudges.plan import Kind, decide, unpack_plan
from bot.nudges.schedule import Schedule

# The values of a packed plan by which is decided: those that are a list, a table, or missing in old plans; and the others.
Rhythm: TypeAlias = tuple[Any, ...]
SHAPED = ("days", "daily", "reminder", "week")
PLAIN = ("at", "zone", "knowing", "paused", "unanswered", "said", "last_day", "later", "care")
OWN: Mapping[str, Any] = {"needs": (), "follows": False, "seed": 0, "language": "en"}
_plain = itemgetter(*PLAIN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What to do about a moment, as in `Decision`, and by which schedule. `next`: when the next one is, before the spread."""

    kind: Kind | None
    day: int
    slot: int
    schedule: Schedule
    next: datetime | None


def alike(values: Any) -> Rhythm:
    """The rhythm of a packed plan. Raises KeyError, TypeError or AttributeError where it is none."""
    reminder = values.get("reminder")
    return (
        tuple(values["days"]),
        values.get("daily", True),
        None if reminder is None else tuple(reminder.items()),
        values.get("week"),
        *_plain(values),
    )


@lru_cache(maxsize=512)  # of one poll: the next asks at another time
def called(rhythm: Rhythm, due: datetime, now: datetime) -> Call:
    """What the moment `due` calls for with this rhythm. Raises UnreadablePlan."""
    values = dict(zip(SHAPED + PLAIN, rhythm, strict=True))
    plan = unpack_plan({**OWN, **values, "reminder": values["reminder"] and dict(values["reminder"])})
    found = decide(plan, due, now)
    return Call(kind=found.kind, day=found.day, slot=found.slot, schedule=plan.schedule, next=found.after.first(now))
