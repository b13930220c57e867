"""What a conversation says: keys with values, never sentences. Rendering into a language happens elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """A value that is itself looked up: the words at `key`."""

    key: str


@dataclass(frozen=True, slots=True)
class Quote:
    """The person's own words, shown as they are and never read as markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Territory:
    """A country by its ISO 3166 code (or EU), shown by its name in the reader's language."""

    code: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone by its IANA name, shown by its city or offset."""

    name: str


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of the week (Monday is 0), shown as a list of their names."""

    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A text bar: `filled` of `of` parts."""

    filled: int
    of: int = 5


@dataclass(frozen=True, slots=True)
class Lines:
    """Several things said, each on a line of its own."""

    says: tuple[Say, ...]


Value: TypeAlias = (
    "str | int | date | time | Words | Say | Quote | Territory | Zone | Weekdays | Bar | Lines | tuple[Value, ...]"
)
NO_VALUES: Mapping[str, Value] = {}


@dataclass(frozen=True, slots=True)
class Say:
    """One thing to say. `nth` counts earlier uses of a recurring line, so that its variants take turns.

    `keep` marks what is worth a message of its own; the rest may be replaced in place by the next question.
    """

    key: str
    values: Mapping[str, Value] = field(default_factory=lambda: NO_VALUES)
    nth: int = 0
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A choice on screen: the words of its label, and the key (`also`) of other words that people type for it.

    An `alone` one excludes the others of a pick-several question.
    """

    key: str
    label: Say
    also: str = ""
    alone: bool = False
    picked: bool = False


class Fixed(tuple[Shown, ...]):
    """The choices of a step that never change: one tuple for the life of the program, and known again by being it."""

    __slots__ = ()
    __hash__ = object.__hash__  # what is made of them is looked for at every turn


@dataclass(frozen=True, slots=True)
class Border:
    """Numbers from `at` on mean the choice `above`, smaller ones `below`; those that number the choices mean these."""

    at: int
    below: str
    above: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """What the person is asked now. It follows from the session and the facts alone.

    `reads` names the reader that typed words are for, where they are no choice.
    """

    says: tuple[Say, ...]
    options: tuple[Shown, ...] = ()
    nav: tuple[str, ...] = ()
    several: bool = False
    writes: bool = False
    reads: str = ""
    border: Border | None = None
