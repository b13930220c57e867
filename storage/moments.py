"""Moments as they are stored: whole microseconds since 1970 (UTC), which come back as they were given; or months only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """The moment as it is stored. Raises ValueError where it says no zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs an aware datetime: pass one with tzinfo")
    return (moment - EPOCH) // MICROSECOND


def moment_of(stored: int) -> datetime:
    """The moment that was stored, in UTC."""
    return EPOCH + timedelta(microseconds=stored)


def maybe_micros(moment: datetime | None) -> int | None:
    """The same as `micros`, where there is one."""
    return None if moment is None else micros(moment)


def month_of(moment: datetime) -> int:
    """The month of an aware moment, in UTC, as months since the year 0: November 2026 is 2026 * 12 + 10."""
    if moment.tzinfo is None:
        raise ValueError("a month needs an aware datetime: pass one with tzinfo")
    there = moment.astimezone(UTC)
    return there.year * 12 + there.month - 1
