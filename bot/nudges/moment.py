"""What is done about a moment that has come: how it is claimed, which nudge leaves in which words, and what is kept of it.

Pure: what is stored comes in as bytes, and goes out as bytes. Sending is the loop's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from bot.content.library import Library
from bot.content.render import Bubble
from bot.nudges.call import alike, called
from bot.nudges.clock import latest
from bot.nudges.compose import Sent, Shelf
from bot.nudges.letter import letter
from bot.nudges.plan import (
    DAYS_OWN,
    WEEKLY,
    Decision,
    Kind,
    Plan,
    UnreadablePlan,
    decide,
    pack_past,
    pack_plan,
    passed_over,
    read_plan,
    spread,
    today,
    unpack_past,
)
from bot.nudges.schedule import Schedule, aware
from bot.packing import dumps, loads
from bot.ports import Claim, Due, Nudging

Past: TypeAlias = tuple[Sent, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A moment that has come, and how to claim it. `kind` None: nothing is sent. `schedule` None: the plan cannot be read."""

    due: Due
    claim: Claim
    kind: Kind | None
    schedule: Schedule | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """What leaves, none where nothing does. `noted` is to be stored before, `unsent` where it surely did not arrive.

    `within`: seconds for which it may be tried.
    """

    bubbles: tuple[Bubble, ...] = field(repr=False)
    noted: Nudging
    unsent: Nudging
    within: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Stock:
    """What nudges are made of: which there are, and their words, under the name of their pack."""

    shelf: Shelf
    library: Library
    pack: str


def moment(due: Due, now: datetime) -> Moment:
    """How to claim this one, whatever its bytes hold: nobody's plan may hold up the others'."""
    try:
        values = loads(due.plan)
        call = called(alike(values), due.since, now)
        claim = _claim(due, call.day, call.slot, spread(call.next, values["seed"]), sends=call.kind is not None)
        return Moment(due=due, claim=claim, kind=call.kind, schedule=call.schedule)
    except Exception:  # noqa: BLE001 - what is wrong is counted by whoever sees that there is no plan
        claim = _claim(due, aware(now).toordinal(), DAYS_OWN, None, sends=True)
        return Moment(due=due, claim=claim, kind=None, schedule=None)


def outgoing(here: Moment, stored: Nudging, now: datetime, stock: Stock, *, happened: bool = True) -> Outgoing:
    """What leaves for a moment that was claimed, by what is `stored` now: the person may have changed it since.

    `happened`: something was kept in the week that is looked back on (see `lately`); otherwise that is passed over, and the
    day is as any other. Raises UnreadablePlan.
    """
    if here.schedule is None:
        raise UnreadablePlan("nothing could be decided by this plan")
    due = here.due.since
    plan, past = read_plan(stored.plan), _past(stored.past)
    found = decide(plan, due, now)
    stands = _stands(here, found, plan, stored)
    if not stands and _changed(here, stored):
        same = replace(stored, version=stored.version + 1)
        return Outgoing(bubbles=(), noted=same, unsent=same, within=0.0)
    if stands and found.kind == "week" and not happened:
        plan = passed_over(plan, found.day)
        found = decide(plan, due, now)
    said = _said(found, plan, past, stock) if stands and found.kind is not None else None
    bubbles, kept = said or ((), past)
    back = replace(found.after, schedule=plan.schedule, reminder=plan.reminder, week=plan.week)
    kept_bytes = stored.past if kept is past else dumps(pack_past(kept))
    return Outgoing(
        bubbles=bubbles,
        noted=_packed(found.after if bubbles else back, kept_bytes, now, stored.version + 1),
        unsent=_packed(back, stored.past, now, stored.version + 2),
        within=(latest(plan.schedule, due) - aware(now)).total_seconds(),
    )


def lately(entries: Iterable[Mapping[str, Any]], now: datetime) -> bool:
    """Whether there is something to look back on among what was kept (see `Store.entries`)."""
    return any(aware(now) - aware(datetime.fromisoformat(entry["at"])) < timedelta(days=WEEKLY) for entry in entries)


def _said(found: Decision, plan: Plan, past: Past, stock: Stock) -> tuple[tuple[Bubble, ...], Past] | None:
    """What is said, and the past with it; None where nothing fits, or the last one was answered meanwhile."""
    assert found.kind is not None  # noqa: S101  # `_stands` looked
    day, nth = found.day, plan.seed + found.day
    if found.kind == "nudge":
        chosen = stock.shelf.choose(today(plan, past, found.day))
        if chosen is None:
            return None
        past, nth = (*past, Sent(nudge=chosen.nudge, day=day)), chosen.nth
    elif found.kind == "later":
        if not past or past[-1].answer is not None:
            return None
        day = past[-1].day  # its buttons are about that one
    bubbles = letter(
        found.kind,
        day=day,
        nth=nth,
        slower=found.kind == "nudge" and plan.schedule.pace.news == "slow",
        pack=stock.pack,
        library=stock.library,
        language=stock.library.spoken(plan.language) or stock.library.languages[0],
    )
    return bubbles, past


def _stands(here: Moment, found: Decision, plan: Plan, stored: Nudging) -> bool:
    """Whether it is still to be sent: what a person chose since it was claimed goes before it."""
    if here.schedule is None or found.kind is None or (found.kind, found.slot) != (here.kind, here.claim.slot):
        return False
    if not _changed(here, stored):
        return True
    return stored.due is not None and _chosen(plan.schedule) == _chosen(here.schedule)


def _changed(here: Moment, stored: Nudging) -> bool:
    """Whether somebody wrote since it was claimed."""
    return stored.version != here.claim.version + 1


def _chosen(schedule: Schedule) -> tuple[object, ...]:
    return schedule.days, schedule.at, schedule.zone, schedule.paused


def _claim(due: Due, day: int, slot: int, after: datetime | None, *, sends: bool) -> Claim:
    return Claim(
        person=due.person,
        seen=due.since,
        version=due.version,
        next=after,
        day=day,
        slot=slot,
        state="claimed" if sends else "skipped",
    )


def _past(data: bytes) -> Past:
    try:
        return unpack_past(loads(data))
    except (TypeError, ValueError):
        return ()  # as if nothing had been sent


def _packed(plan: Plan, past: bytes, now: datetime, version: int) -> Nudging:
    return Nudging(plan=dumps(pack_plan(plan)), past=past, due=plan.due(now), version=version)
