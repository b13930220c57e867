"""What a dialog may know that its session does not hold: the clock's reading, the consents, the platform.

Values only. Nothing here reads a clock or a store; the runtime does, and hands the result in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

PROGRESS = "progress"
NUDGES = "nudges"
CHECKINS = "checkins"
# The paper of all that was kept: {"entries": [{"id", "kind", "at" (ISO 8601), "content"}, ...]}, the oldest first.
ENTRIES = "entries"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """One yes to one purpose: which wording was agreed to (`version`), and when (aware)."""

    purpose: str
    version: int
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a consent needs an aware datetime: pass one with tzinfo")


# Something stored beside the session, as plain JSON values: `Facts.paper` gives it to those who look at it.
Paper: TypeAlias = "Mapping[str, Any]"


class Wanted(Exception):
    """A paper was looked at that this turn was not given: load it, and take the turn again with it."""

    def __init__(self, paper: str) -> None:
        super().__init__(paper)
        self.paper = paper


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The world as one turn sees it. `now` is aware; `languages` are those with a complete set of words, `language` this one.

    `unchecked`: the safety check failed on what was typed, so nothing is known of it. `reaches`: this platform can be written
    to first. `away`: it was, in vain, and this is the first that was heard since. `keeps`: for how many months after the last
    message what is stored stays; 0 for as long as it is wanted. `papers`: those loaded so far, by name.
    """

    now: datetime
    platform: str = "terminal"
    consents: tuple[Consent, ...] = ()
    languages: tuple[str, ...] = ("en",)
    language: str = "en"
    unchecked: bool = False
    reaches: bool = False
    away: bool = False
    keeps: int = 12
    papers: Mapping[str, Paper | None] = field(default_factory=dict, repr=False)

    def consent(self, purpose: str) -> Consent | None:
        """The standing consent to `purpose`, or None."""
        return next((c for c in self.consents if c.purpose == purpose), None)

    def paper(self, name: str) -> Paper | None:
        """What is stored under this name; None where nothing is. Raises Wanted where it was not loaded for this turn."""
        if not self.consents:
            return None
        try:
            return self.papers[name]
        except KeyError:
            raise Wanted(name) from None

    def with_paper(self, name: str, paper: Paper | None) -> Facts:
        """The same facts with this paper."""
        return replace(self, papers={**self.papers, name: paper})

    def with_consents(self, consents: Iterable[Consent]) -> Facts:
        """The same facts with another set of consents."""
        return replace(self, consents=tuple(consents))
