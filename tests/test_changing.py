"""Changing an earlier answer changes that answer, and nothing else that still lies on the way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.scoring import Score
from bot.conversation.events import Chose
from bot.conversation.walk import Turn
from tests.kernel import QUESTIONS, answer, by_numbers, new_id, opened, parts, screen, tapped, then, through

LAW = settings(max_examples=40, deadline=None)
NUMBERS = st.lists(st.integers(0, 255), min_size=1, max_size=20)

# Every way into the questions. Each begins on the first screen and ends on the first question.
BEGINNINGS = {
    "the whole walk": ("adult", "full"),
    "the short walk": ("adult", "quick"),
    "lonely first": ("adult", "lonely", "questions"),
    "lonely for a while": ("adult", "lonely", "another", "another", "questions"),
    "lonely from the menu": ("adult", "look", ":stop", "menu", "lonely", "questions"),
}


def begun(name: str) -> Turn:
    return tapped(opened(), *BEGINNINGS[name])


def way(given: dict[str, object], *, short: bool) -> set[str]:
    """The questions that people with these answers are asked, read from the pack."""
    if short:
        return {q.id for q in QUESTIONS.values() if q.short}
    deeper = Score(parts().pack).deeper(tuple(given.items()))  # type: ignore[arg-type]
    return {q.id for q in QUESTIONS.values() if q.ask != "deep" or q.need in deeper}


def asked(turn: Turn) -> dict[str, object]:
    return {name: said for name, said in turn.session.frames["why"].answers.items() if name in QUESTIONS}


@pytest.mark.parametrize("beginning", BEGINNINGS)
@LAW
@given(numbers=NUMBERS, place=st.integers(0, 30), other=st.integers(1, 255))
def test_changing_an_answer_keeps_all_others_on_the_way(beginning, numbers, place, other):
    turn = through(begun(beginning), by_numbers(numbers))[-1]
    before = asked(turn)
    question = list(before)[place % len(before)]

    turn = tapped(turn, ":change", question)
    assert screen(turn) == ("why", question)
    chosen = by_numbers([other])(question, ())
    turn = answer(turn, chosen)

    after = asked(turn)
    assert after[question] == (chosen if QUESTIONS[question].kind == "several" else chosen[0])
    on_the_way = way(after, short=beginning == "the short walk")
    kept = {name: said for name, said in before.items() if name in on_the_way and name != question}
    assert {name: after.get(name) for name in kept} == kept
    assert screen(turn) == ("why", "result") or screen(turn)[1] in on_the_way - before.keys()


@pytest.mark.parametrize("worry", ["mixed", "unsafe"])
def test_a_worrying_answer_given_late_shows_help_first_and_keeps_what_was_said(worry):
    turn = through(begun("the whole walk"), by_numbers([3]))[-1]
    before = asked(turn)
    turn = tapped(turn, ":change", "safe", worry)
    assert screen(turn) == ("why", "safe_help")
    turn = tapped(turn, "on")
    assert asked(turn) == {**before, "safe": worry}
    assert screen(turn) == ("why", "result")


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_looking_at_the_answers_and_going_back_changes_nothing(beginning):
    start = begun(beginning)
    for turn in through(start, by_numbers([5, 3]))[1:]:
        looked = tapped(turn, ":change")
        assert looked.prompt.options
        back = tapped(looked, ":back")
        assert (screen(back), asked(back)) == (screen(turn), asked(turn))


def test_looking_at_the_answers_keeps_the_corrections_to_the_result():
    turn = through(begun("the whole walk"), lambda question, keys: (keys[-1] if keys else "none",))[-1]
    turn = tapped(turn, "adjust", "add_touch", "done", "adjust", "add_desire", "first_desire", "done")
    order = [o.key for o in turn.prompt.options if o.key.startswith("read_")]
    assert order[0] == "read_desire"
    back = tapped(turn, ":change", ":back")
    assert [o.key for o in back.prompt.options if o.key.startswith("read_")] == order


def test_a_changed_answer_keeps_the_corrections_to_the_result():
    turn = through(begun("the whole walk"), by_numbers([1]))[-1]
    turn = tapped(turn, "adjust")
    drop = next(o.key for o in turn.prompt.options if o.key.startswith("drop_"))
    turn = tapped(turn, drop, "done", ":change", "own")
    turn = answer(turn, ("other words",))
    assert screen(turn) == ("why", "result")
    assert f"read_{drop.removeprefix('drop_')}" not in [o.key for o in turn.prompt.options]


def test_an_answer_being_changed_can_be_left_as_it_was():
    turn = through(begun("the whole walk"), by_numbers([2]))[-1]
    changing = tapped(turn, ":change", "miss")
    assert changing.session.frames["why"].revisit
    back = tapped(changing, ":back")
    assert (screen(back), asked(back)) == (screen(turn), asked(turn))


def test_a_changed_answer_that_wakes_a_need_asks_about_it():
    calm = {"place": "few", "hug": "week", "tell": "someone", "laugh": "middle", "heard": "gotit", "talk": "most"}
    calm |= {"desire": "never", "safe": "safe"}
    turn = through(begun("the whole walk"), lambda question, keys: (calm.get(question, keys[-1] if keys else "words"),))[-1]
    assert not {"arm", "standin"} & asked(turn).keys()
    turn = tapped(turn, ":change", "hug", "forgot", ":change", "miss")
    turn = then(turn, Chose(id=new_id(), keys=("held", "hello", "lean")))
    assert screen(turn) == ("why", "arm")
    assert asked(turn)["own"] == "words"
