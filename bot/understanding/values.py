"""What a step may ask for in words: an hour, days of the week, a place. Each is read, and given in its own notation.

Pure: the words of the language and the atlas come in as values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from bot.understanding.atlas import Atlas, PlaceWords
from bot.understanding.days import DayWords, days
from bot.understanding.notation import pack_days, pack_hour, pack_place
from bot.understanding.places import by_clock, place
from bot.understanding.times import Heard, HourWords, hour


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeWords:
    """One language's words for hours, days and places."""

    hours: HourWords
    days: DayWords
    places: PlaceWords


@dataclass(frozen=True, kw_only=True, slots=True)
class Grasped:
    """What a text was read as, in the notation of its kind; or why it was not (`lines.<why>` says it), and what it may mean."""

    value: str = ""
    why: str = ""
    offers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """What texts are read with: a language's words, the places of the world (loaded when first asked for), the time (aware)."""

    words: TimeWords
    atlas: Callable[[], Atlas]
    now: datetime


Reading: TypeAlias = Callable[[str, World], Grasped]


def _hour(text: str, world: World) -> Grasped:
    return _grasped("hour", hour(text, world.words.hours), pack_hour)


def _days(text: str, world: World) -> Grasped:
    return _grasped("days", days(text, world.words.days), pack_days)


def _place(text: str, world: World) -> Grasped:
    return _grasped("place", place(text, world.atlas(), world.words.places, world.now), pack_place)


def _clock(text: str, world: World) -> Grasped:
    """The place by what a clock shows there; a time that may be the morning's or the evening's may be either."""
    shown = hour(text, world.words.hours)
    times = [shown.value] if shown.value is not None else shown.choices if shown.trouble == "ambiguous" else ()
    if not times:
        return _grasped("hour", shown, pack_hour)
    return _grasped("clock", by_clock(times, world.atlas(), world.now), pack_place)


def _grasped(name: str, heard: Heard, pack: Callable[..., str]) -> Grasped:  # type: ignore[type-arg]
    if heard.value is not None:
        return Grasped(value=pack(heard.value))
    offers = tuple(pack(choice) for choice in heard.choices)
    if heard.trouble == "ambiguous":
        return Grasped(why="which", offers=offers)
    return Grasped(why=f"{name}_{'range' if heard.trouble == 'range' else 'none'}", offers=offers)


READERS: Mapping[str, Reading] = MappingProxyType({"hour": _hour, "days": _days, "place": _place, "clock": _clock})
