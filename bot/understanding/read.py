"""What a person typed, read against the labels of the current step.

Pure, and no language of its own: number words, joiners, negators, fillers and the like come in from the language's files.
Understood is only what is clear; what is not is said to be so, because a wrong answer is worse than a question again.
So a very short phrase ("yes") answers only where nothing else is said, and none does beside a qualifier ("but", "unless").
In a further name of a choice, … stands for one to three words and #### for a year ("my … died", "in ####"), and one that
ends in a full stop answers only where nothing else is said ("they do.").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from bot.understanding.fold import fold
from bot.understanding.phrase import GAP, SLIP, YEAR, Span, Words, alike, ends, inside, is_short, meant, spelled_out

Trouble = Literal["", "none", "ambiguous", "range", "empty"]

LONGEST = 12  # words: in a longer text a label is a coincidence rather than an answer
_MOST = 600  # characters: more is a story, not a choice
_MARGIN = 5.0  # and by how much it has to be ahead of the next
_PART = 0.4  # how much of a further name has to be typed to be taken for it
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


@lru_cache(maxsize=4096)
def _pattern(phrase: str) -> Words:
    return tuple(w for token in phrase.split() for w in ((token,) if token in (GAP, YEAR) else _known(token)))


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
    qualifiers: Collection[str] = ("but", "except", "unless", "if", "when", "though", "although", "until", "till", "only"),
    excluding: Collection[str] = ("except", "but"),
    ranges: Collection[str] = ("to",),
    alone: Collection[str] = (),
) -> Reading:
    """Read `text` as a choice among `labels` (or, whole, as one of `nav`); with `several`, as any number of them.

    `numbers` number words; `joiners` words between choices ("and"); `negators` words that turn a following label around;
    `fillers` words that carry nothing ("please"); `qualifiers` words that take back what stands beside them ("unless").
    With several: `everything` words for all of `labels` but the keys in `alone` ("none of these"), `excluding` words between
    those and what is left out ("all except 2"), `ranges` words between first and last ("1 to 3"). Total: never raises.
    """
    if not text.strip():
        return Reading(trouble="empty")
    raw = _raw_match(text, (*labels, *nav))
    if raw is not None:
        return Reading(keys=(raw,))
    if len(text) > _MOST:
        return NOT_READ
    bags = (_bag(joiners), _bag(negators), _bag(fillers), _bag(qualifiers))
    step = _Step(labels, nav, numbers, *bags, frozenset(alone))
    words = tuple(normalise(text).split())
    if not words:
        return NOT_READ
    if several:
        return step.several(spelled_out(text, ranges), words, {_known(w) for w in everything}, [_known(w) for w in excluding])
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
        qualifiers: frozenset[str],
        alone: frozenset[str],
    ) -> None:
        self.order = tuple(dict.fromkeys(label.key for label in labels))
        self.places = [label.key for label in labels]
        further = [(label.key, _pattern(p)) for label in labels for p in label.phrases[1:]]
        self.shown = [(label.key, _known(p)) for label in labels for p in label.phrases[:1]]
        self.patterns = [(key, words) for key, words in further if not {GAP, YEAR}.isdisjoint(words)]
        self.whole = {(label.key, _pattern(p)) for label in labels for p in label.phrases[1:] if p.endswith(".")}
        self.phrases = [(key, words) for key, words in (*self.shown, *further) if words and (key, words) not in self.patterns]
        self.nav = [(label.key, words) for label in nav for p in label.phrases if (words := _known(p))]
        self.numbers = {" ".join(_known(word)): place for word, place in numbers.items()}
        self.joiners, self.negators, self.fillers, self.qualifiers, self.alone = joiners, negators, fillers, qualifiers, alone

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
        found = (self._slips(words, core) or contained) if contained else [*self._parts(words), *self._parts(core)]
        if found := [key for key in found if key not in blocked]:
            return self._settle(found)
        reading = self._mistyped(words, core, blocked)
        if reading == NOT_READ and (corrected := self._corrected(words)) != words:
            return self.one(corrected)
        return reading

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
        of_labels = of_labels or [key for key, pattern in self.patterns if len(words) in ends(pattern, words, 0)]
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
                # "that one" points at something; only figures, and numbers above it, can follow another word.
                place = self._place(attempt[1])
                place = None if place == 1 and not attempt[1].isdigit() else place
            if place is None:
                continue
            if not 1 <= place <= len(self.places):
                return Reading(trouble="range")
            key = self.places[place - 1]
            spelled = not attempt[-1].isdigit()
            return self._settle((key, *self._parts(attempt))) if spelled else Reading(keys=(key,))
        return None

    def _contained(self, words: Words) -> tuple[list[str], set[str]]:
        """Keys of phrases that stand in `words` (the longest where they overlap), and keys that are taken back there."""
        spans = [
            (start, end, key, self._whole(key, phrase))
            for start in range(len(words))
            for key, phrase in (*self.phrases, *self.patterns)
            for end in ends(phrase, words, start)
        ]
        widest = [s for s in spans if not any(inside(s, other) for other in spans)]
        stand = [s for s in widest if not self._taken_back(words, s, widest)]
        said = {at for start, end, _, _ in widest for at in range(start, end)}
        nothing_else = all(at in said or w in self.fillers or w in self.joiners for at, w in enumerate(words))
        keys = [key for _, _, key, whole in stand if nothing_else or not whole]
        return keys, {key for _, _, key, _ in widest} - {key for _, _, key, _ in stand}

    def _whole(self, key: str, phrase: Words) -> bool:
        """Whether this says too little to be an answer where more is said around it ("yes", "a lot", "they do.")."""
        return is_short(phrase) or (key, phrase) in self.whole

    def _taken_back(self, words: Words, span: Span, spans: Sequence[Span] = ()) -> bool:
        """Whether what stands there is negated or qualified. "No, never" negates nothing where both mean the same."""
        start, end, key, _ = span
        ours = {at for first, last, other, _ in spans if other == key for at in range(first, last)}
        negated = any(words[at] in self.negators and at not in ours for at in range(max(0, start - 2), start))
        return negated or not self.qualifiers.isdisjoint((*words[max(0, start - 2) : start], *words[end:]))

    def _negated(self, words: Words, start: int) -> bool:
        """Whether a negator stands before this place, directly or with one word between ("not really most days")."""
        return any(word in self.negators for word in words[max(0, start - 2) : start])

    def _parts(self, words: Words) -> Iterator[str]:
        """Keys of phrases that `words` are a part of, or the beginning of. "Sure" is no part of "not sure"."""
        joined = " ".join(words)
        if self.fillers.issuperset(words) or (len(joined) < 3 and joined.isascii()):
            return
        for key, phrase in self.phrases:
            shown = (key, phrase) in self.shown
            if not shown and len(joined) < _PART * len(" ".join(phrase)):
                continue
            at = next((i for i in range(len(phrase) if shown else 1) if phrase[i : i + len(words)] == words), -1)
            if at == 0 or (at > 0 and self.negators.isdisjoint(phrase[:at])) or " ".join(phrase).startswith(joined):
                yield key

    def _corrected(self, words: Words) -> Words:
        """`words` with stretched letters ("yesss") and one slip in a longer word mended, where only one word can be meant."""
        known = {word for _, phrase in (*self.phrases, *self.patterns) for word in phrase} | self.fillers
        left = self.joiners | self.negators | self.qualifiers | self.numbers.keys() | known
        return tuple(word if word in left else meant(word, known) for word in words)

    def _slips(self, words: Words, core: Words) -> list[str]:
        """Keys of longer phrases that the whole text is one slip of: "lmost never" is not "never"."""
        return [
            key
            for key, phrase in self.phrases
            for typed in (words, core)
            if len(phrase) > 1 and alike(typed, phrase) >= SLIP and self._same_negation(typed, phrase)
        ]

    def _mistyped(self, words: Words, core: Words, blocked: Collection[str]) -> Reading:
        """The one phrase that the text, or a stretch of it, is a slip of. Words that work everywhere have to be typed right."""
        scores: dict[str, float] = {}
        for key, phrase in self.phrases:
            if key not in blocked:
                found = max(self._likeness(typed, key, phrase) for typed in {words, core})
                scores[key] = max(scores.get(key, 0.0), found)
        best = max(scores.values(), default=0.0)
        if best <= 0.0:
            return NOT_READ
        return self._settle(key for key, score in scores.items() if score > best - _MARGIN)

    def _likeness(self, words: Words, key: str, phrase: Words) -> float:
        """The likeness (0-100, 0 for too little) of `phrase` to the whole or to the best stretch of `words`."""
        best = 0.0
        sizes = {len(words)} if self._whole(key, phrase) else {len(phrase) - 1, len(phrase), len(phrase) + 1, len(words)} - {0}
        for size in sizes:
            for start in range(len(words) - size + 1):
                stretch = words[start : start + size]
                likeness = alike(stretch, phrase)  # first, as it is mostly 0
                if likeness <= best or self._taken_back(words, (start, start + size, key, False)):
                    continue
                if self._same_negation(stretch, phrase):
                    best = likeness
        return best

    def _same_negation(self, stretch: Words, phrase: Words) -> bool:
        """A "not" too many or too few is another answer, not a slip; a mistyped one is a slip."""
        if any(word in self.negators and word not in phrase for word in stretch):
            return False
        return all(any(OSA.distance(word, w) <= 1 for w in stretch) for word in phrase if word in self.negators)

    # Several choices

    def several(self, text: str, words: Words, everything: Collection[Words], excluding: Sequence[Words]) -> Reading:
        """The reading of `text` as any number of choices, in the order of the labels."""
        if exact := self._exact(words) or self._exact(self._core(words)):
            return self._settle(exact)
        if words in everything or self._core(words) in everything:
            return Reading(keys=tuple(key for key in self.order if key not in self.alone))
        for at, but in ((at, but) for at in range(len(words)) for but in excluding if words[at : at + len(but)] == but):
            if (reading := self._all_but(words[:at], words[at + len(but) :], everything)) is not None:
                return reading
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

    def _all_but(self, head: Words, tail: Words, everything: Collection[Words]) -> Reading | None:
        """Read "all (`head`) except 6 (`tail`)"; None where `head` is a choice of its own, as in "hugs but not kissing"."""
        if not any(head[-len(all_of) :] == all_of for all_of in everything if all_of):
            goes_on = tail[:1] and (tail[0] in self.negators or tail[0] in self.joiners)
            return None if goes_on and any(reading.keys for reading in self._chunk(head)) else NOT_READ
        left_out = list(self._chunk(tail))
        if not left_out or not all(reading.keys for reading in left_out):
            return NOT_READ
        out = self.alone.union(*(reading.keys for reading in left_out))
        return Reading(keys=kept) if (kept := tuple(key for key in self.order if key not in out)) else NOT_READ

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
                if not self.negators.issuperset(rest):  # "no hugs" is not "no"
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

    def _needs_all(self, key: str, phrase: Words) -> bool:
        """Whether this is an answer only where nothing stands beside it: "no hugs" is not "no"."""
        refuses = key in self.alone or self.negators.issuperset(phrase)
        return (key, phrase) in self.whole or (refuses and is_short(phrase))

    def _phrase_at(self, words: Words, at: int) -> tuple[str, int]:
        fits = [
            (end - at, key)
            for key, phrase in (*self.phrases, *self.patterns)
            for end in ends(phrase, words, at)
            if self._core(words) == phrase or not self._needs_all(key, phrase)
        ]
        size = max((n for n, _ in fits), default=0)
        keys = {key for n, key in fits if n == size}
        return (keys.pop(), size) if len(keys) == 1 else ("", 0)
