"""What a person typed, read against the labels of the current step.

Pure, and no language of its own: number words, joiners, negators and fillers come in from the language's files.
Understood is only what is clear; what is not is said to be so, because a wrong answer is worse than a question again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from bot.understanding.fold import fold

Trouble = Literal["", "none", "ambiguous", "range", "empty"]
Words = tuple[str, ...]

LONGEST = 12  # words: in a longer text a label is a coincidence rather than an answer
_MOST = 600  # characters: more is a story, not a choice
_CLOSE = 85.0  # likeness (0-100) from which a longer phrase counts as mistyped
_SLIP = 95.0  # the likeness that one wrong, missing, extra or swapped letter is given
_MARGIN = 5.0  # and by how much it has to be ahead of the next
_SEPARATORS = re.compile(r"[,;/&+\n\u3001\uff0c\u060c]|\.\s")
# Signs of the Indic and South-East Asian scripts belong to their words although they are no letters.
_BETWEEN = re.compile(r"(?:[^\w\u0591-\u05c7\u0610-\u06ed\u0900-\u109f\u1780-\u17ff]|_)+")
_DIGITS = re.compile(r"\d{1,9}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """One thing that can be chosen. The first phrase is what is shown, the others are further names for it."""

    key: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """The keys understood, in the order of the labels; or why none was. `near`: what an unclear text might have meant."""

    keys: tuple[str, ...] = ()
    trouble: Trouble = ""
    near: tuple[str, ...] = ()


NOT_READ = Reading(trouble="none")


def normalise(text: str) -> str:
    """`text` as it is compared: folded, apostrophes dropped, words and digits with single spaces between them."""
    return _BETWEEN.sub(" ", fold(text).replace("'", "")).strip()


@lru_cache(maxsize=4096)  # phrases and word lists only, never what a person typed
def _known(phrase: str) -> Words:
    return tuple(normalise(phrase).split())


def _bag(words: Iterable[str]) -> frozenset[str]:
    return frozenset(w for word in words for w in _known(word))


def read(
    text: str,
    labels: Sequence[Label],
    *,
    several: bool = False,
    numbers: Mapping[str, int] = {},
    joiners: Collection[str] = (),
    nav: Sequence[Label] = (),
    negators: Collection[str] = (),
    fillers: Collection[str] = (),
    everything: Collection[str] = ("all",),
) -> Reading:
    """Read `text` as a choice among `labels` (or, whole, as one of `nav`); with `several`, as any number of them.

    `numbers` number words; `joiners` words between choices ("and"); `negators` words that turn a following label around;
    `fillers` words that carry nothing ("please"); `everything` words for all of `labels`. Total: never raises.
    """
    if not text.strip():
        return Reading(trouble="empty")
    raw = _raw_match(text, (*labels, *nav))
    if raw is not None:
        return Reading(keys=(raw,))
    if len(text) > _MOST:
        return NOT_READ
    step = _Step(labels, nav, numbers, _bag(joiners), _bag(negators), _bag(fillers))
    words = tuple(normalise(text).split())
    if not words:
        return NOT_READ
    if several:
        return step.several(text, words, _bag(everything))
    return step.one(words)


def _raw_match(text: str, labels: Iterable[Label]) -> str | None:
    plain = text.strip().casefold()
    return next((label.key for label in labels for p in label.phrases if p.strip().casefold() == plain), None)


class _Step:
    """The labels of one step, ready to be compared."""

    def __init__(
        self,
        labels: Sequence[Label],
        nav: Sequence[Label],
        numbers: Mapping[str, int],
        joiners: frozenset[str],
        negators: frozenset[str],
        fillers: frozenset[str],
    ) -> None:
        self.order = tuple(dict.fromkeys(label.key for label in labels))
        self.places = [label.key for label in labels]
        self.phrases = [(label.key, words) for label in labels for p in label.phrases if (words := _known(p))]
        self.nav = [(label.key, words) for label in nav for p in label.phrases if (words := _known(p))]
        self.numbers = {" ".join(_known(word)): place for word, place in numbers.items()}
        self.joiners, self.negators, self.fillers = joiners, negators, fillers

    # One choice

    def one(self, words: Words) -> Reading:
        """The reading of `words` as one choice. The first way of reading that says anything decides."""
        core = self._core(words)
        for attempt in (words, core):
            if exact := self._exact(attempt):
                return self._settle(exact)
        if (number := self._number(words, core)) is not None:
            return number
        if len(words) > LONGEST:
            return NOT_READ
        contained, blocked = self._contained(words)
        if contained:
            return self._settle(self._slips(words, core) or contained)
        if parts := [key for key in (*self._parts(words), *self._parts(core)) if key not in blocked]:
            return self._settle(parts)
        return self._mistyped(words, core, blocked)

    def _core(self, words: Words) -> Words:
        """`words` without fillers; all of them where nothing else is left."""
        return tuple(w for w in words if w not in self.fillers) or words

    def _settle(self, keys: Iterable[str]) -> Reading:
        found = dict.fromkeys(keys)
        if len(found) == 1:
            return Reading(keys=tuple(found))
        return Reading(trouble="ambiguous", near=tuple(key for key in self.order if key in found) or tuple(found))

    def _exact(self, words: Words) -> list[str]:
        of_labels = [key for key, phrase in self.phrases if phrase == words]
        if not of_labels and self.joiners:  # "now & then", typed for "now and then"
            bare = self._bare(words)
            of_labels = [key for key, phrase in self.phrases if len(phrase) > 1 and bare and self._bare(phrase) == bare]
        return of_labels or [key for key, phrase in self.nav if phrase == words][:1]

    def _bare(self, words: Words) -> Words:
        return tuple(w for w in words if w not in self.joiners)

    def _place(self, word: str) -> int | None:
        if _DIGITS.fullmatch(word):
            return int(word)
        return self.numbers.get(word)

    def _number(self, words: Words, core: Words) -> Reading | None:
        """A place in the list: alone ("2"), or after one other word ("option 2") that does not negate it."""
        for attempt in (words, core):
            place = self._place(" ".join(attempt))
            if place is None and len(attempt) == 2 and attempt[0] not in self.negators and self._place(attempt[0]) is None:
                place = self._place(attempt[1])
            if place is None:
                continue
            if not 1 <= place <= len(self.places):
                return Reading(trouble="range")
            key = self.places[place - 1]
            spelled = not attempt[-1].isdigit()
            return self._settle((key, *self._parts(attempt))) if spelled else Reading(keys=(key,))
        return None

    def _contained(self, words: Words) -> tuple[list[str], set[str]]:
        """Keys of phrases that stand in `words` (the longest where they overlap), and keys that are negated there."""
        spans = [
            (start, start + len(phrase), key)
            for key, phrase in self.phrases
            for start in range(len(words) - len(phrase) + 1)
            if words[start : start + len(phrase)] == phrase
        ]
        widest = [s for s in spans if not any(_inside(s, other) for other in spans)]
        blocked = {key for start, _, key in widest if self._negated(words, start)}
        return [key for _, _, key in widest if key not in blocked], blocked

    def _negated(self, words: Words, start: int) -> bool:
        """Whether a negator stands before this place, directly or with one word between ("not really most days")."""
        return any(word in self.negators for word in words[max(0, start - 2) : start])

    def _parts(self, words: Words) -> Iterator[str]:
        """Keys of phrases that `words` are a part of, or the beginning of. "Sure" is no part of "not sure"."""
        joined = " ".join(words)
        for key, phrase in self.phrases:
            starts = len(joined) >= 3 and " ".join(phrase).startswith(joined)
            at = next((i for i in range(len(phrase)) if phrase[i : i + len(words)] == words), -1)
            inside = at == 0 or (at > 0 and len(joined) >= 3 and self.negators.isdisjoint(phrase[:at]))
            if starts or inside:
                yield key

    def _slips(self, words: Words, core: Words) -> list[str]:
        """Keys of longer phrases that the whole text is one slip of: "lmost never" is not "never"."""
        return [
            key
            for key, phrase in self.phrases
            for typed in (words, core)
            if len(phrase) > 1 and _alike(typed, phrase) >= _SLIP and self._same_negation(typed, phrase)
        ]

    def _mistyped(self, words: Words, core: Words, blocked: Collection[str]) -> Reading:
        """The one phrase that the text, or a stretch of it, is a slip of."""
        scores: dict[str, float] = {}
        for key, phrase in self.phrases:
            if key not in blocked:
                scores[key] = max(scores.get(key, 0.0), self._likeness(words, phrase), self._likeness(core, phrase))
        for key, phrase in self.nav:
            if len(words) <= len(phrase) + 1:
                scores[key] = max(scores.get(key, 0.0), _alike(words, phrase), _alike(core, phrase))
        best = max(scores.values(), default=0.0)
        if best <= 0.0:
            return NOT_READ
        return self._settle(key for key, score in scores.items() if score > best - _MARGIN)

    def _likeness(self, words: Words, phrase: Words) -> float:
        """The likeness (0-100, 0 for too little) of `phrase` to the whole or to the best stretch of `words`."""
        best = 0.0
        for size in {len(phrase) - 1, len(phrase), len(phrase) + 1, len(words)} - {0}:
            for start in range(len(words) - size + 1):
                stretch = words[start : start + size]
                if not self._negated(words, start) and self._same_negation(stretch, phrase):
                    best = max(best, _alike(stretch, phrase))
        return best

    def _same_negation(self, stretch: Words, phrase: Words) -> bool:
        """A "not" too many or too few is another answer, not a slip; a mistyped one is a slip."""
        if any(word in self.negators and word not in phrase for word in stretch):
            return False
        return all(any(OSA.distance(word, w) <= 1 for w in stretch) for word in phrase if word in self.negators)

    # Several choices

    def several(self, text: str, words: Words, everything: frozenset[str]) -> Reading:
        """The reading of `text` as any number of choices, in the order of the labels."""
        if exact := self._exact(words) or self._exact(self._core(words)):
            return self._settle(exact)
        if self._core(words) and all(word in everything for word in self._core(words)):
            return Reading(keys=self.order)
        found: set[str] = set()
        missed: list[Reading] = []
        for chunk in _SEPARATORS.split(text):
            for reading in self._chunk(tuple(normalise(chunk).split())):
                found.update(reading.keys)
                missed.append(reading)
        if any(reading.trouble == "range" for reading in missed):
            return Reading(trouble="range", near=tuple(k for k in self.order if k in found))
        if keys := tuple(k for k in self.order if k in found):
            return Reading(keys=keys)
        return next((r for r in missed if r.trouble == "ambiguous"), self.one(words))

    def _chunk(self, words: Words) -> Iterator[Reading]:
        """The choices in one stretch without separators: whole phrases, places, and what can be read between them."""
        if len(words) > 4 * LONGEST:
            return
        rest: list[str] = []
        at = 0
        while at < len(words):
            key, size = self._phrase_at(words, at)
            place = self._place(words[at])
            if key or words[at] in self.joiners or (place is not None and not self._counts(words, at)):
                yield from self._rest(rest)
                rest = []
                if key and not self._negated(words, at):
                    yield Reading(keys=(key,))
                elif not key and place is not None and not self._negated(words, at):
                    yield self._number((words[at],), ()) or NOT_READ
            else:
                rest.append(words[at])
            at += size or 1
        yield from self._rest(rest)

    def _counts(self, words: Words, at: int) -> bool:
        """Whether the number here counts something ("2 weeks"), rather than being a place in the list."""
        following = words[at + 1 : at + 2]
        return (
            bool(following)
            and self._place(following[0]) is None
            and not (following[0] in self.joiners or following[0] in self.fillers or self._phrase_at(words, at + 1)[0])
        )

    def _rest(self, words: Sequence[str]) -> Iterator[Reading]:
        left = tuple(word for word in words if word not in self.fillers)
        if left:
            yield self.one(left)

    def _phrase_at(self, words: Words, at: int) -> tuple[str, int]:
        fits = [(len(p), key) for key, p in self.phrases if words[at : at + len(p)] == p]
        size = max((n for n, _ in fits), default=0)
        keys = {key for n, key in fits if n == size}
        return (keys.pop(), size) if len(keys) == 1 else ("", 0)


def _inside(span: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    shorter = span[1] - span[0] < other[1] - other[0]
    return shorter and other[0] <= span[0] and span[1] <= other[1]


def _alike(words: Words, phrase: Words) -> float:
    """How much `words` look like `phrase` with a slip in it: 0, or `_CLOSE` to 100."""
    typed, meant = " ".join(words), " ".join(phrase)
    if len(meant) < 4 or len(typed) < 3:
        return 0.0
    edits = OSA.distance(typed, meant, score_cutoff=1)
    if len(meant) <= 6:
        return _SLIP if edits <= 1 else 0.0
    likeness = ratio(typed, meant, score_cutoff=_CLOSE)
    return max(likeness, _SLIP) if edits <= 1 else likeness
