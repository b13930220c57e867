"""Weekdays as somebody types them: "weekdays", "mon wed fri", "every day but sunday", "friday to monday", "3 times a week".

Pure, and no language of its own: the words come in as values (content/times/<lang>.yaml). Monday is 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from rapidfuzz.fuzz import ratio

from bot.understanding.fold import fold
from bot.understanding.read import normalise
from bot.understanding.times import LONGEST, Heard, Trouble

Days: TypeAlias = tuple[int, ...]  # each once, in their order

_WEEK = range(7)
_CLOSE = 82.0  # likeness (0-100) from which a word counts as mistyped
_MARGIN = 4.0  # and by how much it has to be ahead of the next
_PIECE = re.compile(r"\d+|[^\W\d_]+|[-\u2010-\u2015~]")
_DASHES = re.compile(r"[-\u2010-\u2015~]")
# How so many days a week can fall, evenly spread; where there is no one natural way, several to choose from.
COUNTS: Mapping[int, tuple[Days, ...]] = MappingProxyType(
    {
        1: ((0,), (2,), (5,)),
        2: ((0, 3), (1, 4), (5, 6)),
        3: ((0, 2, 4),),
        4: ((0, 1, 3, 4), (0, 2, 4, 6)),
        5: ((0, 1, 2, 3, 4),),
        6: ((0, 1, 2, 3, 4, 5),),
        7: ((0, 1, 2, 3, 4, 5, 6),),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DayWords:
    """The words of one language for days: each phrase, as a tuple of words, with its kind and the days or number it means."""

    phrases: Mapping[tuple[str, ...], tuple[str, Any]]
    longest: int


@dataclass(slots=True)
class _Sum:
    """What the words so far add up to."""

    chosen: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    dropping: bool = False
    last: int | None = None
    open: bool = False
    unknown: bool = False
    choices: list[Days] = field(default_factory=list)

    def days(self) -> Days:
        """The days chosen but for those dropped; where only some were dropped, of all."""
        chosen = self.chosen or (set(_WEEK) if self.dropped else set())
        return tuple(sorted(chosen - self.dropped))


def day_words(data: Mapping[str, Any]) -> DayWords:
    """DayWords from plain values as they stand under `days:`. Raises ValueError, KeyError or TypeError for wrong ones."""
    if len(data["names"]) != len(_WEEK):
        raise ValueError("names: give seven lists, Monday's first")
    phrases: dict[tuple[str, ...], tuple[str, Any]] = {}
    for kind, name in (("", "fillers"), ("", "joiners"), ("through", "through"), ("except", "except"), ("week", "a_week")):
        phrases |= {_key(word): (kind, None) for word in data[name]}
    phrases |= {_key(word): ("number", int(number)) for word, number in data["numbers"].items()}
    phrases |= {_key(word): ("day", day) for day, names in enumerate(data["names"]) for word in names}
    for word, days in data["groups"].items():
        if not days or not set(days) <= set(_WEEK):
            raise ValueError("groups: days are 0 (Monday) to 6")
        phrases[_key(word)] = ("group", tuple(sorted(set(days))))
    return DayWords(phrases=phrases, longest=max(len(key) for key in phrases))


def days(text: str, words: DayWords) -> Heard[Days]:
    """The weekdays in `text`. Never raises."""
    if not text.strip():
        return Heard(trouble="empty")
    total = _Sum()
    number = None
    for kind, value in _tokens(text[:LONGEST], words):
        if kind == "number":
            number = value
        elif kind == "week" and number is not None:
            total.choices += COUNTS.get(number, ())
            number = None
        elif kind:
            _add(total, kind, value)
    if number is not None:  # a number of what?
        total.unknown = True
        total.choices += COUNTS.get(number, ())
    return _heard(total, len(text) > LONGEST)


def _heard(total: _Sum, long: bool) -> Heard[Days]:
    found = total.days()
    choices = tuple(dict.fromkeys((*([found] if found else []), *total.choices)))
    trouble: Trouble = "none" if long or total.unknown or total.open or not choices else ""
    if trouble or len(choices) > 1:
        return Heard(trouble=trouble or "ambiguous", choices=choices)
    return Heard(value=choices[0])


def _key(phrase: str) -> tuple[str, ...]:
    return tuple(normalise(phrase).split())


def _tokens(text: str, words: DayWords) -> Iterator[tuple[str, Any]]:
    """The phrases in a text, the longest first; fillers and joiners have an empty kind."""
    pieces = _PIECE.findall(fold(text).replace("'", ""))
    at = 0
    while at < len(pieces):
        for size in range(words.longest, 0, -1):
            known = words.phrases.get(tuple(pieces[at : at + size]))
            if known:
                break
        else:
            size, known = 1, _single(pieces[at], words)
        yield known
        at += size


def _single(piece: str, words: DayWords) -> tuple[str, Any]:
    """What one piece is that is no known phrase: a number, a dash, a slip of a day or a group, or unknown."""
    if piece.isdecimal():
        return ("number", int(piece)) if len(piece) == 1 else ("unknown", None)
    if _DASHES.fullmatch(piece):
        return ("through", None)
    likely = sorted(((ratio(piece, key[0]), key) for key in words.phrases if len(key) == 1 and len(key[0]) > 4), reverse=True)
    best: dict[Any, float] = {}
    for likeness, key in likely:
        best.setdefault(words.phrases[key], likeness)
    means = [meaning for meaning, likeness in best.items() if likeness >= max(_CLOSE, max(best.values()) - _MARGIN)]
    return means[0] if len(means) == 1 and len(piece) > 3 else ("unknown", tuple(means))


def _add(total: _Sum, kind: str, value: Any) -> None:
    """Add one phrase. `through` joins two days to a span, over the end of the week too."""
    into = total.dropped if total.dropping else total.chosen
    if kind == "day":
        into |= set(_span(total.last, value)) if total.open and total.last is not None else {value}
        total.last, total.open = value, False
    elif kind == "group":
        into |= set(value)
        total.last = None
    elif kind == "except":
        total.dropping, total.last = True, None
    elif kind == "through" and total.last is not None:
        total.open = True
    else:
        total.unknown = True
        total.choices += [(each,) if isinstance(each, int) else each for _, each in value or () if each is not None]


def _span(first: int, last: int) -> list[int]:
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]
