"""Which days stand below a chart. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

# As many as have room below a chart on a phone.
MOST = 4
# How a day is written, as a skeleton of CLDR: its parts, in the order and the words of each language.
DAYS, MONTHS, YEARS = "MMMd", "yMMM", "y"


# More points than these do not stand apart any more.
CROWDED = 40


def calmed(points: Sequence[tuple[date, float]]) -> tuple[tuple[date, float], ...]:
    """The same course in no more than CROWDED points: the mean of each of so many spans of days, and the last one as it is."""
    first = points[0][0].toordinal()
    days = points[-1][0].toordinal() - first + 1
    spans: dict[int, list[tuple[date, float]]] = {}
    for day, value in points[:-1]:
        spans.setdefault((day.toordinal() - first) * (CROWDED - 1) // days, []).append((day, value))
    means = ((span[len(span) // 2][0], sum(value for _, value in span) / len(span)) for span in spans.values())
    return (*means, points[-1])


def ticks(first: date, last: date) -> tuple[str, tuple[date, ...]]:
    """How days are to be written (DAYS, MONTHS or YEARS), and those to write, from the first to the last."""
    span = (last - first).days
    if span <= 75:
        count = min(MOST, span + 1)
        return DAYS, tuple(first + timedelta(days=round(span * place / max(1, count - 1))) for place in range(count))
    months = _months(first, last)
    if len(months) <= 24:
        return MONTHS, _few(months)
    return YEARS, _few(tuple(day for day in months if day.month == 1))


def _months(first: date, last: date) -> tuple[date, ...]:
    """The first days of all months in between, both ends included."""

    def begins() -> Iterator[date]:
        day = first.replace(day=1)
        while True:
            day = (day + timedelta(days=31)).replace(day=1)
            yield day

    count = (last.year - first.year) * 12 + last.month - first.month
    return tuple(islice(begins(), count))


def _few(days: tuple[date, ...]) -> tuple[date, ...]:
    """At most so many of them, evenly spread."""
    step = -(-len(days) // MOST)
    return days[::-1][::step][::-1]
