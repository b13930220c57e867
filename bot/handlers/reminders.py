"""Asking to be reminded of check-ins, and to look back on each week: off until asked for, each with a yes of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.conversation.dialog import END, Branch, Dialog, One, Option, Step, Tell, View
from bot.conversation.effects import Effect, Grant
from bot.conversation.facts import CHECKINS, PROGRESS
from bot.conversation.replies import Say, Value, Zone
from bot.handlers import hours
from bot.handlers.planned import chance, changing, looking_back, put, reminding, sent_to
from bot.nudges.clock import local_day
from bot.nudges.plan import Kind, Plan
from bot.nudges.schedule import Quiet, Schedule, UnknownZone
from bot.understanding.notation import unpack_hour

ASKED = ("hour", "zone")
# The wording that is agreed to here goes further than that of the purpose alone, which says that nothing is sent.
WIDER = {CHECKINS: 2, PROGRESS: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sort:
    """One sort of message: `name` is its dialog's and that of its words. `begins` and `ends` change the plan."""

    name: str
    kind: Kind
    purpose: str
    begins: Callable[[View, Plan], Plan]
    ends: Callable[[Plan], Plan]
    on: Callable[[Plan], bool]


REMINDER = Sort(
    name="reminder",
    kind="reminder",
    purpose=CHECKINS,
    begins=reminding,
    ends=lambda plan: replace(plan, reminder=None),
    on=lambda plan: plan.reminder is not None,
)
WEEKLY = Sort(
    name="weekly",
    kind="week",
    purpose=PROGRESS,
    begins=looking_back,
    ends=lambda plan: replace(plan, week=None),
    on=lambda plan: plan.week is not None,
)
DOORS = tuple(f"{sort.name}/door" for sort in (REMINDER, WEEKLY))


def dialogs() -> tuple[Dialog, ...]:
    """Both conversations, alike but for what follows the message itself."""
    return tuple(
        Dialog(
            name=sort.name,
            passing=True,
            gated=True,
            entries=("stop", *(step.name for step in more)),
            table=(*_asking(sort), *_living(sort), *more),
        )
        for sort, more in ((REMINDER, _answering()), (WEEKLY, ()))
    )


def ways(view: View, *sorts: Sort) -> tuple[Option, ...]:
    """The buttons that lead here, from wherever somebody may look for them; none where nothing could come of it."""
    return tuple(Option(sort.name, f"{sort.name}/door") for sort in sorts or (REMINDER, WEEKLY) if _may(view, sort))


def is_on(view: View, sort: Sort) -> bool:
    """Whether this is asked for."""
    plan = sent_to(view)
    return plan is not None and sort.on(plan)


def _may(view: View, sort: Sort) -> bool:
    """Of those who are not safe with someone near, nobody is offered a message that comes by itself."""
    if is_on(view, sort):
        return True
    agreed = sort is REMINDER or view.facts.consent(sort.purpose) is not None
    return agreed and view.facts.reaches and not view.marks.get("unsafe")


# -- asking for it -----------------------------------------------------------------------------------------------------


def _asking(sort: Sort) -> tuple[Step, ...]:
    def door(view: View) -> str:
        if is_on(view, sort):
            return "page"
        return "after" if _may(view, sort) else "elsewhere"

    def after(view: View) -> str:
        known = () if sent_to(view) is None else ASKED
        missing = next((name for name in ASKED if name not in (*view.answers, *known)), "")
        return hours.following(view) or ("saved" if is_on(view, sort) else missing or ("confirm" if _wished(view) else "hour"))

    def stored(view: View) -> tuple[Effect, ...]:
        plan = _wished(view)
        return () if plan is None else (put(view, sort.begins(view, plan)),)

    words, grant = sort.name, Grant(sort.purpose, WIDER[sort.purpose])
    return (
        Branch(name="door", words="", decide=door, targets=("page", "after", "elsewhere")),
        Tell(name="elsewhere", words=f"{words}.elsewhere", to=END),
        Branch(name="after", words="", decide=after, targets=(*ASKED, "loud", "clock", "saved", "confirm")),
        *hours.steps(sort.name),
        One(
            name="confirm",
            words=f"{words}.confirm",
            says=lambda view: _summary(f"{words}.confirm.text", _wished(view)),
            options=(
                Option("yes", "granted", effects=(grant,)),
                Option("change", f"{sort.name}/hour"),
                Option("no", END),
            ),
        ),
        Tell(name="granted", words=f"{words}.granted", effects=stored, to=END),
        Tell(name="saved", words="nudging.saved", effects=_changed, to=f"{sort.name}/door"),
    )


def _wished(view: View) -> Plan | None:
    """The plan with the hour and the clock that were answered, or those that hold already; None while one is missing."""
    answers, before = view.answers, sent_to(view)
    try:
        at = unpack_hour(str(answers["hour"])) if "hour" in answers else before.schedule.at if before else None
        zone = hours.chosen_zone(view) or (before.schedule.zone if before else None)
        if at is None or zone is None:
            return None
        if before is not None:
            return replace(before, schedule=replace(before.schedule, at=at, zone=zone, knowing=Quiet().covers(at)))
        schedule = Schedule(at=at, zone=zone, knowing=Quiet().covers(at))
    except (ValueError, UnknownZone):
        return None
    return Plan(schedule=schedule, daily=False, seed=chance(view), language=view.facts.language)


def _changed(view: View) -> tuple[Effect, ...]:
    plan = _wished(view)
    return () if plan is None else (put(view, plan),)


def _summary(key: str, plan: Plan | None) -> tuple[Say, ...]:
    if plan is None:
        return (Say("lines.here"),)
    values: dict[str, Value] = {"hour": plan.schedule.at, "zone": Zone(plan.schedule.zone)}
    return (Say(key, values),)


# -- once it is asked for ----------------------------------------------------------------------------------------------


def _living(sort: Sort) -> tuple[Step, ...]:
    def page(view: View) -> tuple[Say, ...]:
        plan = sent_to(view)
        coming = plan.coming(view.facts.now).get(sort.kind) if plan else None
        if plan is None or coming is None:
            return (*_summary(f"{sort.name}.page.text", plan), Say("nudging.page.resting"))
        return (*_summary(f"{sort.name}.page.text", plan), Say("reminder.next", {"date": local_day(plan.schedule, coming)}))

    def choices(view: View) -> tuple[Option, ...]:
        plan = sent_to(view)
        over = plan is not None and plan.reminder is not None and plan.reminder.over
        wake = (Option("wake", "woken"),) if sort is REMINDER and over else ()
        return (*wake, Option("hour", "hour"), Option("zone", "zone"), Option("stop", "stop"), Option("done", END))

    targets = (*(("woken",) if sort is REMINDER else ()), *ASKED, "stop", END)
    return (
        One(name="page", words=f"{sort.name}.page", says=page, options=choices, targets=targets),
        Tell(name="stop", words=f"{sort.name}.stopped", effects=lambda view: changing(view, sort.ends), to=END),
    )


# -- what follows a reminder -------------------------------------------------------------------------------------------


def _answering() -> tuple[Step, ...]:
    return (
        Tell(name="begin", words="", says=lambda view: (), effects=_answered, to="checkin/"),
        Tell(
            name="not_now",
            words="reminder.not_now",
            says=lambda view: (Say("reminder.not_now.text", nth=view.facts.now.day),),
            effects=_answered,
            to=END,
        ),
        Tell(name="woken", words="reminder.woken", effects=_woken, to="reminder/door"),
    )


def _answered(view: View) -> tuple[Effect, ...]:
    return changing(view, lambda plan: replace(plan, reminder=plan.reminder and plan.reminder.answered()))


def _woken(view: View) -> tuple[Effect, ...]:
    return changing(view, lambda plan: replace(plan, reminder=plan.reminder and plan.reminder.woken()))
