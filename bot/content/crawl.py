"""Walking through every dialog as people would, and worse: to see every sentence that can be said, and where.

Repeatable: the walks are drawn from a fixed seed, and go on until they find nothing new.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.conversation.advance import NAV, advance, trouble
from bot.conversation.book import Book
from bot.conversation.events import Alarmed, Called, Chose, Event, Meant, Opened, Sent, Tapped, Unclear, Wrote
from bot.conversation.facts import CHECKINS, NUDGES, PROGRESS, Consent, Facts
from bot.conversation.replies import Lines, Prompt, Say, Value, Words
from bot.conversation.session import Session
from bot.conversation.walk import Turn

STEPS = 60
PATIENCE = 40
_START = datetime(2026, 1, 5, 12, tzinfo=UTC)
_WHYS = (
    *("none", "ambiguous", "range", "empty", "hello", "bot", "which"),
    *("hour_none", "hour_range", "days_none", "place_none", "place_range", "clock_none"),
)
# Values as the readers give them, by what is read.
VALUES = {
    "hour": ("18:30", "22:15"),
    "days": ("0.3", "0.1.2.3.4.5.6"),
    "place": ("Europe/Berlin|Berlin|DE|", "America/Chicago|Springfield|US|IL", "UTC+05:30|||"),
    "clock": ("Asia/Tokyo|Tokyo|JP|", "UTC-03:00|||"),
}


@dataclass(slots=True)
class Seen:
    """What the walks came across: the names of the values given for each key, the screens, and what was tried."""

    keys: dict[str, set[str]] = field(default_factory=dict)
    screens: dict[tuple[str, str], dict[tuple[str, ...], tuple[Say, ...]]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    tried: set[tuple[str, str, str]] = field(default_factory=set)

    def size(self) -> int:
        """How much was found; grows for as long as there is something new."""
        return len(self.keys) + len(self.tried) + len(self.labels)


def crawl(book: Book, platforms: tuple[str, ...] = ("terminal", "telegram", "discord"), seed: int = 7) -> Seen:
    """Everything that these dialogs can say, as far as some thousand steps of walking show."""
    dice, seen = random.Random(seed), Seen()  # noqa: S311  # repeatability, not secrecy
    quiet = 0
    while quiet < PATIENCE:
        before = seen.size()
        for platform in platforms:
            _note(trouble(book, Facts(now=_START, platform=platform)), seen)
            _walk(book, platform, dice, seen)
        quiet = quiet + 1 if seen.size() == before else 0
    return seen


def _walk(book: Book, platform: str, dice: random.Random, seen: Seen) -> None:
    session: Session | None = None
    purposes = dice.choice(((), (), (PROGRESS, NUDGES, CHECKINS), (NUDGES,)))
    facts = Facts(
        now=_START,
        platform=platform,
        consents=tuple(Consent(purpose=p, version=1, at=_START) for p in purposes),
        reaches=dice.random() < 0.7,
        away=dice.random() < 0.1,
        papers=dice.choice((*book.samples, {NUDGES: None})) if purposes else {NUDGES: None},
    )
    turn = advance(book, None, dice.choice((Opened(id="0"), Sent(id="0"))), facts)
    pace = timedelta(minutes=25) if dice.random() < 0.1 else timedelta(seconds=20)
    for number in range(1, STEPS):
        _note(turn, seen)
        session = turn.session
        facts = turn.facts
        later = facts.now + (timedelta(days=2) if dice.random() < 0.02 else pace)
        unchecked = dice.random() < 0.01
        facts = replace(facts, now=later, away=False, unchecked=unchecked)
        turn = advance(book, session, _event(str(number), turn, book, dice, seen), facts)
    # And somebody who presses the same button twice.
    for name in ("help", "help again"):
        _note(turn, seen)
        turn = advance(book, turn.session, Tapped(id=name, turn=turn.session.turn, key=":help"), turn.facts)
    _note(turn, seen)


def _event(name: str, turn: Turn, book: Book, dice: random.Random, seen: Seen) -> Event:
    """Mostly an answer not given before; now and then anything else that a person may do."""
    if dice.random() < 0.1:
        return dice.choice(tuple(_others(name, turn, book)))
    dialog = turn.session.open[-1]
    step = turn.session.frames[dialog].step
    keys = [option.key for option in turn.prompt.options] or [""]
    fresh = [key for key in keys if (dialog, step, key) not in seen.tried]
    key = dice.choice(fresh or keys)
    seen.tried.add((dialog, step, key))
    if turn.prompt.writes:
        return Wrote(id=name, text="a few words" if dice.random() < 0.5 else "x" * 6000)
    if turn.prompt.reads and dice.random() < 0.5:
        values = VALUES[turn.prompt.reads]
        if dice.random() < 0.5:
            return Unclear(id=name, why="which", offers=values)
        return Meant(id=name, reads=turn.prompt.reads, value=dice.choice(values))
    if turn.prompt.several and dice.random() < 0.5:
        return Chose(id=name, keys=tuple(k for k in keys if k == key or dice.random() < 0.3))
    return Chose(id=name, keys=(key,))


def _others(name: str, turn: Turn, book: Book) -> Iterator[Event]:
    yield from (Called(id=name, command=command) for command in (*book.commands, "nonsense"))
    yield from (Chose(id=name, keys=(key,)) for key in NAV)
    near = tuple(option.key for option in turn.prompt.options[:2])
    yield from (Unclear(id=name, why=why, near=near) for why in _WHYS)
    yield Unclear(id=name, why="none", tongue="es")
    yield Chose(id=name, keys=tuple(option.key for option in turn.prompt.options))
    yield Tapped(id=name, turn=turn.session.turn - 1, key="x")
    yield from (Sent(id=name), Sent(id=name, what="edited"))
    yield Opened(id=name)
    yield Wrote(id=name, text="words where none are asked for")
    yield from (Tapped(id=name, turn=0, key=f"{button}.{about}") for button in book.mail for about in ("739000", "0"))
    yield from (Alarmed(id=name, tier=tier, category=category) for tier, category in book.places.alarms)


def _note(turn: Turn, seen: Seen) -> None:
    session, prompt = turn.session, turn.prompt
    dialog = session.open[-1]
    screen = seen.screens.setdefault((dialog, session.frames[dialog].step), {})
    screen.setdefault(tuple(say.key for say in prompt.says), prompt.says)
    for say in (*turn.says, *prompt.says):
        _note_say(say, seen)
    _note_labels(prompt, seen)


def _note_labels(prompt: Prompt, seen: Seen) -> None:
    for option in prompt.options:
        seen.labels.add(option.label.key)
        seen.keys.setdefault(option.also, set())
        _note_say(option.label, seen)


def _note_say(say: Say, seen: Seen) -> None:
    seen.keys.setdefault(say.key, set()).update(say.values)
    for value in say.values.values():
        _note_value(value, seen)


def _note_value(value: Value, seen: Seen) -> None:
    if isinstance(value, Words):
        seen.keys.setdefault(value.key, set())
    elif isinstance(value, Say):
        _note_say(value, seen)
    elif isinstance(value, Lines):
        for say in value.says:
            _note_say(say, seen)
    elif isinstance(value, tuple):
        for item in value:
            _note_value(item, seen)
