"""Asking for daily nudges and changing them, on the real dialogs: what is typed, what is tapped, and what is stored by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.content.render import render
from bot.conversation.advance import advance
from bot.conversation.effects import Erase, Grant, Keep, Put, Withdraw
from bot.conversation.events import Alarmed, Tapped
from bot.conversation.facts import ENTRIES, NUDGES, PROGRESS, Consent, Facts
from bot.conversation.walk import Turn
from bot.handlers.nudge import EXAMPLE
from bot.handlers.nudging import PAUSE, REST
from bot.nudges.plan import Plan, unpack_past, unpack_plan
from tests.kernel import START, book, called, keys, new_id, opened, parts, tapped, text_of, then, through, typed

SUBSCRIBED = (Consent(purpose=NUDGES, version=1, at=START),)
KEPT = (*SUBSCRIBED, Consent(purpose=PROGRESS, version=1, at=START))


def mailed(turn: Turn, button: str, day: int = EXAMPLE) -> Turn:
    return then(turn, Tapped(id=new_id(), turn=0, key=f"{button}.{day}"))


def adult(consents: tuple[Consent, ...] = (), sample: int = 0, **facts: Any) -> Turn:
    turn = opened(consents)
    papers = book().samples[sample] if consents else {NUDGES: None, ENTRIES: None}
    return tapped(replace(turn, facts=replace(turn.facts, papers=papers, **facts)), "adult")


def stored(turn: Turn) -> Plan:
    """What the turn stores."""
    return unpack_plan(next(effect for effect in turn.effects if isinstance(effect, Put)).content["plan"])


def answered(turn: Turn) -> tuple[Any, ...]:
    sent = unpack_past(next(effect for effect in turn.effects if isinstance(effect, Put)).content["past"])[0]
    return sent.answer, sent.liked, sent.answered


def asked() -> Turn:
    """Somebody who is asked for the days."""
    return tapped(called(adult(), "nudges"), "yes")


# -- the way to the first one -----------------------------------------------------------------------------------------


def test_from_the_offer_to_the_first_one():
    turn = tapped(asked(), "weekdays", "at18")
    turn = typed(turn, "berlin")
    turn = tapped(turn, "any")
    assert "Monday, Tuesday, Wednesday, Thursday, and Friday" in text_of(turn)
    assert "6:00" in text_of(turn)
    assert "Berlin" in text_of(turn)
    assert not turn.effects
    turn = tapped(turn, "yes")
    assert Grant(NUDGES, 1) in turn.effects
    made = stored(turn)
    assert (made.schedule.days, f"{made.schedule.at}", made.schedule.zone) == ((0, 1, 2, 3, 4), "18:00:00", "Europe/Berlin")
    put = next(effect for effect in turn.effects if isinstance(effect, Put))
    assert put.due is not None
    assert START < put.due < START + timedelta(days=3)
    assert turn.facts.consent(NUDGES)


def test_days_of_ones_own_can_be_picked_or_typed():
    picked = tapped(asked(), "own", "1", "3", ":done", "at09")
    other = typed(asked(), "tuesdays and thursdays")
    for turn in (picked, tapped(other, "at09")):
        done = tapped(typed(turn, "utc"), "any", "yes")
        assert stored(done).schedule.days == (1, 3)


def test_needs_of_the_result_follow_a_new_one():
    done = through(tapped(adult(), "full"), lambda step, choices: choices[:1])[-1]
    turn = tapped(typed(tapped(called(done, "nudges"), "yes", "daily", "at09"), "utc"), "found", "yes")
    first = stored(turn)
    assert first.follows
    assert first.needs
    assert "emotional" not in first.needs
    again = tapped(called(turn, "why"), "over", "quick")
    again = through(again, lambda step, choices: choices[-1:])[-1]
    assert stored(tapped(again, "adjust", "first_emotional", "done", "leave")).needs[0] == "emotional"


def test_a_quiet_hour_is_asked_about_and_kept_only_knowingly():
    turn = typed(tapped(asked(), "daily"), "23:30")
    assert keys(turn) == ["keep", "other"]
    again = tapped(turn, "other")
    assert "at09" in keys(again)
    late = tapped(typed(tapped(turn, "keep"), "utc"), "any", "yes")
    assert stored(late).schedule.knowing
    assert stored(late).schedule.loud


def test_needs_can_be_picked():
    turn = tapped(typed(tapped(asked(), "daily", "at09"), "utc"), "some", "touch", "desire", ":done", "yes")
    assert set(stored(turn).needs) == {"touch", "desire"}


@pytest.mark.parametrize(
    ("words", "why", "offers"),
    [
        ("25:00", "lines.hour_range", True),
        ("half past", "lines.hour_none", True),
        ("8", "lines.which", True),
        ("when the moon is up", "lines.hour_none", False),
    ],
)
def test_an_hour_that_is_none_is_answered_with_the_closest(words, why, offers):
    before = tapped(asked(), "daily")
    turn = typed(before, words)
    assert [say.key for say in turn.says] == [why]
    if offers:
        assert keys(turn)[0] == "near0"
        assert "zone" in tapped(turn, "near0").prompt.says[0].key or "loud" in tapped(turn, "near0").prompt.says[0].key
    else:
        assert keys(turn) == keys(before)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("springfield", "lines.which"),
        ("GMT+13:45", "lines.place_range"),
        ("GMT+25", "lines.place_range"),
        ("Zzyzxville", "lines.place_none"),
        ("Berln", "lines.place_none"),
    ],
)
def test_a_place_that_is_none_is_answered_with_the_closest(words, why):
    turn = typed(tapped(asked(), "daily", "at09"), words)
    assert [say.key for say in turn.says] == [why]
    assert keys(turn)[-1] == "clock"
    if keys(turn)[0] == "near0":
        assert "which" in tapped(turn, "near0").prompt.says[0].key


def test_a_place_by_the_clock():
    turn = tapped(asked(), "daily", "at09", "clock")
    turn = typed(turn, turn.facts.now.astimezone(UTC).strftime("%H:%M"))
    assert keys(turn)[0] == "near0"
    done = tapped(turn, "near0", "any", "yes")
    assert stored(done).schedule.zone


def test_only_the_zone_is_stored_and_not_the_city():
    turn = tapped(typed(tapped(asked(), "daily", "at09"), "Potsdam"), "any", "yes")
    put = next(effect for effect in turn.effects if isinstance(effect, Put))
    assert stored(turn).schedule.zone == "Europe/Berlin"
    assert "otsdam" not in repr(put)


def test_where_closer_cannot_write_first_it_says_so_and_offers_one_now():
    turn = called(adult(reaches=False), "nudges")
    assert turn.prompt.says[0].key == "nudging.elsewhere.text"
    assert "nudges." in tapped(turn, "once").prompt.says[0].key


# -- those who get them ------------------------------------------------------------------------------------------------


def test_everything_can_be_changed_and_the_rest_stays():
    page = called(adult(SUBSCRIBED, 1), "nudges")
    assert {"days", "hour", "zone", "which", "wake", "once", "reminder", "stop", "done"} == set(keys(page))
    turn = tapped(page, "hour", "at20")
    assert stored(turn).schedule.at.hour == 20
    assert stored(turn).schedule.days == (0, 1, 2, 3, 4)
    assert stored(turn).needs == ("emotional", "touch")
    assert turn.prompt.says[0].key == "nudging.page.text"
    turn = tapped(turn, "days", "daily")
    assert stored(turn).schedule.at.hour == 20
    assert len(stored(turn).schedule.days) == 7


def test_a_week_off_in_one_tap_and_its_end():
    turn = tapped(called(adult(SUBSCRIBED), "nudges"), "pause")
    assert stored(turn).schedule.paused == turn.facts.now + PAUSE
    woken = tapped(called(turn, "nudges"), "wake")
    assert stored(woken).schedule.paused is None


def test_stopping_takes_one_tap_and_takes_the_yes_back():
    for turn in (tapped(called(adult(SUBSCRIBED), "nudges"), "stop"), mailed(adult(SUBSCRIBED), "stop")):
        assert Withdraw(NUDGES) in turn.effects
        assert turn.facts.consent(NUDGES) is None
        assert turn.says[-1].key == "nudging.stopped.text"


def test_what_is_kept_as_a_pause_does_not_tell_why():
    paused = tapped(called(adult(SUBSCRIBED), "nudges"), "pause")
    alarmed = then(adult(SUBSCRIBED), Alarmed(id=new_id(), tier="urgent", category="suicide"))
    assert stored(alarmed).schedule.paused == alarmed.facts.now + REST
    one, other = (next(e for e in turn.effects if isinstance(e, Put)).content["plan"] for turn in (paused, alarmed))
    assert one.keys() == other.keys()
    assert {k: v for k, v in one.items() if k != "paused"} == {k: v for k, v in other.items() if k != "paused"}


# -- after a hard day --------------------------------------------------------------------------------------------------


def test_after_words_of_danger_a_look_in_is_offered_and_comes_only_after_a_yes():
    turn = then(adult(SUBSCRIBED), Alarmed(id=new_id(), tier="urgent", category="suicide"))
    assert turn.prompt.says[0].key == "safety.urgent.text"
    turn = tapped(turn, "on")
    assert turn.prompt.says[0].key == "safety.look_in.text"
    no, yes = tapped(turn, "no"), tapped(turn, "yes")
    assert not any(isinstance(effect, Put) for effect in no.effects)
    care = stored(yes).care
    assert care is not None
    assert timedelta(0) < care - yes.facts.now < timedelta(days=2)
    assert stored(yes).due(yes.facts.now) == pytest.approx(care, abs=timedelta(minutes=1))


def test_nobody_else_is_asked_that():
    turn = then(adult(), Alarmed(id=new_id(), tier="urgent", category="suicide"))
    assert "look_in" not in tapped(turn, "on").prompt.says[0].key
    assert not turn.effects or all(not isinstance(effect, Put) for effect in turn.effects)


def test_a_longer_pause_of_ones_own_is_not_shortened_by_a_rest():
    turn = then(adult(SUBSCRIBED, 3), Alarmed(id=new_id(), tier="ask", category="suicide"))
    assert stored(turn).schedule.paused == datetime(2030, 1, 1, tzinfo=UTC)


# -- one that was sent -------------------------------------------------------------------------------------------------


def test_an_opened_nudge_has_every_answer_under_it():
    turn = mailed(adult(SUBSCRIBED), "open")
    assert turn.prompt.says[0].key == "intimacy.nudges.song_sent.text"
    assert [key.partition(".")[0] for key in keys(turn)] == ["done", "how", "skip", "later", "dislike", "stop"]
    assert "intimacy.nudges.song_sent.how" in [say.key for say in mailed(turn, "how").prompt.says]


@pytest.mark.parametrize(("button", "answer"), [("done", "done"), ("skip", "skipped"), ("dislike", "not_for_me")])
def test_each_answer_is_noted_with_its_day(button, answer):
    before = mailed(adult(SUBSCRIBED, 1), "open")
    for turn in (mailed(before, button), tapped(before, f"{button}.{EXAMPLE}")):
        assert answered(turn)[0] == answer
        assert answered(turn)[2] == turn.facts.now.toordinal()
        assert stored(turn).schedule.pace.unanswered == 0


def test_more_of_that_kind():
    assert answered(tapped(mailed(adult(SUBSCRIBED), "done"), "like"))[:2] == ("done", True)


def test_a_line_about_it_is_kept_only_with_progress():
    assert "write" not in keys(mailed(adult(SUBSCRIBED), "done"))
    turn = tapped(mailed(adult(KEPT), "done"), "write")
    turn = typed(turn, "it was good")
    assert Keep("reflection", {"nudge": "song_sent", "words": "it was good"}) in turn.effects


def test_later_today_where_the_day_is_long_enough():
    turn = mailed(adult(SUBSCRIBED), "later")
    assert turn.says[0].key == "nudge.later.text"
    assert stored(turn).later == turn.facts.now + timedelta(hours=3)
    late = adult(SUBSCRIBED)
    late = mailed(replace(late, facts=replace(late.facts, now=START.replace(hour=19))), "later")
    assert late.says[0].key == "nudge.later.not_today"
    assert not late.effects


def test_one_that_is_no_longer_known_is_answered_kindly():
    turn = mailed(adult(SUBSCRIBED), "open", 12)
    assert "nudge.gone.text" in [say.key for say in turn.says]


def test_the_buttons_mean_the_same_after_a_restart_that_forgot_the_session():
    facts = Facts(now=START, consents=SUBSCRIBED, papers=book().samples[0], reaches=True, platform="telegram")
    turn = advance(book(), None, Tapped(id=new_id(), turn=0, key=f"open.{EXAMPLE}"), facts)
    assert turn.prompt.says[0].key == "intimacy.nudges.song_sent.text"
    nobody = Facts(now=START, papers={NUDGES: None, ENTRIES: None}, reaches=True, platform="telegram")
    turn = advance(book(), None, Tapped(id=new_id(), turn=0, key=f"open.{EXAMPLE}"), nobody)
    assert turn.prompt.says[0].key == "welcome.lost.text"


def test_who_could_not_be_reached_gets_them_again_from_their_next_message_on():
    turn = adult(SUBSCRIBED, 2, away=True)
    put = next(effect for effect in turn.effects if isinstance(effect, Put))
    assert put.due is not None
    assert stored(turn).schedule.pace.unanswered == 0


# -- one for now -------------------------------------------------------------------------------------------------------


def test_one_for_now_without_any_yes_or_storage():
    turn = called(adult(), "nudge")
    drawn = [turn.prompt.says[0].key]
    for _ in range(12):
        turn = tapped(turn, "another")
        assert not turn.effects
        drawn.append(turn.prompt.says[0].key)
    assert len(set(drawn)) == len(drawn)
    assert "daily" in keys(turn)
    how = tapped(turn, "how")
    assert how.prompt.says[0].key == turn.prompt.says[0].key
    assert any(say.key.endswith(".how") for say in how.prompt.says)


def test_an_unsafe_person_is_never_pointed_to():
    turn = then(adult(KEPT), Alarmed(id=new_id(), tier="urgent", category="abuse"))
    near = {n.id for n in parts().shelf()._nudges if n.near}
    turn = called(turn, "nudge")
    for _ in range(40):
        assert turn.prompt.says[0].key.split(".")[2] not in near
        turn = tapped(turn, "another")


def test_forgetting_takes_the_nudges_too():
    turn = tapped(called(adult(SUBSCRIBED), "forget"), "yes")
    assert Erase() in turn.effects
    assert turn.facts.papers[NUDGES] is None
    assert render(turn, parts().library, "en")
