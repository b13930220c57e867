"""How much the words of a message, taken together, speak of each kind of danger: reviewed weights, added up.

Pure. Finds what no pattern names: many weak signs within one message. Linear in the text; nothing is kept of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from bot.understanding.lexicon import LexiconError

HARD = "."  # the end of a sentence, as a word of its own
_ENDINGS = ("ing", "ed")
_VOWEL = re.compile("[aeiouy]")
_UNDOUBLED = frozenset("ls")


class Weigher:
    """The weights of one language.

    `classes`: name to words that mean the same kind of thing; `stems`: "went:go" for irregular forms; `weights`: category to
    lines "0.8: sign, sign". A sign is a word's stem, a {class, two of these in a row, ^ before or $ behind one for an edge of a
    sentence. `base`: category to what a message without any sign weighs.
    """

    def __init__(
        self,
        *,
        classes: Mapping[str, str],
        stems: str,
        weights: Mapping[str, str],
        base: Mapping[str, float],
    ) -> None:
        self._stems = dict(pair.split(":", 1) for pair in stems.split())
        self._classes: dict[str, tuple[str, ...]] = {}
        for name, words in classes.items():
            for word in dict.fromkeys(str(words).split()):
                self._classes[word] = (*self._classes.get(word, ()), "{" + name)
        self.categories = tuple(base)
        self._base = tuple(base.values())
        if set(weights) != set(base):
            raise LexiconError("the weights and their base name different categories; give each category both")
        self._weights: dict[str, list[tuple[int, float]]] = {}
        for category, lines in weights.items():
            self._read(self.categories.index(category), lines)
        self._units = lru_cache(maxsize=4096)(self._units_of)

    def _read(self, place: int, lines: str) -> None:
        for line in lines.splitlines():
            weight, found, signs = line.partition(": ")
            try:
                value = float(weight)
            except ValueError:
                found = ""
                value = 0.0
            if not found:
                raise LexiconError(f"crisis weights: {line!r} is no weight with its signs; write '0.8: sign, sign'")
            for sign in signs.split(", "):
                self._weights.setdefault(sign, []).append((place, value))

    def stem(self, word: str) -> str:
        """The part of a word that its forms share."""
        if (known := self._stems.get(word)) is not None:
            return known
        if len(word) < 4 or not word.isalpha():
            return word
        for ending in _ENDINGS:
            short = word[: -len(ending)]
            if word.endswith(ending) and len(short) >= 3 and _VOWEL.search(short):
                return _bare(short)
        if word.endswith("ies") and len(word) > 4:
            word = word[:-3] + "y"
        elif word.endswith(("sses", "shes", "ches", "xes")):
            word = word[:-2]
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = word[:-1]
        return word.rstrip("e") if len(word) > 3 else word

    def _units_of(self, word: str) -> tuple[str, ...]:
        stem = self.stem(word)
        classes = (*self._classes.get(word, ()), *(self._classes.get(stem, ()) if stem != word else ()))
        return (stem, *sorted(set(classes)))

    def signs(self, words: Sequence[str]) -> Iterator[str]:
        """Every sign in these words, known or not."""
        before: tuple[str, ...] = ("^",)
        for word in (*words, HARD):
            if word == HARD:
                yield from (f"{unit} $" for unit in before if unit != "^")
                before = ("^",)
                continue
            units = self._units(word)
            for unit in units:
                yield unit
                yield from (f"{earlier} {unit}" for earlier in before)
            before = units

    def weigh(self, words: Sequence[str]) -> dict[str, float]:
        """What these words weigh in each category; a sign counts once."""
        sums = list(self._base)
        for sign in {sign for sign in self.signs(words) if sign in self._weights}:
            for category, weight in self._weights[sign]:
                sums[category] += weight
        return dict(zip(self.categories, sums, strict=True))


def _bare(short: str) -> str:
    """A word without its ending: the doubled letter, the y and the e that came or went with it."""
    if short[-1] == short[-2] and short[-1] not in _UNDOUBLED:
        short = short[:-1]
    elif short.endswith("i"):
        short = short[:-1] + "y"
    return short.rstrip("e") if len(short) > 3 else short
