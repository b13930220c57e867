"""Learned weights, added up: what no pattern names, and whether what a pattern names was meant.

Pure. Many weak signs within one stretch of a message decide. Linear in the text; nothing is kept of it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise, product, starmap
from math import inf
from operator import or_
from struct import Struct

from bot.understanding.lexicon import LexiconError

ANY = "any"  # of the weights: what speaks for every category
HARD = "."  # the end of a sentence, as a word of its own
HALF = 12  # words: what is weighed together is two such halves that follow each other
_ENDINGS = ("ing", "ed")
_VOWEL = re.compile("[aeiouy]")
_UNDOUBLED = frozenset("ls")
_SHORT = 3  # letters that a stem keeps at least
# A sign is one number: of a unit, or of two (the earlier one above) and whether one word stood between them.
_ABOVE = 20
_BETWEEN = 1 << 2 * _ABOVE
_UNIT = (1 << _ABOVE) - 1
# The sums of all categories are kept in one number, a lane for each, as wide as a C int.
_LANE = 32
_ZERO = 1 << _LANE - 1
_FINE = 100  # a weight is counted in hundredths


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a weight means. From `urgent` on the words alone are an alarm, and from 0 on a doubt; under `meant` what a pattern
    says outright is only asked about, and under `heard` no pattern is believed, unless a sentence by itself has `alone`."""

    urgent: float = inf
    alone: float = inf
    meant: float = -inf
    heard: float = -inf


class Signs:
    """What can be seen in words: stems, classes, two of them in a row or with one word between.

    `classes`: name to words that mean the same kind of thing; `stems`: "went:go" for irregular forms; `units`: the number of
    each stem and class that is looked for, every one there is if None. Number 0 is nobody's.
    """

    def __init__(self, *, classes: Mapping[str, str], stems: str, units: dict[str, int] | None = None) -> None:
        self._stems = dict(pair.split(":", 1) for pair in stems.split())
        self._classes: dict[str, tuple[str, ...]] = {}
        for name, words in classes.items():
            for word in dict.fromkeys(str(words).split()):
                self._classes[word] = (*self._classes.get(word, ()), "{" + name)
        self._grows = units is None
        self.units = {"": 0} if units is None else units
        self.settle(None)

    def settle(self, wanted: Iterable[int] | None) -> None:
        """Look for the units that are numbered by now, and in pairs for those of the `wanted` signs (all if None)."""
        pairs = [sign for sign in wanted or () if sign >> _ABOVE]
        self._firsts = None if wanted is None else {sign >> _ABOVE & _UNIT for sign in pairs}
        self._seconds = None if wanted is None else {sign & _UNIT for sign in pairs}
        self._begin, self._end = self._known(("^",)), self._known(("$",))
        self._units = lru_cache(maxsize=2048)(self._units_of)

    def stem(self, word: str) -> str:
        """The part of a word that its forms share."""
        if (known := self._stems.get(word)) is not None:
            return known
        if len(word) <= _SHORT or not word.isalpha():
            return word
        for ending in _ENDINGS:
            short = word[: -len(ending)]
            if word.endswith(ending) and len(short) >= _SHORT and _VOWEL.search(short):
                return _bare(short)
        if word.endswith("ies") and len(word) > _SHORT + 1:
            word = word[:-3] + "y"
        elif word.endswith(("sses", "shes", "ches", "xes")):
            word = word[:-2]
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = word[:-1]
        return (word.rstrip("e") or word) if len(word) > _SHORT else word

    def _known(self, units: Sequence[str]) -> tuple[int, ...]:
        if self._grows:
            return tuple(self.units.setdefault(unit, len(self.units)) for unit in units)
        return tuple(self.units[unit] for unit in units if unit in self.units)

    def _units_of(self, word: str) -> tuple[tuple[int, ...], ...]:
        # The units of a word: each, those that may be the later one of two, and those that may be the earlier one: of two in a
        # row, and of two with a word between.
        stem = self.stem(word)
        classes = (*self._classes.get(word, ()), *(self._classes.get(stem, ()) if stem != word else ()))
        units = self._known((stem, *sorted(set(classes))))
        seconds, firsts = self._seconds, self._firsts
        later = units if seconds is None else tuple(unit for unit in units if unit in seconds)
        earlier = tuple(unit << _ABOVE for unit in units if firsts is None or unit in firsts)
        return units, later, earlier, tuple(sign | _BETWEEN for sign in earlier)

    def seen(self, words: Sequence[str], wanted: Container[int]) -> list[set[int]]:
        """The signs of each HALF words that are among the `wanted`."""
        begin = tuple(unit << _ABOVE for unit in self._begin)
        # The earlier ones of two: of the word before; and all, with those of the one before that.
        nothing: tuple[int, ...] = ()
        last, reach, skipped = begin, begin, nothing
        halves: list[list[int]] = [[]]
        for start in range(0, len(words), HALF):
            here: list[int] = []
            for word in words[start : start + HALF]:
                if word == HARD:
                    here += starmap(or_, product(last, self._end))
                    last, reach, skipped = begin, begin, nothing
                    continue
                units, seconds, last, between = self._units(word)
                here += units
                if seconds:
                    here += starmap(or_, product(reach, seconds))
                reach, skipped = last + skipped, between
            halves[start // HALF :] = [here]
        halves[-1] += starmap(or_, product(last, self._end))
        return [set(filter(wanted.__contains__, here)) for here in halves]

    def number(self, sign: str) -> int:
        """The number of a sign as it is written: "unit", "unit unit" or "unit _ unit"; an edge is ^ or $."""
        first, *others = (self.units.setdefault(unit, len(self.units)) for unit in sign.split() if unit != "_")
        if not others:
            return first
        return (_BETWEEN if " _ " in sign else 0) | first << _ABOVE | others[0]

    def names(self, numbers: Iterable[int]) -> list[str]:
        """Signs as they are written: the reverse of `number`, for whoever learns the weights."""
        units = list(self.units)
        pairs = ((number, units[number >> _ABOVE & _UNIT], units[number & _UNIT]) for number in numbers)
        return [(f"{a} _ {b}" if number & _BETWEEN else f"{a} {b}").strip() for number, a, b in pairs]


class Weigher:
    """The weights of one language.

    `classes` and `stems` as Signs reads them; `weights`: category or ANY to lines "0.8: sign, sign"; `base`: category to what
    a message without any sign weighs; `limits`: the fields of Limits. Raises LexiconError for a line that is no weight with
    its signs, and for categories that do not have both.
    """

    def __init__(
        self,
        *,
        classes: Mapping[str, str],
        stems: str,
        weights: Mapping[str, str],
        base: Mapping[str, float],
        limits: Mapping[str, float] | None = None,
    ) -> None:
        if set(weights) - {ANY} != set(base):
            raise LexiconError("the weights and their base name different categories; give each category both")
        self.limits = Limits(**(limits or {}))
        self.categories = tuple(base)
        self._lanes = Struct(f"<{len(base)}I")
        self._base = sum(_packed(value, lane) + (_ZERO << lane * _LANE) for lane, value in enumerate(base.values()))
        self._signs = Signs(classes=classes, stems=stems, units={"": 0})
        self._weights: dict[int, int] = {}
        same: dict[int, int] = {}  # one object for each weight: most signs have one of a few hundred
        for category, lines in weights.items():
            lanes = range(len(base)) if category == ANY else (self.categories.index(category),)
            for value, sign in _read(lines):
                number = self._signs.number(sign)
                weight = self._weights.get(number, 0) + sum(_packed(value, lane) for lane in lanes)
                self._weights[number] = same.setdefault(weight, weight)
        self._signs.settle(self._weights)

    def heaviest(self, words: Sequence[str]) -> tuple[str, float]:
        """The category in which these words weigh most, and what they weigh."""
        weights = self.weigh(words)
        category = max(weights, key=weights.__getitem__)
        return category, weights[category]

    def heaviest_sentence(self, words: Sequence[str], among: Container[int]) -> float:
        """What the heaviest of these sentences, by number, weighs alone; -inf where there is none."""
        sentences = (tuple(each) for hard, each in groupby(words, HARD.__eq__) if not hard)
        return max((self.heaviest(each)[1] for number, each in enumerate(sentences) if number in among), default=-inf)

    def weigh(self, words: Sequence[str]) -> dict[str, float]:
        """What these words weigh in each category where they weigh most; a sign counts once in a stretch of 2 * HALF words."""
        halves = self._signs.seen(words, self._weights)
        weight = self._weights.__getitem__
        each = [sum(map(weight, signs)) for signs in halves]
        twice = [sum(map(weight, a & b)) for a, b in pairwise(halves)]
        stretches = [a + b - c for (a, b), c in zip(pairwise(each), twice, strict=True)] or each
        base, size, unpack = self._base, self._lanes.size, self._lanes.unpack
        sums = [unpack((base + found).to_bytes(size, "little")) for found in stretches]
        most = ((max(lane) - _ZERO) / _FINE for lane in zip(*sums, strict=True))
        return dict(zip(self.categories, most, strict=True))


def _read(lines: str) -> Iterator[tuple[float, str]]:
    for line in lines.splitlines():
        weight, found, signs = line.partition(": ")
        try:
            value = float(weight)
        except ValueError:
            found = ""
            value = 0.0
        if not found:
            raise LexiconError(f"crisis weights: {line!r} is no weight with its signs; write '0.8: sign, sign'")
        yield from ((value, sign) for sign in signs.split(", "))


def _packed(value: float, lane: int) -> int:
    return round(value * _FINE) << lane * _LANE


def _bare(short: str) -> str:
    """A word without its ending: the doubled letter, the y and the e that came or went with it."""
    if short[-1] == short[-2] and short[-1] not in _UNDOUBLED:
        short = short[:-1]
    elif short.endswith("i"):
        short = short[:-1] + "y"
    return (short.rstrip("e") or short) if len(short) > _SHORT else short
