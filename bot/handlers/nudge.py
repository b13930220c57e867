"""One nudge: the one that was sent, behind its first button, with every answer to it; or one for now, without any storage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.content.model import Pack
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Step, Tell, View, Write
from bot.conversation.effects import Effect, Keep, Mark
from bot.conversation.facts import NUDGES, PROGRESS
from bot.conversation.replies import Say
from bot.handlers.planned import chance, changing, plan_of, put
from bot.handlers.result import Result
from bot.handlers.steps import close_by
from bot.nudges.clock import is_quiet, local_day
from bot.nudges.compose import Sent, Shelf, Today
from bot.nudges.plan import MOST_UNANSWERED, Plan, Reminder, marked, pack_past, pack_plan, unpack_past
from bot.nudges.schedule import WEEKDAYS, Pace, Schedule

# The buttons under what is sent unasked, by their names, and where they lead. Those of an open nudge are among them, so that
# they still mean the same after a restart. Each carries the day (an ordinal) of what it belongs to.
MAIL = {
    "open": "nudge/open",
    "how": "nudge/how",
    "done": "nudge/done",
    "skip": "nudge/skip",
    "later": "nudge/later",
    "dislike": "nudge/dislike",
    "care": "nudge/care",
    "wake": "nudging/woken",
    "stop": "nudging/stop",
    "begin": "reminder/begin",
    "not_now": "reminder/not_now",
    "remind_again": "reminder/woken",
    "stop_reminders": "reminder/stop",
    "look": "progress/looked",
    "stop_weeks": "weekly/stop",
}
EXAMPLE = 739_000
SHOWN = ("done", "how", "skip", "later", "dislike", "stop")
LATER = timedelta(hours=3)
# Plans as they may be stored: of somebody just begun, slowed, at rest, and paused; with reminders and looks back as well, with
# those alone, and with reminders that have ended.
_WEEK = date(2026, 1, 2)
_OVER = Reminder(since=_WEEK, unanswered=MOST_UNANSWERED + 1)
_TOKYO = Schedule(at=time(9), zone="Asia/Tokyo", pace=Pace(unanswered=8, said="resting"))
_NEW_YORK = Schedule(at=time(20), zone="America/New_York", paused=datetime(2030, 1, 1, tzinfo=UTC))
_PLANS = (
    Plan(schedule=Schedule(at=time(18), zone="Europe/Berlin")),
    Plan(
        schedule=Schedule(at=time(9), zone="UTC+05:30", days=WEEKDAYS, pace=Pace(unanswered=4, said="slow")),
        needs=("emotional", "touch"),
        reminder=Reminder(since=_WEEK),
        week=_WEEK,
    ),
    Plan(schedule=_TOKYO, needs=("belonging",), reminder=_OVER),
    Plan(schedule=_NEW_YORK, reminder=_OVER),
    Plan(schedule=Schedule(at=time(18), zone="UTC"), daily=False, reminder=Reminder(since=_WEEK), week=_WEEK),
    Plan(schedule=Schedule(at=time(18), zone="UTC"), daily=False, reminder=_OVER),
)
SAMPLES = tuple(
    {NUDGES: {"plan": pack_plan(plan), "past": pack_past((Sent(nudge="song_sent", day=EXAMPLE),))}} for plan in _PLANS
)
LONGEST_LINE = 280


def dialog(pack: Pack, result: Result, shelf: Callable[[], Shelf]) -> Dialog:
    """Nudges as they are shown and answered. `shelf` reads all of them when first called."""
    drawing = _Drawing(pack, result, shelf)
    return Dialog(
        name="nudge",
        gated=True,
        entries=("open", "how", "done", "skip", "later", "dislike", "care"),
        table=(*drawing.steps(), *_answering(pack, lambda view: nudge if (nudge := _nudge(view)) in shelf() else "")),
    )


# -- one that was sent -------------------------------------------------------------------------------------------------


def _past(view: View) -> tuple[Sent, ...]:
    paper = view.facts.paper(NUDGES) if view.facts.consent(NUDGES) else None
    return unpack_past(paper["past"]) if paper else ()


def _day(view: View) -> int:
    """Whose answer this is: the day of the nudge whose button was pressed."""
    mark = view.marks.get("mail", "")
    return int(mark) if mark.isdecimal() and len(mark) < 9 else 0


def _nudge(view: View) -> str:
    """The nudge of that day; empty where it is not known."""
    day = _day(view)
    return next((sent.nudge for sent in reversed(_past(view)) if sent.day == day), "")


def _answering(pack: Pack, known: Callable[[View], str]) -> tuple[Step, ...]:
    """`known` gives the nudge that an answer is about; empty where there is none, or none any more."""
    return (
        Branch(name="open", words="", decide=lambda view: "today" if known(view) else "gone", targets=("today", "gone")),
        Branch(name="how", words="", decide=lambda view: "way" if known(view) else "gone", targets=("way", "gone")),
        _screen(pack, "today", ("text", "plan"), SHOWN, known),
        _screen(pack, "way", ("text", "how", "plan"), tuple(name for name in SHOWN if name != "how"), known),
        Tell(name="gone", words="nudge.gone", to=END),
        Tell(name="done", words="nudge.done", says=_varied("nudge.done"), effects=_doing, to="more"),
        One(name="more", words="nudge.more", options=_more, targets=("liked", "reflect", "progress/page", END)),
        Tell(name="liked", words="nudge.liked", effects=lambda view: _mark(view, liked=True), to=END),
        Write(name="reflect", words="nudge.reflect", longest=LONGEST_LINE, skip=True, to="reflected"),
        Tell(name="reflected", words="nudge.reflected", effects=_reflected, to=END),
        Tell(name="skip", words="nudge.skip", says=_varied("nudge.skip"), effects=_answered("skipped"), to=END),
        Tell(name="dislike", words="nudge.dislike", says=_varied("nudge.dislike"), effects=_answered("not_for_me"), to=END),
        Tell(name="later", words="nudge.later", says=_when, effects=_later, to=END),
        One(
            name="care",
            words="nudge.care",
            options=(Option("better", "glad"), Option("hard", "safety/sos"), Option("rather_not", END)),
        ),
        Tell(name="glad", words="nudge.glad", to=END),
    )


def _screen(pack: Pack, name: str, parts: Sequence[str], answers: Sequence[str], known: Callable[[View], str]) -> One:
    def says(view: View) -> tuple[Say, ...]:
        nudge = known(view)
        return tuple(Say(f"{pack.name}.nudges.{nudge}.{part}") for part in parts) if nudge else (Say("nudge.gone.text"),)

    def options(view: View) -> tuple[Option, ...]:
        day = _day(view)
        return tuple(
            Option(f"{each}.{day}", MAIL[each], words=f"nudge.today.options.{each}", also=f"nudge.today.also.{each}")
            for each in answers
        )

    return One(name=name, words=f"nudge.{name}", says=says, options=options, targets=tuple(MAIL[each] for each in answers))


def _varied(key: str) -> Callable[[View], tuple[Say, ...]]:
    return lambda view: (Say(f"{key}.text", nth=_day(view)),)


def _mark(view: View, **changes: object) -> tuple[Effect, ...]:
    """Note something about that day's nudge, and that the person answered."""
    plan = plan_of(view)
    if plan is None or not _nudge(view):
        return ()
    return (put(view, plan.answered(), marked(_past(view), _day(view), **changes)),)


def _answered(answer: str) -> Callable[[View], tuple[Effect, ...]]:
    return lambda view: _mark(view, answer=answer, answered=_today(view))


def _today(view: View) -> int:
    """The local day, as an ordinal."""
    plan = plan_of(view)
    return (local_day(plan.schedule, view.facts.now) if plan else view.facts.now).toordinal()


def _doing(view: View) -> tuple[Effect, ...]:
    nudge = _nudge(view)
    kept = (Keep("nudge", {"nudge": nudge}),) if nudge and view.facts.consent(PROGRESS) else ()
    return (*_answered("done")(view), *kept)


def _more(view: View) -> tuple[Option, ...]:
    kept = view.facts.consent(PROGRESS) is not None
    words = (Option("write", "reflect"),) if kept and _nudge(view) else ()
    look = (Option("progress", "progress/page"),) if kept else ()
    return (*((Option("like", "liked"),) if _nudge(view) else ()), *words, *look, Option("done", END))


def _reflected(view: View) -> tuple[Effect, ...]:
    said = view.answers.get("reflect")
    if not isinstance(said, str) or not said or view.facts.consent(PROGRESS) is None:
        return ()
    return (Keep("reflection", {"nudge": _nudge(view), "words": said}),)


def _later(view: View) -> tuple[Effect, ...]:
    if not _nudge(view) or not _fits(view):
        return ()
    return changing(view, lambda plan: replace(plan.answered(), later=view.facts.now + LATER))


def _fits(view: View) -> bool:
    """Whether it can still come later today."""
    plan, then = plan_of(view), view.facts.now + LATER
    if plan is None or is_quiet(plan.schedule, then):
        return False
    return local_day(plan.schedule, then) == local_day(plan.schedule, view.facts.now)


def _when(view: View) -> tuple[Say, ...]:
    return (Say("nudge.later.text" if _fits(view) else "nudge.later.not_today"),)


# -- one for now -------------------------------------------------------------------------------------------------------


class _Drawing:
    """`/nudge`: one of all that suit, drawn anew each time, never one that was shown a moment ago."""

    def __init__(self, pack: Pack, result: Result, shelf: Callable[[], Shelf]) -> None:
        self.pack, self.result, self.shelf = pack, result, shelf

    def steps(self) -> tuple[Step, ...]:
        """The drawing, and what can be done with what was drawn."""
        return (
            Tell(name="draw", words="", says=lambda view: (), effects=self.drawn, to="now"),
            One(name="now", words="nudge.now", says=self.says("text", "plan"), options=self.options, targets=_NOW),
            One(name="now_how", words="nudge.now", says=self.says("text", "how", "plan"), options=self.options, targets=_NOW),
        )

    def drawn(self, view: View) -> tuple[Effect, ...]:
        """Remember which one is shown."""
        plan = plan_of(view)
        seen = tuple(Sent(nudge=note, day=0) for _, note in view.trail if isinstance(note, str))
        today = Today(
            seed=chance(view),
            day=view.facts.now.toordinal(),
            needs=(plan.needs if plan else ()) or self.result.alive(view.frames),
            past=(*_past(view), *seen),
            near=close_by(self.pack, view),
        )
        chosen = self.shelf().choose(today)
        return (Mark("nudge", chosen.nudge if chosen else ""),)

    def says(self, *parts: str) -> Callable[[View], tuple[Say, ...]]:
        def says(view: View) -> tuple[Say, ...]:
            nudge = view.marks.get("nudge", "")
            return tuple(Say(f"{self.pack.name}.nudges.{nudge}.{part}") for part in parts) if nudge else (_NOTHING,)

        return says

    def options(self, view: View) -> tuple[Option, ...]:
        nudge = view.marks.get("nudge", "")
        how = (Option("how", "now_how", note=nudge),) if nudge and view.frames["nudge"].step == "now" else ()
        daily = (Option("daily", "nudging/door"),) if view.facts.reaches and plan_of(view) is None else ()
        return (*how, Option("another", "draw", note=nudge), *daily, Option("done", END))


_NOW = ("now_how", "draw", "nudging/door", END)
_NOTHING = Say("nudge.gone.text")
