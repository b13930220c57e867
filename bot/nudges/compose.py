"""Which nudge a person gets today, or none. Pure: all that is known comes in as a value, and chance is made of seed and day.

Sets of nudges are ints with one bit for each nudge, so that choosing among all of them takes a few operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Literal, TypeAlias, TypeVar

from bot.content.nudges import Nudge, Nudges

Answer: TypeAlias = Literal["done", "skipped", "not_for_me"]
_Name = TypeVar("_Name", str, int)

# How difficulty grows: what each answer adds to a person's footing (no answer is None), never under 0 nor over the last value.
# One answer moves it by 3 at most, so no two levels are ever climbed at once, and a "not today" at the edge steps back.
ADDS: dict[Answer | None, int] = {"done": 3, "skipped": -2, "not_for_me": 0, None: 1}
LEVELS = (0, 9, 24)  # the footing from which difficulty 1, 2 and 3 are offered
FIRMEST = 30
LATELY = 40  # how many of the last nudges it goes by, and among how many a first step is looked for

_MASK = (1 << 64) - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A nudge sent before. `day` is the local day, as an ordinal, on which it was sent; `answered` that of its answer."""

    nudge: str
    day: int
    answer: Answer | None = None
    liked: bool = False
    answered: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Today:
    """All that choosing goes by.

    `seed`: the same for a person on all days, and made of nothing that names them. `day`: the local day as an ordinal.
    `needs`: the person's, likeliest first; none if not known. `past`: oldest first. `near`: they said that those close to
    them are safe, and never the opposite. `alone`: only what can be done by oneself now. `within`: how many days after a
    first step its second may come: 1, or the days to the next nudge for those who chose fewer than one a day.
    """

    seed: int
    day: int
    needs: tuple[str, ...] = ()
    past: tuple[Sent, ...] = ()
    near: bool = False
    alone: bool = False
    within: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """The nudge for today. `nth` picks its opening line, another one each day. `second`: it follows one done before."""

    nudge: str
    nth: int
    second: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Past:
    """What the past comes to: the bits of all sent, in order; the difficulty reached; a second step owed; and tastes."""

    sent: list[int]
    level: int
    owed: int
    declined: int
    liked: int
    disliked: int


class Shelf:
    """All nudges, laid out for quick choosing. Built once per pack; immutable."""

    def __init__(self, nudges: Nudges) -> None:
        self._nudges = nudges.nudges
        self._anyone = nudges.anyone
        self._bits = {nudge.id: 1 << place for place, nudge in enumerate(self._nudges)}
        self._by_need = _masks((n.need, self._bits[n.id]) for n in self._nudges)
        self._by_kind = _masks((n.kind, self._bits[n.id]) for n in self._nudges)
        self._like = {n.id: self._by_kind[n.kind] for n in self._nudges}
        self._by_level = _masks((n.difficulty, self._bits[n.id]) for n in self._nudges)
        self._then = {n.id: self._bits.get(n.then, 0) for n in self._nudges if n.then}
        self._far = self._all(lambda n: not n.near)
        self._alone = self._all(lambda n: n.alone)
        seconds = nudges.seconds()
        self._ordinary = self._all(lambda n: n.id not in seconds)

    def __contains__(self, nudge: object) -> bool:
        return nudge in self._bits

    def choose(self, today: Today) -> Chosen | None:
        """The nudge for this person and day; None where nothing fits. The same values give the same nudge.

        One already sent comes again only when all that fit have been sent, and then not from the later half of them.
        """
        past = self._read(today)
        suits = self._suiting(today) & ~past.declined
        nth = today.seed + today.day
        if past.owed & suits:
            return Chosen(nudge=self._nth(past.owed & suits, 0).id, nth=nth, second=True)
        fit = self._gentle(suits & self._ordinary, past.level)
        if not fit:
            return None
        return Chosen(nudge=self._pick(_this_round(fit, past.sent), today, past).id, nth=nth)

    def _suiting(self, today: Today) -> int:
        """Those for these needs that may be shown to this person at this hour."""
        suits = 0
        for need in today.needs or self._anyone:
            suits |= self._by_need.get(need, 0)
        if not today.near:
            suits &= self._far
        if today.alone:
            suits &= self._alone
        return suits

    def _gentle(self, fit: int, level: int) -> int:
        """Those up to this difficulty; where there are none, the easiest there are."""
        allowed = 0
        for difficulty in sorted(self._by_level):
            if allowed and difficulty > level:
                break
            allowed |= fit & self._by_level[difficulty]
        return allowed

    def _read(self, today: Today) -> _Past:
        get, everything = self._bits.get, today.past
        marked = [sent for sent in everything if sent.liked or sent.answer == "not_for_me"]
        footing = owed = 0
        for sent in everything[-LATELY:]:
            footing = min(max(footing + ADDS[sent.answer], 0), FIRMEST)
            owed &= ~get(sent.nudge, 0)
            since = today.day - (sent.day if sent.answered is None else sent.answered)
            if sent.answer == "done" and sent.nudge in self._then and 1 <= since <= today.within:
                owed = self._then[sent.nudge]
        liked, disliked = self._tastes(marked)
        return _Past(
            sent=[get(sent.nudge, 0) for sent in everything],
            level=sum(footing >= least for least in LEVELS),
            owed=owed,
            declined=reduce(or_, [get(sent.nudge, 0) for sent in marked if sent.answer == "not_for_me"], 0),
            liked=liked,
            disliked=disliked,
        )

    def _tastes(self, marked: Iterable[Sent]) -> tuple[int, int]:
        """Those of the kinds that were liked more often than declined, and the other way round."""
        tastes: dict[int, int] = {}
        for sent in marked:
            kind = self._like.get(sent.nudge, 0)
            tastes[kind] = tastes.get(kind, 0) + (1 if sent.liked else -1)
        liked, disliked = 0, 0
        for kind, taste in tastes.items():
            liked |= kind if taste > 0 else 0
            disliked |= kind if taste < 0 else 0
        return liked, disliked

    def _pick(self, pool: int, today: Today, past: _Past) -> Nudge:
        """One of these, by wishes that each count only while something is left: need, difficulty, then what was liked."""
        draw = _mixed(today.seed, today.day)
        level, draw = past.level, draw >> 8
        aim = level if draw & 1 else 1 + (draw >> 1) % level
        last = self._like.get(today.past[-1].nudge, 0) if today.past else 0
        wishes = (
            self._by_need.get(_weighted(today.needs or self._anyone, draw >> 8), 0),
            self._by_level.get(aim, 0),
            ~past.disliked,
            past.liked if draw & 4 else ~last,
        )
        for wish in wishes:
            pool = pool & wish or pool
        return self._nth(pool, (draw >> 16) % pool.bit_count())

    def _nth(self, pool: int, place: int) -> Nudge:
        for _ in range(place):
            pool &= pool - 1  # drops the lowest
        return self._nudges[(pool & -pool).bit_length() - 1]

    def _all(self, wanted: Callable[[Nudge], bool]) -> int:
        return sum(self._bits[nudge.id] for nudge in self._nudges if wanted(nudge))


def _this_round(fit: int, sent: list[int]) -> int:
    """Those not sent since all that fit were last used up, but for what is among the last sent, half as many as fit."""
    left = fit
    for bit in sent:
        if bit & left:
            left ^= bit
            left = left or fit
    recent = reduce(or_, sent[-(fit.bit_count() // 2) :], 0) if fit.bit_count() > 1 else 0
    return left & ~recent or left


def _masks(pairs: Iterable[tuple[_Name, int]]) -> dict[_Name, int]:
    found: dict[_Name, int] = {}
    for name, bit in pairs:
        found[name] = found.get(name, 0) | bit
    return found


def _weighted(needs: tuple[str, ...], draw: int) -> str:
    """One of these: of three, the first comes three times as often as the last, the second twice as often."""
    left = draw % (len(needs) * (len(needs) + 1) // 2)
    for place, need in enumerate(needs):
        left -= len(needs) - place
        if left < 0:
            return need
    return needs[0]


def _mixed(seed: int, day: int) -> int:
    """64 bits that look random, the same for the same values on every machine (SplitMix64: Steele, Lea & Flood, 2014)."""
    mixed = (seed + 0x9E3779B97F4A7C15 * (day + 1)) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)
