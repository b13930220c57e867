"""Asking for daily nudges, and everything that can be changed about them. Off until asked for; stopped in one tap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.content.model import Pack
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Read, Several, Step, Tell, View
from bot.conversation.effects import Effect, Grant, Mark, Withdraw
from bot.conversation.facts import NUDGES
from bot.conversation.replies import Say, Value, Weekdays, Words, Zone
from bot.handlers import hours, reminders
from bot.handlers.planned import chance, changing, plan_of, put, sent_to
from bot.handlers.privacy import PURPOSES
from bot.handlers.result import Result
from bot.nudges.clock import local_day, slot
from bot.nudges.plan import Plan
from bot.nudges.schedule import PRESETS, Quiet, Schedule, UnknownZone
from bot.understanding.notation import pack_days, unpack_days, unpack_hour

OFFERED = ("daily", "weekdays", "three")
PAUSE = timedelta(days=7)
# After words of danger nothing ordinary is sent for so long. A pause of the person's own is kept in the same place, so that
# nobody who reads it could tell the one from the other.
REST = timedelta(hours=72)
# What a person is asked on the way to their first nudge, in this order.
ASKED = ("days", "hour", "zone", "which")


def alarmed(view: View) -> tuple[Effect, ...]:
    """After words of danger: a rest from ordinary nudges; and whether to look in tomorrow will be asked."""
    rest = changing(view, lambda plan: plan.resting(view.facts.now + REST))
    return (*rest, Mark("look_in", "ask")) if plan_of(view) is not None else rest


def returned(view: View) -> tuple[Effect, ...]:
    """Somebody who could not be reached writes again: they get what they asked for."""
    return changing(view, Plan.answered)


def spoken(view: View, language: str) -> tuple[Effect, ...]:
    """Another language was chosen: nudges come in it, too."""
    return changing(view, lambda plan: replace(plan, language=language))


def followed(result: Result) -> Callable[[View], tuple[Effect, ...]]:
    """A new result is there: the nudges of those who chose so go by it."""

    def effects(view: View) -> tuple[Effect, ...]:
        plan = plan_of(view)
        needs = result.alive(view.frames)
        if plan is None or not plan.follows or not needs or needs == plan.needs:
            return ()
        return (put(view, replace(plan, needs=needs)),)

    return effects


def looking_in(view: View) -> tuple[Option, ...]:
    """Whether to look in tomorrow, for those who get nudges."""
    plan = plan_of(view)
    if plan is None:
        return (Option("no", "back"),)
    tomorrow = local_day(plan.schedule, view.facts.now) + timedelta(days=1)
    care = slot(plan.schedule, tomorrow) or slot(plan.schedule, tomorrow + timedelta(days=1))
    return (Option("yes", "looked", effects=(put(view, replace(plan, care=care)),)), Option("no", "back"))


def dialog(pack: Pack, result: Result) -> Dialog:
    """Daily nudges, from the offer to the last one."""
    return Dialog(
        name="nudging",
        gated=True,
        entries=("stop", "woken"),
        table=(
            Branch(name="door", words="", decide=_door, targets=("page", "offer", "elsewhere")),
            One(name="elsewhere", words="nudging.elsewhere", options=(Option("once", "nudge/draw"), Option("done", END))),
            One(
                name="offer",
                words="nudging.offer",
                options=(Option("yes", "after"), Option("once", "nudge/draw"), Option("no", END)),
            ),
            Branch(name="after", words="", decide=_after, targets=(*ASKED, "own", "clock", "loud", "confirm", "saved")),
            *_questions(pack, result),
            *_agreeing(pack),
            *_living(pack),
        ),
    )


def _agreeing(pack: Pack) -> tuple[Step, ...]:
    return (
        One(
            name="confirm",
            words="nudging.confirm",
            says=lambda view: _summary("nudging.confirm.text", pack, _wished(view)),
            options=(
                Option("yes", "granted", effects=(Grant(NUDGES, PURPOSES[NUDGES]),)),
                Option("change", "nudging/days"),
                Option("no", END),
            ),
        ),
        Tell(name="granted", words="nudging.granted", says=_first_due, effects=_storing, to=END),
        Tell(name="saved", words="nudging.saved", effects=_storing, to="nudging/door"),
    )


def _living(pack: Pack) -> tuple[Step, ...]:
    """The page of those who get them, and where it leads."""
    return (
        One(
            name="page",
            words="nudging.page",
            says=lambda view: _page(pack, view),
            options=_choices,
            targets=("days", "hour", "zone", "which", "paused", "woken", "nudge/draw", "stop", "door", *reminders.DOORS, END),
        ),
        Tell(name="paused", words="nudging.paused", effects=_pausing, to=END),
        Tell(name="woken", words="nudging.woken", effects=_waking, to="nudging/door"),
        Tell(name="stop", words="nudging.stopped", says=_stopped, effects=(Withdraw(NUDGES),), to=END),
    )


# -- the way to the first one ------------------------------------------------------------------------------------------


def _questions(pack: Pack, result: Result) -> tuple[Step, ...]:
    week = tuple(Option(str(day), label=Say("nudging.own.day", {"day": Weekdays((day,))})) for day in range(7))
    needs = tuple(Option(need.id, words=f"{pack.name}.needs.{need.id}.name") for need in pack.needs)
    return (
        Read(name="days", words="nudging.days", reads="days", options=_days, targets=("after", "own"), to="after"),
        Several(name="own", words="nudging.own", options=week, to="after"),
        *hours.steps("nudging"),
        One(name="which", words="nudging.which", options=_which(result), targets=("after", "needs")),
        Several(name="needs", words="nudging.needs", options=needs, to="after"),
    )


def _door(view: View) -> str:
    if plan_of(view) is not None:
        return "page"
    return "offer" if view.facts.reaches else "elsewhere"


def _after(view: View) -> str:
    """The next thing to ask; what is left out of the answers is asked again."""
    answers = view.answers
    if answers.get("days") == "own" and "own" not in answers:
        return "own"
    if then := hours.following(view):
        return then
    if plan_of(view) is not None:
        return "saved"
    # One hour and one clock hold for all that is sent.
    known = () if sent_to(view) is None else ("hour", "zone")
    return next((name for name in ASKED if name not in (*answers, *known)), "confirm" if _wished(view) else "days")


def _days(view: View) -> tuple[Option, ...]:
    near = hours.offers("nudging", view, lambda value: Say("nudging.days.some", {"days": Weekdays(unpack_days(value))}))
    return near or (*(Option(name, "after", note=pack_days(PRESETS[name])) for name in OFFERED), Option("own", "own"))


def _which(result: Result) -> Callable[[View], tuple[Option, ...]]:
    def options(view: View) -> tuple[Option, ...]:
        found = result.alive(view.frames)
        known = (Option("found", "after", note=".".join(found)),) if found else ()
        return (*known, Option("any", "after"), Option("some", "needs"))

    return options


# -- what they come to -------------------------------------------------------------------------------------------------


def _wished(view: View) -> Plan | None:
    """The plan that the answers make, on top of the one there is; None while something is missing."""
    answers, before = view.answers, sent_to(view)
    schedule = before.schedule if before else None
    days_before = before.schedule.days if before and before.daily else None
    try:
        at = unpack_hour(str(answers["hour"])) if "hour" in answers else schedule.at if schedule else None
        days = _chosen_days(view) or days_before
        where = hours.chosen_zone(view) or (schedule.zone if schedule else None)
        if at is None or days is None or where is None:
            return None
        made = Schedule(days=days, at=at, zone=where, knowing=Quiet().covers(at))
    except (ValueError, UnknownZone):
        return None
    if before is None:
        before = Plan(schedule=made, seed=chance(view), language=view.facts.language)
    needs, before = _chosen_needs(view), replace(before, daily=True)
    schedule = replace(made, paused=before.schedule.paused, pace=before.schedule.pace)
    if needs is None:
        return replace(before, schedule=schedule)
    return replace(before, schedule=schedule, needs=needs, follows=answers["which"] not in ("any", "some"))


def _chosen_days(view: View) -> tuple[int, ...] | None:
    given, own = view.answers.get("days"), view.answers.get("own")
    if given == "own":
        return tuple(int(day) for day in own) if isinstance(own, tuple) else None
    return unpack_days(given) if isinstance(given, str) and given else None


def _chosen_needs(view: View) -> tuple[str, ...] | None:
    given, some = view.answers.get("which"), view.answers.get("needs")
    if given == "some":
        return some if isinstance(some, tuple) else None
    if given == "any":
        return ()
    return tuple(given.split(".")) if isinstance(given, str) and given else None


def _storing(view: View) -> tuple[Effect, ...]:
    plan = _wished(view)
    return () if plan is None else (put(view, plan),)


def _first_due(view: View) -> tuple[Say, ...]:
    plan = _wished(view)
    return () if plan is None else (Say("nudging.granted.text"), *_next(plan, view))


# -- the page of those who get them ------------------------------------------------------------------------------------


def _summary(key: str, pack: Pack, plan: Plan | None) -> tuple[Say, ...]:
    if plan is None:
        return (Say("nudging.offer.text"),)
    needs = tuple(Words(f"{pack.name}.needs.{need}.name") for need in plan.needs)
    values: dict[str, Value] = {
        "days": Words("nudging.days.every") if len(plan.schedule.days) == 7 else Weekdays(plan.schedule.days),
        "hour": plan.schedule.at,
        "zone": Zone(plan.schedule.zone),
        "needs": needs or Words("nudging.which.all"),
    }
    return (Say(key, values),)


def _next(plan: Plan, view: View) -> tuple[Say, ...]:
    due = plan.due(view.facts.now)
    if due is None:
        return (Say("nudging.page.resting"),)
    return (Say("nudging.page.next", {"date": local_day(plan.schedule, due)}),)


def _page(pack: Pack, view: View) -> tuple[Say, ...]:
    plan = plan_of(view)
    slower = plan is not None and plan.schedule.pace.level == "slow"
    return (
        *_summary("nudging.page.text", pack, plan),
        *((Say("nudging.page.slow"),) if slower else ()),
        *(_next(plan, view) if plan else ()),
    )


def _choices(view: View) -> tuple[Option, ...]:
    plan = plan_of(view)
    if plan is None:
        return (Option("wake", "door"), Option("done", END))
    paused = plan.schedule.paused is not None and plan.schedule.paused > view.facts.now
    quiet = paused or plan.schedule.pace.level != "usual"
    return (
        *(Option(name, name) for name in ASKED),
        Option("wake", "woken") if quiet else Option("pause", "paused"),
        Option("once", "nudge/draw"),
        *reminders.ways(view),
        Option("stop", "stop"),
        Option("done", END),
    )


def _stopped(view: View) -> tuple[Say, ...]:
    plan = sent_to(view)
    more = plan is not None and not plan.without_nudges().empty
    return (Say("nudging.stopped.text"), *((Say("nudging.stopped.others"),) if more else ()))


def _pausing(view: View) -> tuple[Effect, ...]:
    return changing(view, lambda plan: plan.resting(view.facts.now + PAUSE))


def _waking(view: View) -> tuple[Effect, ...]:
    return changing(view, Plan.awake)
