"""Where a pattern stands in a text, found for all places at once: a set of places is the bits of one number.

Pure. The work of a pattern is bounded by its steps, whatever the text: there is nothing to backtrack into.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from bot.understanding.lexicon import Lexicon, Part, Pattern, Step

HARD = "."  # the end of a sentence, as a word of its own: no pattern but `>` reaches over it
OTHER = ""  # a word that the lexicon does not know
NEAR = 24  # words on either side of a match within which "near by" is
_MOST = 8  # places looked at for one pattern: what is said more often than that is said

_GAPS = frozenset({"gap", "far"})

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """A text as words: those that the lexicon knows, OTHER, HARD. `clauses`: where one begins after a comma; `quotes`: before
    which words a quotation mark stood; `written`: the same words, with those that the lexicon does not know as they stand."""

    words: Sequence[str]
    written: Sequence[str] = ()
    clauses: Collection[int] = ()
    quotes: Sequence[int] = ()


@dataclass(slots=True)
class Scan:
    """One text, ready to be searched. What is found out is kept for as long as the text is."""

    lexicon: Lexicon
    tokens: Tokens
    names: dict[str, int] = field(init=False)
    size: int = field(init=False)
    _steps: dict[Step, int] = field(init=False)
    _phrases: dict[str, list[Part]] = field(init=False)
    _all: int = field(init=False)
    _begins: int = field(init=False)
    _clauses: int = field(init=False)
    _passable: int = field(init=False)

    def __post_init__(self) -> None:
        places: dict[str, int] = {}
        for at, word in enumerate(self.tokens.words):
            places[word] = places.get(word, 0) | 1 << at
        known = self.lexicon.words
        self.names = {HARD: places.get(HARD, 0)}
        for word, where in places.items():
            for name in known.get(word, ()):
                self.names[name] = self.names.get(name, 0) | where
        self.size = len(self.tokens.words)
        self._steps, self._phrases = {}, {}
        self._all = (1 << self.size + 1) - 1
        self._begins = self.names[HARD] << 1 | 1
        self._clauses = self._begins
        for at in self.tokens.clauses:
            self._clauses |= 1 << at
        self._passable = self._all & ~(self.names[HARD] | self.names.get("{not", 0)) & ~(1 << self.size)

    def forget(self, spans: Collection[Span]) -> None:
        """Take the words of these spans out of the text; what stands around them stays where it is."""
        gone = 0
        for start, end in spans:
            gone |= (1 << end) - (1 << start)
        if gone:
            words, known = self.tokens.words, self.lexicon.words
            for name in {name for start, end in spans for word in words[start:end] for name in known.get(word, ())}:
                self.names[name] &= ~gone
            self._steps.clear()
            self._phrases.clear()

    def spans(self, pattern: Pattern) -> Sequence[Span]:
        """Where this is said: the first few places."""
        first, *others = pattern.parts
        if others and not all(map(self._possible, others)):
            return ()
        found = self._found(first.steps)
        if not (found and others):
            return found
        return [span for span in found if all((self._near(o, *span) == 0) == (o.joint == "&!") for o in others)]

    def sentence(self, start: int, end: int) -> Span:
        """The sentence around this span."""
        after = self.names[HARD] >> end
        stop = end + (after & -after).bit_length() - 1 if after else self.size
        return (self.names[HARD] & (1 << start) - 1).bit_length(), stop

    def sentences_before(self, places: int) -> int:
        """How many sentences end before the first of these places."""
        return (self.names[HARD] & (places & -places) - 1).bit_count()

    def _possible(self, part: Part) -> bool:
        """Whether every required place can be filled."""
        if part.joint == "&!":
            return True
        known, names = self._steps, self.names
        for step in part.needed:
            where = known.get(step)
            if where is None:
                where = 0
                for name in step.names:
                    if name in names:
                        where |= names[name]
                known[step] = where
            if not (where or (step.phrases and any(map(self._phrase, step.phrases)))):
                return False
        return True

    def _phrase(self, name: str) -> list[Part]:
        parts = self._phrases.get(name)
        if parts is None:
            parts = [p.parts[0] for p in self.lexicon.phrases[name] if self._possible(p.parts[0])]
            self._phrases[name] = parts
        return parts

    def _where(self, step: Step) -> int:
        where = self._steps.get(step)
        if where is None:
            where = 0
            for name in step.names:
                where |= self.names.get(name, 0)
            self._steps[step] = where
        return where

    def _near(self, part: Part, start: int, end: int) -> int:
        begin, stop = max(0, start - NEAR), min(self.size, end + NEAR)
        if part.joint == "&":
            first, last = self.sentence(start, end)
            begin, stop = max(begin, first), min(stop, last)
        return self._run(part.steps, (1 << stop) - (1 << begin)) & (1 << stop + 1) - 1

    def _found(self, steps: Sequence[Step]) -> Sequence[Span]:
        """The first places from which `steps` can be gone through, each with its nearest end."""
        starts = self._where(steps[0]) if steps[0].kind == "word" else self._all
        ends = self._run(steps, starts)
        # By halves, the earlier first; where it leads nowhere, the later one leads wherever both do.
        found: list[Span] = []
        waiting = [(starts, ends)] if ends else []
        while waiting and len(found) < _MOST:
            starts, ends = waiting.pop()
            ends = ends or self._run(steps, starts)
            if not ends:
                continue
            lowest, highest = (starts & -starts).bit_length() - 1, starts.bit_length() - 1
            if lowest == highest:
                found.append((lowest, (ends & -ends).bit_length() - 1))
                continue
            earlier = starts & (1 << (lowest + highest) // 2 + 1) - 1
            if first := self._run(steps, earlier):
                waiting += (starts & ~earlier, 0), (earlier, first)
            else:
                waiting.append((starts & ~earlier, ends))
        return found

    def _run(self, steps: Sequence[Step], at: int) -> int:
        """Where one can be after these steps, having begun at any of the places `at`."""
        known = self._steps
        for step in steps:
            kind = step.kind
            if kind == "word":
                where = known.get(step)
                at = (at & (self._where(step) if where is None else where)) << 1
            elif kind in _GAPS:
                passable = self._passable if kind == "gap" else self._all
                for _ in range(step.most):
                    at |= (at & passable) << 1
            elif kind == "rich":
                at = (at & self._where(step)) << 1 | self._besides(step, at)
            elif kind == "optional":
                at |= (at & self._where(step)) << 1 | self._besides(step, at)
            else:
                at = self._edge(step, at)
            if not at:
                break
        return at & self._all

    def _besides(self, step: Step, at: int) -> int:
        """Where one can be after a phrase of this step, or after nothing at the end of a sentence."""
        after = at & (self.names[HARD] | 1 << self.size) if step.or_end else 0
        for name in step.phrases:
            for part in self._phrase(name):
                after |= self._run(part.steps, at)
        return after

    def _edge(self, step: Step, at: int) -> int:
        end = self.names[HARD] | 1 << self.size
        if step.kind == "forbidden":
            if step.or_end:
                at &= ~end
            return at & ~self._where(step)
        if step.kind == "any":
            return (at & self._all & ~end) << 1
        return at & {"begin": self._begins, "clause": self._clauses, "end": end}[step.kind]
