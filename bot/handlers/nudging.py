"""Asking for daily nudges, and everything that can be changed about them. Off until asked for; stopped in one tap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from zlib import crc32

from bot.content.model import Pack
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Read, Several, Step, Tell, View
from bot.conversation.effects import Effect, Grant, Mark, Put, Withdraw
from bot.conversation.facts import NUDGES
from bot.conversation.replies import Say, Territory, Value, Weekdays, Words, Zone
from bot.handlers.privacy import PURPOSES
from bot.handlers.result import Result
from bot.nudges.clock import local_day, slot
from bot.nudges.compose import Sent
from bot.nudges.plan import Plan, UnreadablePlan, pack_past, pack_plan, unpack_plan
from bot.nudges.schedule import PRESETS, Quiet, Schedule, UnknownZone
from bot.understanding.notation import pack_days, unpack_days, unpack_hour, unpack_place

HOURS = ("09:00", "12:00", "15:00", "18:00", "20:00")
OFFERED = ("daily", "weekdays", "three")
PAUSE = timedelta(days=7)
# After words of danger nothing ordinary is sent for so long. A pause of the person's own is kept in the same place, so that
# nobody who reads it could tell the one from the other.
REST = timedelta(hours=72)
# What a person is asked on the way to their first nudge, in this order.
ASKED = ("days", "hour", "zone", "which")


def plan_of(view: View) -> Plan | None:
    """What is stored of this person's nudges; None where they get none. May raise Wanted."""
    if view.facts.consent(NUDGES) is None:
        return None
    paper = view.facts.paper(NUDGES)
    try:
        return unpack_plan(paper["plan"]) if paper else None
    except UnreadablePlan:
        return None


def put(view: View, plan: Plan, past: Sequence[Sent] | None = None) -> Put:
    """Store this plan, and when its next one is due; and this past, where it is another than before."""
    paper = view.facts.paper(NUDGES) or {}
    kept = (paper.get("past") or []) if past is None else pack_past(past)
    return Put(NUDGES, {"plan": pack_plan(plan), "past": kept}, due=plan.due(view.facts.now))


def changing(view: View, change: Callable[[Plan], Plan]) -> tuple[Effect, ...]:
    """Store the plan with this change; nothing for somebody who gets no nudges."""
    plan = plan_of(view)
    return () if plan is None else (put(view, change(plan)),)


def alarmed(view: View) -> tuple[Effect, ...]:
    """After words of danger: a rest from ordinary nudges; and whether to look in tomorrow will be asked."""
    rest = changing(view, lambda plan: plan.resting(view.facts.now + REST))
    return (*rest, Mark("look_in", "ask")) if rest else ()


def returned(view: View) -> tuple[Effect, ...]:
    """Somebody who could not be reached writes again: they get what they asked for."""
    return changing(view, Plan.answered)


def spoken(view: View, language: str) -> tuple[Effect, ...]:
    """Another language was chosen: nudges come in it, too."""
    return changing(view, lambda plan: replace(plan, language=language))


def chance(view: View) -> int:
    """A number that differs from turn to turn and says nothing about anybody."""
    return crc32(f"{view.facts.now.timestamp()}".encode())


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
            targets=("days", "hour", "zone", "which", "paused", "woken", "nudge/draw", "stop", "door", END),
        ),
        Tell(name="paused", words="nudging.paused", effects=_pausing, to=END),
        Tell(name="woken", words="nudging.woken", effects=_waking, to="nudging/door"),
        Tell(name="stop", words="nudging.stopped", effects=(Withdraw(NUDGES),), to=END),
    )


# -- the way to the first one ------------------------------------------------------------------------------------------


def _questions(pack: Pack, result: Result) -> tuple[One | Several, ...]:
    week = tuple(Option(str(day), label=Say("nudging.own.day", {"day": Weekdays((day,))})) for day in range(7))
    needs = tuple(Option(need.id, words=f"{pack.name}.needs.{need.id}.name") for need in pack.needs)
    return (
        Read(name="days", words="nudging.days", reads="days", options=_days, targets=("after", "own"), to="after"),
        Several(name="own", words="nudging.own", options=week, to="after"),
        Read(name="hour", words="nudging.hour", reads="hour", options=_hours, targets=("after",), to="after"),
        One(name="loud", words="nudging.loud", options=(Option("keep", "after"), Option("other", "hour"))),
        Read(name="zone", words="nudging.zone", reads="place", options=_zones, targets=("after", "clock"), to="after"),
        Read(name="clock", words="nudging.clock", reads="clock", options=_places, targets=("after",), to="after"),
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
    if "hour" in answers and _loud(view) and _last(view, "loud") < _last(view, "hour"):
        return "loud"
    if answers.get("zone") == "clock" and "clock" not in answers:
        return "clock"
    if plan_of(view) is not None:
        return "saved"
    return next((name for name in ASKED if name not in answers), "confirm" if _wished(view) else "days")


def _last(view: View, name: str) -> int:
    """Where in the trail this was answered last; -1 where it was not."""
    return max((place for place, (step, _) in enumerate(view.trail) if step == name), default=-1)


def _offers(view: View, label: Callable[[str], Say]) -> tuple[Option, ...]:
    """What the words typed last may have meant."""
    frame = view.frames.get("nudging")
    values = frame.picked if frame else ()
    return tuple(Option(f"near{n}", "after", note=value, label=label(value)) for n, value in enumerate(values))


def _days(view: View) -> tuple[Option, ...]:
    near = _offers(view, lambda value: Say("nudging.days.some", {"days": Weekdays(unpack_days(value))}))
    return near or (*(Option(name, "after", note=pack_days(PRESETS[name])) for name in OFFERED), Option("own", "own"))


def _hours(view: View) -> tuple[Option, ...]:
    near = _offers(view, _at)
    return near or tuple(Option(f"at{value[:2]}", "after", note=value, label=_at(value)) for value in HOURS)


def _at(value: str) -> Say:
    return Say("nudging.hour.at", {"hour": unpack_hour(value)})


def _zones(view: View) -> tuple[Option, ...]:
    return (*_places(view), Option("clock", "clock"))


def _places(view: View) -> tuple[Option, ...]:
    near = _offers(view, _place)
    return near if view.frames["nudging"].step != "clock" or near else (Option("back", "nudging/zone"),)


def _place(value: str) -> Say:
    found = unpack_place(value)
    if not found.name:
        return Say("nudging.zone.bare", {"zone": Zone(found.zone)})
    values: dict[str, Value] = {"name": found.name, "country": Territory(found.country)}
    return Say("nudging.zone.state", {**values, "state": found.region}) if found.region else Say("nudging.zone.place", values)


def _which(result: Result) -> Callable[[View], tuple[Option, ...]]:
    def options(view: View) -> tuple[Option, ...]:
        found = result.alive(view.frames)
        known = (Option("found", "after", note=".".join(found)),) if found else ()
        return (*known, Option("any", "after"), Option("some", "needs"))

    return options


# -- what they come to -------------------------------------------------------------------------------------------------


def _loud(view: View) -> bool:
    try:
        return Quiet().covers(unpack_hour(str(view.answers["hour"])))
    except ValueError:
        return False


def _wished(view: View) -> Plan | None:
    """The plan that the answers make, on top of the one there is; None while something is missing."""
    answers, before = view.answers, plan_of(view)
    schedule = before.schedule if before else None
    try:
        at = unpack_hour(str(answers["hour"])) if "hour" in answers else schedule.at if schedule else None
        days = _chosen_days(view) or (schedule.days if schedule else None)
        where = _chosen_zone(view) or (schedule.zone if schedule else None)
        if at is None or days is None or where is None:
            return None
        made = Schedule(days=days, at=at, zone=where, knowing=Quiet().covers(at))
    except (ValueError, UnknownZone):
        return None
    if before is None:
        before = Plan(schedule=made, seed=chance(view), language=view.facts.language)
    needs = _chosen_needs(view)
    schedule = replace(made, paused=before.schedule.paused, pace=before.schedule.pace)
    if needs is None:
        return replace(before, schedule=schedule)
    return replace(before, schedule=schedule, needs=needs, follows=answers["which"] not in ("any", "some"))


def _chosen_days(view: View) -> tuple[int, ...] | None:
    given, own = view.answers.get("days"), view.answers.get("own")
    if given == "own":
        return tuple(int(day) for day in own) if isinstance(own, tuple) else None
    return unpack_days(given) if isinstance(given, str) and given else None


def _chosen_zone(view: View) -> str | None:
    given = view.answers.get("zone")
    given = view.answers.get("clock") if given == "clock" else given
    return unpack_place(given).zone if isinstance(given, str) and given else None


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
        Option("stop", "stop"),
        Option("done", END),
    )


def _pausing(view: View) -> tuple[Effect, ...]:
    return changing(view, lambda plan: plan.resting(view.facts.now + PAUSE))


def _waking(view: View) -> tuple[Effect, ...]:
    return changing(view, Plan.awake)
