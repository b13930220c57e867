"""At what hour, and by which clock: what every dialog asks before anything is sent by itself, and what the answers come to."""

from __future__ import annotations

from collections.abc import Callable

from bot.conversation.dialog import One, Option, Read, Step, View
from bot.conversation.replies import Say, Territory, Value, Zone
from bot.nudges.schedule import Quiet
from bot.understanding.notation import unpack_hour, unpack_place

# In place of what the clock shows: rather name a city, after all.
CITY = "back"
HOURS = ("09:00", "12:00", "15:00", "18:00", "20:00")


def steps(dialog: str) -> tuple[Step, ...]:
    """The questions as steps of this dialog. Each leads to its step `after`, which asks `following` for the next."""

    def zones(view: View) -> tuple[Option, ...]:
        return (*places(view), Option("clock", "clock"))

    def places(view: View) -> tuple[Option, ...]:
        near = offers(dialog, view, _place)
        return near if view.frames[dialog].step != "clock" or near else (Option(CITY, "zone"),)

    def hours(view: View) -> tuple[Option, ...]:
        near = offers(dialog, view, _at)
        return near or tuple(Option(f"at{value[:2]}", "after", note=value, label=_at(value)) for value in HOURS)

    return (
        Read(name="hour", words="nudging.hour", reads="hour", options=hours, targets=("after",), to="after"),
        One(name="loud", words="nudging.loud", options=(Option("keep", "after"), Option("other", "hour"))),
        Read(name="zone", words="nudging.zone", reads="place", options=zones, targets=("after", "clock"), to="after"),
        Read(name="clock", words="nudging.clock", reads="clock", options=places, targets=("after", "zone"), to="after"),
    )


def following(view: View) -> str:
    """The question that the last answer calls for by itself; empty where none does."""
    answers = view.answers
    if "hour" in answers and loud(view) and _last(view, "loud") < _last(view, "hour"):
        return "loud"
    return "clock" if answers.get("zone") == "clock" and answers.get("clock", CITY) == CITY else ""


def offers(dialog: str, view: View, label: Callable[[str], Say]) -> tuple[Option, ...]:
    """What the words typed last may have meant."""
    frame = view.frames.get(dialog)
    values = frame.picked if frame else ()
    return tuple(Option(f"near{n}", "after", note=value, label=label(value)) for n, value in enumerate(values))


def loud(view: View) -> bool:
    """Whether the hour that was answered is within the quiet ones."""
    try:
        return Quiet().covers(unpack_hour(str(view.answers["hour"])))
    except ValueError:
        return False


def chosen_zone(view: View) -> str | None:
    """The name of the zone that was answered; None where none was."""
    given = view.answers.get("zone")
    given = view.answers.get("clock") if given == "clock" else given
    return unpack_place(given).zone if isinstance(given, str) and given not in ("", CITY) else None


def _last(view: View, name: str) -> int:
    """Where in the trail this was answered last; -1 where it was not."""
    return max((place for place, (step, _) in enumerate(view.trail) if step == name), default=-1)


def _at(value: str) -> Say:
    return Say("nudging.hour.at", {"hour": unpack_hour(value)})


def _place(value: str) -> Say:
    found = unpack_place(value)
    if not found.name:
        return Say("nudging.zone.bare", {"zone": Zone(found.zone)})
    values: dict[str, Value] = {"name": found.name, "country": Territory(found.country)}
    return Say("nudging.zone.state", {**values, "state": found.region}) if found.region else Say("nudging.zone.place", values)
