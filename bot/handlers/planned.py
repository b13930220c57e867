"""What is sent to a person by itself, as dialogs see and change it: each part only with the consent that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from zlib import crc32

from bot.conversation.dialog import View
from bot.conversation.effects import CHECKIN, Clear, Effect, Put, Withdraw
from bot.conversation.facts import CHECKINS, NUDGES, PROGRESS
from bot.handlers.kept import kept
from bot.nudges.clock import local_day
from bot.nudges.compose import Sent
from bot.nudges.plan import Plan, Reminder, UnreadablePlan, pack_past, pack_plan, unpack_plan


def sent_to(view: View) -> Plan | None:
    """All that is asked for and agreed to; None where that is nothing. May raise Wanted."""
    plan = _stored(view)
    plan = None if plan is None else _agreed(view, plan)
    return None if plan is None or plan.empty else plan


def plan_of(view: View) -> Plan | None:
    """The same, of those who get nudges; None of anybody else. May raise Wanted."""
    plan = sent_to(view) if view.facts.consent(NUDGES) else None
    return plan if plan is not None and plan.daily else None


def put(view: View, plan: Plan, past: Sequence[Sent] | None = None) -> Put | Clear:
    """Store this plan, and when its next is due; with this past, where it is another than before. Nothing of an empty one."""
    if plan.empty:
        return Clear(NUDGES)
    paper = view.facts.paper(NUDGES) or {}
    known = (paper.get("past") or []) if past is None else pack_past(past)
    return Put(NUDGES, {"plan": pack_plan(plan), "past": known if plan.daily else []}, due=plan.due(view.facts.now))


def changing(view: View, change: Callable[[Plan], Plan]) -> tuple[Effect, ...]:
    """Store the plan with this change; nothing for somebody to whom nothing is sent."""
    plan = sent_to(view)
    return () if plan is None else (put(view, change(plan)),)


def withdrawn(view: View) -> tuple[Effect, ...]:
    """A yes was taken back: what rested on it goes, and the rest stays."""
    plan = _stored(view)
    if plan is None:
        return ()
    left = _agreed(view, plan)
    return () if left == plan else (put(view, left),)


def hushed(view: View) -> tuple[Effect, ...]:
    """Nothing is sent by itself any more, whatever it was. What is kept for other ends stays."""
    silence = (Clear(NUDGES),) if view.facts.consents and view.facts.paper(NUDGES) else ()
    return (*silence, Withdraw(NUDGES))


def checked_in(view: View) -> tuple[Effect, ...]:
    """A check-in was made: for those who are reminded of them, the next reminder is a fortnight away."""
    plan = sent_to(view)
    if plan is None or plan.reminder is None:
        return ()
    return (put(view, plan.checked_in(local_day(plan.schedule, view.facts.now))),)


def reminding(view: View, plan: Plan) -> Plan:
    """With reminders, the first a fortnight after the last check-in that was kept, or after today where none was."""
    now = view.facts.now
    last = max((each.at for each in kept(view, CHECKIN)), default=now)
    return replace(plan, reminder=Reminder(since=local_day(plan.schedule, min(last, now))))


def looking_back(view: View, plan: Plan) -> Plan:
    """With looks back on the week, the first in a week."""
    return replace(plan, week=local_day(plan.schedule, view.facts.now))


def chance(view: View) -> int:
    """A number that differs from turn to turn and says nothing about anybody."""
    return crc32(f"{view.facts.now.timestamp()}".encode())


def _stored(view: View) -> Plan | None:
    paper = view.facts.paper(NUDGES) if view.facts.consents else None
    try:
        return unpack_plan(paper["plan"]) if paper and "plan" in paper else None
    except UnreadablePlan:
        return None


def _agreed(view: View, plan: Plan) -> Plan:
    """Only what there is a yes to."""
    yes = view.facts.consent
    plan = plan if yes(NUDGES) or not plan.daily else plan.without_nudges()
    return replace(plan, reminder=plan.reminder if yes(CHECKINS) else None, week=plan.week if yes(PROGRESS) else None)
