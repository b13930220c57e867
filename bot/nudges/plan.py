"""What is sent to one person by itself, as it is kept: what they asked for, what was sent, and what a moment calls for.

Pure. To and from plain JSON values; nothing here names the person. Nothing that is sent by itself ever points to partner or
family: whether they are safe is known only in a conversation, and may have changed since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from bot.nudges.clock import local_day, may_send, next_due
from bot.nudges.compose import Answer, Sent, Today
from bot.nudges.schedule import DAILY, Days, Pace, Schedule, aware, days_of
from bot.packing import loads

# What can be sent by itself: the day's nudge; the same once more, where that was asked for; a look-in after a bad day, for
# those who said yes to it; the word that nothing more will come; that a check-in could be made, and that these come no more;
# and that there is a week to look back on.
Kind: TypeAlias = Literal["nudge", "later", "care", "resting", "reminder", "reminder_end", "week"]

# Which of a local day's messages: the day's own, or the one that was asked for later.
DAYS_OWN, ASKED_FOR = 0, 1
# Local days from one to the next at least: of reminders, also from a check-in; and of looks back.
FORTNIGHT, WEEKLY = 14, 7
# So many reminders in a row may stay unanswered. In place of the next comes the word that it was the last.
MOST_UNANSWERED = 3
MOST_SENT = 400  # how many sent ones are remembered: more than twice as many as there are
# Seconds over which those who chose the same minute are spread, another way each day. Half a minute, so that the last one
# before the quiet hours is long enough for a poll after it.
_SPREAD = 30


class UnreadablePlan(ValueError):
    """These values are no plan of this version."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """That somebody asked to be reminded of check-ins. `since`: the local day of the last check-in or reminder."""

    since: date
    unanswered: int = 0

    @property
    def over(self) -> bool:
        """Whether the word that no more will come has been said."""
        return self.unanswered > MOST_UNANSWERED

    def made(self, day: date) -> Reminder:
        """After a check-in on this local day. What is over stays so: whoever wants it back says so."""
        return self if self.over else Reminder(since=max(day, self.since))

    def answered(self) -> Reminder:
        """After any answer to one: as if none had stayed unanswered. What is over stays so."""
        return self if self.over else Reminder(since=self.since)

    def woken(self) -> Reminder:
        """Begun anew by who wants them back."""
        return Reminder(since=self.since)

    def sent(self, day: date) -> Reminder:
        """After one, or its last word, was sent on this local day."""
        return Reminder(since=day, unanswered=self.unanswered + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a person chose, and how far it is: one hour, one clock and one pause for all that is sent to them by itself.

    `daily`: nudges are asked for. `reminder`: reminders are; `week`: looks back on the week are, the last one on this local day
    or asked for on it; None where not. `follows`: the needs are those of the last result, and change with it. `seed` differs
    between people and says nothing about them. `last_day` is the local day last used up. `later` and `care` (aware): when to
    show the last one again, and when to look in; None for neither.
    """

    schedule: Schedule
    needs: tuple[str, ...] = ()
    follows: bool = False
    seed: int = 0
    language: str = "en"
    last_day: date | None = None
    later: datetime | None = None
    care: datetime | None = None
    daily: bool = True
    reminder: Reminder | None = None
    week: date | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.daily and self.reminder is None and self.week is None

    @property
    def besides(self) -> Days:
        """The days for what comes besides nudges: those without a nudge, where a week has two or more; otherwise any, and it
        takes that day's place.
        """
        free = days_of(*{*DAILY} - {*self.schedule.days}) if self.daily else DAILY
        return free if len(free) > 1 else DAILY

    def due(self, now: datetime) -> datetime | None:
        """The next moment after `now` at which something is to be sent; None where nothing is."""
        return spread(self.first(now), self.seed)

    def first(self, now: datetime) -> datetime | None:
        """The same before those who chose alike are spread."""
        slots = self.coming(now).values()
        moments = [moment for moment in (*slots, self.later, self.care) if moment is not None and moment > now]
        return aware(min(moments)) if moments else None

    def coming(self, now: datetime) -> dict[Kind, datetime | None]:
        """When the next of each kind that needs a day to itself may come. Of two on one day the rarer does, the other later."""
        found: dict[Kind, datetime | None] = {}
        if self.daily:
            found["nudge"] = next_due(self.schedule, now, last_day=self.last_day)
        if self.reminder is None and self.week is None:
            return found
        others = replace(self.schedule, days=self.besides, pace=Pace())
        if self.reminder is not None and not self.reminder.over:
            found["reminder"] = next_due(others, now, last_day=self._used(self.reminder.since, FORTNIGHT))
        if self.week is not None:
            found["week"] = next_due(others, now, last_day=self._used(self.week, WEEKLY))
        return found

    def _used(self, since: date, days: int) -> date:
        """The last day before which, and on which, nothing more comes of a kind that comes so many days apart."""
        waits = date.fromordinal(min(since.toordinal() + days - 1, date.max.toordinal()))
        return waits if self.last_day is None else max(waits, self.last_day)

    def without_nudges(self) -> Plan:
        """With nothing that was stored for nudges alone."""
        schedule = replace(self.schedule, days=DAILY, pace=Pace())
        return replace(self, schedule=schedule, daily=False, needs=(), follows=False, later=None, care=None)

    def checked_in(self, day: date) -> Plan:
        """After a check-in on this local day: the next reminder comes a fortnight later."""
        return self if self.reminder is None else replace(self, reminder=self.reminder.made(day))

    def resting(self, until: datetime) -> Plan:
        """With nothing ordinary before `until` (aware); a longer pause stays."""
        paused = self.schedule.paused
        return replace(self, schedule=self.schedule.pausing(until if paused is None else max(until, paused)), later=None)

    def answered(self) -> Plan:
        """After the person answered one: as if none had stayed unanswered."""
        return replace(self, schedule=self.schedule.pacing(self.schedule.pace.answered()))

    def awake(self) -> Plan:
        """Without a pause, and as if none had stayed unanswered."""
        return replace(self, schedule=self.schedule.pausing(None)).answered()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What to do about a moment that has come. `kind` None: nothing is sent, it is too late or quiet.

    `day` (an ordinal) and `slot` name the delivery, of which there is at most one; `after` is the plan once it is done.
    """

    kind: Kind | None
    day: int
    slot: int
    after: Plan


def spread(first: datetime | None, seed: int) -> datetime | None:
    """The moment of the one with this seed among those who chose the same."""
    return first and first + timedelta(seconds=(seed ^ first.toordinal() * 0x9E3779B1) % _SPREAD)


def decide(plan: Plan, due: datetime, now: datetime) -> Decision:
    """What the moment `due` (aware), which is not after `now`, calls for."""
    schedule = plan.schedule
    day = local_day(schedule, due)
    kind = _called_for(plan, due, day)
    sends = kind is not None and may_send(schedule, due, now)
    if sends and kind == "nudge":
        kind = "resting" if schedule.pace.news == "resting" else "nudge"
        schedule = schedule.pacing(schedule.pace.sent())
    after = replace(
        plan,
        schedule=schedule,
        last_day=day if kind != "later" and (plan.last_day is None or day > plan.last_day) else plan.last_day,
        later=None if plan.later is not None and plan.later <= now else plan.later,
        care=None if plan.care is not None and plan.care <= now else plan.care,
        reminder=plan.reminder.sent(day) if sends and plan.reminder and kind in _REMINDING else plan.reminder,
        week=day if sends and kind == "week" else plan.week,
    )
    return Decision(
        kind=kind if sends else None,
        day=day.toordinal(),
        slot=ASKED_FOR if kind == "later" else DAYS_OWN,
        after=after,
    )


def passed_over(plan: Plan, day: int) -> Plan:
    """Without a look back on this local day (an ordinal), as nothing was kept in that week: the next is a week later."""
    return replace(plan, week=date.fromordinal(day))


_REMINDING = frozenset({"reminder", "reminder_end"})


def _called_for(plan: Plan, due: datetime, day: date) -> Kind | None:
    """One kind for each day: what comes rarely goes before the day's nudge."""
    if _asked_for(plan.care, due):
        return "care"
    if _asked_for(plan.later, due):
        return "later"
    if day.weekday() in plan.besides:
        if plan.reminder and not plan.reminder.over and (day - plan.reminder.since).days >= FORTNIGHT:
            return "reminder" if plan.reminder.unanswered < MOST_UNANSWERED else "reminder_end"
        if plan.week and (day - plan.week).days >= WEEKLY:
            return "week"
    return "nudge" if plan.daily and not plan.schedule.pace.stopped and day.weekday() in plan.schedule.slots else None


def _asked_for(moment: datetime | None, due: datetime) -> bool:
    """Whether this is the moment that was asked for. An earlier one, which was lost in a crash, is not made up for."""
    return moment is not None and moment <= due <= moment + timedelta(seconds=_SPREAD)


def today(plan: Plan, past: Sequence[Sent], day: int) -> Today:
    """What choosing the nudge of this day goes by."""
    return Today(seed=plan.seed, day=day, needs=plan.needs, past=tuple(past), within=_within(plan.schedule))


def _within(schedule: Schedule) -> int:
    """The most days from one chosen day to the next."""
    days = schedule.slots
    return max((after - before - 1) % 7 + 1 for before, after in zip(days, (*days[1:], days[0]), strict=True))


def marked(past: Sequence[Sent], day: int, **changes: Any) -> tuple[Sent, ...]:
    """The same, the one sent on this day with these changes; none where there is no such."""
    return tuple(replace(sent, **changes) if sent.day == day else sent for sent in past)


def pack_plan(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON values."""
    schedule = plan.schedule
    return {
        "days": list(schedule.days),
        "at": schedule.at.isoformat("minutes"),
        "zone": schedule.zone,
        "knowing": schedule.knowing,
        "paused": _moment(schedule.paused),
        "unanswered": schedule.pace.unanswered,
        "said": schedule.pace.said,
        "needs": list(plan.needs),
        "follows": plan.follows,
        "seed": plan.seed,
        "language": plan.language,
        "last_day": plan.last_day.isoformat() if plan.last_day else None,
        "later": _moment(plan.later),
        "care": _moment(plan.care),
        "daily": plan.daily,
        "reminder": _packed(plan.reminder),
        "week": plan.week.isoformat() if plan.week else None,
    }


def unpack_plan(values: Any) -> Plan:
    """The plan that was packed. Raises UnreadablePlan."""
    try:
        return Plan(
            schedule=_schedule(*(values[name] for name in _SCHEDULE), days=tuple(values["days"])),
            needs=tuple(values["needs"]),
            follows=values["follows"],
            seed=values["seed"],
            language=values["language"],
            last_day=date.fromisoformat(values["last_day"]) if values["last_day"] else None,
            later=_instant(values["later"]),
            care=_instant(values["care"]),
            # What was stored before there was anything but nudges has none of these.
            daily=values.get("daily", True) is True,
            reminder=_reminder(values.get("reminder")),
            week=date.fromisoformat(values["week"]) if values.get("week") else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadablePlan("these values hold no plan") from error


_SCHEDULE = ("at", "zone", "knowing", "paused", "unanswered", "said")


@lru_cache(maxsize=4096)  # many chose the same
def _schedule(at: str, zone: str, knowing: bool, paused: str | None, unanswered: int, said: Any, *, days: Days) -> Schedule:
    return Schedule(
        days=days,
        at=time.fromisoformat(at),
        zone=zone,
        knowing=knowing,
        paused=_instant(paused),
        pace=Pace(unanswered=unanswered, said=said),
    )


def pack_past(past: Sequence[Sent]) -> list[list[Any]]:
    """What was sent, as plain JSON values; the oldest make room."""
    return [[sent.nudge, sent.day, sent.answer, sent.liked, sent.answered] for sent in past[-MOST_SENT:]]


def unpack_past(values: Any) -> tuple[Sent, ...]:
    """What was packed; what cannot be read is as if it had not been sent."""
    found = []
    for row in values if isinstance(values, list) else ():
        try:
            nudge, day, answer, liked, answered = row
        except (TypeError, ValueError):
            continue
        when = answered if isinstance(answered, int) else None
        found.append(Sent(nudge=str(nudge), day=int(day), answer=_answer(answer), liked=bool(liked), answered=when))
    return tuple(found)


def read_plan(data: bytes) -> Plan:
    """The plan in these bytes. Raises UnreadablePlan."""
    try:
        return unpack_plan(loads(data))
    except ValueError as error:
        raise UnreadablePlan("these bytes hold no plan") from error


def _packed(reminder: Reminder | None) -> dict[str, Any] | None:
    return None if reminder is None else {"since": reminder.since.isoformat(), "unanswered": reminder.unanswered}


def _reminder(values: Any) -> Reminder | None:
    return None if values is None else Reminder(since=date.fromisoformat(values["since"]), unanswered=int(values["unanswered"]))


def _answer(value: Any) -> Answer | None:
    return value if value in ("done", "skipped", "not_for_me") else None


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else aware(moment).isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else aware(datetime.fromisoformat(text))
