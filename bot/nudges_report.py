"""What `closer nudges` prints: how many are due, what would be done about them, how they stand. Numbers, and nobody in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bot.nudges.moment import moment
from bot.ports import Due, Store

PLATFORMS = ("telegram", "discord")
# How many are looked at on each platform: beyond that the number is said to be larger.
MOST = 10_000
SINCE = timedelta(days=35)
DECISIONS: Mapping[str, str] = {
    "nudge": "would be sent a nudge",
    "later": "would be shown the last one again, as they asked",
    "care": "would be looked in on, as they asked",
    "resting": "would be told that nothing more comes",
    "reminder": "would be reminded of a check-in, as they asked",
    "reminder_end": "would be told that no more reminders come",
    "week": "would be sent a look back on the week, where it has anything in it",
    "skipped": "too late, or quiet hours: would be skipped until their next time",
    "unreadable": "cannot be read: would get nothing more",
}
STANDING: Mapping[str, str] = {
    "due": "have their next one ahead",
    "overdue": "are due now",
    "paused": "have nothing to come",
    "away": "cannot be reached, until they write again",
}
STATES: Mapping[str, str] = {
    "sent": "sent",
    "failed": "failed: not delivered in their time, or the person cannot be reached",
    "skipped": "skipped: too late, or nothing fitted",
    "claimed": "claimed: under way now, or lost in a crash",
}


async def due(store: Store, now: datetime) -> str:
    """How many are due on each platform."""
    return "".join(_line(len(found), f"due on {platform}") for platform, found in (await _found(store, now)).items())


async def dry_run(store: Store, now: datetime) -> str:
    """What would be done about those that are due, were they taken now. Nothing is."""
    counts = Counter(_decision(each, now) for found in (await _found(store, now)).values() for each in found)
    return _lines(counts, DECISIONS)


async def stats(store: Store, now: datetime) -> str:
    """How the people stand who asked for anything to be sent, and what became of the messages of the last weeks."""
    counts = await store.counts(now, (now - SINCE).date())
    people = f"Of the {sum(counts.subscribers.values()):,} people who asked for nudges, reminders or looks back:\n"
    nudges = f"Of the {sum(counts.deliveries.values()):,} messages of the last {SINCE.days} days:\n"
    return people + _lines(counts.subscribers, STANDING) + nudges + _lines(counts.deliveries, STATES)


async def _found(store: Store, now: datetime) -> dict[str, tuple[Due, ...]]:
    return {platform: tuple(await store.due(platform, now, MOST)) for platform in PLATFORMS}


def _decision(each: Due, now: datetime) -> str:
    found = moment(each, now)
    if found.schedule is None:
        return "unreadable"
    return found.kind or "skipped"


def _lines(counts: Mapping[str, int], names: Mapping[str, str]) -> str:
    others: Iterable[str] = sorted(set(counts) - set(names))
    return "".join(_line(counts.get(name, 0), names.get(name, name)) for name in (*names, *others))


def _line(count: int, what: str) -> str:
    return f"{f'{count:,}' + ('+' if count >= MOST else ''):>10}  {what}\n"
