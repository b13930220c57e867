"""From typed words to what they mean on this screen: a choice, one of the words that work everywhere, or the answer itself.

Pure, given the library's words. Runs after the safety check and before the kernel, which sees keys only.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path

from bot.content.library import Library
from bot.content.loader import ROOT
from bot.content.render import labels
from bot.conversation.advance import NAV
from bot.conversation.events import Chose, Event, Meant, Typed, Unclear, Wrote
from bot.conversation.replies import Border, Prompt
from bot.understanding.foreign import ForeignWords, language_of
from bot.understanding.read import Label, normalise, read

LONGEST_WORD = 60  # characters: what is longer is no command
MOST_WORDS = 8
_BELOW_NOUGHT = re.compile(r"[-\u2212]\s?\d+")
_WORD = re.compile(r"\d+|[^\W\d]+")
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Reader:
    """Reads what people type, in every language of the library."""

    def __init__(self, library: Library, foreign: ForeignWords, root: Path = ROOT) -> None:
        self.library, self.foreign, self.root = library, foreign, root

    def event(self, typed: Typed, prompt: Prompt, language: str, now: datetime = _SOME_DAY) -> Event:
        """What these words mean where this prompt is on screen; `now` (aware) is what clocks are compared with."""
        # Half a character (a lone surrogate) can be neither stored nor shown: it becomes a question mark.
        text = typed.text.encode("utf-8", "replace").decode().strip()
        nav = _nav(self.library, language)
        if not text:
            return Unclear(id=typed.id, language=typed.language, why="empty")
        if prompt.writes:
            word = normalise(text) if len(text) <= LONGEST_WORD else ""
            key = next((label.key for label in nav if word in {normalise(p) for p in label.phrases}), None)
            if word and word in _words(self.library, language).nothing and ":skip" in prompt.nav:
                key = ":skip"
            if key:
                return Chose(id=typed.id, language=typed.language, keys=(key,))
            return Wrote(id=typed.id, language=typed.language, text=text)
        if prompt.reads and not self._names_a_choice(text, prompt, language):
            return self._value(typed, text, prompt, language, now)
        return self._choice(typed, text, prompt, language)

    def _names_a_choice(self, text: str, prompt: Prompt, language: str) -> bool:
        """Whether this is the number of a choice, its label, or a word that works everywhere, just as it stands."""
        if text.isdecimal():
            return 1 <= int(text) <= len(prompt.options)
        word = normalise(text) if len(text) <= LONGEST_WORD else ""
        phrases = (phrase for _, many in labels(prompt, self.library, language) for phrase in many)
        everywhere = (phrase for label in _nav(self.library, language) for phrase in label.phrases)
        return bool(word) and any(word == normalise(phrase) for phrase in (*phrases, *everywhere))

    def _value(self, typed: Typed, text: str, prompt: Prompt, language: str, now: datetime) -> Event:
        from bot.content.places import atlas, time_words  # noqa: PLC0415  # heavy, and needed only where a time is asked for
        from bot.understanding.values import READERS, World  # noqa: PLC0415

        world = World(words=time_words(language, self.root), atlas=partial(atlas, self.root), now=now)
        found = READERS[prompt.reads](text, world)
        if found.value:
            return Meant(id=typed.id, language=typed.language, reads=prompt.reads, value=found.value)
        if found.offers:
            return Unclear(id=typed.id, language=typed.language, why=found.why, offers=found.offers)
        other = self._choice(typed, text, prompt, language)
        if isinstance(other, Unclear) and other.why in ("none", "ambiguous", "range") and not other.tongue:
            return Unclear(id=typed.id, language=typed.language, why=found.why)
        return other

    def _choice(self, typed: Typed, text: str, prompt: Prompt, language: str) -> Event:
        if _BELOW_NOUGHT.fullmatch(text.strip()):
            return Unclear(id=typed.id, language=typed.language, why="range")
        words = _words(self.library, language)
        if prompt.border is not None and (key := _across(text, prompt.border, len(prompt.options), words.ages)):
            return Chose(id=typed.id, language=typed.language, keys=(key,))
        shown = [Label(key=key, phrases=phrases) for key, phrases in labels(prompt, self.library, language)]
        reading = read(
            text,
            shown,
            several=prompt.several,
            numbers=words.numbers,
            joiners=words.joiners,
            negators=words.negators,
            fillers=words.fillers,
            everything=words.everything,
            qualifiers=words.qualifiers,
            excluding=words.excluding,
            ranges=words.ranges,
            alone=[option.key for option in prompt.options if option.alone],
            nav=_nav(self.library, language),
        )
        if reading.keys:
            return Chose(id=typed.id, language=typed.language, keys=reading.keys)
        if reading.trouble == "none" and (kind := words.smalltalk(text)):
            return Unclear(id=typed.id, language=typed.language, why=kind)
        tongue = language_of(text, self.library.languages, self.foreign) if reading.trouble == "none" else None
        return Unclear(id=typed.id, language=typed.language, why=reading.trouble, near=reading.near, tongue=tongue or "")


def _across(text: str, border: Border, choices: int, ages: Container[str]) -> str:
    """The choice that the only number in a text means, which stands alone or beside a word of age.

    Empty where there is none, or it is the number of a choice: "tomorrow at 9" says nothing about anybody's age.
    """
    words = _WORD.findall(normalise(text))
    numbers = [place for place, word in enumerate(words) if word.isdecimal()]
    if len(numbers) != 1:
        return ""
    place, number = numbers[0], int(words[numbers[0]])
    beside = words[max(place - 1, 0) : place] + words[place + 1 : place + 2]
    if number <= choices or len(words[place]) > 3 or not (len(words) == 1 or any(word in ages for word in beside)):
        return ""
    return border.below if number < border.at else border.above


@lru_cache(maxsize=32)
def _nav(library: Library, language: str) -> tuple[Label, ...]:
    return tuple(
        Label(
            key=key,
            phrases=(library.text(language, f"nav.{key[1:]}.label"), *library.phrases(language, f"nav.{key[1:]}.also")),
        )
        for key in NAV
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    numbers: Mapping[str, int]
    joiners: tuple[str, ...]
    negators: tuple[str, ...]
    fillers: tuple[str, ...]
    everything: tuple[str, ...]
    qualifiers: tuple[str, ...]
    excluding: tuple[str, ...]
    ranges: tuple[str, ...]
    ages: frozenset[str]
    nothing: frozenset[str]
    hellos: frozenset[str]
    doubts: frozenset[str]

    def smalltalk(self, text: str) -> str:
        """Which line answers words that are no choice: a greeting, or the question what this is; empty for others."""
        word = normalise(text)
        if word in self.hellos:
            return "hello"
        short = len(word.split()) <= MOST_WORDS
        # A single word of doubt may stand in any sentence: it is one where it stands alone.
        doubted = any(doubt == word or (" " in doubt and f" {doubt} " in f" {word} ") for doubt in self.doubts)
        return "bot" if short and doubted else ""


@lru_cache(maxsize=32)
def _words(library: Library, language: str) -> _Words:
    numbers = library.phrases(language, "reading.numbers")
    return _Words(
        numbers={word: place for place, word in enumerate(numbers, 1)},
        joiners=library.phrases(language, "reading.joiners"),
        negators=library.phrases(language, "reading.negators"),
        fillers=library.phrases(language, "reading.fillers"),
        everything=library.phrases(language, "reading.everything"),
        qualifiers=library.phrases(language, "reading.qualifiers"),
        excluding=library.phrases(language, "reading.excluding"),
        ranges=library.phrases(language, "reading.ranges"),
        ages=_folded(library, language, "ages"),
        nothing=_folded(library, language, "nothing"),
        hellos=_folded(library, language, "hellos"),
        doubts=_folded(library, language, "doubts"),
    )


def _folded(library: Library, language: str, name: str) -> frozenset[str]:
    return frozenset(normalise(phrase) for phrase in library.phrases(language, f"reading.{name}"))
