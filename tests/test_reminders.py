"""Asking for reminders of check-ins and for looks back on the week, on the real dialogs: every branch, and what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.conversation.effects import CHECKIN, Clear, Effect, Grant, Mark, Put, Withdraw
from bot.conversation.events import Alarmed, Tapped
from bot.conversation.facts import CHECKINS, ENTRIES, NUDGES, PROGRESS, Consent
from bot.conversation.walk import Turn
from bot.nudges.plan import MOST_UNANSWERED, Plan, Reminder, pack_plan, unpack_plan
from bot.nudges.schedule import Schedule
from tests.kernel import START, called, keys, new_id, opened, tapped, text_of, then, typed

TODAY = START.date()
CHECKED = (Consent(purpose=CHECKINS, version=2, at=START),)
KEPT = (Consent(purpose=PROGRESS, version=2, at=START),)
NUDGED = (Consent(purpose=NUDGES, version=1, at=START),)
ALL = (*NUDGED, *CHECKED, *KEPT)
SCHEDULE = Schedule(at=START.time().replace(hour=18, tzinfo=None), zone="UTC")
REMINDED = Plan(schedule=SCHEDULE, daily=False, reminder=Reminder(since=TODAY - timedelta(days=3), unanswered=2))
WEEKLY = Plan(schedule=SCHEDULE, daily=False, week=TODAY)
EVERYTHING = replace(REMINDED, daily=True, week=TODAY, needs=("touch",))
OVER = replace(REMINDED, reminder=Reminder(since=TODAY, unanswered=MOST_UNANSWERED + 1))


def checkin(days: float) -> dict[str, Any]:
    at = (START - timedelta(days=days)).isoformat()
    return {"id": f"{int(days):032x}", "kind": CHECKIN, "at": at, "content": {"direct": "some"}}


def adult(consents: tuple[Consent, ...] = (), plan: Plan | None = None, *entries: dict[str, Any], reaches: bool = True) -> Turn:
    turn = opened(consents)
    past = [["song_sent", 739_000, None, False, None]]
    paper = None if plan is None else {"plan": pack_plan(plan), "past": past, "version": 4}
    papers = {NUDGES: paper, ENTRIES: {"entries": list(entries)}}
    return tapped(replace(turn, facts=replace(turn.facts, papers=papers, reaches=reaches)), "adult")


def mailed(turn: Turn, button: str, day: int = TODAY.toordinal()) -> Turn:
    return then(turn, Tapped(id=new_id(), turn=0, key=f"{button}.{day}"))


def last(turn: Turn) -> Effect:
    return next(effect for effect in reversed(turn.effects) if isinstance(effect, Put | Clear))


def stored(turn: Turn) -> Plan:
    put = last(turn)
    assert isinstance(put, Put)
    plan = unpack_plan(put.content["plan"])
    assert put.due == plan.due(turn.facts.now)
    return plan


def shown(turn: Turn) -> str:
    return turn.prompt.says[0].key


# -- asking for it -----------------------------------------------------------------------------------------------------


def test_the_hour_and_the_clock_are_asked_and_then_a_yes_of_its_own():
    turn = tapped(called(adult(), "checkin"), "reminder")
    assert shown(turn) == "nudging.hour.text"
    turn = tapped(turn, "at18")
    assert shown(turn) == "nudging.zone.text"
    turn = typed(turn, "utc")
    assert shown(turn) == "reminder.confirm.text"
    assert "6:00" in text_of(turn)
    assert not turn.effects
    assert shown(tapped(turn, "change")) == "nudging.hour.text"
    no, yes = tapped(turn, "no"), tapped(turn, "yes")
    assert (no.effects, no.facts.consents) == ((), ())
    assert Grant(CHECKINS, 2) in yes.effects
    plan = stored(yes)
    assert (plan.daily, plan.reminder, plan.week) == (False, Reminder(since=TODAY), None)
    assert (plan.schedule.at.hour, plan.schedule.zone) == (18, "UTC+00:00")


def test_a_quiet_hour_is_asked_about_and_the_clock_can_stand_for_the_city():
    turn = typed(tapped(called(adult(), "checkin"), "reminder"), "half past nine in the evening")
    assert shown(turn) == "nudging.loud.text"
    turn = tapped(turn, "keep", "clock")
    assert shown(turn) == "nudging.clock.text"
    city = tapped(turn, "back")
    assert shown(city) == "nudging.zone.text"
    assert shown(tapped(city, "clock")) == "nudging.clock.text"
    assert stored(tapped(typed(city, "tokyo"), "yes")).schedule.zone == "Asia/Tokyo"
    plan = stored(tapped(typed(turn, "14:00"), "yes"))
    assert (plan.schedule.loud, plan.schedule.zone) == (True, "Asia/Karachi")


@pytest.mark.parametrize(("days", "since"), [((30, 5), 5), ((40,), 40), ((), 0)])
def test_the_fortnight_counts_from_the_last_checkin(days: tuple[int, ...], since: int):
    turn = tapped(called(adult((*NUDGED, *CHECKED), Plan(schedule=SCHEDULE), *map(checkin, days)), "nudges"), "reminder", "yes")
    plan = stored(turn)
    assert plan.reminder == Reminder(since=TODAY - timedelta(days=since))
    assert plan.daily


def test_looks_back_are_asked_for_on_the_progress_page():
    page = called(adult(KEPT, None, {**checkin(2), "kind": "nudge", "content": {"nudge": "song_sent"}}), "progress")
    turn = typed(tapped(page, "weekly", "at18"), "utc")
    assert shown(turn) == "weekly.confirm.text"
    turn = tapped(turn, "yes")
    assert Grant(PROGRESS, 2) in turn.effects
    assert stored(turn).week == TODAY


@pytest.mark.parametrize("reaches", [True, False])
def test_where_it_is_offered(reaches: bool):
    assert ("reminder" in keys(called(adult(reaches=reaches), "checkin"))) is reaches
    assert ("weekly" in keys(called(adult(KEPT, reaches=reaches), "progress"))) is reaches
    assert "weekly" not in keys(called(adult(CHECKED, reaches=reaches), "progress"))
    elsewhere = then(adult(reaches=False), Tapped(id=new_id(), turn=0, key="remind_again.1"))
    assert elsewhere.says[-1].key == "reminder.elsewhere.text"


def test_nobody_who_is_not_safe_with_somebody_near_is_offered_a_message_that_comes_by_itself():
    told = Alarmed(id=new_id(), tier="ask", category="abuse")
    turn = then(adult(ALL, Plan(schedule=SCHEDULE)), told)
    assert turn.session.marks["unsafe"]
    assert not {"reminder", "weekly"} & {*keys(called(turn, "nudges")), *keys(called(turn, "checkin"))}
    # What they have, they can end.
    assert "reminder" in keys(called(then(adult(CHECKED, REMINDED), told), "checkin"))


# -- once it is asked for ----------------------------------------------------------------------------------------------


def test_the_page_changes_the_hour_of_all_and_stops_its_own_part():
    page = tapped(called(adult(ALL, EVERYTHING), "nudges"), "reminder")
    assert shown(page) == "reminder.page.text"
    changed = stored(tapped(page, "hour", "at20"))
    assert changed == replace(EVERYTHING, schedule=replace(SCHEDULE, at=SCHEDULE.at.replace(hour=20)))
    assert stored(typed(tapped(page, "zone"), "berlin")).schedule.zone == "Europe/Berlin"
    assert stored(tapped(page, "stop")) == replace(EVERYTHING, reminder=None)
    week = tapped(called(adult(ALL, EVERYTHING), "nudges"), "weekly")
    assert stored(tapped(week, "stop")) == replace(EVERYTHING, week=None)


@pytest.mark.parametrize(("plan", "button"), [(REMINDED, "stop_reminders"), (WEEKLY, "stop_weeks")])
def test_one_tap_on_the_message_stops_it_and_nothing_stays_of_the_last(plan: Plan, button: str):
    turn = mailed(adult(ALL[1:], plan), button)
    assert last(turn) == Clear(NUDGES)
    assert turn.facts.consents == ALL[1:]
    again = mailed(turn, button)
    assert not any(isinstance(effect, Put | Clear) for effect in again.effects)


def test_its_buttons_lead_where_they_say_also_of_somebody_of_whom_nothing_is_remembered():
    begun = adult(CHECKED, REMINDED)
    for before in (begun, replace(begun, session=None)):
        assert shown(mailed(before, "begin")) == "checkin.hello.text"
        turn = mailed(before, "not_now")
        assert turn.says[-1].key == "reminder.not_now.text"
        assert stored(turn).reminder == Reminder(since=TODAY - timedelta(days=3))


def test_after_the_last_word_only_asking_brings_them_back():
    for button in ("begin", "not_now"):
        assert stored(mailed(adult(CHECKED, OVER), button)).reminder == OVER.reminder
    assert stored(mailed(adult(CHECKED, OVER), "remind_again")).reminder == Reminder(since=TODAY)
    page = tapped(called(adult(CHECKED, OVER), "checkin"), "reminder")
    assert page.prompt.says[-1].key == "nudging.page.resting"
    assert stored(tapped(page, "wake")).reminder == Reminder(since=TODAY)


def test_a_checkin_by_hand_begins_the_fortnight_anew():
    turn = tapped(called(adult(CHECKED, REMINDED), "checkin"), "begin", "some", "some", "some", "some", "enough")
    assert stored(turn).reminder == Reminder(since=TODAY)
    off = tapped(called(adult(CHECKED, WEEKLY), "checkin"), "begin", "some", "some", "some", "some", "enough")
    assert not any(isinstance(effect, Put | Clear) for effect in off.effects)


def test_after_words_of_danger_they_rest_and_nobody_is_looked_in_on_who_did_not_ask_for_ideas():
    turn = then(adult(CHECKED, REMINDED), Alarmed(id=new_id(), tier="urgent", category="suicide"))
    assert stored(turn).schedule.paused == turn.facts.now + timedelta(hours=72)
    assert Mark("look_in", "ask") not in turn.effects
    assert "look_in" not in turn.session.marks


def test_the_week_of_a_message_is_looked_back_on_also_days_later():
    old = {**checkin(9), "kind": "nudge", "content": {"nudge": "song_sent"}}
    today = TODAY.toordinal()
    for day, seen in ((today - 3, True), (today, False), (today - 30, False), (0, False), (99_999_999, False)):
        turn = mailed(adult(ALL, WEEKLY, old), "look", day)
        assert ("progress.week.text" in [say.key for say in turn.says]) is seen


# -- a yes taken back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "left"),
    [
        (NUDGES, replace(EVERYTHING, daily=False, needs=())),
        (CHECKINS, replace(EVERYTHING, reminder=None)),
        (PROGRESS, replace(EVERYTHING, week=None)),
    ],
)
def test_each_yes_taken_back_ends_its_own_part(purpose: str, left: Plan):
    turn = tapped(called(adult(ALL, EVERYTHING), "privacy"), f"withdraw_{purpose}")
    assert stored(turn) == left
    put = last(turn)
    assert isinstance(put, Put)
    assert bool(put.content["past"]) is (purpose != NUDGES)


def test_the_last_part_takes_all_with_it():
    turn = tapped(called(adult(ALL, REMINDED), "privacy"), "withdraw_checkins")
    assert last(turn) == Clear(NUDGES)
    # One that rests on another yes is not touched.
    other = tapped(called(adult(ALL, REMINDED), "privacy"), "withdraw_progress")
    assert not any(isinstance(effect, Put | Clear) for effect in other.effects)


def test_stop_ends_everything_that_would_message_and_keeps_the_checkins():
    turn = called(adult(ALL, EVERYTHING), "stop")
    assert last(turn) == Clear(NUDGES)
    assert Withdraw(NUDGES) in turn.effects
    assert {consent.purpose for consent in turn.facts.consents} == {CHECKINS, PROGRESS}


def test_what_there_is_no_yes_to_is_as_if_it_were_not_stored():
    view = adult(CHECKED, EVERYTHING)
    assert shown(called(view, "nudges")) == "nudging.offer.text"
    seen = stored(tapped(called(view, "checkin"), "begin", "some", "some", "some", "some", "enough"))
    assert (seen.daily, seen.week) == (False, None)


def test_a_plan_that_cannot_be_read_is_none():
    turn = adult(ALL)
    broken = replace(turn, facts=replace(turn.facts, papers={**turn.facts.papers, NUDGES: {"plan": {"days": 3}, "past": []}}))
    assert "reminder" in keys(called(broken, "checkin"))
    assert last(called(broken, "stop")) == Clear(NUDGES)


def test_the_privacy_page_names_what_comes_by_itself():
    def sent(consents: tuple[Consent, ...], plan: Plan | None) -> list[str]:
        page = called(adult(consents, plan), "privacy")
        return [word.key for say in page.prompt.says if say.key == "privacy.page.sent" for word in say.values["what"]]  # type: ignore[union-attr]

    assert sent(ALL, EVERYTHING) == ["reminder.name", "weekly.name"]
    assert sent(ALL, REMINDED) == ["reminder.name"]
    assert sent(ALL, Plan(schedule=SCHEDULE)) == sent((), None) == []
