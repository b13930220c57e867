"""Walking through every dialog as people would, and worse: to see every sentence that can be said, and where.

Repeatable: the walks are drawn from a fixed seed, and go on until they find nothing new.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from bot.conversation.advance import NAV, advance, trouble
from bot.conversation.book import Book
from bot.conversation.effects import Attach, Draw, Effect
from bot.conversation.events import Alarmed, Called, Chose, Event, Meant, Opened, Sent, Tapped, Unclear, Wrote
from bot.conversation.facts import CHECKINS, ENTRIES, NUDGES, PROGRESS, Consent, Facts, Paper
from bot.conversation.replies import Lines, Prompt, Say, Value, Words
from bot.conversation.session import Session
from bot.conversation.walk import Turn

STEPS = 60
PATIENCE = 40
# Rounds of walks, where some step has not been found.
MOST = 1_000
_START = datetime(2026, 1, 5, 12, tzinfo=UTC)
_WHYS = (
    *("none", "ambiguous", "range", "empty", "hello", "bot", "which"),
    *("hour_none", "hour_range", "days_none", "place_none", "place_range", "clock_none"),
)
_NO_PAPERS: Mapping[str, Paper | None] = {NUDGES: None, ENTRIES: None}
# Words that work everywhere, and lead on as choices do.
_WAYS = (":skip", ":change")
# Values as the readers give them, by what is read.
VALUES = {
    "hour": ("18:30", "22:15"),
    "days": ("0.3", "0.1.2.3.4.5.6"),
    "place": ("Europe/Berlin|Berlin|DE|", "America/Chicago|Springfield|US|IL", "UTC+05:30|||"),
    "clock": ("Asia/Tokyo|Tokyo|JP|", "UTC-03:00|||"),
}


Place: TypeAlias = "tuple[str, str]"
Choice: TypeAlias = "tuple[str, str, str]"


@dataclass(slots=True)
class Seen:
    """What the walks came across: the names of the values given for each key, the screens, and what was tried.

    `visits`: how often a step was on screen; `leads`: where a choice led; `last`: the one of which that is not known yet.
    """

    keys: dict[str, set[str]] = field(default_factory=dict)
    screens: dict[tuple[str, str], dict[tuple[str, ...], tuple[Say, ...]]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    tried: Counter[Choice] = field(default_factory=Counter)
    visits: Counter[Place] = field(default_factory=Counter)
    leads: dict[Choice, Place] = field(default_factory=dict)
    last: Choice | None = None

    def size(self) -> int:
        """How much was found; grows for as long as there is something new."""
        return len(self.keys) + len(self.tried) + len(self.labels)


def crawl(book: Book, platforms: tuple[str, ...] = ("terminal", "telegram", "discord"), seed: int = 7) -> Seen:
    """Everything that these dialogs can say, as far as some thousand steps of walking show."""
    dice, seen = random.Random(seed), Seen()  # noqa: S311  # repeatability, not secrecy
    steps = {(name, step.name) for name, dialog in book.dialogs.items() for step in dialog.table if step.asks}
    rounds = quiet = 0
    while quiet < PATIENCE or (rounds < MOST and not steps <= seen.screens.keys()):
        rounds += 1
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
        keeps=dice.choice((0, 1, 12)),
        papers=dice.choice((*book.samples, _NO_PAPERS)) if purposes else _NO_PAPERS,
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
    """Mostly an answer that leads on to something new or rare; now and then anything else that a person may do."""
    if dice.random() < 0.1:
        return dice.choice(tuple(_others(name, turn, book)))
    dialog = turn.session.open[-1]
    step = turn.session.frames[dialog].step
    keys = [option.key for option in turn.prompt.options] or [""]
    keys += [key for key in turn.prompt.nav if key in _WAYS]
    key = _least(dialog, step, keys, seen, dice)
    seen.tried[dialog, step, key] += 1
    seen.last = (dialog, step, key)
    if key in _WAYS:
        return Chose(id=name, keys=(key,))
    if turn.prompt.writes:
        return Wrote(id=name, text="a few words" if dice.random() < 0.5 else "x" * 6000)
    if turn.prompt.reads and dice.random() < 0.5:
        return _value(name, turn.prompt.reads, dice)
    if turn.prompt.several and dice.random() < 0.5:
        return Chose(id=name, keys=tuple(k for k in keys if k == key or dice.random() < 0.3))
    return Chose(id=name, keys=(key,))


def _value(name: str, reads: str, dice: random.Random) -> Event:
    if dice.random() < 0.5:
        return Unclear(id=name, why="which", offers=VALUES[reads])
    return Meant(id=name, reads=reads, value=dice.choice(VALUES[reads]))


def _least(dialog: str, step: str, keys: list[str], seen: Seen, dice: random.Random) -> str:
    """The key tried least often; or, every other time, the one that leads to the place visited least often."""
    choices = [(dialog, step, key) for key in keys]
    untried = [choice for choice in choices if not seen.tried[choice]]
    if untried:
        return dice.choice(untried)[2]
    if dice.random() < 0.5:
        often = {choice: seen.tried[choice] for choice in choices}
    else:
        often = {choice: seen.visits[seen.leads.get(choice, (dialog, step))] for choice in choices}
    least = min(often.values())
    return dice.choice([choice for choice in choices if often[choice] == least])[2]


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
    place = (dialog, session.frames[dialog].step)
    seen.visits[place] += 1
    if seen.last is not None:
        seen.leads[seen.last], seen.last = place, None
    screen = seen.screens.setdefault(place, {})
    screen.setdefault(tuple(say.key for say in prompt.says), prompt.says)
    for say in (*turn.says, *prompt.says):
        _note_say(say, seen)
    for effect in turn.effects:
        _note_effect(effect, seen)
    _note_labels(prompt, seen)


def _note_effect(effect: Effect, seen: Seen) -> None:
    """What is said in files and pictures."""
    if isinstance(effect, Attach):
        for say in effect.says:
            _note_say(say, seen)
    elif isinstance(effect, Draw):
        effect.chart.said(lambda say: _note_say(say, seen))
        _note_say(effect.alt, seen)


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
