"""What a picture costs the person who gets it, the first and the later ones, and what it costs everybody else meanwhile."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from statistics import median, quantiles
from time import perf_counter

from bench.child import apart
from bench.ours import closer
from bench.plan import Plan
from bench.report import Row
from bench.walk import Person, settled
from bot.conversation.charts import Bars, Course, Courses, Figure, Share
from bot.conversation.events import Called
from bot.pictures.axis import ticks
from bot.pictures.draw import Dates, draw
from bot.runtime import Runtime

LATER = 20
TURNS = 400
GOAL = 0.3
NEEDS = ("Emotional closeness", "Touch", "Safety and belonging", "Sexual desire", "Validation")
FIRST = date(2026, 1, 5)
# A result; and five years of one each week, which is the most that there is to draw.
PROFILE: Figure = Bars(title="A title", note="A note", rows=tuple(Share(name=name, share=0.6) for name in NEEDS))
POINTS = tuple((FIRST + timedelta(weeks=week), week % 7 / 7) for week in range(261))
YEARS: Figure = Courses(title="A title", note="A note", rows=tuple(Course(name=name, points=POINTS) for name in NEEDS))


async def measure(plan: Plan) -> list[Row]:
    """In a process of its own, as the first one loads matplotlib."""
    rounds = [apart(_drawn) for _ in range(plan.runs)]
    first, profile, years = (median(seconds) for seconds in zip(*rounds, strict=True))
    async with closer(plan.place("ours"), pictures=True) as runtime:
        (other,) = await settled(runtime, ["other"])
        artist = await _at_result(runtime)
        pairs = [(await _worst(runtime, other, None), await _worst(runtime, other, artist)) for _ in range(plan.runs)]
    quiet, drawing = (median(seconds) for seconds in zip(*pairs, strict=True))
    return [
        Row(measure="the first picture of a process", ours=_millis(first)),
        _row("a later one, five needs (p95)", profile),
        _row("a later one, five needs over five years (p95)", years),
        Row(
            measure="somebody else's turn (p99) while pictures are drawn without a pause",
            ours=_millis(drawing),
            peer=f"nothing being drawn: {_millis(quiet)}",
            result=_millis(drawing),
            goal=f"under {_millis(0.05)}",
            met=drawing < 0.05,
        ),
    ]


def _drawn() -> tuple[float, float, float]:
    """Seconds for the first picture; then for later ones of either kind, all but the slowest twentieth."""
    first = _timed(PROFILE, ())
    form, days = ticks(POINTS[0][0], POINTS[-1][0])
    dates = tuple((day, f"{form} {day.year}") for day in days)
    profile = [_timed(PROFILE, ()) for _ in range(LATER)]
    years = [_timed(YEARS, dates) for _ in range(LATER)]
    return first, quantiles(profile, n=20)[-1], quantiles(years, n=20)[-1]


def _timed(figure: Figure, dates: Dates) -> float:
    begun = perf_counter()
    draw(figure, dates)
    return perf_counter() - begun


async def _at_result(runtime: Runtime) -> Person:
    """Somebody at a result, who can look at it again and again."""
    person = Person(runtime, "artist")
    await person.meet()
    await person.press("quick")
    while "again" not in [choice.key for choice in person.screen.choices]:
        await person.turn()
    return person


async def _worst(runtime: Runtime, other: Person, artist: Person | None) -> float:
    """The slowest hundredth of somebody's turns, in seconds, while another looks at pictures or nobody does."""
    drawing, begun_at = asyncio.create_task(_looking(artist)) if artist else None, perf_counter()
    taken = []
    for number in range(TURNS):
        # Pages without a picture of their own.
        page = Called(id=f"{begun_at} {number}", command=("about", "needs")[number % 2])
        begun = perf_counter()
        await runtime.turn(other.address, page)
        taken.append(perf_counter() - begun)
        # As long as a picture and more: otherwise all of it would be over before one is drawn.
        await asyncio.sleep(0.001)
    if drawing is not None:
        drawing.cancel()
        await asyncio.gather(drawing, return_exceptions=True)
    return quantiles(taken, n=100)[-1]


async def _looking(artist: Person) -> None:
    while True:
        await artist.press("again")


def _row(measure: str, seconds: float) -> Row:
    return Row(
        measure=measure, ours=_millis(seconds), result=_millis(seconds), goal=f"under {_millis(GOAL)}", met=seconds < GOAL
    )


def _millis(seconds: float) -> str:
    return f"{seconds * 1e3:,.3g} ms"
