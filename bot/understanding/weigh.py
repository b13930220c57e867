"""A small network over words: what no pattern names, and whether what a pattern names was meant.

Pure. A convolution over three words each, the most of every filter, and one layer that weighs them (Kim 2014,
doi:10.3115/v1/D14-1181), in whole numbers: the numbers of all filters stand side by side in one int, so that a word costs a
few additions. Linear in the text; nothing is kept of it.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby, pairwise
from math import exp, inf, log
from operator import add, mul
from struct import Struct
from typing import TypeAlias
from zlib import crc32

from bot.understanding.lexicon import LexiconError

HARD = "."  # the end of a sentence, as a word of its own
HALF = 24  # words: what is weighed together is two such halves that follow each other
_REACH = 3  # words that a filter sees: the one before, the word, the one after
_LANE = 16  # bits for a filter; the sum of three bytes leaves the highest one free
_SUM = 32  # bits for what is weighed, as wide as a C int
_ZERO = 1 << _SUM - 1  # added, so that no lane is ever below nothing
_MIDDLE = 128  # what stands for 0 in a byte of the network
_LONGEST = 1_000  # words: no 4,000 characters of speech have as many
_REMEMBERED = 768  # words

_Row: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What a weight means. From `urgent` on the words alone are an alarm, and from 0 on a doubt; under `meant` what a pattern
    says outright is only asked about, and under `heard` no pattern is believed, unless a sentence by itself has `alone`."""

    urgent: float = inf
    alone: float = inf
    meant: float = -inf
    heard: float = -inf


class Weigher:
    """The network of one language.

    `words`: a line for each class of words that mean the same to the network; the first stands for every unknown word and
    has none. `network`: a line of JSON ("categories", "filters", "unit", "limits"; `unit` is how finely a weight is counted),
    then, for F filters, K classes and C categories with "none" before them: K rows of 3 F bytes (what a word adds as the one
    before, itself, the one after, 0 as 128); K rows of C int32 (what it adds by itself); F int16 (what each filter begins
    with); F rows of C int16 (what a filter is worth); C int32 (what is added to every message). Little-endian.
    Raises LexiconError where these do not fit together.
    """

    def __init__(self, *, words: str, network: bytes) -> None:
        head, _, body = network.partition(b"\n")
        told = json.loads(head)
        self.categories: tuple[str, ...] = tuple(told["categories"])
        self.limits = Limits(**told["limits"])
        self._unit: int = told["unit"]
        self._filters: int = told["filters"]
        self._known, self._classes = _numbered(words.split("\n"))
        kinds, filters, classes = len(self.categories) + 1, self._filters, max(self._classes, default=0) + 1
        sizes = (classes * _REACH * filters, 4 * classes * kinds, 2 * filters, 2 * filters * kinds, 4 * kinds)
        if sum(sizes) != len(body):
            raise LexiconError(
                f"the network has {len(body)} bytes, not {sum(sizes)}; words and network belong to different versions"
            )
        ends = list(accumulate(sizes, initial=0))
        self._table, sums, begins, worth, base = (body[start:end] for start, end in pairwise(ends))
        self._sums = Struct(f"<{kinds}i")
        self._every_sum = sums
        self._lanes = Struct(f"<{filters}H")
        # A filter that finds less than this counts for nothing; what it begins with above that counts for every message.
        least = [_REACH * _MIDDLE - value for value in Struct(f"<{filters}h").unpack(begins)]
        self._least = int.from_bytes(self._lanes.pack(*(max(0, value) for value in least)), "little")
        self._worth = [_packed(row) for row in Struct(f"<{kinds}h").iter_unpack(worth)]
        self._zeros = _packed([_ZERO] * kinds)
        always = (max(0, -value) for value in least)
        self._base = _packed(self._sums.unpack(base)) + self._zeros + sum(map(mul, always, self._worth))
        self._unpack = Struct(f"<{kinds}I")
        self._edge = int.from_bytes(bytes([_MIDDLE, 0]) * filters, "little")
        self._tops = int.from_bytes(b"\x00\x80" * filters, "little")
        self._row = lru_cache(maxsize=_REMEMBERED)(self._row_of)
        self._alone = lru_cache(maxsize=4 * _REMEMBERED)(self._alone_of)

    def heaviest(self, words: Sequence[str]) -> tuple[str, float]:
        """The category for which some stretch of 2 * HALF of these words weighs most, and what it weighs as a danger."""
        return max((self._weighed(most, total) for most, total in self._stretches(words)), key=lambda found: found[1])

    def heaviest_sentence(self, words: Sequence[str], among: Container[int]) -> float:
        """What the heaviest of these sentences, by number, weighs alone; -inf where there is none."""
        sentences = (tuple(each) for hard, each in groupby(words, HARD.__eq__) if not hard)
        return max((self.heaviest(each)[1] for number, each in enumerate(sentences) if number in among), default=-inf)

    def _stretches(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        # The most of each filter, and what the words add by themselves, each once, of every two halves.
        if not words:
            return iter([(self._least, 0)])
        if len(words) > _LONGEST:
            words = [*words[: _LONGEST // 2], *words[-_LONGEST // 2 :]]
        before, here, after, kinds = zip(*map(self._row, words), strict=True)
        found = list(map(add, map(add, (self._edge, *before[:-1]), here), (*after[1:], self._edge)))
        starts = range(0, len(words), HALF)
        halves = [self._most(found[at : at + HALF]) for at in starts]
        most = map(self._most, pairwise(halves)) if len(halves) > 1 else halves
        alone = (sum(map(self._alone, set(kinds[at : at + 2 * HALF]))) for at in starts)
        return zip(most, alone, strict=False)

    def _most(self, sums: Iterable[int]) -> int:
        """The greatest in every lane: the highest bit of a lane is left where nothing had to be borrowed."""
        most, tops = self._least, self._tops
        for each in sums:
            at_least = (most | tops) - each & tops
            most = each ^ (most ^ each) & at_least - (at_least >> _LANE - 1)
        return most

    def _weighed(self, most: int, total: int) -> tuple[str, float]:
        strong = self._lanes.unpack((most - self._least).to_bytes(self._lanes.size, "little"))
        packed = self._base + total + sum(map(mul, strong, self._worth))
        none, *weights = (
            (value - _ZERO) / self._unit for value in self._unpack.unpack(packed.to_bytes(self._unpack.size, "little"))
        )
        top = max(weights)
        danger = top + log(sum(exp(weight - top) for weight in weights)) - none
        return self.categories[weights.index(top)], danger

    def _row_of(self, word: str) -> _Row:
        number = _checksum(word)
        place = bisect_left(self._known, number)
        kind = self._classes[place] if place < len(self._known) and self._known[place] == number else 0
        size = _REACH * self._filters
        wide = bytearray(2 * size)
        wide[::2] = self._table[kind * size : (kind + 1) * size]
        one, two = 2 * self._filters, 4 * self._filters
        number_of = int.from_bytes
        return number_of(wide[:one], "little"), number_of(wide[one:two], "little"), number_of(wide[two:], "little"), kind

    def _alone_of(self, kind: int) -> int:
        # Lanes of signed numbers become lanes of numbers from nothing on when their highest bits are turned.
        size = self._sums.size
        return (int.from_bytes(self._every_sum[kind * size : (kind + 1) * size], "little") ^ self._zeros) - self._zeros


def _numbered(lines: Sequence[str]) -> tuple[array[int], array[int]]:
    """The checksums of all words, sorted, and the class of each. Raises LexiconError for two that cannot be told apart."""
    pairs = sorted((_checksum(word), kind) for kind, line in enumerate(lines) for word in line.split())
    if any(a == b for (a, _), (b, _) in pairwise(pairs)):
        raise LexiconError("two words of the network are one, or have one checksum; take one of them out")
    return array("I", (number for number, _ in pairs)), array("H", (kind for _, kind in pairs))


def _checksum(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


def _packed(values: Iterable[int]) -> int:
    return sum(value << lane * _SUM for lane, value in enumerate(values))
