"""Which small steps suit a person. Whoever is not safe with somebody near is never pointed to partner or family."""

from __future__ import annotations

from bot.content.model import NEAR, Need, Pack, SmallStep
from bot.conversation.dialog import View
from bot.conversation.replies import Words


def unsafe(view: View) -> bool:
    """Whether the person has said that somebody near is not safe to be with."""
    return bool(view.marks.get("unsafe"))


def offered(need: Need, view: View) -> tuple[SmallStep, ...]:
    """The steps for this need that suit this person, easiest first."""
    fit = (s for s in need.steps if not (unsafe(view) and s.toward in NEAR))
    return tuple(sorted(fit, key=lambda s: s.effort))


def chosen(pack: Pack, view: View) -> Words | None:
    """The words of the step chosen for today; None where there is none, or none that still suits."""
    name, _, step = view.marks.get("step", "").partition(".")
    for need in pack.needs:
        if need.id == name and any(s.id == step for s in offered(need, view)):
            return Words(f"{pack.name}.needs.{name}.steps.{step}.text")
    return None
