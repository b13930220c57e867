"""What was kept, looked back on: results, check-ins and things done, in words and as pictures; and deleting any of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.content.instruments import UCLA3
from bot.content.model import Pack
from bot.conversation.dialog import END, Branch, Dialog, One, Option, Step, Tell, View
from bot.conversation.effects import CHECKIN, Drop, Effect
from bot.conversation.facts import CHECKINS, ENTRIES, PROGRESS
from bot.conversation.replies import Lines, Say
from bot.handlers.charts import Charts
from bot.handlers.kept import EXPLORATION, NUDGE, REFLECTION, Kept, Telling, kept
from bot.handlers.reminders import WEEKLY, ways
from bot.nudges.compose import Shelf

WEEK = timedelta(days=7)
LONGEST_DAY = 9  # digits of the ordinal that a button carries, at most
LONG_PAST = 14  # days after which a message's button shows the last seven days, as any other does
# How many are told one by one; and how many stand on one page of the list.
LATEST, PAGE = 5, 5
# What is looked at more closely, and of which kind it is. Each has a step of its own.
PARTS = {"needs": EXPLORATION, "checkins": CHECKIN, "ideas": NUDGE}


def dialog(pack: Pack, shelf: Callable[[], Shelf]) -> Dialog:
    """Progress, for whoever asked to be remembered; and for others, how it could be."""
    look = _Look(pack, shelf)
    return Dialog(
        name="progress",
        gated=True,
        entries=("looked",),
        table=(
            One(name="page", words="progress.page", says=look.page, options=look.choices, targets=_TARGETS),
            *look.parts(),
            Tell(name="week", words="progress.week", says=look.week, to="page"),
            Tell(name="looked", words="progress.week", says=look.looked, to="page"),
            One(name="list", words="progress.list", says=look.list, options=look.listed, targets=("gone", "list", "page", END)),
            Tell(name="gone", words="progress.gone", to="left"),
            Branch(name="left", words="", decide=lambda view: "list" if _deletable(view) else "page", targets=("list", "page")),
        ),
    )


_TARGETS = (*PARTS, "week", "list", "privacy/ask", "checkin/offer", "checkin/", "weekly/door", "why/", END)


class _Look:
    """Everything that is said about what was kept."""

    def __init__(self, pack: Pack, shelf: Callable[[], Shelf]) -> None:
        self.telling = Telling(pack, shelf)
        self.charts = Charts(pack)

    # -- the page -------------------------------------------------------------------------------------------------

    def page(self, view: View) -> tuple[Say, ...]:
        """How much there is; or that there is nothing, and why."""
        if not _agreed(view):
            return (Say("progress.page.off"),)
        found = kept(view)
        if not found:
            return (Say("progress.page.empty"),)
        counts = {part: sum(each.kind == kind for each in found) for part, kind in PARTS.items()}
        results = [each for each in found if each.kind == EXPLORATION]
        return (
            Say("progress.page.text", {"date": found[0].at.date(), **counts}),
            *((Say("progress.page.latest", {"what": self.telling.told(results[-1])}),) if results else ()),
        )

    def choices(self, view: View) -> tuple[Option, ...]:
        """What can be looked at, and what can be kept from now on."""
        found = kept(view)
        kinds = {each.kind for each in found}
        some = (Option("week", "week"), Option("list", "list")) if found else ()
        return (
            *(Option(part, part) for part, kind in PARTS.items() if kind in kinds),
            *some,
            *(() if view.facts.consent(PROGRESS) else (Option("remember", "privacy/ask"),)),
            *(() if view.facts.consent(CHECKINS) else (Option("keep_checkins", "checkin/offer"),)),
            Option("checkin", "checkin/"),
            *ways(view, WEEKLY),
            *(() if kinds else (Option("why", "why/"),)),
            Option("done", END),
        )

    # -- one part closely -----------------------------------------------------------------------------------------

    def parts(self) -> tuple[Step, ...]:
        """What there is of one kind, the latest first, and a picture of it where one says more."""
        drawn = {"needs": self.charts.needs, "checkins": self.charts.checkins}
        return tuple(
            Tell(
                name=part,
                words=f"progress.{part}",
                says=self._part(part, kind),
                effects=_drawing(kind, drawn[part]) if part in drawn else (),
                to="page",
            )
            for part, kind in PARTS.items()
        )

    def _part(self, part: str, kind: str) -> Callable[[View], tuple[Say, ...]]:
        def says(view: View) -> tuple[Say, ...]:
            found = kept(view, kind)
            rows = self._rows(found[: -LATEST - 1 : -1])
            return (
                Say(f"progress.{part}.text", {"rows": rows}, keep=True),
                *((Say("progress.earlier", {"count": len(found) - LATEST}, keep=True),) if len(found) > LATEST else ()),
                *((Say(f"progress.{part}.note", keep=True),) if part != "ideas" else ()),
            )

        return says

    def _rows(self, found: tuple[Kept, ...]) -> Lines:
        return Lines(tuple(Say("progress.row", {"date": each.at.date(), "what": self.telling.told(each)}) for each in found))

    # -- looking back ---------------------------------------------------------------------------------------------

    def week(self, view: View) -> tuple[Say, ...]:
        """The last seven days."""
        return self._since(view, view.facts.now - WEEK)

    def looked(self, view: View) -> tuple[Say, ...]:
        """The week that a message was about, and what came since then; the last seven days where that is long past."""
        mark, now = view.marks.get("mail", ""), view.facts.now
        ago = now.toordinal() - int(mark) if mark.isdecimal() and len(mark) < LONGEST_DAY else 0
        return self._since(view, now - WEEK - timedelta(days=ago if 0 < ago <= LONG_PAST else 0))

    def _since(self, view: View, begin: datetime) -> tuple[Say, ...]:
        found = tuple(each for each in kept(view) if each.at > begin)
        if not found:
            return (Say("progress.week.empty", keep=True),)
        done = any(each.kind in {NUDGE, REFLECTION} for each in found)
        close = "progress.week.done" if done else "progress.week.close"
        return (Say("progress.week.text", {"rows": self._rows(found[-2 * LATEST :])}, keep=True), Say(close, keep=True))

    # -- deleting -------------------------------------------------------------------------------------------------

    def list(self, view: View) -> tuple[Say, ...]:
        """One page of everything, the latest first."""
        found = _deletable(view)
        rows = tuple(
            Say("progress.list.row", {"place": place, "date": each.at.date(), "what": self.telling.told(each)})
            for place, each in _page(found, _begin(view, found))
        )
        return (Say("progress.list.text", {"rows": Lines(rows)}),) if rows else (Say("progress.page.empty"),)

    def listed(self, view: View) -> tuple[Option, ...]:
        """A button to delete each, at one tap."""
        found = _deletable(view)
        # A button's key is short; the ids are random, and their beginnings differ on any page.
        begin = _begin(view, found)
        return (
            *(
                Option(
                    f"delete_{each.id[:8]}",
                    "gone",
                    note=str(begin),
                    effects=(Drop(each.id),),
                    label=Say("progress.list.delete", {"place": place}),
                    also="progress.list.also.delete",
                )
                for place, each in _page(found, begin)
            ),
            *((Option("older", "list", note=str(begin + PAGE)),) if begin + PAGE < len(found) else ()),
            *((Option("newer", "list", note=str(max(0, begin - PAGE))),) if begin else ()),
            Option("page", "page"),
            Option("done", END),
        )


def _agreed(view: View) -> bool:
    return any(view.facts.consent(purpose) for purpose in (PROGRESS, CHECKINS))


def _drawing(kind: str, draw: Callable[[tuple[Kept, ...]], tuple[Effect, ...]]) -> Callable[[View], tuple[Effect, ...]]:
    return lambda view: draw(kept(view, kind))


def _deletable(view: View) -> tuple[Kept, ...]:
    """All that has been stored, the latest first."""
    return tuple(each for each in reversed(kept(view)) if each.id)


def _begin(view: View, found: tuple[Kept, ...]) -> int:
    """Where the page of the list begins: what was turned to since the list was opened, as far as there still is so much."""
    last = view.trail[-1] if view.trail else ("", "")
    note = last[1] if last[0] == "list" else ""
    begin = int(note) if isinstance(note, str) and note.isdecimal() else 0
    return begin if begin < len(found) else max(0, (len(found) - 1) // PAGE * PAGE)


def _page(found: tuple[Kept, ...], begin: int) -> tuple[tuple[int, Kept], ...]:
    return tuple(enumerate(found[begin : begin + PAGE], start=begin + 1))


# -- papers as they may be stored ---------------------------------------------------------------------------------------


def _sample(number: int, kind: str, at: datetime, **content: object) -> dict[str, object]:
    return {"id": f"{number:032x}", "kind": kind, "at": at.isoformat(), "content": content}


def _checkin(number: int, at: datetime, score: int, direct: str) -> dict[str, object]:
    more = {"answers": ["some", "some", "some"], "direct": direct, "touch": "less"}
    return _sample(number, CHECKIN, at, instrument=UCLA3.id, version=UCLA3.version, score=score, **more)


_EARLY, _LATE = datetime(2025, 11, 3, 18, tzinfo=UTC), datetime(2026, 1, 5, 11, 50, tzinfo=UTC)
_MUCH = (
    _sample(1, EXPLORATION, _EARLY, shares={"emotional": 0.5, "touch": 0.2}, needs=["emotional"]),
    *(_sample(3 + n, NUDGE, _EARLY + n * WEEK, nudge="song_sent") for n in range(6)),
)
_LATELY = (
    _sample(10, EXPLORATION, _EARLY + 2 * WEEK, shares={"emotional": 0.1}, needs=[]),
    _sample(11, NUDGE, _LATE, nudge="one that is no more"),
    _sample(12, REFLECTION, _LATE, nudge="song_sent", words="a few words"),
    _sample(13, "something newer", _LATE),
)
# Of somebody whose last check-in was long ago, and of one who did another just now.
SAMPLES = tuple(
    {ENTRIES: {"entries": list(entries)}}
    for entries in (
        (_checkin(2, _EARLY, 8, "some"), *_MUCH, *_LATELY),
        (_checkin(2, _EARLY, 4, "some"), *_MUCH, _checkin(14, _LATE, 3, "odd")),
    )
)
