"""What a dialog may know that its session does not hold: the clock's reading, the consents, the platform.

Values only. Nothing here reads a clock or a store; the runtime does, and hands the result in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

PROGRESS = "progress"
NUDGES = "nudges"
CHECKINS = "checkins"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """One yes to one purpose: which wording was agreed to (`version`), and when (aware)."""

    purpose: str
    version: int
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a consent needs an aware datetime: pass one with tzinfo")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The world as one turn sees it. `now` is aware; `languages` are those with a complete set of words.

    `unchecked`: the safety check failed on what was typed, so nothing is known of it.
    """

    now: datetime
    platform: str = "terminal"
    consents: tuple[Consent, ...] = ()
    languages: tuple[str, ...] = ("en",)
    unchecked: bool = False

    def consent(self, purpose: str) -> Consent | None:
        """The standing consent to `purpose`, or None."""
        return next((c for c in self.consents if c.purpose == purpose), None)

    def with_consents(self, consents: Iterable[Consent]) -> Facts:
        """The same facts with another set of consents."""
        return replace(self, consents=tuple(consents))
