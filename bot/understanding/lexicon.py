"""A reviewed list of word groups, phrases and patterns, read into steps. What a step means for a text is in scan.py.

Pure: what it knows comes in as plain values. A pattern is written in a small language (see content/crisis/en.yaml):

    word {group} @phrase    what may stand in a place;  a|{b}  one of these,  x?  or nothing,  !x  anything but this
    ~3  >3  *               up to three words that are no negators; of any kind, also over the end of a sentence; any one word
    ^  <  $                 the beginning of a sentence, of a clause (after a comma or dash too), the end of a sentence
    & other                 another pattern near by in the sentence;  &&  also over its end;  &!  none near by, nor over its end
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["word", "rich", "optional", "forbidden", "any", "gap", "far", "begin", "clause", "end"]

_EDGES: Mapping[str, Kind] = {"^": "begin", "<": "clause", "$": "end"}
_WORDS = re.compile(r"!?(?:\{[a-z_]+\}|@[a-z_]+|[a-z0-9]+|\$)(?:\|(?:\{[a-z_]+\}|@[a-z_]+|[a-z0-9]+|\$))*\??")
_GAPS = frozenset("12345678")
_JOINT = re.compile(r" (&&|&!|&) ")


class LexiconError(ValueError):
    """The lexicon's data is wrong. The message names the pattern or group, and the remedy."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One piece of a pattern. `names`: the words and the groups ("{" before the name) that may stand there. A "rich" word may
    also be a phrase or the end of a sentence."""

    kind: Kind
    names: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    most: int = 0
    or_end: bool = False

    @property
    def required(self) -> bool:
        """Whether something named has to stand here."""
        return self.kind == "word" or (self.kind == "rich" and not self.or_end)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One pattern of a chain, after its joint ("" for what is said, then "&", "&&" or "&!")."""

    joint: str
    steps: tuple[Step, ...]
    needed: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """What is said (the first part), and what has to be, or must not be, near it."""

    source: str
    kind: str
    parts: tuple[Part, ...]


def grouped(written: Mapping[str, str]) -> dict[str, list[str]]:
    """The words of each group: "hurt+" stands for its regular forms too, "{kin}" for the words of a group before it."""
    groups: dict[str, list[str]] = {}
    for name, line in written.items():
        words: list[str] = []
        for word in str(line).split():
            if word[0] == "{":
                if word[1:-1] not in groups:
                    raise LexiconError(f"group {name!r}: there is no group {word} before it; add it or move it up")
                words += groups[word[1:-1]]
            else:
                words += _forms(word[:-1]) if word[-1] == "+" else (word,)
        groups[name] = list(dict.fromkeys(words))
    return groups


def _forms(word: str) -> tuple[str, ...]:
    vowels = "aeiou"
    after_consonant = word[-2] not in vowels
    if word[-1] == "y" and after_consonant:
        return word, f"{word[:-1]}ies", f"{word[:-1]}ied", f"{word}ing"
    third = f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"
    if word[-1] == "e":
        return word, third, f"{word}d", f"{word[:-1]}ing"
    short = len(word) <= 4 and word[-1] not in "aeiouwxyhk" and not after_consonant and word[-3:-2] not in vowels
    stem = word + word[-1] if short else word
    return word, third, f"{stem}ed", f"{stem}ing"


class Grammar:
    """Reads patterns, each distinct piece once."""

    def __init__(self, groups: Collection[str]) -> None:
        self._groups = groups
        self.steps: dict[str, Step] = {}
        self._names: dict[str, str] = {}  # one object for each name: most are used again and again
        self.phrases: list[str] = []  # those that a pattern may use: the ones before it

    def read(self, kind: str, source: str) -> Pattern:
        """Raises LexiconError with the piece that cannot be read, or the group or phrase that does not exist."""
        if "&" not in source:
            return Pattern(source, kind, (self._part("", source, source),))
        pieces = ["", *_JOINT.split(source)]
        parts = (self._part(pieces[i], pieces[i + 1], source) for i in range(0, len(pieces), 2))
        return Pattern(source, kind, tuple(parts))

    def _part(self, joint: str, written: str, source: str) -> Part:
        known, steps = self.steps, []
        for piece in written.split():
            step = known.get(piece)
            if step is None:
                step = known[piece] = self._step(piece, source)
            steps.append(step)
        needed = tuple(step for step in steps if step.required)
        if not needed:
            raise LexiconError(f"pattern {source!r}: at least one word has to be required")
        return Part(joint, tuple(steps), needed)

    def _step(self, piece: str, source: str) -> Step:
        if piece in _EDGES:
            return Step(_EDGES[piece])
        if piece == "*":
            return Step("any")
        if piece[0] in "~>":
            if piece[1:] not in _GAPS:
                raise LexiconError(f"pattern {source!r}: write a gap as ~1 to ~8 or >1 to >8, not {piece!r}")
            return Step("gap" if piece[0] == "~" else "far", most=int(piece[1]))
        if piece.isalnum():
            return Step("word", (self._named(piece),))
        if not _WORDS.fullmatch(piece):
            raise LexiconError(f"pattern {source!r}: {piece!r} is no word, group, phrase, gap or edge; see lexicon.py")
        kind: Kind = "forbidden" if piece[0] == "!" else "optional" if piece[-1] == "?" else "word"
        names = list(map(self._named, piece.strip("!?").replace("}", "").split("|")))
        if not ("{" in piece or "@" in piece or "$" in piece):
            return Step(kind, tuple(names))
        self._check(names, source)
        plain = tuple(name for name in names if name[0] not in "@$")
        if kind == "word" and len(plain) < len(names):
            kind = "rich"
        return Step(kind, plain, tuple(name for name in names if name[0] == "@"), or_end="$" in names)

    def _named(self, name: str) -> str:
        return self._names.setdefault(name, name)

    def _check(self, names: Collection[str], source: str) -> None:
        for name in names:
            if name[0] == "{" and name[1:] not in self._groups:
                raise LexiconError(f"pattern {source!r}: there is no group {name}}}; add it or correct the name")
            if name[0] == "@" and name not in self.phrases:
                raise LexiconError(f"pattern {source!r}: there is no phrase {name} before it; add it or move it up")


def _memberships(groups: Mapping[str, Collection[str]], steps: Iterable[Step]) -> dict[str, tuple[str, ...]]:
    # Every word that a pattern or a group names, and under which names it counts: its own, and its groups'.
    found: dict[str, list[str]] = {}
    for name, words in groups.items():
        group = "{" + name
        for word in words:
            found.setdefault(word, [word]).append(group)
    for step in steps:
        for name in step.names:
            if name[0] != "{":
                found.setdefault(name, [name])
    return {word: tuple(names) for word, names in found.items()}


class Lexicon:
    """The words that matter, and the patterns worth trying for a text. Immutable once built."""

    def __init__(
        self,
        *,
        groups: Mapping[str, Collection[str]],
        patterns: Mapping[str, Sequence[str]],
        phrases: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`groups`: name to words; `patterns`: kind to patterns; `phrases`: name to patterns. Raises LexiconError."""
        grammar = Grammar(groups)
        self.phrases: dict[str, tuple[Pattern, ...]] = {}
        for name, sources in (phrases or {}).items():
            self.phrases[f"@{name}"] = tuple(grammar.read(f"@{name}", source) for source in sources)
            grammar.phrases.append(f"@{name}")
        self.patterns = tuple(grammar.read(kind, source) for kind, sources in patterns.items() for source in sources)
        self.words = _memberships(groups, grammar.steps.values())
        self._index = self._anchors()

    def _all(self) -> Iterable[Pattern]:
        yield from (pattern for patterns in self.phrases.values() for pattern in patterns)
        yield from self.patterns

    def _anchors(self) -> dict[str, tuple[int, ...]]:
        # A pattern is tried only where the rarest of its places can be filled; how many patterns ask for a name is a
        # good measure of how common it is ("i" and "not" are asked for everywhere).
        asked: Counter[str] = Counter()
        for each in self._all():
            for step in each.parts[0].needed:
                asked.update(step.names)
        index: dict[str, list[int]] = defaultdict(list)
        anchors: dict[str, frozenset[str]] = {}

        def rarest(pattern: Pattern) -> Collection[str]:
            plain = [step.names for step in pattern.parts[0].needed if not step.phrases]
            if plain:
                return min(plain, key=lambda names: sum(map(asked.__getitem__, names)))
            step = pattern.parts[0].needed[0]
            return frozenset(step.names).union(*(anchors[name] for name in step.phrases))

        for name, patterns in self.phrases.items():
            anchors[name] = frozenset(each for pattern in patterns for each in rarest(pattern))
        for number, pattern in enumerate(self.patterns):
            for name in rarest(pattern):
                index[name].append(number)
        return {name: tuple(numbers) for name, numbers in index.items()}

    def numbers(self, kinds: Container[str]) -> frozenset[int]:
        """The patterns of these kinds, by number."""
        return frozenset(number for number, pattern in enumerate(self.patterns) if pattern.kind in kinds)

    def worth_trying(self, names: Iterable[str], among: frozenset[int] | None = None) -> list[Pattern]:
        """Patterns that could match a text with these words and groups, of all or `among` these, in the order of the data."""
        index, patterns = self._index, self.patterns
        found = {number for name in names if name in index for number in index[name]}
        return [patterns[number] for number in sorted(found if among is None else found & among)]
