"""What is counted while Closer runs: plain numbers in closed tables, noted in passing and read at a scrape.

No label here tells a person, a dialog or an answer. One that is in no table is an error (KeyError), never a new series.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from bot.conversation.book import Book
from bot.conversation.dialog import One, Read, Several, Step, Write
from bot.conversation.events import Alarmed, Called, Event
from bot.conversation.session import Session

PLATFORMS = ("telegram", "discord", "terminal")
REACHED = ("telegram", "discord")
# What a turn was about: a command, or the kind of step that was on screen. Never which. Words of danger are words like others
# here, and help that was shown is not counted at all: who scrapes these numbers keeps them with the minute, and where few
# people write, that minute is somebody's. /privacy promises that no day goes into that count.
COMMAND, WORDS, START, TROUBLE = "command", "words", "start", "trouble"
_BY_EVENT: Mapping[type[Event], str] = {Called: COMMAND, Alarmed: WORDS}
_BY_STEP: Mapping[type[Step], str] = {One: "question", Read: "value", Several: "several", Write: WORDS}
KINDS = (START, COMMAND, *_BY_STEP.values(), TROUBLE)
OUTCOMES = ("delivered", "unreachable", "given_up")
NUDGES = ("due", "sent", "late", "failed", "skipped")
# Seconds after its moment from which a nudge left late.
LATE = 120.0
# Upper bounds, in seconds.
QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One thing that is counted: what it is, its labels, and all values that each may have."""

    help: str
    labels: tuple[str, ...] = ()
    values: tuple[tuple[str, ...], ...] = ()

    def combinations(self) -> Iterator[tuple[str, ...]]:
        """Every combination that there may be."""
        return product(*self.values)


Key: TypeAlias = "tuple[str, ...]"

TURNS = Table(
    help="Seconds from what a person did to the reply, after the commit and before the delivery",
    labels=("platform", "kind"),
    values=(PLATFORMS, KINDS),
)
LAG = Table(help="Seconds by which the event loop woke late, looked at once a second")
COUNTED: Mapping[str, Table] = {
    "deliveries": Table(help="Replies by what became of them", labels=("platform", "outcome"), values=(REACHED, OUTCOMES)),
    "too_many_requests": Table(help="Calls that the platform refused for now (429)", labels=("platform",), values=(REACHED,)),
    "nudges": Table(help="Nudges by what became of them", labels=("platform", "state"), values=(REACHED, NUDGES)),
    "store_failures": Table(help="What the store could not do"),
}


class Times:
    """A histogram of seconds."""

    __slots__ = ("buckets", "total")

    def __init__(self) -> None:
        self.buckets = [0] * (len(QUICK) + 1)
        self.total = 0.0

    def note(self, seconds: float) -> None:
        """One more."""
        self.buckets[bisect_left(QUICK, seconds)] += 1
        self.total += seconds


class Meter:
    """The numbers of one process since its start. Every combination of labels is there from the beginning, at zero."""

    __slots__ = ("counts", "lag", "owed", "turns")

    def __init__(self) -> None:
        self.turns: Mapping[Key, Times] = {key: Times() for key in TURNS.combinations()}
        self.counts: dict[Key, int] = {(name, *key): 0 for name, table in COUNTED.items() for key in table.combinations()}
        self.lag = Times()
        self.owed = 0

    def turn(self, platform: str, kind: str, seconds: float) -> None:
        """A turn is done. Raises KeyError for a platform or a kind that is in no table."""
        self.turns[platform, kind].note(seconds)

    def add(self, *key: str, by: int = 1) -> None:
        """More of what is counted: its name, then its labels. Raises KeyError for what is in no table."""
        self.counts[key] += by


def kind_of(event: Event, session: Session | None, book: Book) -> str:
    """What a turn is about, of KINDS. `session` is the one from before it. Pure."""
    kind = _BY_EVENT.get(type(event))
    if kind is not None:
        return kind
    frame = session.frames.get(session.open[-1]) if session is not None and session.open else None
    dialog = book.dialogs.get(frame.dialog) if frame is not None else None
    step = dialog.steps.get(frame.step) if dialog is not None and frame is not None else None
    return START if step is None else _BY_STEP.get(type(step), START)
