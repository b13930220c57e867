"""The real dialogs without a runtime: moves that fit any screen, and walks made of them.

A move names no key: it is carried out on whatever is on screen, so that any list of moves is a walk.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bot.app import Content, content
from bot.content.crawl import VALUES
from bot.content.loader import ROOT
from bot.content.render import plain, render
from bot.conversation.advance import NAV, advance
from bot.conversation.book import Book
from bot.conversation.events import Alarmed, Called, Chose, Event, Meant, Opened, Sent, Tapped, Typed, Unclear, Wrote
from bot.conversation.facts import CHECKINS, ENTRIES, NUDGES, PROGRESS, Consent, Facts
from bot.conversation.walk import Turn
from bot.handlers.nudge import EXAMPLE

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
PURPOSES = (PROGRESS, NUDGES, CHECKINS)
_IDS = itertools.count(1)


@functools.cache
def parts() -> Content:
    """The shipped content, read once."""
    return content(ROOT)


def book() -> Book:
    return parts().book


def new_id() -> str:
    return f"k{next(_IDS)}"


@dataclass(frozen=True, slots=True)
class Move:
    """Something to do, whatever is on screen: `n` picks among what there is, `text` is typed, `later` seconds pass first."""

    kind: str
    n: int = 0
    text: str = ""
    later: int = 20


def event_of(move: Move, turn: Turn) -> Event:
    """The event that this move is on this screen."""
    return _EVENTS[move.kind](move, turn)


def _pick(names: Iterable[str], n: int) -> str:
    found = tuple(names) or ("",)
    return found[n % len(found)]


def _tap(move: Move, turn: Turn) -> Event:
    return Tapped(id=new_id(), turn=turn.session.turn, key=_pick((o.key for o in turn.prompt.options), move.n))


def _answer(move: Move, turn: Turn) -> Event:
    """An answer that the screen takes: words where it asks for words, several where it asks for several."""
    keys = tuple(o.key for o in turn.prompt.options)
    if turn.prompt.writes:
        return Wrote(id=new_id(), text=move.text or "words")
    if turn.prompt.several:
        chosen = tuple(key for place, key in enumerate(keys) if move.n >> place & 1) or keys[:1]
        return Chose(id=new_id(), keys=chosen)
    return Chose(id=new_id(), keys=(_pick(keys, move.n),))


def _alarm(move: Move, turn: Turn) -> Event:
    alarms = tuple(book().places.alarms)
    tier, category = alarms[move.n % len(alarms)]
    return Alarmed(id=new_id(), tier=tier, category=category)


def _unclear(move: Move, turn: Turn) -> Event:
    keys = tuple(o.key for o in turn.prompt.options)
    why = ("none", "ambiguous", "range", "empty")[move.n % 4]
    return Unclear(id=new_id(), why=why, near=keys[: move.n % 3], tongue=("", "es", "ru")[move.n % 3])


_COMMANDS = (
    *("start", "why", "needs", "nudge", "nudges", "checkin", "progress", "therapy", "sos"),
    *("help", "about", "privacy", "export", "forget", "stop"),
)


def _mail(move: Move, turn: Turn) -> Event:
    names = tuple(book().mail)
    return Tapped(id=new_id(), turn=0, key=f"{names[move.n % len(names)]}.{(EXAMPLE, 0, EXAMPLE + 1)[move.n % 3]}")


def _meant(move: Move, turn: Turn) -> Event:
    reads = turn.prompt.reads or "hour"
    if move.n % 3:
        return Meant(id=new_id(), reads=reads, value=_pick(VALUES[reads], move.n))
    return Unclear(id=new_id(), why="which", offers=VALUES[reads])


_EVENTS = {
    "mail": _mail,
    "meant": _meant,
    "answer": _answer,
    "tap": _tap,
    "nav": lambda move, turn: Tapped(id=new_id(), turn=turn.session.turn, key=_pick(NAV, move.n)),
    "call": lambda move, turn: Called(id=new_id(), command=_pick(_COMMANDS, move.n)),
    "call_any": lambda move, turn: Called(id=new_id(), command=move.text),
    "forged": lambda move, turn: Tapped(id=new_id(), turn=turn.session.turn + move.n % 7 - 3, key=move.text),
    "chose_any": lambda move, turn: Chose(id=new_id(), keys=tuple(move.text.split())),
    "wrote": lambda move, turn: Wrote(id=new_id(), text=move.text),
    "typed": lambda move, turn: Typed(id=new_id(), text=move.text),
    "unclear": _unclear,
    "sent": lambda move, turn: Sent(id=new_id()),
    "opened": lambda move, turn: Opened(id=new_id()),
    "alarm": _alarm,
    "redelivered": lambda move, turn: Tapped(
        id=_pick(turn.session.recent, move.n), turn=turn.session.turn, key=_pick((o.key for o in turn.prompt.options), move.n)
    ),
}

# Half of all moves are answers, so that walks go deep; the rest is whatever else may happen.
_KINDS = st.one_of(
    st.just("answer"), st.sampled_from(["answer", "answer", "tap", "nav", "call"]), st.sampled_from(sorted(_EVENTS))
)
_SECONDS = st.one_of(st.just(20), st.integers(-3600, 4 * 3600), st.integers(-400 * 86400, 400 * 86400))
ANY_TEXT = st.text(st.characters(), max_size=40)  # lone surrogates too
MOVES = st.builds(Move, _KINDS, st.integers(0, 255), ANY_TEXT, _SECONDS)
CONSENTS = st.lists(st.sampled_from(PURPOSES), unique=True).map(
    lambda purposes: tuple(Consent(purpose=p, version=1, at=START) for p in purposes)
)


def answers(*numbers: int) -> list[Move]:
    """Plain answers, one after the other."""
    return [Move("answer", n) for n in numbers]


def opened(consents: tuple[Consent, ...] = ()) -> Turn:
    """Somebody new."""
    papers = book().samples[0] if consents else {NUDGES: None, ENTRIES: None}
    return advance(book(), None, Opened(id=new_id()), Facts(now=START, consents=consents, reaches=True, papers=papers))


def walk(moves: Iterable[Move], consents: tuple[Consent, ...] = (), first: Turn | None = None) -> Iterator[Turn]:
    """Every turn of this walk, the opening first."""
    turn = first or opened(consents)
    yield turn
    for move in moves:
        turn = moved(turn, move)
        yield turn


def moved(turn: Turn, move: Move) -> Turn:
    return then(turn, event_of(move, turn), move.later)


def then(turn: Turn, event: Event, later: int = 20) -> Turn:
    """What this event leads to, some seconds later."""
    return advance(book(), turn.session, event, replace(turn.facts, now=turn.facts.now + timedelta(seconds=later)))


def tapped(turn: Turn, *keys: str) -> Turn:
    """Buttons that are on screen, one after the other."""
    for key in keys:
        assert key in {o.key for o in turn.prompt.options} | set(turn.prompt.nav), (key, screen(turn))
        turn = then(turn, Tapped(id=new_id(), turn=turn.session.turn, key=key))
    return turn


def called(turn: Turn, command: str) -> Turn:
    return then(turn, Called(id=new_id(), command=command))


def keys(turn: Turn) -> list[str]:
    """The choices on screen."""
    return [option.key for option in turn.prompt.options]


def text_of(turn: Turn, language: str = "en") -> str:
    """All that is said, in words."""
    return "\n\n".join(plain(bubble.text) for bubble in render(turn, parts().library, language))


def typed(turn: Turn, words: str) -> Turn:
    """What these words lead to, read as the runtime reads them."""
    return then(turn, parts().reader.event(Typed(id=new_id(), text=words), turn.prompt, "en", turn.facts.now))


def screen(turn: Turn) -> tuple[str, str]:
    """(dialog, step) on screen."""
    name = turn.session.open[-1]
    return name, turn.session.frames[name].step


def state(turn: Turn) -> tuple[object, ...]:
    """What `back` restores: the places in all dialogs, and the pile."""
    return dict(turn.session.frames), turn.session.open


QUESTIONS = {q.id: q for q in parts().pack.questions}
SKIP: tuple[str, ...] = ()
Pick = Callable[[str, tuple[str, ...]], tuple[str, ...]]


def through(turn: Turn, pick: Pick) -> list[Turn]:
    """Answer every question as `pick(question, choices)` says (SKIP skips it), from here to the result."""
    turns = [turn]
    while screen(turn) != ("why", "result"):
        dialog, step = screen(turn)
        if (dialog, step) == ("why", "safe_help"):
            turn = tapped(turn, "on")
            continue
        assert step in QUESTIONS, (dialog, step)
        turn = answer(turn, pick(step, tuple(o.key for o in turn.prompt.options)))
        turns.append(turn)
    return turns


def answer(turn: Turn, keys: tuple[str, ...]) -> Turn:
    """Answer the question on screen by these choices (words for a question that asks for words)."""
    if keys == SKIP:
        return then(turn, Chose(id=new_id(), keys=(":skip",)))
    if turn.prompt.writes:
        return then(turn, Wrote(id=new_id(), text=keys[0]))
    return then(turn, Chose(id=new_id(), keys=keys))


def by_numbers(numbers: Sequence[int], *, unsafe: bool = False) -> Pick:
    """Answers picked by numbers, in turn; 0 skips. Without `unsafe` nobody is said to be unsafe to be with."""
    dice = itertools.cycle(numbers)

    def pick(question: str, keys: tuple[str, ...]) -> tuple[str, ...]:
        number = next(dice)
        asked = QUESTIONS[question]
        if number == 0:
            return SKIP
        if asked.kind == "words":
            return (f"words {number}",)
        fit = [c for c in asked.choices if unsafe or not c.unsafe]
        if asked.kind == "several":
            chosen = tuple(c.id for place, c in enumerate(fit) if number >> place & 1 and not c.alone)
            return chosen or (fit[-1].id,)
        return (fit[number % len(fit)].id,)

    return pick
