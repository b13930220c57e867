"""Moving through the tables: one turn's working copy of a session, from the step on screen to the next one that asks.

Mutable, but only while one turn is computed; nothing of it outlives `turn()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import compress, product

from bot.conversation.book import Book
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Read, Several, Step, Tell, View, Write, show
from bot.conversation.effects import CARD, REFERRAL, Count, Effect, Erase, Fresh, Mark, settled
from bot.conversation.facts import Facts
from bot.conversation.notice import ticked
from bot.conversation.replay import Trail, replayed
from bot.conversation.replies import Prompt, Say, Shown, Value
from bot.conversation.session import RECENT, Answer, Frame, Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What one event led to: the new session, what to say, what to ask, what to do, and the facts after doing it."""

    session: Session
    says: tuple[Say, ...]
    prompt: Prompt
    effects: tuple[Effect, ...]
    facts: Facts


# By whether ticks are sent off, whether it can be skipped, whether there is a way back, and answers to change.
_NAV = {
    ways: (*compress((":done", ":skip", ":back", ":change"), ways), ":stop", ":help", ":sos")
    for ways in product((False, True), repeat=4)
}


class Walk:
    """A session being walked. Begin with a session that has been placed somewhere, or place it with `go`."""

    __slots__ = ("book", "effects", "facts", "frames", "marks", "open", "said", "says", "session", "times")

    def __init__(self, book: Book, session: Session, facts: Facts) -> None:
        self.book, self.session, self.facts = book, session, facts
        self.frames = dict(session.frames)
        self.open = list(session.open)
        self.marks: Mapping[str, str] = session.marks
        self.said: Mapping[str, int] = session.said
        self.times = (session.seen_at, session.noticed_at, session.used)
        self.says: list[Say] = []
        self.effects: list[Effect] = []
        if not session.whole:
            self._mend()

    def tick(self, now: int) -> tuple[str, ...]:
        """Move this session's clock to `now` (epoch seconds). Returns the recurring lines that are due by it."""
        noticed_at, used, due = ticked(self.session, now)
        self.times = (now, noticed_at, used)
        return due

    # -- where we are ---------------------------------------------------------------------------------------------

    @property
    def top(self) -> Frame:
        """The place in the dialog on top of the pile."""
        return self.frames[self.open[-1]]

    @property
    def dialog(self) -> Dialog:
        """The dialog on top of the pile."""
        return self.book.dialogs[self.open[-1]]

    @property
    def step(self) -> Step:
        """The step on screen."""
        name = self.open[-1]
        return self.book.dialogs[name].steps[self.frames[name].step]

    @property
    def changeable(self) -> bool:
        """Whether an earlier answer can be changed from here."""
        return self._changes(self.top.trail)

    @property
    def moved(self) -> bool:
        """Whether something else is on screen than before this turn, be it a tick."""
        return tuple(self.open) != self.session.open or self.top != self.session.frames.get(self.open[-1])

    def view(self) -> View:
        """What the step on screen may look at."""
        return self._seen_from(self.top)

    def _seen_from(self, frame: Frame) -> View:
        return View(self.frames, self.marks, frame.trail, self.facts)

    def options(self, view: View | None = None) -> tuple[Option, ...]:
        """The choices of the step on screen."""
        step = self.step
        if isinstance(step, One):
            return step.options(view or self.view()) if callable(step.options) else step.options
        return step.options if isinstance(step, Several) else ()

    # -- moving ---------------------------------------------------------------------------------------------------

    def go(self, target: str) -> None:
        """To a step of this dialog, to another dialog (`name/step` afresh, `name/` where it was left), or out (`end`)."""
        if target == END:
            self.close()
            return
        name, slash, step = target.partition("/")
        if not slash:
            self._put(self.top.at(target))
            return
        if self.book.dialogs[name].gated and not self.marks.get("adult"):
            name, _, step = self.book.places.welcome.partition("/")
        if name in self.open:
            self.open.remove(name)
        self.open.append(name)
        dialog = self.book.dialogs[name]
        if step or name not in self.frames:
            self._put(Frame(dialog=name, step=step or dialog.start))
        elif dialog.resume and self.top.trail:
            self.go(dialog.resume)

    def lead(self, target: str) -> None:
        """Go where a step of this dialog leads; a passing dialog makes way for another."""
        if "/" in target and self.open and self.dialog.passing:
            del self.frames[self.open.pop()]
        self.go(target)

    def close(self) -> None:
        """Take the topmost dialog from the pile; an empty pile rests at home."""
        self._put_by(self.open.pop())
        if not self.open:
            self.go(self.book.places.home)

    def clear(self) -> None:
        """Take everything from the pile. Dialogs that can be resumed keep their answers."""
        while self.open:
            self._put_by(self.open.pop())

    def settle(self) -> None:
        """Run on through statements and branches to the next step that asks."""
        while not (step := self.step).asks:
            view = self.view()
            self.says += step.spoken(view)
            if isinstance(step, Tell):
                self.apply(step.effects(view) if callable(step.effects) else step.effects)
            self.lead(step.decide(view) if isinstance(step, Branch) else step.to)

    def answer(self, answer: Answer, to: str, effects: Iterable[Effect] = ()) -> None:
        """Note an answer to the step on screen, carry out its effects, and go on.

        The answer first, so that `back` finds the question; then the effects, as they may clear the table; then the move.
        """
        frame = self.top
        if frame.revisit:
            self.apply(effects)
            self.replay(tuple((step, answer if step == frame.step else given) for step, given in frame.trail))
            return
        if to != END and "/" not in to:
            self._put(frame.answered(answer))
        self.apply(effects)
        self.lead(to)

    def back(self) -> bool:
        """Undo the last answer, or leave this dialog. False where there is nothing to go back to."""
        frame = self.top
        if frame.revisit:
            self._put(frame.at(frame.revisit))
        elif frame.trail:
            step, answer = frame.trail[-1]
            picked = answer if isinstance(answer, tuple) else ()
            self._put(frame._replace(step=step, trail=frame.trail[:-1], picked=picked))
        elif len(self.open) > 1:
            self.close()
        else:
            return False
        return True

    def replay(self, trail: Trail) -> None:
        """Go where these answers lead, instead of those given before."""
        self._put(replayed(self.dialog, self.top._replace(trail=trail), self._seen_from))

    def apply(self, effects: Iterable[Effect]) -> None:
        """Carry out what concerns the session; hand the rest on."""
        for effect in effects:
            if isinstance(effect, Mark):
                if effect.unless and self.marks.get(effect.name) == effect.unless:
                    continue
                self.marks = {k: v for k, v in {**self.marks, effect.name: effect.value}.items() if v}
            elif isinstance(effect, Fresh):
                self._forget(effect.dialog)
            else:
                if isinstance(effect, Erase):
                    self.frames, self.open, self.marks, self.said = {}, [], {}, {}
                self.facts = settled(self.facts, effect)
                self.effects.append(effect)

    # -- saying ---------------------------------------------------------------------------------------------------

    def line(self, key: str, values: Mapping[str, Value] | None = None) -> None:
        """Say a recurring line, in a wording not used lately."""
        nth = self.said.get(key, 0)
        self.said = {**self.said, key: nth + 1}
        self.says.append(Say(key, values or {}, nth))

    def prompt(self) -> Prompt:
        """What the step on screen asks."""
        step, view = self.step, self.view()
        return Prompt(
            says=step.spoken(view),
            options=self._shown(step, view),
            nav=self._nav(step, view),
            several=isinstance(step, Several),
            writes=isinstance(step, Write),
            reads=step.reads if isinstance(step, Read) else "",
            border=step.border if isinstance(step, One) else None,
        )

    def turn(self, event: str = "") -> Turn:
        """Finish this turn. `event` is its id, remembered so that it counts once."""
        before = self.session
        moved = self.moved
        if moved and (category := self.step.card):
            self.effects += (Count(CARD, category), Count(REFERRAL, category))
        seen_at, noticed_at, used = self.times
        session = Session(
            turn=before.turn + moved,
            frames=self.frames,
            open=tuple(self.open),
            marks=self.marks,
            said=self.said,
            recent=(*before.recent, event)[-RECENT:] if event else before.recent,
            seen_at=seen_at,
            noticed_at=noticed_at,
            used=used,
            whole=True,
        )
        return Turn(
            session=session,
            says=tuple(self.says),
            prompt=self.prompt(),
            effects=tuple(self.effects),
            facts=self.facts,
        )

    # -- inside ---------------------------------------------------------------------------------------------------

    def _put_by(self, name: str) -> None:
        """Keep the place in a dialog that is left where it can be resumed, at a step that asks; forget it elsewhere."""
        dialog, frame = self.book.dialogs[name], self.frames[name]
        if not (dialog.resume and frame.trail):
            del self.frames[name]
        elif not dialog.steps[frame.step].asks:
            self._put(frame.at(dialog.anchor or dialog.start))

    def _put(self, frame: Frame) -> None:
        self.frames[frame.dialog] = frame

    def _forget(self, name: str) -> None:
        if name in self.open:
            self._put(Frame(dialog=name, step=self.book.dialogs[name].start))
        else:
            self.frames.pop(name, None)

    def _shown(self, step: Step, view: View) -> tuple[Shown, ...]:
        dialog, picked = self.dialog, self.top.picked
        shown = dialog.shown.get(step.name)
        if shown is None:
            return tuple([show(step, option) for option in self.options(view)])
        if not picked:
            return shown
        ticked = dialog.ticked[step.name]
        return tuple([ticked[s.key] if s.key in picked else s for s in shown])

    def _changes(self, trail: Trail) -> bool:
        dialog = self.dialog
        return bool(dialog.review) and any(name in dialog.questions for name, _ in trail)

    def _nav(self, step: Step, view: View) -> tuple[str, ...]:
        changes = step.name != self.dialog.review and self._changes(view.trail)
        return _NAV[isinstance(step, Several), step.skip, bool(view.trail or len(self.open) > 1), changes]

    def _mend(self) -> None:
        """Words and tables change between releases; a kept place that no longer exists is found again by its answers."""
        for name in [n for n, f in self.frames.items() if not self._stands(n, f)]:
            frame = self.frames[name]
            if name not in self.book.dialogs:
                del self.frames[name]
                self.open = [n for n in self.open if n != name]
                continue
            self._put(replayed(self.book.dialogs[name], frame, self._seen_from))
        self.open = [n for n in self.open if n in self.frames]

    def _stands(self, name: str, frame: Frame) -> bool:
        dialog = self.book.dialogs.get(name)
        return dialog is not None and frame.step in dialog.steps and frame.answers.keys() <= dialog.steps.keys()
