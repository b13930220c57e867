"""Does this text speak of danger? From a text to a tier and a category; nothing else happens here.

Pure but for one cached read of the language's lexicon, at first use or by `warm`. Never raises for any str; linear time;
keeps nothing of the text. The words and patterns are reviewed data: bot/content/crisis/<language>.yaml. Beside it stand
<language>.words.txt and <language>.network, learned, which find what is said in many weak signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal, cast

import yaml

from bot.understanding.fold import fold, visible
from bot.understanding.lexicon import Lexicon, LexiconError, Pattern, grouped
from bot.understanding.scan import HARD, Scan, Span
from bot.understanding.spelling import Spelling
from bot.understanding.weigh import Weigher

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
_LEVELS = {"urgent": _URGENT, "ask": _ASK, "hint": _HINT}  # the gravest first: what is found spares what is less
_KINDS = {f"{category}.{name}": (category, level) for category in CATEGORIES for name, level in _LEVELS.items()}
_TIERS: dict[int, Tier] = {_ASK: "ask", _URGENT: "urgent"}
_CALM = {category: f"calm_{category}" for category in CATEGORIES}  # what makes a match of this category harmless near by
_CONTEXTS = ("idiom", "joke", "past", "recovered", "fiction", "wanted", *_CALM.values())
_GUARDS = ("not", "no", "not_unless", "self", "other", "role", "does", "clause", "reports")
_DONE_TO_ONE = frozenset({"abuse", "sexual_assault"})
_NO_GUARD: frozenset[str] = frozenset()
_OWN = frozenset({"suicide", "self_harm", "eating_disorder", "harm_to_others"})  # meant only when said of oneself
_EARSHOT = 12  # words around a match within which laughter is about it
_AROUND = 15  # words around a match within which its time, or that it is told, is read
_CALMING = 12  # words around a match within which something harmless explains it
_REACH = 5  # words before a match in which a negator or another subject still governs it
_FEW = 7  # words: a message of fewer says too little for a pattern not to be believed
_LONG = 200  # words: a message of more is looked through for less, to be done in time
_ADULT = 18  # years
_IN_ALL = "the words taken together"
_PADDING = re.compile(r"(\W)\1+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """What a text gives reason to do. `also` names further categories found; both fields are "none" when nothing is."""

    tier: Tier = "none"
    category: Category = "none"
    also: tuple[Category, ...] = ()


NOTHING = Assessment()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One pattern that counts for a text: 3 said outright, 2 indirect, 1 a hint that counts together with another."""

    category: Category
    weight: int
    pattern: str


class Detector:
    """The compiled lexicon of one language."""

    def __init__(self, data: Mapping[str, Any], weigher: Weigher | None = None) -> None:
        self.born_until: int = data["birth_years"]["until"]  # the last year for which the years of birth below are right
        first = int(data["birth_years"]["first"])
        groups = grouped({**data["groups"], "birth_year": " ".join(map(str, range(first, first + _ADULT)))})
        self._weigher = weigher
        for name in _GUARDS:
            if name not in groups:
                raise LexiconError(f"the crisis lexicon needs a group {name!r} under 'groups:'; add it")
        patterns = {name: _lines(data["contexts"].get(name)) for name in _CONTEXTS}
        for category in CATEGORIES:
            for level in _LEVELS:
                patterns[f"{category}.{level}"] = _lines(data["patterns"].get(category, {}).get(level))
        gravest = {kind for kind in patterns if _KINDS.get(kind, (None, _URGENT))[1] == _URGENT}
        phrases = {name: _lines(written) for name, written in data["phrases"].items()}
        self._lexicon = Lexicon(groups=groups, patterns=patterns, phrases=phrases)
        self._outright = self._lexicon.numbers(gravest)  # what is said outright, and what may explain it
        self._spelling = Spelling(
            self._lexicon,
            expand=data["expand"],
            joins=str(data["joins"]).split(),
            fuzzy=str(data["fuzzy"]).split(),
            swaps=str(data["swaps"]).split(),
            emoji=data["emoji"],
        )
        self._guards: dict[str, frozenset[str]] = {}
        for name in _GUARDS:
            for word in groups[name]:
                self._guards[word] = self._guards.get(word, _NO_GUARD) | {name}
        self._guards_in = {"{" + name: _NO_GUARD.union(*map(self._groups_of, words)) for name, words in groups.items()}
        self._traits: dict[Pattern, tuple[bool, bool]] = {}

    def assess(self, text: str) -> Assessment:
        """What `text` gives reason for."""
        return _verdict(self.reasons(text))

    def reasons(self, text: str) -> list[Reason]:
        """The patterns that count for `text`, for whoever reviews the lexicon; what is outweighed already is not looked for."""
        tokens = self._spelling.read(_shortened(text))
        if self._weigher is None:
            return self._said(Scan(self._lexicon, tokens))[0]
        category, weight = self._weigher.heaviest(tokens.written)
        limits = self._weigher.limits
        few = len(tokens.written) < _FEW
        unheard = weight < limits.heard and not few
        if unheard and HARD not in tokens.written[:-1]:
            return []
        outright = len(tokens.words) > _LONG
        reasons, explained, sentences = self._said(Scan(self._lexicon, tokens), outright=outright)
        if _verdict(reasons) != NOTHING:
            # What is said in a sentence of its own is meant, however harmless the talk around it.
            if few or weight >= limits.meant or self._weigher.heaviest_sentence(tokens.written, sentences) >= limits.alone:
                return reasons
            reasons = [replace(reason, weight=min(reason.weight, _ASK)) for reason in reasons]
        if unheard or explained or weight < 0:
            return [] if unheard else reasons
        level = _URGENT if weight >= limits.urgent else _ASK
        return [*reasons, Reason(category=cast("Category", category), weight=level, pattern=_IN_ALL)]

    def written(self, text: str) -> Sequence[str]:
        """The words that are weighed, for whoever learns the network."""
        return self._spelling.read(_shortened(text)).written

    def _said(self, scan: Scan, *, outright: bool = False) -> tuple[list[Reason], bool, set[int]]:
        """The patterns that count; whether one was said that what stands around it explains: denied, told, of others; and the
        numbers of the sentences in which those that count begin.

        With `outright` only what is said outright is looked for, and the gravest of it: that there is a doubt is known."""
        candidates = self._lexicon.worth_trying(scan.names, self._outright if outright else None)
        dangers = [pattern for pattern in candidates if pattern.kind in _KINDS]
        if not dangers:
            return [], False, set()
        scan.forget([span for pattern in candidates if pattern.kind == "idiom" for span in scan.spans(pattern)])
        here = _Place(scan, _Contexts(scan, candidates))
        found = dict.fromkeys(CATEGORIES, 0)
        hinted: dict[Category, int] = {}  # up to which word: one hint in other words is not a second one
        reasons: list[Reason] = []
        sentences: set[int] = set()
        explained = alarm = False
        for pattern in dangers:
            category, level = _KINDS[pattern.kind]
            if found[category] >= max(level, _ASK):
                continue
            if outright and alarm and category != "minor":
                continue  # the first is the gravest; who is under 18 is told besides
            weight, where = self._weight(pattern, category, level, here)
            explained = explained or (where != 0 and not weight and level > _HINT)
            if not weight or (weight == _HINT and hinted.get(category, 0) & where):
                continue
            hinted[category] = hinted.get(category, 0) | where
            reasons.append(Reason(category=category, weight=weight, pattern=pattern.source))
            sentences.add(scan.sentences_before(where))
            found[category] = max(found[category], weight)
            alarm = alarm or weight == _URGENT
        return reasons, explained, sentences

    def _weight(self, pattern: Pattern, category: Category, level: int, here: _Place) -> tuple[int, int]:
        """The highest level that a match of `pattern` deserves where it stands, and its words; 0 and 0 where there is none."""
        best, where = 0, 0
        for start, end in here.scan.spans(pattern):
            if self._denied(pattern, category, here.scan, start):
                where = where or 1 << start
                continue
            weight = here.level(category, level, start, end)
            if weight > best or not where:
                best, where = max(best, weight), (1 << end) - (1 << start)
            if best == level:
                break
        return best, where

    def _denied(self, pattern: Pattern, category: Category, scan: Scan, start: int) -> bool:
        """Whether a negator governs the match, or it is said of somebody else."""
        if pattern not in self._traits:
            self._traits[pattern] = not self._says(pattern, "not", "no"), not self._says(pattern, "self")
        negatable, own = self._traits[pattern]
        own = own and category in _OWN
        words = scan.tokens.words
        if start and "self" in self._groups_of(words[start]) and "reports" not in self._groups_of(words[start - 1]):
            negatable = False  # "i dont want to die i just cut": who speaks anew is denied only what they do not think or say
        for at in range(start - 1, max(0, start - _REACH) - 1, -1):
            groups = self._groups_of(words[at])
            if words[at] == HARD or "clause" in groups:
                return False
            following = self._groups_of(words[at + 1])
            if at + 1 in scan.tokens.clauses:
                negatable = False
            if negatable and "not" in groups and "not_unless" not in following:
                return True
            if negatable and "no" in groups and not following & {"self", "other"}:
                return True
            if own and ("other" in groups or ("role" in groups and "does" in following)):
                return True
            if "self" in groups:
                own = False
        return False

    def _groups_of(self, word: str) -> frozenset[str]:
        return self._guards.get(word, _NO_GUARD)

    def _says(self, pattern: Pattern, *groups: str) -> bool:
        """Whether a word of one of these groups may stand in one of the places that have to be filled."""
        wanted = set(groups)
        for step in pattern.parts[0].steps:
            for name in step.names if step.required else ():
                if wanted & (self._guards_in[name] if name[0] == "{" else self._groups_of(name)):
                    return True
        return False


class _Contexts(dict[str, Sequence[Span]]):
    """Where each context stands in a text; looked for when it is first asked after, as most never are."""

    def __init__(self, scan: Scan, candidates: Sequence[Pattern]) -> None:
        super().__init__()
        self._scan, self._candidates = scan, candidates

    def __missing__(self, name: str) -> Sequence[Span]:
        found = self[name] = [span for each in self._candidates if each.kind == name for span in self._scan.spans(each)]
        return found


@dataclass(frozen=True, slots=True)
class _Place:
    """What surrounds a match: the sentence, quotation marks, and spans that tell how it is meant."""

    scan: Scan
    contexts: Mapping[str, Sequence[Span]]

    def level(self, category: Category, level: int, start: int, end: int) -> int:
        """What remains of `level` for a match from `start` to `end`."""
        first, last = self.scan.sentence(start, end)
        begin, stop = max(first, start - _AROUND), min(last, end + _AROUND)

        def near(name: str) -> bool:
            return any(begin <= a and b <= stop for a, b in self.contexts[name])

        if any(a < end + _CALMING and start - _CALMING < b for a, b in self.contexts[_CALM[category]]):
            return 0
        if category != "minor" and near("fiction") and (self._quoted(start) or self._told(end)):
            return 0
        if category in _DONE_TO_ONE and any(begin <= a and start - 3 <= b <= start + 1 for a, b in self.contexts["wanted"]):
            return 0
        if category in _OWN:
            if near("past"):
                level = 0 if self.contexts["recovered"] else level - 1
            if any(a < end + _EARSHOT and start - _EARSHOT < b for a, b in self.contexts["joke"]):
                level = level - 1 if category == "harm_to_others" else min(level, _ASK) if level > _HINT else 0
        elif category == "abuse" and near("past"):
            level = 0 if self.contexts["recovered"] else min(level, _ASK)
        return level

    def _quoted(self, start: int) -> bool:
        return sum(1 for q in self.scan.tokens.quotes if q <= start) % 2 == 1

    def _told(self, end: int) -> bool:
        """Whether any of what speaks of fiction comes before the end of the match: said first of oneself, it stays said."""
        return any(a < end for a, _ in self.contexts["fiction"])


def _lines(written: str | None) -> list[str]:
    """The patterns of a block of text: one a line, but for notes."""
    return [line.strip() for line in (written or "").splitlines() if line.strip() and line.strip()[0] != "#"]


def _verdict(reasons: Sequence[Reason]) -> Assessment:
    found = dict.fromkeys(CATEGORIES, 0)
    for category in {reason.category for reason in reasons}:
        weights = [reason.weight for reason in reasons if reason.category == category]
        found[category] = max(weights) if max(weights) > _HINT or len(weights) == 1 else _ASK
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
    network = folder.joinpath(f"{language}.network")
    weigher = None
    if network.is_file():
        weigher = Weigher(words=folder.joinpath(f"{language}.words.txt").read_text("utf-8"), network=network.read_bytes())
    return Detector(_data(source), weigher)


def _data(source: Traversable) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with source.open("rb") as file:
        return yaml.load(file, Loader=loader)  # noqa: S506 - both loaders are safe ones


def warm(language: str = "en") -> None:
    """Read the lexicon of `language` now rather than at the first text. Raises LexiconError if the file is wrong."""
    _detector(language)


def born_until(language: str = "en") -> int:
    """The last year for which its years of birth mean somebody under 18: for whoever checks the content."""
    return _detector(language).born_until


def assess(text: str, language: str = "en") -> Assessment:
    """What `text` gives reason to do, by the lexicon of `language` (English's where it has none)."""
    return _detector(language).assess(text)


def reasons(text: str, language: str = "en") -> list[Reason]:
    """Why `assess` answers as it does: for whoever reviews the lexicon, never for a log."""
    return _detector(language).reasons(text)
