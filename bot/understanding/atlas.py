"""The places of content/times/cities.tsv, and the words for places of one language, as values to look things up in.

Pure: both are made from plain text and values. How a typed text is read with them stands in places.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from bot.nudges.schedule import aware, zone
from bot.understanding.read import normalise

Area: TypeAlias = tuple[str, str]  # a country's code and a region's; without the latter, the whole country
Rules: TypeAlias = tuple[int, ...]

_AHEAD = 8  # a place so many times better in rank is meant where several share a name: size falls about as rank does


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a clock is: the zone as a schedule holds it; the rest only for a place with a name. `region`: a state's letters."""

    zone: str
    name: str = ""
    country: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceWords:
    """The words of one language for places, all as they are compared."""

    areas: Mapping[str, tuple[Area, ...]]
    nicknames: Mapping[str, str]
    zones: Mapping[str, tuple[str, ...]]
    fillers: tuple[str, ...]
    endings: tuple[str, ...]
    swaps: Mapping[str, str]
    signs: Mapping[str, str]


def place_words(data: Mapping[str, Any], countries: Mapping[str, str], numbers: Mapping[str, int]) -> PlaceWords:
    """PlaceWords from plain values as they stand under `places:`, the names of countries by code, and words for numbers.

    Raises ValueError, KeyError, TypeError or AttributeError where the values are wrong.
    """
    named = [(name, (code, "")) for code, name in countries.items()]
    named += [(name, (code, "")) for name, code in data["countries"].items()] + [(code, (code, "")) for code in countries]
    for country, regions in data["regions"].items():
        named += [(word, (country, code)) for code, name in regions.items() for word in (name, code)]
    areas: dict[str, tuple[Area, ...]] = {}
    for name, area in named:
        areas[normalise(name)] = tuple(dict.fromkeys((*areas.get(normalise(name), ()), area)))
    return PlaceWords(
        areas=areas,
        nicknames={normalise(short): str(long) for short, long in data["nicknames"].items()},
        zones={normalise(word): tuple(names) for word, names in data["zones"].items()},
        fillers=tuple(sorted(map(normalise, data["fillers"]), key=len, reverse=True)),
        endings=tuple(sorted(map(normalise, data["endings"]), key=len, reverse=True)),
        swaps={normalise(a): normalise(b) for pair in data["swaps"].items() for a, b in (pair, pair[::-1])},
        signs={normalise(word): str(number) for word, number in numbers.items()}
        | {normalise(word): sign for sign, name in (("+", "plus"), ("-", "minus")) for word in data[name]},
    )


class Atlas:
    """The places of cities.tsv, by name; their number is their rank, 0 the most populous."""

    def __init__(self, text: str) -> None:
        zones, *self._lines = (line for line in text.splitlines() if not line.startswith("#"))
        self.zones = tuple(zones.split())
        self.by_zone: dict[str, int] = {}
        self.by_area: dict[Area, list[int]] = {}
        self.by_name: dict[str, tuple[int, ...]] = {}
        also: dict[str, list[int]] = {}
        for rank, line in enumerate(self._lines):
            name, number, country, region, further, *_ = (*line.split("\t"), "", "")
            self.by_zone.setdefault(self.zones[int(number)], rank)
            for area in {(country, ""), (country, region)}:
                self.by_area.setdefault(area, []).append(rank)
            key = normalise(name)
            self.by_name[key] = (*self.by_name.get(key, ()), rank)
            for other in further.split("|") if further else ():
                also.setdefault(other, []).append(rank)
        for other, ranks in also.items():
            self.by_name[other] = self._joined(self.by_name.get(other, ()), ranks)
        self.names = tuple(self.by_name)

    @staticmethod
    def _joined(named: tuple[int, ...], also: Sequence[int]) -> tuple[int, ...]:
        """The places called so first of all, and those also called so, if far larger or if there are no others."""
        more = (rank for rank in also if not named or ahead(rank, named[0]))
        return tuple(sorted({*named, *more}))

    def place(self, rank: int) -> Place:
        """The place of this rank."""
        name, number, country, region, *_ = (*self._lines[rank].split("\t"), "")
        return Place(zone=self.zones[int(number)], name=name, country=country, region=region)

    def largest(self, name: str) -> Place:
        """The largest place in this zone; for a zone without one, no more than its name."""
        rank = self.by_zone.get(name)
        return Place(zone=name) if rank is None else self.place(rank)


def ahead(rank: int, other: int) -> bool:
    """Whether the place of this rank is so much larger than the other that it is meant."""
    return rank * _AHEAD < other


def rules(name: str, now: datetime) -> Rules:
    """How far the clocks of this zone are ahead of UTC now and in the year to come, in minutes; the same for equal zones."""
    return tuple(offset(name, now + timedelta(days=28 * step)) for step in range(14))


def offset(name: str, now: datetime) -> int:
    """How far the clocks of this zone are ahead of UTC now, in whole minutes."""
    ahead = aware(now).astimezone(zone(name)).utcoffset() or timedelta()
    return ahead // timedelta(minutes=1)
