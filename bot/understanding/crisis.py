"""Does this text speak of danger? From a text to a tier and a category; nothing else happens here.

Pure but for one cached read of the language's lexicon, at first use or by `warm`. Never raises for any str; linear time;
keeps nothing of the text. The words and patterns are reviewed data: bot/content/crisis/<language>.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

from bot.understanding.fold import fold, visible
from bot.understanding.lexicon import HARD, OTHER, SOFT, Lexicon, LexiconError, Pattern
from bot.understanding.spelling import Spelling

Tier = Literal["none", "ask", "urgent"]
Category = Literal["none", "suicide", "self_harm", "abuse", "sexual_assault", "harm_to_others", "minor", "eating_disorder"]

# The first of these that a text gives reason for is its category, within the higher tier.
CATEGORIES: tuple[Category, ...] = (
    "suicide",
    "sexual_assault",
    "abuse",
    "harm_to_others",
    "self_harm",
    "eating_disorder",
    "minor",
)
LIMIT = 4_000  # characters looked at: half from the head and half from the tail of a longer text
_HINT, _ASK, _URGENT = 1, 2, 3
_LEVELS = {"hint": _HINT, "ask": _ASK, "urgent": _URGENT}
_KINDS = {f"{category}.{name}": (category, level) for category in CATEGORIES for name, level in _LEVELS.items()}
_TIERS: dict[int, Tier] = {_ASK: "ask", _URGENT: "urgent"}
_CONTEXTS = ("idiom", "joke", "past", "recovered", "fiction", "wanted")
_GUARDS = ("not", "no", "not_unless", "self", "other", "role", "does", "clause")
_OWN = frozenset({"suicide", "self_harm", "eating_disorder", "harm_to_others"})  # meant only when said of oneself
_EARSHOT = 12  # words around a match within which laughter is about it
_REACH = 5  # words before a match in which a negator or another subject still governs it
_PADDING = re.compile(r"(\W)\1+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """What a text gives reason to do. `also` names further categories found; both fields are "none" when nothing is."""

    tier: Tier = "none"
    category: Category = "none"
    also: tuple[Category, ...] = ()


NOTHING = Assessment()


class Detector:
    """The compiled lexicon of one language."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        groups = {name: str(words).split() for name, words in data["groups"].items()}
        for name in _GUARDS:
            if name not in groups:
                raise LexiconError(f"the crisis lexicon needs a group {name!r} under 'groups:'; add it")
        patterns: dict[str, Sequence[str]] = {name: data["contexts"].get(name, ()) for name in _CONTEXTS}
        for category in CATEGORIES:
            for level in _LEVELS:
                patterns[f"{category}.{level}"] = data["patterns"].get(category, {}).get(level) or ()
        self._lexicon = Lexicon(groups=groups, patterns=patterns)
        self._spelling = Spelling(
            self._lexicon,
            expand=data["expand"],
            joins=str(data["joins"]).split(),
            fuzzy=str(data["fuzzy"]).split(),
            swaps=str(data["swaps"]).split(),
            emoji=data["emoji"],
        )
        letters = self._lexicon.letters
        self._not, self._no, self._unless = (frozenset(letters[g]) for g in ("not", "no", "not_unless"))
        self._self, self._other, self._role, self._does = (frozenset(letters[g]) for g in ("self", "other", "role", "does"))
        self._clause = frozenset(letters["clause"])

    def assess(self, text: str) -> Assessment:
        """What `text` gives reason for."""
        classes, quotes = self._spelling.read(_shortened(text))
        candidates = list(self._lexicon.worth_trying(classes))
        if not any(pattern.kind in _KINDS for pattern in candidates):
            return NOTHING
        return self._judge(classes, quotes, candidates)

    def _judge(self, classes: str, quotes: list[int], candidates: list[Pattern]) -> Assessment:
        contexts: dict[str, list[tuple[int, int]]] = {name: [] for name in _CONTEXTS}
        for pattern in candidates:
            if pattern.kind == "idiom":
                classes = pattern.regex.sub(lambda m: OTHER * len(m[0]), classes)
        for pattern in candidates:
            if pattern.kind in contexts and pattern.kind != "idiom":
                contexts[pattern.kind].extend(m.span() for m in pattern.regex.finditer(classes))
        found = dict.fromkeys(CATEGORIES, 0)
        hints: dict[Category, int] = {}
        for pattern in candidates:
            if pattern.kind not in _KINDS:
                continue
            category, level = _KINDS[pattern.kind]
            weight = self._weight(pattern, category, level, classes, quotes, contexts)
            if weight == _HINT:
                hints[category] = hints.get(category, 0) + 1
            found[category] = max(found[category], weight)
        for category, count in hints.items():
            if count > 1:
                found[category] = max(found[category], _ASK)
        return _verdict(found)

    def _weight(
        self,
        pattern: Pattern,
        category: str,
        level: int,
        classes: str,
        quotes: list[int],
        contexts: Mapping[str, list[tuple[int, int]]],
    ) -> int:
        """The highest level that a match of `pattern` deserves where it stands; 0 where there is none."""
        best = 0
        for match in pattern.regex.finditer(classes):
            start, end = match.span()
            if self._denied(pattern, category, classes, start, end):
                continue
            best = max(best, _in_context(category, level, classes, start, end, quotes, contexts))
            if best == level:
                break
        return best

    def _denied(self, pattern: Pattern, category: str, classes: str, start: int, end: int) -> bool:
        """Whether a negator governs the match, or it is said of somebody else."""
        negatable = not pattern.has("not", "no")
        own = category in _OWN and not pattern.has("self")
        begin = max(0, start - _REACH)
        for at in range(start - 1, begin - 1, -1):
            c = classes[at]
            if c == HARD:
                return False
            if c in self._clause:
                return False
            if c == SOFT:
                negatable = False
            following = classes[at + 1]
            if negatable and c in self._not and following not in self._unless:
                return True
            if negatable and c in self._no and following not in self._self and following not in self._other:
                return True
            if own and (c in self._other or (c in self._role and following in self._does)):
                return True
            if c in self._self:
                own = False
        return False


def _in_context(
    category: str,
    level: int,
    classes: str,
    start: int,
    end: int,
    quotes: list[int],
    contexts: Mapping[str, list[tuple[int, int]]],
) -> int:
    begin = classes.rfind(HARD, 0, start) + 1
    stop = classes.find(HARD, end)
    stop = len(classes) if stop < 0 else stop

    def near(name: str) -> bool:
        return any(begin <= a and b <= stop for a, b in contexts[name])

    quoted = sum(1 for q in quotes if q <= start) % 2 == 1
    if category != "minor" and near("fiction") and (quoted or not _straddles(contexts["fiction"], end)):
        return 0
    if any(begin <= a and start - 3 <= b <= start + 1 for a, b in contexts["wanted"]) and category in (
        "abuse",
        "sexual_assault",
    ):
        return 0
    if category in _OWN:
        if near("past"):
            level = 0 if contexts["recovered"] else level - 1
        if any(a < end + _EARSHOT and start - _EARSHOT < b for a, b in contexts["joke"]):
            level = min(level, _ASK) if level > _HINT else 0
    elif category == "abuse" and level == _URGENT and near("past"):
        level = _ASK
    return level


def _straddles(spans: Sequence[tuple[int, int]], end: int) -> bool:
    """Whether all that speaks of fiction comes after the match: said first of oneself, it stays said."""
    return all(a >= end for a, _ in spans)


def _verdict(found: Mapping[Category, int]) -> Assessment:
    highest = max(found.values())
    if highest < _ASK:
        return NOTHING
    named = [c for c in CATEGORIES if found[c] >= _ASK]
    category = next(c for c in named if found[c] == highest)
    return Assessment(tier=_TIERS[highest], category=category, also=tuple(c for c in named if c != category))


def _shortened(text: str) -> str:
    """`text` folded, at most LIMIT characters of it: from both ends, where people put what matters."""
    if len(text) > LIMIT:
        text = _PADDING.sub(r"\1", visible(text))
        if len(text) > 2 * LIMIT:
            text = text[:LIMIT] + "\n" + text[-LIMIT:]
    text = fold(text)
    return text if len(text) <= LIMIT else text[: LIMIT // 2] + "\n" + text[1 - LIMIT // 2 :]


@cache
def _detector(language: str) -> Detector:
    folder = resources.files("bot.content").joinpath("crisis")
    source = folder.joinpath(f"{language}.yaml")
    if not (language.isalnum() and language.isascii() and source.is_file()):
        return _detector("en")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Detector(yaml.load(source.read_bytes(), Loader=loader))  # noqa: S506 - both loaders are safe ones


def warm(language: str = "en") -> None:
    """Read the lexicon of `language` now rather than at the first text. Raises LexiconError if the file is wrong."""
    _detector(language)


def assess(text: str, language: str = "en") -> Assessment:
    """What `text` gives reason to do, by the lexicon of `language` (English's where it has none)."""
    return _detector(language).assess(text)
