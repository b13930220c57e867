"""Where somebody is, as they type it: a city, a country, a zone's name, "GMT+2", or what their clock shows.

What is found is a time zone. Pure: the words and the atlas come in as values (content/times), and so does the time. Two zones
whose clocks show the same all year are one here: nobody is asked what makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from math import log2

from rapidfuzz import process
from rapidfuzz.fuzz import ratio

from bot.nudges.schedule import UnknownZone, aware, fixed_zone, zone
from bot.understanding.atlas import Area, Atlas, Place, PlaceWords, Rules, ahead, offset, rules
from bot.understanding.fold import fold
from bot.understanding.read import normalise
from bot.understanding.times import LONGEST, Heard

MOST = 6  # choices
_CLOSE = 75.0  # likeness (0-100) from which a name may have been meant
_BEGUN = 85.0  # the likeness that a name is given of which only the beginning is typed
_WORDS = 8  # in a longer text a city is a coincidence
_SIGNED = re.compile(r"(utc|gmt|z)?\s*([+-])?\s*(\d{1,2}?)(?:\s?[:.h]?\s?(\d\d|(?<=\.)\d))?(?:\s?h(?:ours?|rs?)?)?")
_ZERO = frozenset({"utc", "gmt", "z", "zulu", "utc gmt", "gmt utc", "universal time"})
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_DECIMALS = {"5": 30, "25": 15, "75": 45}  # what follows the point of "+5.5"
_SLOPPY, _ROUND = 7, 30  # minutes that a clock, and that a time said without minutes, may be off
_EARLIEST, _LATEST = -720, 840  # minutes
# The offsets of standard time in force anywhere, in minutes. Source: the IANA time zone database; a test compares them.
OFFSETS = (
    -720, -660, -600, -570, -540, -480, -420, -360, -300, -240, -210, -180, -120, -60, 0, 60, 120, 180, 210, 240, 270, 300, 330,
    345, 360, 390, 420, 480, 525, 540, 570, 600, 630, 660, 720, 765, 780, 840,
)  # fmt: skip


def place(text: str, atlas: Atlas, words: PlaceWords, now: datetime) -> Heard[Place]:
    """The time zone that `text` tells. Never raises; `now` (aware) says which zones are alike.

    A typed offset is found as it is, with the places where it holds now as choices: their clocks may change in summer.
    """
    if not text.strip():
        return Heard(trouble="empty")
    if len(text) > LONGEST:
        return Heard(trouble="none")
    plain = fold(text).translate(_DASHES).strip(" .!?")
    reader = _Reader(atlas, words, now)
    return _zone_name(text.strip(), atlas) or reader.offset(plain) or reader.named(plain)


def by_clock(shown: Iterable[time], atlas: Atlas, now: datetime) -> Heard[Place]:
    """Where clocks show one of these times now (aware). A few minutes more or less, or a rounded hour, are forgiven.

    The choices are the largest places there, one for each kind of zone, and last a fixed offset for each.
    """
    utc = aware(now)
    real = _real(atlas, now)
    off: dict[int, int] = {}
    rounded = False
    for at in shown:
        rounded = rounded or at.minute == 0
        ahead_by = at.hour * 60 + at.minute - utc.hour * 60 - utc.minute
        for minutes in real:
            off[minutes] = min(off.get(minutes, 1440), abs((ahead_by - minutes + 720) % 1440 - 720))
    for most in (_SLOPPY, _ROUND) if rounded else (_SLOPPY,):
        near = sorted((far, minutes) for minutes, far in off.items() if far <= most)
        if near:
            return _there([minutes for _, minutes in near], atlas, now)
    closest = sorted(off, key=lambda minutes: (off[minutes], abs(minutes)))[:2]
    return Heard(trouble="none" if off else "empty", choices=_there(closest, atlas, now).choices)


def _there(offsets: list[int], atlas: Atlas, now: datetime) -> Heard[Place]:
    """The places at these offsets: found where all of them are alike."""
    groups = [_at(minutes, atlas, now) for minutes in offsets]
    if len(groups) == 1 and len(groups[0]) == 1:
        return Heard(value=groups[0][0])
    many = max(2, MOST // len(groups)) if groups else 0
    choices = [each for group in groups for each in group[:many]]
    return Heard(trouble="ambiguous", choices=(*choices, *(Place(zone=fixed_zone(minutes)) for minutes in offsets)))


def _real(atlas: Atlas, now: datetime) -> set[int]:
    """Every offset that clocks somewhere have now."""
    return {offset(name, now) for name in atlas.zones}


def _at(minutes: int, atlas: Atlas, now: datetime) -> list[Place]:
    """The largest places at this offset now, one for each kind of zone there."""
    kinds = {rules(name, now): atlas.by_zone[name] for name in reversed(atlas.zones) if offset(name, now) == minutes}
    return [atlas.place(rank) for rank in sorted(kinds.values())]


def _zone_name(text: str, atlas: Atlas) -> Heard[Place] | None:
    """A zone by the name that the time zone database gives it."""
    if "/" not in text:
        return None
    known = {name.casefold(): name for name in atlas.zones}
    name = known.get(text.casefold().replace(" ", "_"), text)
    try:
        zone(name)
    except UnknownZone:
        return None
    return Heard(value=atlas.largest(name))


@dataclass(frozen=True, slots=True)
class _Reader:
    """One text being read."""

    atlas: Atlas
    words: PlaceWords
    now: datetime

    # An offset

    def offset(self, plain: str) -> Heard[Place] | None:
        """A typed offset, or None where the text is none."""
        if normalise(plain) in _ZERO:
            return self._fixed(0)
        spoken = " ".join(self.words.signs.get(word, word) for word in plain.split())
        found = _SIGNED.fullmatch(spoken)
        if not found or not (found[1] or found[2]):
            return None
        rest = found[4] or "0"
        minute = _DECIMALS.get(rest, int(rest)) if "." in spoken else int(rest)
        return self._fixed((int(found[3]) * 60 + minute) * (-1 if found[2] == "-" else 1), minute)

    def _fixed(self, minutes: int, minute: int = 0) -> Heard[Place]:
        there = _at(minutes, self.atlas, self.now)[: MOST - 1] if minute < 60 else []
        if minutes in OFFSETS and minute < 60:
            return Heard(value=Place(zone=fixed_zone(minutes)), choices=tuple(there))
        near = sorted(OFFSETS, key=lambda real: abs(real - minutes))[:2]
        turned = [-minutes] if -minutes in OFFSETS else []
        fixed = (Place(zone=fixed_zone(each)) for each in (*near, *turned))
        return Heard(trouble="range", choices=(*there, *fixed)[:MOST])

    # A name

    def named(self, plain: str) -> Heard[Place]:
        """A name that people have for a zone, a city or a country; or the closest ones."""
        tried = list(self._tries(plain))
        for attempt in tried:
            if heard := self._exact(attempt):
                return heard
        return Heard(trouble="none", choices=self._near(tried[-1]))

    def _tries(self, plain: str) -> Iterator[tuple[str, ...]]:
        """The text as its parts between commas; then without what people say before a place, then also without what after."""
        parts = tuple(part for part in map(normalise, plain.split(",")) if part)
        yield parts
        if not parts:
            return
        first = parts[0]
        for filler in self.words.fillers:
            first = first.removeprefix(f"{filler} ")
        yield (first, *parts[1:])
        for ending in self.words.endings:
            if first.endswith(f" {ending}"):
                yield (first.removesuffix(f" {ending}"), *parts[1:])

    def _exact(self, parts: tuple[str, ...]) -> Heard[Place] | None:
        if not parts:
            return None
        if len(parts) == 1 and parts[0] in self.words.zones:
            return self._zones(self.words.zones[parts[0]])
        if len(parts) == 1 and parts[0] in self.words.nicknames:
            parts = tuple(map(normalise, self.words.nicknames[parts[0]].split(",")))
        for name, areas in self._splits(parts):
            ranks = self._cities(name, areas)
            if not areas:
                ranks = [*ranks, *self._area(name, others=bool(ranks))]
            if ranks:
                # The letters "CA" are California's and Canada's.
                several = any(len(self.words.areas.get(area, ())) > 1 for area in areas)
                whole = not areas and self._is_area(name, bool(self.atlas.by_name.get(name)))
                return self._judged(ranks, whole=whole, several=several)
        return None

    def _zones(self, names: Iterable[str]) -> Heard[Place]:
        kinds: dict[Rules, Place] = {}
        for name in names:
            kinds.setdefault(rules(name, self.now), self.atlas.largest(name))
        first, *others = kinds.values()
        return Heard(trouble="ambiguous", choices=(first, *others)) if others else Heard(value=first)

    def _splits(self, parts: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """A name and the areas said with it: between commas, or without them, the longest name first."""
        yield parts[0], parts[1:]
        if len(parts) == 1:
            words = parts[0].split()
            for at in range(len(words) - 1, 0, -1):
                yield " ".join(words[:at]), (" ".join(words[at:]),)

    def _cities(self, name: str, areas: tuple[str, ...]) -> list[int]:
        """The places of this name that lie in all of these areas."""
        wanted = [self.words.areas.get(area, ()) for area in areas]
        swapped = " ".join(self.words.swaps.get(word, word) for word in name.split())
        called = dict.fromkeys((*self.atlas.by_name.get(name, ()), *self.atlas.by_name.get(swapped, ())))
        return [rank for rank in called if all(self._within(rank, each) for each in wanted)]

    def _within(self, rank: int, areas: Iterable[Area]) -> bool:
        there = self.atlas.place(rank)
        return any(country == there.country and region in ("", there.region) for country, region in areas)

    def _is_area(self, name: str, others: bool) -> bool:
        # The two letters of a country mean it only where no city is called so.
        return name in self.words.areas and (len(name) > 3 or not others)

    def _area(self, name: str, *, others: bool) -> list[int]:
        """The largest place of each kind of zone in the countries or regions of this name."""
        if not self._is_area(name, others):
            return []
        return [rank for area in self.words.areas[name] for rank in self._kinds(self.atlas.by_area.get(area, ()))]

    def _kinds(self, ranks: Iterable[int]) -> list[int]:
        """The first of these in each kind of zone."""
        zones: dict[str, int] = {}
        for rank in ranks:
            zones.setdefault(self.atlas.place(rank).zone, rank)
        kinds: dict[Rules, int] = {}
        for name, rank in zones.items():
            kinds.setdefault(rules(name, self.now), rank)
        return list(kinds.values())

    def _judged(self, ranks: list[int], *, whole: bool, several: bool) -> Heard[Place]:
        """Found where all are alike, or where one is by far the largest; but of a `whole` country its size says nothing, and
        where the area said can be `several`, nothing but the same zone is alike.
        """
        ranks = sorted(set(ranks))
        kinds = self._kinds(ranks)
        places = list(dict.fromkeys(map(self.atlas.place, (*kinds[:MOST], *ranks))))[:MOST]
        alike = len({each.zone for each in places}) == 1 if several else len(kinds) == 1
        if alike or not (whole or several or not ahead(kinds[0], kinds[1])):
            return Heard(value=self.atlas.place(ranks[0]))
        order = [self.atlas.place(rank) for rank in ranks]
        return Heard(trouble="ambiguous", choices=tuple(sorted(places, key=order.index)))

    # What it may have been

    def _near(self, parts: tuple[str, ...]) -> tuple[Place, ...]:
        """The closest places: in the area that was said where one was, and else the most alike, the larger the better."""
        if not parts:
            return ()
        name, areas = parts[0], [area for part in parts[1:] for area in self.words.areas.get(part, ())]
        words = name.split()
        for at in range(len(words) - 1, 0, -1) if len(words) <= _WORDS else ():
            areas = areas or list(self.words.areas.get(" ".join(words[at:]), ()))
        scored = sorted(self._alike(name), key=lambda found: log2(found[1] + 1) / 2 - found[0])
        ranks = [rank for rank in (*self._said(words), *(rank for _, rank in scored)) if not areas or self._within(rank, areas)]
        areas.sort(key=lambda area: not area[1])  # a region before a country of the same letters
        ranks += [rank for area in areas for rank in self._kinds(self.atlas.by_area.get(area, ()))]
        # Two towns of one name in one area are one choice: nobody could tell them apart.
        return tuple(dict.fromkeys(map(self.atlas.place, dict.fromkeys(ranks))))[:MOST]

    def _alike(self, name: str) -> Iterator[tuple[float, int]]:
        """Likeness and rank of places with a name like this, or a country with one."""
        if len(name) < 3:
            return
        for found, likeness, _ in process.extract(name, self.atlas.names, scorer=ratio, score_cutoff=_CLOSE, limit=30):
            if len(found) > 3 or found == name:  # three letters are mostly an airport's
                yield from ((likeness, rank) for rank in self.atlas.by_name[found][:3])
        for found, likeness, _ in process.extract(name, list(self.words.areas), scorer=ratio, score_cutoff=_CLOSE, limit=3):
            yield from ((likeness, rank) for rank in self._area(found, others=True))
        begun = (found for found in self.atlas.names if found.startswith(name))
        yield from ((_BEGUN, self.atlas.by_name[found][0]) for found in begun)

    def _said(self, words: list[str]) -> Iterator[int]:
        """Places named within a text that says more: the longest name that begins at each word."""
        for start in range(len(words)) if 1 < len(words) <= _WORDS else ():
            for end in range(min(len(words), start + 4), start, -1):
                name = " ".join(words[start:end])
                if len(name) > 3 and name in self.atlas.by_name:
                    yield self.atlas.by_name[name][0]
                    break
