"""Which small steps suit a person. Nobody is pointed to partner or family who has not said that these are safe."""

from __future__ import annotations

from bot.content.model import NEAR, Need, Pack, SmallStep
from bot.conversation.dialog import View
from bot.conversation.replies import Words


def close_by(pack: Pack, view: View) -> bool:
    """Whether partner and family may come up: the person said that those close to them are safe, and never the opposite."""
    frame = view.frames.get("why")
    if frame is None or view.marks.get("unsafe"):
        return False
    safe = {(q.id, c.id) for q in pack.questions for c in q.choices if c.unsafe is False}
    return any(pair in safe for pair in frame.answers.items())


def offered(pack: Pack, need: Need, view: View) -> tuple[SmallStep, ...]:
    """The steps for this need that suit this person, easiest first."""
    fit = (s for s in need.steps if s.toward not in NEAR or close_by(pack, view))
    return tuple(sorted(fit, key=lambda s: s.effort))


def chosen(pack: Pack, view: View) -> Words | None:
    """The words of the step chosen for today; None where there is none, or none that still suits."""
    name, _, step = view.marks.get("step", "").partition(".")
    for need in pack.needs:
        if need.id == name and any(s.id == step for s in offered(pack, need, view)):
            return Words(f"{pack.name}.needs.{name}.steps.{step}.text")
    return None
