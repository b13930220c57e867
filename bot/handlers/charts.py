"""What is shown as a picture, and the same in words for who cannot see it: five needs, the needs over time, the check-ins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from bot.content.instruments import DIRECT, TOUCH_SHARE, UCLA3
from bot.content.model import Pack
from bot.conversation.charts import Bars, Course, Courses, Share
from bot.conversation.effects import Draw
from bot.conversation.replies import Say, Value
from bot.handlers.kept import Kept, score_of, shares_of

# A share in words and in bars has so many parts.
PARTS = 5


class Charts:
    """The pictures of one pack."""

    def __init__(self, pack: Pack) -> None:
        self._needs = {need.id: Say(f"{pack.name}.needs.{need.id}.name") for need in pack.needs}

    def profile(self, shares: Mapping[str, float]) -> tuple[Draw, ...]:
        """The needs of a result, in this order; nothing where nothing spoke."""
        if not any(shares.values()):
            return ()
        rows = tuple(Share(name=self._needs[need], share=share) for need, share in shares.items())
        chart = Bars(title=Say("pictures.profile.title"), note=Say("pictures.profile.note"), rows=rows)
        return (Draw(chart, Say("pictures.profile.alt", {"rows": self._in_words(shares)})),)

    def needs(self, found: Sequence[Kept]) -> tuple[Draw, ...]:
        """The needs over time, each in a row of its own."""
        results = [(each.at.date(), shares_of(each)) for each in found]
        rows = tuple(
            Course(name=name, points=points)
            for need, name in self._needs.items()
            if (points := _daily([(day, shares.get(need)) for day, shares in results]))
        )
        if not rows:
            return ()
        chart = Courses(title=Say("pictures.needs.title"), note=Say("pictures.needs.note"), rows=rows)
        latest = {need: share for need, share in results[-1][1].items() if need in self._needs}
        return (Draw(chart, _alt("needs", chart, self._in_words(latest))),)

    def checkins(self, found: Sequence[Kept]) -> tuple[Draw, ...]:
        """The check-ins over time: each question in a row of its own, on its own scale."""
        rows = tuple(
            Course(name=Say(f"pictures.checkins.{name}"), up=Say(f"pictures.checkins.{name}_up"), points=points)
            for name, height in _HEIGHTS.items()
            if (points := _daily([(each.at.date(), height(each)) for each in found]))
        )
        if not rows:
            return ()
        chart = Courses(title=Say("pictures.checkins.title"), note=Say("pictures.checkins.note"), rows=rows)
        return (Draw(chart, _alt("checkins", chart, tuple(_course(row) for row in rows))),)

    def _in_words(self, shares: Mapping[str, float]) -> tuple[Value, ...]:
        return tuple(
            Say("pictures.share", {"name": self._needs[need], "parts": round(share * PARTS), "of": PARTS})
            for need, share in shares.items()
        )


def _daily(values: Sequence[tuple[date, float | None]]) -> tuple[tuple[date, float], ...]:
    """The last value of each day that has one."""
    return tuple({day: value for day, value in values if value is not None}.items())


def _alt(name: str, chart: Courses[Say], rows: tuple[Value, ...]) -> Say:
    first, last = chart.days[0], chart.days[-1]
    if first == last:
        return Say(f"pictures.{name}.day", {"date": first, "rows": rows})
    return Say(f"pictures.{name}.alt", {"first": first, "last": last, "rows": rows})


def _course(row: Course[Say]) -> Say:
    """Where a row begins and where it ends, in parts of its scale."""
    first, last = (round(value * PARTS) for _, value in (row.points[0], row.points[-1]))
    if len(row.points) == 1:
        return Say("pictures.share", {"name": row.name, "parts": last, "of": PARTS})
    return Say("pictures.course", {"name": row.name, "first": first, "last": last, "of": PARTS})


def _summed(entry: Kept) -> float | None:
    score = score_of(entry)
    return None if score is None else (score - UCLA3.least) / (UCLA3.most - UCLA3.least)


def _direct(entry: Kept) -> float | None:
    answer = entry.content.get("direct")
    return 1 - DIRECT.index(answer) / (len(DIRECT) - 1) if answer in DIRECT else None


def _touch(entry: Kept) -> float | None:
    return TOUCH_SHARE.get(str(entry.content.get("touch")))


_HEIGHTS: Mapping[str, Callable[[Kept], float | None]] = {"three": _summed, "direct": _direct, "touch": _touch}
