"""The age: asked once and gently, never instead of help, erased after a yes, and believed after a no."""

from __future__ import annotations

import pytest

from bot.conversation.advance import prompt_of
from bot.conversation.events import Called, Typed
from bot.ports import Change
from tests.alarms import DANGER, adult, alarm, in_memory
from tests.disk import rows
from tests.kernel import book, new_id, opened, parts, screen, tapped, then
from tests.person import Person, at_first_question, remembered, write_own_words


async def test_a_yes_ends_as_at_the_door_and_erases(runtime, settings):
    person = await remembered(Person(runtime))
    await person.say("i am 15 years old")
    assert person.sees("safety.minor.text")
    await person.tap("yes")
    assert person.sees("welcome.minor.text")
    assert rows(settings)["people"] == 0
    assert in_memory(person).marks == {}


async def test_a_no_is_believed_and_not_asked_again(runtime):
    person = await at_first_question(Person(runtime))
    await person.say("i am 15 years old")
    await person.tap("no")
    assert person.sees("intimacy.questions.place.text")
    await person.say("i am 15 years old")
    assert not person.sees("safety.minor.text")
    assert person.sees("lines.none")
    await write_own_words(person, "i am 15 years old")
    assert person.sees("why.result.own"), "the words are the answer that they were meant to be"
    await person.say(DANGER)
    assert person.sees("safety.urgent.text"), "anything else is heard as before"


async def test_what_was_typed_as_an_answer_is_named_after_a_no(runtime):
    person = await at_first_question(Person(runtime))
    while not person.last.writes:
        await person.tap(":skip")
    await person.say("i am 15 years old")
    await person.tap("no")
    assert person.sees("safety.left_out")
    assert person.last.writes


def test_it_does_not_take_help_off_the_screen():
    turn = alarm(alarm(adult(), "suicide"), "minor")
    assert screen(turn) == ("safety", "minor")
    assert [say.key for say in turn.prompt.says] == ["safety.help", "safety.minor.text"]
    assert screen(tapped(turn, "no")) == ("safety", "urgent")
    assert screen(tapped(turn, "yes")) == ("welcome", "minor")


def test_the_direct_question_is_asked_again_after_it():
    turn = tapped(alarm(alarm(adult(), "suicide", "ask"), "minor"), "no")
    assert screen(turn) == ("safety", "ask")


def test_a_danger_comes_before_it_and_does_not_make_it_forgotten():
    for turn in (alarm(alarm(adult(), "minor"), "suicide"), alarm(adult(), "suicide", "urgent", "minor")):
        assert screen(turn) == ("safety", "urgent")
        after = tapped(turn, "on")
        assert screen(after) == ("safety", "minor")
        assert screen(tapped(after, "no")) == ("why", "place")


def test_a_doubt_in_the_same_words_is_asked_about_right_after_it():
    turn = alarm(adult(), "minor", "urgent", "suicide")
    assert screen(turn) == ("safety", "minor")
    turn = tapped(turn, "no")
    assert screen(turn) == ("safety", "ask")
    assert screen(alarm(turn, "minor", "urgent", "abuse")) == ("safety", "abuse"), "the age is known by now"


def test_for_somebody_believed_the_kernel_asks_nothing_either():
    turn = tapped(alarm(adult(), "minor"), "no")
    again = alarm(turn, "minor")
    assert screen(again) == screen(turn)
    assert prompt_of(book(), again.session, again.facts).prompt == turn.prompt


def test_nobody_is_remembered_before_they_said_that_they_are_an_adult():
    before = then(opened(), Called(id=new_id(), command="privacy"))
    assert "remember" not in {option.key for option in before.prompt.options}
    after = then(adult(), Called(id=new_id(), command="privacy"))
    assert "remember" in {option.key for option in after.prompt.options}


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("yes", "yes"),
        ("i am", "yes"),
        ("sixteen", "yes"),
        ("no", "no"),
        ("nope", "no"),
        ("I'm an adult", "no"),
        ("i'm not", "no"),
    ],
)
def test_it_is_answered_in_words(words, key):
    turn = alarm(adult(), "minor")
    event = parts().reader.event(Typed(id=new_id(), text=words), turn.prompt, "en")
    assert getattr(event, "keys", None) == (key,)


async def test_an_age_told_where_it_was_asked_for_is_the_answer(runtime, settings):
    person = await remembered(Person(runtime))
    await person.say("i am 15 years old")
    assert person.sees("safety.minor.text")
    await person.say("i am 15 years old")
    assert person.sees("welcome.minor.text")
    assert rows(settings)["people"] == 0


async def test_at_the_door_too_what_is_stored_is_erased(again, settings, clock):
    for answer in ("minor", "i am 15 years old"):
        person = await remembered(Person(await again(), name=answer))
        store, whose = person.runtime.store, person.runtime.store.person(person.address)
        await store.commit(whose, person.address, Change(session=b"of another version", version=2))
        person.runtime = await again()
        await person.open()
        assert person.sees("welcome.hello.text")
        await (person.tap(answer) if answer in person.keys else person.say(answer))
        assert person.sees("welcome.minor.text")
        assert rows(settings)["people"] == 0
