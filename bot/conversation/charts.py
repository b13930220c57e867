"""What a picture shows: values only, its words as keys (`Say`) until somebody says them in a language (`str`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeAlias, TypeVar

from bot.conversation.replies import Say

Word = TypeVar("Word")
Other = TypeVar("Other")


@dataclass(frozen=True, kw_only=True, slots=True)
class Share(Generic[Word]):
    """One bar: its `name`, and how much of it is filled (0 to 1)."""

    name: Word
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars(Generic[Word]):
    """Several shares beside each other. `note` says how to read them."""

    title: Word
    note: Word
    rows: tuple[Share[Word], ...]

    def said(self, say: Callable[[Word], Other]) -> Bars[Other]:
        """The same with other words."""
        rows = tuple(Share(name=say(row.name), share=row.share) for row in self.rows)
        return Bars(title=say(self.title), note=say(self.note), rows=rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course(Generic[Word]):
    """How one thing went: its `name`, and a value (0 to 1) for each day that has one, the oldest first. `up` says what further
    up means, where the rows differ in that.
    """

    name: Word
    points: tuple[tuple[date, float], ...]
    up: Word | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Courses(Generic[Word]):
    """Several courses over the same days, one below the other. At least one has a point."""

    title: Word
    note: Word
    rows: tuple[Course[Word], ...]

    @property
    def days(self) -> tuple[date, ...]:
        """Every day with a point, the oldest first."""
        return tuple(sorted({day for row in self.rows for day, _ in row.points}))

    def said(self, say: Callable[[Word], Other]) -> Courses[Other]:
        """The same with other words."""
        rows = tuple(
            Course(name=say(row.name), points=row.points, up=None if row.up is None else say(row.up)) for row in self.rows
        )
        return Courses(title=say(self.title), note=say(self.note), rows=rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring(Generic[Word]):
    """Four things, each leading to the next and the last to the first."""

    title: Word
    note: Word
    links: tuple[Word, Word, Word, Word]

    def said(self, say: Callable[[Word], Other]) -> Ring[Other]:
        """The same with other words."""
        first, second, third, fourth = self.links
        links = (say(first), say(second), say(third), say(fourth))
        return Ring(title=say(self.title), note=say(self.note), links=links)


Chart: TypeAlias = "Bars[Say] | Courses[Say] | Ring[Say]"
Figure: TypeAlias = "Bars[str] | Courses[str] | Ring[str]"
