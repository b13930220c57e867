"""Walking a dialog's questions again by the answers already given, after one of them was changed. Pure.

Answers that still lie on the way are kept, those that no longer do are dropped, and the first question that has come
to lie on it unanswered is where the person goes on. Whatever came before the first question and after the last stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bot.conversation.dialog import Branch, Dialog, One, Several, Step, View, Write
from bot.conversation.session import SKIPPED, Answer, Frame

Trail: TypeAlias = "tuple[tuple[str, Answer], ...]"


@dataclass(frozen=True, slots=True)
class _Way:
    """The way from the first question on: the answers on it, the first step without one, and where it ends."""

    answered: Trail
    missing: str
    end: str


def replayed(dialog: Dialog, frame: Frame, view: Callable[[Frame], View]) -> Frame:
    """This frame after its trail was changed. `view` shows a frame to the dialog's branches."""
    trail = tuple((name, answer) for name, answer in frame.trail if name in dialog.steps)
    asked = [place for place, (name, _) in enumerate(trail) if dialog.steps[name].question]
    still = frame._replace(picked=(), revisit="")
    if not asked:
        return still._replace(step=dialog.start, trail=())
    first, last = asked[0], asked[-1] + 1
    way = _way(dialog, still._replace(trail=trail[:first]), trail[first:last], view)
    if way.missing:
        return still._replace(step=way.missing, trail=trail[:first] + way.answered)
    if way.end == dialog.anchor:
        return still._replace(step=dialog.anchor, trail=trail[:first] + way.answered + trail[last:])
    return still._replace(step=dialog.start, trail=())


def _way(dialog: Dialog, frame: Frame, given: Trail, view: Callable[[Frame], View]) -> _Way:
    answers: Mapping[str, Answer] = dict(given)
    answered: list[tuple[str, Answer]] = []
    walked, missing, seen, name = frame.trail, "", set[str](), given[0][0]
    while name in dialog.steps and name != dialog.anchor and name not in seen:
        step = dialog.steps[name]
        if isinstance(step, Branch):
            name = step.decide(view(frame._replace(step=name, trail=walked)))
            continue
        seen.add(name)
        leads = _leads(step, answers.get(name))
        if leads:
            answered.append((name, answers[name]))
        elif step.asks:
            # What comes after it is looked at as if it were skipped: those answers are not lost.
            missing, leads = missing or name, _past(step)
        if step.asks:
            walked = (*walked, (name, answers.get(name, SKIPPED)))
        name = leads or step.to
    return _Way(tuple(answered), missing, name)


def _leads(step: Step, answer: Answer | None) -> str:
    """Where this answer leads from this step; nowhere (empty) if it is no answer to it."""
    if answer is None:
        return ""
    if answer == SKIPPED or isinstance(step, Write):
        return step.to if step.skip or answer != SKIPPED else ""
    if isinstance(step, Several):
        known = {option.key for option in step.options}
        return step.to if isinstance(answer, tuple) and known.issuperset(answer) else ""
    if isinstance(step, One) and not callable(step.options):
        return next((option.to or step.to for option in step.options if option.key == answer), "")
    return ""


def _past(step: Step) -> str:
    """Where the way goes on behind a step that has no answer yet."""
    if step.to or not isinstance(step, One) or callable(step.options):
        return step.to
    return next((option.to for option in step.options), "")
