"""A reviewed list of word groups and patterns, compiled so that matching is linear for any text.

Every word of a text becomes one character that stands for the set of groups it belongs to; every pattern becomes a small
regular expression over those characters, whose gaps are bounded. Pure: what it knows comes in as plain values.

The language of the patterns (see content/crisis/en.yaml): `word`, `{group}`, `a|{b}` for alternatives, `x?` for optional,
`!x` for "not followed by x", `~3` for up to three words that are no negators, `>3` for up to three words of any kind, also over
the end of a sentence, `*` for any one word, `^` and `$` for an edge of the sentence (`$` also as an alternative), `<` for the
beginning of a clause: of a sentence, or after a comma, a dash, a line break.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

HARD = "\ue000"  # the end of a sentence: no pattern reaches over it
SOFT = "\ue001"  # a comma, a dash, a line break: may stand between any two words of a pattern
OTHER = "\ue002"  # a word of no group
_FIRST_CLASS = 0xE010
_EDGES = {"^": f"(?:^|(?<={HARD}))", "<": f"(?:^|(?<=[{HARD}{SOFT}]))", "$": f"(?=[{HARD}]|$)"}
_PART = re.compile(r"\{([a-z_]+)\}|([a-z0-9]+)")
_ONE = r"(?:\{[a-z_]+\}|[a-z0-9]+|\$)"
_ELEMENT = re.compile(rf"(!?)({_ONE}(?:\|{_ONE})*)(\??)")


class LexiconError(ValueError):
    """The lexicon's data is wrong. The message names the pattern or group, and the remedy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """One place of a pattern: which groups may stand there. `words` is empty for a gap or an edge."""

    groups: frozenset[str] = frozenset()
    optional: bool = False
    forbidden: bool = False
    gap: int = 0
    far: bool = False
    edge: str = ""
    any_word: bool = False


def parse(source: str) -> tuple[Element, ...]:
    """The elements of one pattern. Raises LexiconError with the piece that cannot be read."""
    return tuple(_element(piece, source) for piece in source.split())


def _element(piece: str, source: str) -> Element:
    if piece in "^$<":
        return Element(edge=piece)
    if piece == "*":
        return Element(any_word=True)
    if piece[0] in "~>":
        if not piece[1:].isdecimal() or not 1 <= int(piece[1:]) <= 8:
            raise LexiconError(f"pattern {source!r}: write a gap as ~1 to ~8 or >1 to >8, not {piece!r}")
        return Element(gap=int(piece[1:]), far=piece[0] == ">")
    found = _ELEMENT.fullmatch(piece)
    if found is None:
        raise LexiconError(f"pattern {source!r}: {piece!r} is no word, {{group}}, gap or edge; see understanding/lexicon.py")
    groups = frozenset(group or "=" + word for group, word in _PART.findall(found[2]))
    edge = "$" if "$" in found[2] else ""
    return Element(groups=groups, forbidden=bool(found[1]), optional=bool(found[3]), edge=edge)


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One compiled pattern; its regular expression is built when it is first needed."""

    source: str
    kind: str
    elements: tuple[Element, ...]
    letters: Mapping[str, str] = field(repr=False)
    negators: str = field(repr=False)

    def has(self, *groups: str) -> bool:
        """Whether a word of one of these groups may stand in one of its places."""
        wanted = {c for group in groups for c in self.letters[group]}
        return any(wanted.intersection(self._class(e)) for e in self.elements if not e.forbidden)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The expression over word classes. Its work at each place is bounded by the product of its few gaps."""
        between = f"{SOFT}?"
        parts: list[str] = []
        for element in self.elements:
            if element.edge and not element.groups:
                parts.append(_EDGES[element.edge])
            elif element.gap:
                passed = "[\\s\\S]" if element.far else f"[^{HARD}{self.negators}]"
                parts.append(f"(?:{passed}{{0,{element.gap}}}?)")
            else:
                one = f"[^{HARD}{SOFT}]" if element.any_word else f"[{self._class(element)}]"
                if element.edge:
                    one = f"(?:{one}|(?=[{HARD}]|$))"
                if element.forbidden:
                    parts.append(f"(?!{between}{one})")
                else:
                    parts.append(f"(?:{one}{between})?" if element.optional else f"{one}{between}")
        return re.compile("".join(parts))

    def _class(self, element: Element) -> str:
        return "".join(sorted({c for group in element.groups for c in self.letters[group]}))


class Lexicon:
    """Words to classes, and the patterns worth trying for a text. Immutable once built."""

    def __init__(
        self,
        *,
        groups: Mapping[str, Collection[str]],
        patterns: Mapping[str, Sequence[str]],
        negators: str = "not",
    ) -> None:
        """`groups`: name to words (a trailing `*` makes a stem); `patterns`: kind to patterns. Raises LexiconError."""
        parsed = [(kind, source, parse(source)) for kind, sources in patterns.items() for source in sources]
        self._members = {name: set(words) for name, words in groups.items()}
        for _, source, elements in parsed:
            for name in frozenset().union(*(e.groups for e in elements)):
                if name.startswith("="):
                    self._members.setdefault(name, {name[1:]})
                elif name not in self._members:
                    raise LexiconError(f"pattern {source!r}: there is no group {{{name}}}; add it or correct the name")
        self.words, self.stems, self.letters = self._classes()
        shortest = min((len(s) for s in self.stems), default=0)
        self._stem_sizes = range(max(map(len, self.stems), default=-1), shortest - 1, -1)
        self.patterns = tuple(
            Pattern(kind=kind, source=source, elements=e, letters=self.letters, negators=self.letters[negators])
            for kind, source, e in parsed
        )
        self._index = self._anchors()

    def _classes(self) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
        stems = {w[:-1]: set[str]() for words in self._members.values() for w in words if w.endswith("*")}
        plain: dict[str, set[str]] = {}
        for name, words in self._members.items():
            for word in words:
                (stems[word[:-1]] if word.endswith("*") else plain.setdefault(word, set())).add(name)
        for word, names in [*plain.items(), *stems.items()]:
            names.update(*(more for stem, more in stems.items() if word.startswith(stem)))
        signatures = sorted({tuple(sorted(names)) for names in [*plain.values(), *stems.values()]})
        letter = {signature: chr(_FIRST_CLASS + i) for i, signature in enumerate(signatures)}
        letters = dict.fromkeys(self._members, "")
        for signature, c in letter.items():
            for name in signature:
                letters[name] += c
        return (
            {word: letter[tuple(sorted(names))] for word, names in plain.items()},
            {stem: letter[tuple(sorted(names))] for stem, names in stems.items()},
            letters,
        )

    def _anchors(self) -> dict[str, tuple[int, ...]]:
        # A pattern is tried only where the rarest of its places can be filled; how many patterns ask for a place's
        # groups is a good measure of how common it is ("i" and "not" are asked for everywhere).
        asked = Counter(g for p in self.patterns for e in p.elements if not e.forbidden for g in e.groups)
        index: dict[str, list[int]] = {}
        for number, pattern in enumerate(self.patterns):
            needed = [e for e in pattern.elements if e.groups and not (e.optional or e.forbidden or e.edge)]
            if not needed:
                raise LexiconError(f"pattern {pattern.source!r}: at least one word has to be required")
            rarest = min(needed, key=lambda e: sum(asked[g] for g in e.groups))
            for c in {c for group in rarest.groups for c in self.letters[group]}:
                index.setdefault(c, []).append(number)
        return {c: tuple(numbers) for c, numbers in index.items()}

    def classify(self, word: str) -> str | None:
        """The class of a known word or of a word with a known stem, else None."""
        known = self.words.get(word)
        if known is None:
            for size in self._stem_sizes:
                if size < len(word) and (known := self.stems.get(word[:size])) is not None:
                    break
        return known

    def worth_trying(self, classes: str) -> Iterator[Pattern]:
        """Patterns that could match this text, in the order of the data."""
        index = self._index
        for number in sorted({n for c in set(classes) for n in index.get(c, ())}):
            yield self.patterns[number]
