"""Check-ins, on the real dialogs and through the whole runtime: the scoring, what is said of a change, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.content.instruments import CHANGES, DIRECT, UCLA3, change
from bot.conversation.effects import CHECKIN, Drop, Grant, Keep, Withdraw
from bot.conversation.facts import CHECKINS, ENTRIES, NUDGES, PROGRESS, Consent
from bot.conversation.walk import Turn
from bot.handlers.checkin import ASKED, RECENT
from bot.runtime import Runtime
from bot.settings import Settings
from tests.disk import rows
from tests.kernel import SKIP, START, answer, called, keys, opened, parts, screen, tapped, text_of, typed
from tests.person import Person, remembered

AGREED = (Consent(purpose=CHECKINS, version=1, at=START),)
OTHERS = tuple(Consent(purpose=purpose, version=1, at=START) for purpose in (PROGRESS, NUDGES))
LONG_AGO = START - timedelta(days=14)


# Hughes and others (2004): hardly ever 1, some of the time 2, often 3, added up; so from 3 to 9.
@pytest.mark.parametrize(
    ("answers", "score"),
    [
        (("hardly", "hardly", "hardly"), 3),
        (("often", "often", "often"), 9),
        (("some", "some", "some"), 6),
        (("hardly", "some", "often"), 6),
        (("often", "hardly", "hardly"), 5),
        (("hardly", None, "often"), None),
        (("hardly", "some"), None),
        (("hardly", "some", "always"), None),
    ],
)
def test_the_published_sums(answers: tuple[str | None, ...], score: int | None):
    assert UCLA3.score(answers) == score
    assert (UCLA3.least, UCLA3.most, UCLA3.version) == (3, 9, 1)


def test_what_a_difference_says():
    said = {difference: change(6, 6 + difference) for difference in range(-3, 4)}
    assert said == {
        -3: "less",
        -2: "slightly_less",
        -1: "same",
        0: "same",
        1: "same",
        2: "slightly_more",
        3: "more",
    }
    assert set(said.values()) == set(CHANGES)


def kept_at(score: int, at: Any = LONG_AGO, **more: Any) -> dict[str, Any]:
    content = {"instrument": "ucla3", "version": 1, "answers": [], "score": score, "direct": "some", "touch": None, **more}
    return {"id": "0a" * 16, "kind": CHECKIN, "at": at.isoformat(), "content": content}


def adult(*entries: dict[str, Any], consents: tuple[Consent, ...] = AGREED) -> Turn:
    turn = opened(consents)
    papers = {NUDGES: None, ENTRIES: {"entries": list(entries)}}
    return tapped(replace(turn, facts=replace(turn.facts, papers=papers)), "adult")


def done(turn: Turn, *answers: str) -> Turn:
    """A whole check-in; answers left out are the mildest."""
    given = dict(zip(ASKED, ("hardly", "hardly", "hardly", "never", "enough"), strict=True)) | dict(
        zip(ASKED, answers, strict=False)
    )
    turn = tapped(called(turn, "checkin"), "begin")
    for name in ASKED:
        assert screen(turn) == ("checkin", name)
        turn = answer(turn, (given[name],) if given[name] else SKIP)
    return turn


def kept(turn: Turn) -> dict[str, Any]:
    return dict(next(effect for effect in turn.effects if isinstance(effect, Keep)).content)


def test_the_questions_are_the_published_ones():
    turn = tapped(called(adult(), "checkin"), "begin")
    asked = []
    for _ in ASKED:
        asked.append((text_of(turn).splitlines()[-1], [option.label.key for option in turn.prompt.options]))
        turn = answer(turn, (turn.prompt.options[0].key,))
    assert [text for text, _ in asked[:4]] == [
        "How often do you feel that you lack companionship?",
        "How often do you feel left out?",
        "How often do you feel isolated from others?",
        "How often do you feel lonely?",
    ]
    assert "not validated" in asked[4][0]
    assert [len(labels) for _, labels in asked] == [3, 3, 3, 5, 4]


def test_their_choices_are_the_published_ones():
    words = parts().library
    assert [words.text("en", f"checkin.options.{c}") for c in UCLA3.points] == [
        *("Hardly ever or never", "Some of the time", "Often"),
    ]
    assert [words.text("en", f"checkin.direct.options.{c}") for c in DIRECT] == [
        *("Often/always", "Some of the time", "Occasionally", "Hardly ever", "Never"),
    ]


def test_the_sources_are_named():
    text = text_of(tapped(called(adult(), "checkin"), "sources"))
    assert "10.1177/0164027504268574" in text
    assert "ons.gov.uk" in text
    assert "not validated" in text


def test_one_is_kept_with_its_version():
    turn = done(adult(), "some", "often", "hardly", "occasionally", "less")
    assert kept(turn) == {
        "instrument": "ucla3",
        "version": 1,
        "answers": ["some", "often", "hardly"],
        "score": 6,
        "direct": "occasionally",
        "touch": "less",
    }
    assert screen(turn) == ("checkin_resume", "after")


@pytest.mark.parametrize(
    ("before", "answers", "said"),
    [
        (6, ("some", "some", "some"), "about the same"),
        (5, ("some", "some", "some"), "about the same"),
        (4, ("some", "some", "some"), "slightly more often"),
        (3, ("some", "some", "some"), "lonely more often"),
        (8, ("some", "some", "some"), "slightly less often"),
        (9, ("some", "some", "some"), "lonely less often"),
    ],
)
def test_what_is_said_of_a_change(before: int, answers: tuple[str, ...], said: str):
    text = text_of(done(adult(kept_at(before)), *answers))
    assert said in text
    assert "February 15" in text


def test_the_first_one_and_one_of_another_version_are_compared_with_nothing():
    for entries in ((), (kept_at(9, version=2),), (kept_at(9, instrument="other"),), (kept_at(0),)):
        assert "no earlier check-in to compare this one with" in text_of(done(adult(*entries)))


def test_one_left_out_is_not_guessed():
    turn = done(adult(kept_at(3)), "often", "", "often")
    assert "compare nothing" in text_of(turn)
    assert (kept(turn)["score"], kept(turn)["answers"]) == (None, ["often", None, "often"])


def test_of_nothing_answered_nothing_is_kept_or_asked():
    for consents in (AGREED, ()):
        turn = done(adult(consents=consents), "", "", "", "", "")
        assert not [effect for effect in turn.effects if isinstance(effect, Keep)]
        assert screen(turn) == ("checkin_resume", "after")


@pytest.mark.parametrize(
    ("before", "answers"),
    [(3, ("some", "some", "some")), (9, ("often", "often", "often")), (3, ("hardly", "hardly", "hardly", "often"))],
)
def test_people_are_offered_where_it_got_clearly_worse_or_is_at_the_top(before: int, answers: tuple[str, ...]):
    turn = done(adult(kept_at(before)), *answers)
    assert screen(turn) == ("checkin", "heavy")
    assert screen(tapped(turn, "help")) == ("safety", "sos")
    assert screen(tapped(turn, "on")) == ("checkin_resume", "after")


def test_nobody_is_led_there_by_a_small_change():
    assert screen(done(adult(kept_at(4)), "some", "some", "some")) == ("checkin_resume", "after")


def test_unwanted_touch_leads_to_people_too():
    turn = done(adult(), "hardly", "hardly", "hardly", "never", "more")
    assert screen(turn) == ("checkin", "unwanted")
    assert screen(tapped(turn, "hurt")) == ("safety", "assault")


def test_without_a_yes_the_same_is_said_and_nothing_kept():
    turn = done(adult(consents=OTHERS))
    assert screen(turn) == ("checkin", "offer")
    assert not turn.effects
    turn = tapped(turn, "no")
    assert "Nothing of it is kept" in text_of(turn)
    assert not turn.effects


def test_a_yes_afterwards_keeps_the_one_just_done():
    turn = tapped(done(adult(consents=())), "yes")
    assert Grant(CHECKINS, 1) in turn.effects
    assert kept(turn)["score"] == 3


def test_a_yes_on_the_privacy_page_keeps_nothing_yet():
    turn = tapped(called(adult(consents=()), "privacy"), "checkins", "yes")
    assert [type(effect) for effect in turn.effects] == [Grant]


def test_left_half_way_it_goes_on_or_begins_anew():
    turn = answer(tapped(called(adult(), "checkin"), "begin"), ("some",))
    turn = called(called(turn, "help"), "checkin")
    assert screen(turn) == ("checkin_resume", "ask")
    assert screen(tapped(turn, "on")) == ("checkin", "left_out")
    assert screen(tapped(turn, "over")) == ("checkin", "hello")


def test_one_that_is_over_is_not_gone_on_with():
    turn = done(adult())
    assert "checkin" not in turn.session.frames
    assert screen(called(turn, "checkin")) == ("checkin", "twice")


def test_a_second_one_within_hours_takes_the_place_of_the_first_after_asking():
    earlier = kept_at(9, at=START - timedelta(hours=3))
    turn = called(adult(kept_at(6), earlier), "checkin")
    assert screen(turn) == ("checkin", "twice")
    assert screen(tapped(turn, "keep")) != ("checkin", "twice")
    turn = tapped(turn, "again", "begin")
    for _ in ASKED[:3]:
        turn = answer(turn, ("some",))
    turn = answer(answer(turn, ("never",)), ("enough",))
    assert Drop(earlier["id"]) in turn.effects
    assert "about the same as on February 15" in text_of(turn)


def test_the_next_evening_is_another_day():
    last = kept_at(6, at=START - RECENT)
    assert screen(called(adult(last), "checkin")) == ("checkin", "hello")


def test_stopping_keeps_the_yes_and_what_was_kept():
    assert Withdraw(CHECKINS) not in called(adult(), "stop").effects


def test_typed_words_are_understood():
    turn = tapped(called(adult(), "checkin"), "begin")
    assert screen(typed(turn, "hardly ever")) == ("checkin", "left_out")
    assert keys(typed(turn, "sometimes")) == list(UCLA3.points)


# -- stored, and gone again --------------------------------------------------------------------------------------------


async def checked_in(person: Person, *picks: str) -> None:
    await person.call("checkin")
    for pick in ("begin", *(picks or ("some", "some", "some", "some", "less"))):
        await person.tap(pick)


async def test_it_is_stored_exported_and_forgotten(runtime: Runtime, settings: Settings):
    person = Person(runtime)
    await person.open()
    await person.tap("adult")
    await checked_in(person)
    assert rows(settings)["entries"] == 0
    await person.tap("yes")
    assert rows(settings)["entries"] == 1
    await person.call("export")
    assert any(b'"ucla3"' in file.data for file in person.last.files)
    await person.call("forget")
    await person.tap("yes")
    assert rows(settings)["entries"] == 0


async def test_a_second_one_takes_the_place_of_the_first(runtime: Runtime, settings: Settings):
    person = Person(runtime)
    await person.open()
    await person.tap("adult")
    await checked_in(person)
    await person.tap("yes")
    await person.call("checkin")
    await person.tap("again")
    for pick in ("begin", "often", "some", "some", "some", "less"):
        await person.tap(pick)
    assert rows(settings)["entries"] == 1


async def test_each_yes_taken_back_removes_its_own_only(runtime: Runtime, settings: Settings):
    person = Person(runtime)
    await remembered(person)
    while ":skip" in person.keys:
        await person.tap(":skip")
    await person.tap("leave")
    await checked_in(person)
    await person.tap("yes")
    assert rows(settings)["entries"] == 2
    await person.call("privacy")
    await person.tap("withdraw_checkins")
    assert rows(settings)["entries"] == 1
    await checked_in(person)
    await person.tap("yes")
    assert rows(settings)["entries"] == 2
    await person.call("privacy")
    await person.tap("withdraw_progress")
    assert rows(settings)["entries"] == 1
