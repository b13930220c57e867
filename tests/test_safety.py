"""Help is always there: it outlives every fault of the check and the store, and one alarm after another."""

from __future__ import annotations

import json

import pytest

from bot import runtime as running
from bot.conversation.events import Typed
from bot.ports import StoreError
from bot.runtime import hear
from bot.understanding.crisis import Assessment
from tests.alarms import ASKING, DANGER, adult, alarm
from tests.conftest import Clock
from tests.kernel import new_id, opened, screen, tapped
from tests.person import Person, at_first_question, remembered, write_own_words
from tests.pseudo import LANGUAGE

SECRET = "xylophone"


@pytest.fixture
def assessed(monkeypatch):
    """What the check finds from now on, in whatever is typed."""

    def find(found: Assessment | Exception) -> None:
        def assess(text: str, language: str = "en") -> Assessment:
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(running, "assess", assess)

    return find


# -- a check that fails ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError(SECRET), RecursionError(SECRET), KeyError(SECRET), MemoryError()], ids=repr)
async def test_a_fault_in_the_check_blocks_nothing_and_points_to_help(error, runtime, assessed, capsys):
    person = await at_first_question(Person(runtime))
    assessed(error)
    await person.type("new")
    assert person.sees("lines.unchecked")
    assert person.sees("intimacy.questions.hug.text")
    assert ":sos" in person.keys
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["kind"]) for line in logged] == [("check_failed", type(error).__name__)]
    assert SECRET not in json.dumps(logged)


async def test_the_line_about_it_comes_in_three_wordings_and_only_then(runtime, assessed):
    person = await at_first_question(Person(runtime))
    assessed(ValueError())
    said = {(await person.say("hm")).partition("\n")[0] for _ in range(3)}
    assert len(said) == 3
    await person.tap("new")
    assert not person.sees("lines.unchecked"), "nothing was typed"
    assessed(Assessment())
    await person.say("weeks")
    assert not person.sees("lines.unchecked")


async def test_it_points_to_help_also_for_somebody_new_and_in_their_own_words(runtime, assessed):
    assessed(ValueError())
    stranger = Person(runtime, name="new")
    await stranger.say("hello")
    assert stranger.sees("lines.unchecked")
    person = await at_first_question(Person(runtime))
    await write_own_words(person, "closeness")
    assert person.sees("lines.unchecked")
    assert person.sees("why.result.own")


def test_a_check_that_works_is_no_fault(assessed):
    event = Typed(id="1", text="x")
    assessed(Assessment())
    assert hear(event, "en").checked
    assessed(ValueError())
    heard = hear(event, "en")
    assert (heard.event, heard.checked) == (event, False)


# -- a card is never lost --------------------------------------------------------------------------------------------


async def test_while_several_are_being_picked_and_the_ticks_stay(runtime):
    person = await at_first_question(Person(runtime))
    while not person.last.several:
        await person.tap(":skip")
    first = person.last.choices[0].key
    await person.tap(first)
    await person.say(DANGER)
    assert person.sees("safety.urgent.text")
    assert person.sees("safety.help")
    await person.tap("on")
    assert [button.key for button in person.last.choices if button.picked] == [first]


@pytest.mark.parametrize("category", ["suicide", "self_harm", "abuse", "sexual_assault", "harm_to_others", "eating_disorder"])
def test_on_the_first_screen_before_anybody_said_that_they_are_an_adult(category):
    turn = alarm(opened(), category)
    assert screen(turn)[0] == "safety"
    assert turn.session.open == ("welcome", "safety")
    assert screen(tapped(turn, "on")) == ("welcome", "hello")


async def test_in_the_question_whether_to_go_on_and_in_the_erasure(runtime):
    person = await remembered(Person(runtime))
    for command in ("start", "forget", "privacy", "needs"):
        await person.call(command)
        await person.say(DANGER)
        assert person.sees("safety.urgent.text"), command


@pytest.mark.parametrize("tag", ["fr", "zh-Hant", "", None])
async def test_whose_app_speaks_another_language_is_understood_in_english(tag, runtime):
    person = Person(runtime)
    await person.open()
    bubbles = await runtime.turn(person.address, Typed(id=new_id(), language=tag, text=DANGER))
    assert "findahelpline.com" in bubbles[0].text


async def test_who_chose_a_language_without_a_lexicon_is_understood_in_english(runtime):
    person = await at_first_question(Person(runtime, language=LANGUAGE))
    await person.say(DANGER)
    assert person.sees("safety.urgent.text")


async def test_another_language_gets_help_named_in_it(runtime):
    person = await at_first_question(Person(runtime))
    await person.say("je ne veux plus vivre, je suis seul et personne ne m'aime")
    assert "findahelpline.com" in person.text
    assert "numéro d'urgence" in person.text


@pytest.mark.parametrize("act", ["load", "commit"])
async def test_while_the_store_is_down(act, again, monkeypatch):
    person = await remembered(Person(await again()))
    person.runtime = await again()

    async def broken(*_: object) -> None:
        raise StoreError("The disk is full: make room.")

    monkeypatch.setattr(person.runtime.store, act, broken)
    for words, key in (
        (DANGER, "safety.urgent.text"),
        ("my boyfriend hits me", "safety.abuse.text"),
        (ASKING, "safety.ask.text"),
    ):
        await person.say(words)
        assert person.sees(key)
        assert "findahelpline.com" in person.text or key == "safety.ask.text"
        assert ":sos" in person.keys


async def test_while_the_store_is_down_a_check_that_fails_too_takes_nothing_away(runtime, assessed, monkeypatch):
    person = Person(runtime)

    async def broken(*_: object) -> None:
        raise StoreError("The disk is full: make room.")

    monkeypatch.setattr(runtime.store, "load", broken)
    assessed(ValueError())
    await person.say("hello")
    assert person.sees("lines.trouble")
    await person.call("sos")
    assert person.sees("safety.help")


def test_one_no_keeps_the_card_and_both_ways_out_stay():
    turn = tapped(alarm(adult(), "suicide", "ask"), "no")
    assert screen(turn) == ("safety", "fine")
    assert {say.key for say in turn.prompt.says} >= {"safety.fine.text", "safety.help", "safety.person"}
    assert ":stop" in turn.prompt.nav
    assert screen(tapped(turn, "on")) == ("why", "place")
    assert screen(tapped(turn, ":stop")) == ("welcome", "stopped")


# -- one alarm after another -----------------------------------------------------------------------------------------


def test_another_danger_gets_its_own_card_and_the_first_is_one_step_back():
    turn = alarm(alarm(adult(), "suicide"), "abuse")
    assert screen(turn) == ("safety", "abuse")
    assert turn.session.marks["unsafe"]
    assert screen(tapped(turn, ":back")) == ("safety", "urgent")
    assert screen(tapped(turn, "on")) == ("why", "place")


def test_a_doubt_does_not_take_a_card_away():
    for category in ("suicide", "abuse", "eating_disorder"):
        card = alarm(adult(), category)
        assert screen(alarm(card, "suicide", "ask")) == screen(card)
        assert screen(alarm(card, "self_harm", "ask")) == screen(card)


def test_the_direct_question_gives_way_to_what_is_certain_and_is_not_lost():
    turn = alarm(alarm(adult(), "suicide", "ask"), "abuse", "ask")
    assert screen(turn) == ("safety", "abuse")
    assert screen(tapped(turn, ":back")) == ("safety", "ask")
    assert screen(alarm(alarm(adult(), "suicide", "ask"), "suicide")) == ("safety", "urgent")


def test_the_same_again_changes_nothing():
    turn = alarm(adult(), "suicide")
    again = alarm(turn, "suicide")
    assert again.session.frames == turn.session.frames
    assert not again.effects


def test_a_hundred_alarms_do_not_make_a_session_grow_for_ever():
    turn, sizes = adult(), []
    for number in range(100):
        turn = alarm(turn, ("suicide", "abuse", "eating_disorder")[number % 3])
        sizes.append(len(turn.session.frames["safety"].trail))
    assert max(sizes) <= 48


def test_what_was_done_to_somebody_counts_beside_what_they_think_of_doing():
    turn = alarm(adult(), "suicide", "urgent", "abuse")
    assert screen(turn) == ("safety", "urgent")
    assert turn.session.marks["unsafe"]
    assert "unsafe" not in alarm(adult(), "suicide").session.marks


# -- three hours -----------------------------------------------------------------------------------------------------


async def used(person: Person, clock: Clock, minutes: int) -> None:
    """So long in use, a word every so often."""
    while minutes:
        step = min(29, minutes)
        clock.pass_(minutes=step)
        minutes -= step
        await person.say("")


async def test_after_three_hours_a_break_is_offered_beside_the_notice(runtime, clock):
    person = await at_first_question(Person(runtime))
    await used(person, clock, 179)
    assert not person.sees("lines.break")
    await used(person, clock, 1)
    assert person.sees("lines.break")
    assert person.sees("lines.notice")
    await person.say("")
    assert not person.sees("lines.break")
    await used(person, clock, 180)
    assert person.sees("lines.break"), "and after three more"


async def test_a_new_day_alone_is_no_reason_for_a_break(again, clock):
    person = await at_first_question(Person(await again(session_hours=72)))
    clock.pass_(hours=24)
    await person.say("")
    assert person.sees("lines.notice")
    assert not person.sees("lines.break")


async def test_nothing_is_said_before_a_card(runtime, clock):
    person = await at_first_question(Person(runtime))
    await used(person, clock, 170)
    clock.pass_(minutes=20)
    await person.say(DANGER)
    assert person.sees("safety.urgent.text")
    assert not person.sees("lines.break")
    assert not person.sees("lines.notice")
    await person.tap("on")
    assert person.sees("lines.notice"), "it was due, and comes next"
