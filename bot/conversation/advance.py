"""One step of the conversation: a session, an event and the facts in; a turn out. Always an answer, never an exception.

Two rules keep the whole in one head: what is on screen follows from the session alone, and an event that does not fit
the screen changes nothing but what is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.conversation.book import Book
from bot.conversation.dialog import One, Read, Several, Write
from bot.conversation.effects import ASK, BELIEVED, TOLD, Erase, Mark, Withdraw
from bot.conversation.events import Alarmed, Called, Chose, Event, Meant, Opened, Picked, Sent, Tapped, Typed, Unclear, Wrote
from bot.conversation.facts import Facts
from bot.conversation.replies import Words
from bot.conversation.session import SKIPPED, Session
from bot.conversation.walk import Turn, Walk


def advance(book: Book, session: Session | None, event: Event, facts: Facts) -> Turn:
    """The turn that `event` leads to. `session` None is somebody of whom nothing is kept."""
    if session is not None and event.id in session.recent and session.open:
        return Walk(book, session, facts).turn()
    now = int(facts.now.timestamp())
    # Turns are counted from the clock: no button of a session that was forgotten fits one that began later.
    walk = Walk(book, session or Session(turn=now, noticed_at=now, seen_at=now), facts)
    # Nothing comes before help, not even the notice that is due: the card says the same.
    for line in () if isinstance(event, Alarmed) else walk.tick(now):
        walk.line(line)
    if facts.unchecked:
        walk.line("lines.unchecked")
    if walk.open:
        _ANSWERS[type(event)](walk, event)
    else:
        _first(walk, event)
    _besides(walk, event)
    walk.settle()
    if walk.effects and any(isinstance(effect, Withdraw) for effect in walk.effects):
        walk.apply(walk.book.withdrawn(walk.view()))
    if isinstance(event, Tapped) and not walk.says and not walk.moved:
        # A screen that stays just as it is would look like a button that does nothing.
        walk.line("lines.here")
    return walk.turn(event.id)


def trouble(book: Book, facts: Facts) -> Turn:
    """What to say where the session cannot be reached: nothing about it, and where help is."""
    walk = Walk(book, Session(), facts)
    walk.go(book.places.trouble)
    return walk.turn()


def prompt_of(book: Book, session: Session, facts: Facts) -> Turn:
    """The current prompt again, as a turn that changes nothing."""
    return Walk(book, session, facts).turn()


def _besides(walk: Walk, event: Event) -> None:
    """What an event does to things that are sent unasked, whatever it was an answer to."""
    if walk.facts.away:
        walk.apply(walk.book.returned(walk.view()))
    if isinstance(event, Alarmed) and {event.category, *event.also} != {MINOR}:
        walk.apply(walk.book.alarmed(walk.view()))


def _first(walk: Walk, event: Event) -> None:
    """Nothing is kept of this person: only a command, an opening or an alarm means the same as ever."""
    if isinstance(event, Opened | Called | Alarmed):
        walk.go(walk.book.places.welcome)
        if not isinstance(event, Opened):
            _ANSWERS[type(event)](walk, event)
    elif isinstance(event, Tapped) and event.key in _ANY_TIME:
        walk.go(walk.book.places.welcome)
        NAV[event.key](walk)
    elif isinstance(event, Tapped) and _place_of(walk, event.key) and walk.facts.consents:
        # Who was asked for any consent had said that they are an adult.
        walk.apply((Mark("adult", "1"),))
        walk.go(walk.book.places.home)
        _mailed(walk, event.key)
    else:
        walk.go(walk.book.places.lost)


def _opened(walk: Walk, _: Opened) -> None:
    if _resumable(walk):
        walk.go(walk.dialog.resume)
    elif walk.marks.get("adult"):
        walk.line("lines.hello_again")


def _called(walk: Walk, event: Called) -> None:
    nav = NAV.get(f":{event.command}")
    command = walk.book.commands.get(event.command)
    if event.command == "start":
        if walk.marks.get("adult") and not _resumable(walk):
            walk.line("lines.hello_again")
        _started(walk)
    elif nav is not None:
        nav(walk)
    elif command is not None:
        walk.go(command.to)
    else:
        walk.line("lines.command")


def _started(walk: Walk) -> None:
    if not walk.marks.get("adult"):
        walk.clear()
        walk.go(walk.book.places.welcome)
    elif _resumable(walk):
        walk.go(walk.dialog.resume)
    else:
        walk.clear()
        walk.go(walk.book.places.home)


def _resumable(walk: Walk) -> bool:
    """Whether something is open that asks whether to go on or start over."""
    return bool(walk.dialog.resume and walk.top.trail)


def _place_of(walk: Walk, key: str) -> str:
    """Where a button leads that stands under what was sent unasked; empty for any other."""
    name, about, _ = key.partition(".")
    return walk.book.mail.get(name, "") if about else ""


def _mailed(walk: Walk, key: str) -> None:
    walk.apply((Mark("mail", key.partition(".")[2]),))
    walk.go(_place_of(walk, key))


def _tapped(walk: Walk, event: Tapped) -> None:
    if _place_of(walk, event.key):
        _mailed(walk, event.key)
    elif event.key not in _ANY_TIME and event.turn != walk.session.turn:
        walk.line("lines.stale")
    elif event.key in NAV:
        NAV[event.key](walk)
    elif isinstance(walk.step, Several):
        _toggle(walk, walk.step, event.key)
    else:
        _press(walk, event.key)


def _chose(walk: Walk, event: Chose) -> None:
    step = walk.step
    if len(event.keys) == 1 and event.keys[0] in NAV:
        NAV[event.keys[0]](walk)
    elif isinstance(step, Several):
        _finish(walk, step, event.keys)
    elif len(event.keys) == 1:
        _press(walk, event.keys[0])
    else:
        walk.line("lines.only_one")


def _wrote(walk: Walk, event: Wrote) -> None:
    step = walk.step
    if not isinstance(step, Write):
        walk.line("lines.none")
    elif len(event.text) > step.longest:
        walk.line("lines.long", {"most": step.longest})
    else:
        walk.line("lines.thanks")
        walk.answer(event.text, step.to)


def _meant(walk: Walk, event: Meant) -> None:
    step = walk.step
    if isinstance(step, Read) and step.reads == event.reads:
        walk.answer(event.value, step.to)
    else:
        walk.line("lines.none")


def _unclear(walk: Walk, event: Unclear) -> None:
    if isinstance(walk.step, Read) and event.offers:
        walk.frames[walk.top.dialog] = walk.top._replace(picked=event.offers)
    names = {shown.key: shown.label for shown in walk.prompt().options if shown.key in event.near}
    if event.why == "ambiguous" and len(names) > 1:
        walk.line("lines.ambiguous", {"near": tuple(names.values())})
    elif event.tongue:
        walk.line("lines.foreign", {"sentence": Words(f"foreign.{event.tongue}")})
    else:
        walk.line("lines.none" if event.why == "ambiguous" else f"lines.{event.why}")


def _sent(walk: Walk, event: Sent) -> None:
    walk.line(f"lines.{event.what}")


VIOLENCE = ("abuse", "sexual_assault")
MINOR = "minor"


def _alarmed(walk: Walk, event: Alarmed) -> None:
    if event.category == MINOR and walk.marks.get("age") == BELIEVED:
        if event.also:
            _alarmed(walk, replace(event, tier="ask", category=event.also[0], also=event.also[1:]))
        return
    places, found = walk.book.places, {event.category, *event.also}
    if isinstance(walk.step, Write):
        walk.apply((Mark("left_out", "1"),))
    if not found.isdisjoint(VIOLENCE):
        walk.apply((Mark("unsafe", TOLD),))
    if event.category == MINOR and not walk.marks.get("adult"):
        # At the door this is the answer; to ask again would be to doubt it.
        walk.apply((Erase(),) if walk.facts.consents else ())
        walk.go(places.minor)
        return
    target, before = _answer_to(walk, event.tier, event.category), walk.top
    age = _answer_to(walk, event.tier, MINOR)
    if MINOR in found or f"{before.dialog}/{before.step}" == age:
        # What is on screen has been asked; what comes first, or comes between, leaves it still to be asked.
        walk.apply((Mark("age", "" if target == age else ASK, unless=BELIEVED),))
    if before.dialog == places.sos and before.step in places.cards and target == places.alarms.get(("ask", "")):
        # Help is on screen already: to ask now whether it is meant would take it away. It is shown again.
        return
    walk.go(target)
    if before.dialog == places.sos and walk.top.step != before.step:
        # One alarm after another: what was on screen is one `back` away.
        walk.frames[places.sos] = before.answered(SKIPPED).at(walk.top.step)
    elif event.category == MINOR and event.also:
        # The age is asked first, and what else there is comes right after.
        second = _answer_to(walk, "ask", event.also[0]).partition("/")[2]
        walk.frames[places.sos] = walk.top._replace(trail=((second, SKIPPED),))


def _answer_to(walk: Walk, tier: str, category: str) -> str:
    alarms = walk.book.places.alarms
    return alarms.get((tier, category)) or alarms[(tier, "")]


def _press(walk: Walk, key: str) -> None:
    option = next((o for o in walk.options() if o.key == key), None)
    if option is None or not isinstance(walk.step, One):
        walk.line("lines.stale")
        return
    step = walk.step
    if option.revisit:
        before = walk.top.answers.get(key)
        frame = walk.top._replace(step=key, picked=before if isinstance(before, tuple) else ())
        walk.frames[frame.dialog] = frame
        return
    if option.reply is not None:
        walk.says.append(option.reply)
    walk.answer(option.note or option.key, option.to or step.to, option.effects)


def _picked(walk: Walk, event: Picked) -> None:
    """Tick what came and was not ticked; untick what is missing. One after the other, so that `none` excludes as ever."""
    step = walk.step
    if event.turn != walk.session.turn or not isinstance(step, Several):
        walk.line("lines.stale")
        return
    for key in sorted(set(walk.top.picked) ^ set(event.keys), key=lambda key: key in event.keys):
        if key in event.keys or key in walk.top.picked:
            _toggle(walk, step, key)


def _toggle(walk: Walk, step: Several, key: str) -> None:
    option = next((o for o in step.options if o.key == key), None)
    if option is None:
        walk.line("lines.stale")
        return
    picked = set(walk.top.picked)
    picked ^= {key}
    if key in picked:
        lonely = {o.key for o in step.options if o.alone}
        picked = {key} if option.alone else picked - lonely
    ordered = tuple(o.key for o in step.options if o.key in picked)
    walk.frames[walk.top.dialog] = walk.top._replace(picked=ordered)


def _finish(walk: Walk, step: Several, keys: tuple[str, ...]) -> None:
    alone = [o.key for o in step.options if o.alone and o.key in keys]
    known = tuple(o.key for o in step.options if o.key in keys)
    if not known:
        walk.line("lines.pick_some")
    elif alone and len(known) > 1:
        walk.line("lines.alone")
    else:
        walk.answer(known, step.to)


def _back(walk: Walk) -> None:
    if not walk.back():
        walk.line("lines.no_back")


def _skip(walk: Walk) -> None:
    step = walk.step
    if step.skip:
        walk.answer(SKIPPED, step.to)
    else:
        walk.line("lines.no_skip")


def _change(walk: Walk) -> None:
    dialog, frame = walk.dialog, walk.top
    if walk.changeable:
        walk.frames[frame.dialog] = frame._replace(step=dialog.review, picked=(), revisit=frame.revisit or frame.step)
    else:
        walk.line("lines.no_change")


def _stop(walk: Walk) -> None:
    walk.clear()
    walk.go(walk.book.places.stopped)


def _done(walk: Walk) -> None:
    step = walk.step
    if isinstance(step, Several):
        _finish(walk, step, walk.top.picked)
    else:
        walk.line("lines.none")


def _open(command: str) -> Callable[[Walk], None]:
    def run(walk: Walk) -> None:
        walk.go(walk.book.commands[command].to)

    return run


NAV: dict[str, Callable[[Walk], None]] = {
    ":back": _back,
    ":skip": _skip,
    ":change": _change,
    ":restart": _started,
    ":stop": _stop,
    ":done": _done,
    ":help": _open("help"),
    ":sos": _open("sos"),
}
_ANY_TIME = frozenset({":help", ":sos", ":stop"})

_ANSWERS: dict[type[Event], Callable[[Walk, Any], None]] = {
    Opened: _opened,
    Called: _called,
    Tapped: _tapped,
    Picked: _picked,
    Chose: _chose,
    Wrote: _wrote,
    Meant: _meant,
    Typed: lambda walk, event: _wrote(walk, Wrote(id=event.id, text=event.text)),
    Unclear: _unclear,
    Sent: _sent,
    Alarmed: _alarmed,
}
