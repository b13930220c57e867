"""Which nudge somebody gets: chosen among all there are, by a past as long as any that is kept."""

from __future__ import annotations

from functools import partial
from statistics import median

from bench.plan import Plan
from bench.report import Row, under
from bench.timing import p50_blocking
from bot.app import shelf_of
from bot.content.loader import ROOT
from bot.nudges.compose import Answer, Sent, Shelf, Today
from bot.nudges.plan import MOST_SENT

# Days in a row; by then every taste, level and round has come up.
DAYS = range(740_000, 741_000)
NEEDS = (("touch",), ("emotional", "belonging"), ())
ANSWERS: tuple[Answer | None, ...] = ("done", None, "skipped", "done", "not_for_me", "done", None)
CHOOSE_MOST = 100e-6


async def measure(plan: Plan) -> list[Row]:
    """For nobody's past, and for the longest."""
    shelf = shelf_of(ROOT)
    rows = []
    for sent in (0, MOST_SENT):
        work = [partial(shelf.choose, today) for today in _days(shelf, sent)]
        taken = median(p50_blocking(work) for _ in range(plan.runs))
        rows.append(under(f"nudges: choosing one, {sent} sent before (p50)", taken, CHOOSE_MOST))
    return rows


def _days(shelf: Shelf, sent: int) -> list[Today]:
    """So many days, with as much of a past before each that the shelf itself has chosen."""
    found, past = [], tuple[Sent, ...]()
    for place, day in enumerate(range(DAYS.start - sent, DAYS.stop)):
        today = Today(seed=7, day=day, needs=NEEDS[place % len(NEEDS)], past=past)
        if day >= DAYS.start:
            found.append(today)
        chosen = shelf.choose(today)
        if chosen is not None and sent:
            each = Sent(nudge=chosen.nudge, day=day, answer=ANSWERS[place % len(ANSWERS)], liked=place % 11 == 0)
            past = (*past, each)[-sent:]
    return found
