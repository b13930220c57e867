"""From answers to needs: ten people as data, the table's arithmetic, the person's corrections, the count of questions."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.model import Pack
from bot.content.render import plain, render
from bot.content.scoring import Score
from bot.conversation.walk import Turn
from tests import kernel
from tests.kernel import QUESTIONS, SKIP, answer, opened, parts, screen, tapped, through

LAW = settings(max_examples=100, deadline=None)
NUMBERS = st.lists(st.integers(0, 255), min_size=1, max_size=24)

# Somebody whom nothing troubles; the people below differ from this where they are written down.
CALM = {
    "place": "few", "hug": "week", "tell": "someone", "laugh": "middle", "heard": "gotit", "miss": ("none",),
    "talk": "most", "desire": "notnow", "safe": "safe", "after": "warm", "gate": ("none",), "arm": "rare",
    "standin": ("none",), "free": "asked", "more": ("none",), "centre": "near", "sits": "fine", "nothing": "hardly",
    "lately": ("none",), "own": "words",
}  # fmt: skip

# Who, their answers, and the needs that are alive, likeliest first.
PEOPLE: dict[str, tuple[dict[str, object], list[str]]] = {
    "new in a city": (
        {"place": "new", "laugh": "edge", "talk": "hardly", "tell": "whoever", "after": "rarely", "gate": ("noone", "shallow"),
         "free": "feelit", "more": ("faces", "alike")},
        ["belonging", "emotional"],
    ),
    "shy and touch-starved": (
        {"hug": "forgot", "miss": ("held", "hello", "lean"), "arm": "most", "standin": ("pillow", "haircut")},
        ["touch"],
    ),
    "lonely inside a marriage": (
        {"tell": "myself", "talk": "forgot", "heard": "stopped", "after": "alone", "gate": ("hurt", "shallow"),
         "nothing": "most", "lately": ("carried", "wrong")},
        ["emotional", "validation"],
    ),
    "asexual and tired of explaining": (
        {"desire": "never", "heard": "misread", "nothing": "most", "lately": ("explain", "wrong", "toomuch")},
        ["validation"],
    ),
    "grieving": (
        {"tell": "gone", "talk": "hardly", "hug": "months", "miss": ("held", "lean", "asleep"), "after": "alone",
         "gate": ("noone", "burden"), "arm": "certain", "standin": ("pillow",)},
        ["emotional", "touch"],
    ),
    "a carer with no minute alone": (
        {"heard": "stopped", "nothing": "noask", "lately": ("carer", "carried"), "gate": ("time",), "free": "nofree"},
        ["validation"],
    ),
    "in an abusive home": (
        {"place": "notnow", "laugh": "outside", "tell": "nobody", "heard": "stopped", "talk": "silent", "safe": "unsafe",
         "after": "front", "gate": ("hurt", "noone"), "free": "others", "more": ("guard",), "nothing": "most",
         "lately": ("carried",)},
        ["emotional", "belonging", "validation"],
    ),
    "drunk at 2 a.m.": (
        {"desire": "big", "miss": ("held", "kiss"), "centre": "bodily", "sits": "restless"},
        ["desire"],
    ),
    "wanting to be wanted": (
        {"desire": "big", "centre": "wanted", "sits": "untold", "hug": "months", "miss": ("kiss", "asleep", "held"),
         "arm": "most", "standin": ("pillow",)},
        ["desire", "touch"],
    ),
    "lol ok bot": ({}, []),
}  # fmt: skip


def explored(answers: dict[str, object], beginning: str = "full") -> Turn:
    given = {**CALM, **answers}

    def pick(question: str, keys: tuple[str, ...]) -> tuple[str, ...]:
        said = given[question]
        return said if isinstance(said, tuple) else (str(said),)

    return through(tapped(opened(), "adult", beginning), pick)[-1]


def listed(turn: Turn) -> list[str]:
    """The needs in the result, as far as they can be read about, in order."""
    return [o.key.removeprefix("read_") for o in turn.prompt.options if o.key.startswith("read_")]


@pytest.mark.parametrize("who", PEOPLE)
def test_people_find_what_their_answers_say(who):
    answers, needs = PEOPLE[who]
    assert listed(explored(answers)) == needs


@pytest.mark.parametrize("who", [who for who, (_, needs) in PEOPLE.items() if needs])
def test_each_need_comes_with_their_own_words_for_it(who):
    answers, needs = PEOPLE[who]
    turn = explored(answers)
    text = plain("\n".join(bubble.text for bubble in render(turn, parts().library, "en")))
    for need in needs:
        maybe = parts().library.text("en", f"intimacy.needs.{need}.maybe")
        line = next(line for line in text.splitlines() if line.startswith(maybe))
        assert "You said that" in line
    said = [key for say in turn.says for value in say.values.values() for key in _words(value) if ".said." in key]
    given = {**CALM, **answers}
    for key in said:
        question, choice = re.fullmatch(r"intimacy\.questions\.(\w+)\.said\.(\w+)", key).groups()
        assert choice == given[question] or choice in given[question]


def _words(value: object) -> list[str]:
    if isinstance(value, tuple):
        return [key for item in value for key in _words(item)]
    return [value.key] if hasattr(value, "key") else []


def test_somebody_who_wants_no_sex_is_not_asked_about_it():
    asked = explored(PEOPLE["asexual and tired of explaining"][0]).session.frames["why"].answers
    assert not {"centre", "sits"} & asked.keys()
    assert {"nothing", "lately"} <= asked.keys()


def test_the_short_walk_is_a_first_look_at_the_same_needs():
    assert listed(explored({"hug": "forgot"}, "quick")) == ["touch"]
    assert listed(explored({}, "quick")) == []


# -- the arithmetic --------------------------------------------------------------------------------------------------

SMALL = Pack.model_validate(
    {
        "name": "small",
        "version": 1,
        "reviewed_on": "2026-01-01",
        "sources": {},
        "facts": {},
        "scoring": {"alive_from": 0.5, "deeper_from": 0.25, "deepest": 2},
        "needs": [{"id": name, "pages": [], "steps": [], "reading": []} for name in ("a", "b", "c")],
        "questions": [
            {"id": "one", "ask": "broad", "choices": [
                {"id": "x", "weights": {"a": 4}}, {"id": "y", "weights": {"a": 2, "b": 2}}, {"id": "z"}]},
            {"id": "many", "ask": "broad", "kind": "several", "choices": [
                {"id": "p", "weights": {"b": 1}}, {"id": "q", "weights": {"b": 3, "c": 1}}, {"id": "n", "alone": True}]},
            {"id": "deep", "ask": "deep", "need": "c", "choices": [{"id": "c", "weights": {"c": 1}}, {"id": "n"}]},
        ],
    }
)  # fmt: skip
SCORE = Score(SMALL)


def shares(**answers: object) -> dict[str, float]:
    return {s.need: s.share for s in SCORE.standings(answers)}  # type: ignore[arg-type]


def test_a_share_is_what_was_given_of_what_could_have_been():
    assert shares(one="x", many=("p", "q"), deep="c") == {"a": 1.0, "b": 4 / 6, "c": 1.0}
    assert shares(one="y", many=("n",), deep="n") == {"a": 0.5, "b": 2 / 6, "c": 0.0}


def test_skipped_questions_count_on_neither_side():
    assert shares(one="", many=("q",)) == {"a": 0.0, "b": 3 / 4, "c": 1.0}
    assert shares() == {"a": 0.0, "b": 0.0, "c": 0.0}
    assert shares(one="x", many="", deep="")["b"] == 0.0


def test_ties_stand_in_the_packs_order():
    assert [s.need for s in SCORE.standings({"one": "x", "deep": "c", "many": ("q", "p")})] == ["a", "c", "b"]
    assert [s.need for s in SCORE.standings({})] == ["a", "b", "c"]


def test_alive_begins_exactly_at_its_mark():
    assert [s.need for s in SCORE.standings({"one": "y"}) if s.alive] == ["b", "a"]
    assert [s.need for s in SCORE.standings({"one": "y", "many": ("n",)}) if s.alive] == ["a"]


def test_reasons_stand_strongest_first():
    by_need = {s.need: s.reasons for s in SCORE.standings({"one": "y", "many": ("p", "q")})}
    assert by_need == {"a": (("one", "y"),), "b": (("many", "q"), ("one", "y"), ("many", "p")), "c": (("many", "q"),)}


def test_deeper_questions_go_to_the_strongest_few():
    assert SCORE.deeper((("one", "y"), ("many", ("q",)))) == ("c", "b")
    assert SCORE.deeper((("one", "x"), ("deep", "c"))) == ("a",)
    assert SCORE.deeper(()) == ()


def test_answers_that_no_longer_exist_weigh_nothing():
    assert shares(one="gone", many=("gone",), unheard="of") == {"a": 0.0, "b": 0.0, "c": 0.0}


@LAW
@given(NUMBERS)
def test_shares_stay_between_nothing_and_all(numbers):
    turn = through(tapped(opened(), "adult", "full"), kernel.by_numbers(numbers))[-1]
    standings = Score(parts().pack).standings(turn.session.frames["why"].answers)
    assert all(0 <= s.share <= 1 for s in standings)
    assert [s.share for s in standings] == sorted((s.share for s in standings), reverse=True)
    assert {s.need for s in standings} == {need.id for need in parts().pack.needs}


# -- the person knows best -------------------------------------------------------------------------------------------


def test_the_result_follows_the_person():
    turn = tapped(explored(PEOPLE["new in a city"][0]), "adjust", "first_emotional", "done")
    assert listed(turn) == ["emotional", "belonging"]
    turn = tapped(turn, "adjust", "drop_emotional", "add_desire", "add_touch", "done")
    assert listed(turn) == ["belonging", "desire", "touch"]
    assert tapped(turn, "step").session.frames["needs"].step == "belonging_steps"
    turn = tapped(turn, "adjust", "drop_belonging", "drop_desire", "drop_touch", "done")
    assert listed(turn) == []
    assert any(say.key == "why.result.none" for say in turn.says)


def test_what_was_dropped_can_come_back():
    turn = tapped(explored(PEOPLE["shy and touch-starved"][0]), "adjust", "drop_touch", "add_touch", "done")
    assert listed(turn) == ["touch"]
    assert any(say.key == "why.result.because" for say in turn.says)


@LAW
@given(NUMBERS, st.lists(st.integers(0, 200), max_size=12))
def test_no_correction_is_lost_and_no_need_stands_twice(numbers, corrections):
    turn = tapped(through(tapped(opened(), "adult", "full"), kernel.by_numbers(numbers))[-1], "adjust")
    for number in corrections:
        keys = [o.key for o in turn.prompt.options if o.key != "done"]
        act, _, need = keys[number % len(keys)].partition("_")
        turn = tapped(turn, f"{act}_{need}")
        dropped = [o.key.removeprefix("drop_") for o in turn.prompt.options if o.key.startswith("drop_")]
        assert len(dropped) == len(set(dropped))
        assert {"first": dropped[:1] == [need], "add": dropped[-1:] == [need], "drop": need not in dropped}[act]


# -- how many questions ----------------------------------------------------------------------------------------------


def counted(turn: Turn) -> tuple[int, int]:
    """The numbers in "4 of about 12"."""
    say = next(say for say in turn.prompt.says if say.key == "why.progress")
    return say.values["number"], say.values["about"]


@LAW
@given(NUMBERS)
def test_the_whole_walk_asks_between_ten_and_sixteen_questions(numbers):
    turns = through(tapped(opened(), "adult", "full"), kernel.by_numbers(numbers))
    asked = len(turns) - 1
    assert 10 <= asked <= 16
    assert {q.id for q in QUESTIONS.values() if q.ask != "deep"} <= turns[-1].session.frames["why"].answers.keys()


@LAW
@given(NUMBERS)
def test_the_short_walk_asks_five(numbers):
    turns = through(tapped(opened(), "adult", "quick"), kernel.by_numbers(numbers))
    assert len(turns) - 1 == 5


@pytest.mark.parametrize("beginning", ["full", "quick"])
@LAW
@given(numbers=NUMBERS)
def test_the_count_is_true_at_the_end_and_never_promises_too_little_room(beginning, numbers):
    turns = through(tapped(opened(), "adult", beginning), kernel.by_numbers(numbers))[:-1]
    counts = [counted(turn) for turn in turns]
    assert [number for number, _ in counts] == list(range(1, len(turns) + 1))
    assert all(number <= about for number, about in counts)
    assert counts[-1] == (len(turns), len(turns))
    broad = sum(1 for q in QUESTIONS.values() if q.ask == "broad") if beginning == "full" else 0
    # Once the broad ones are answered the way is known, and the count is exact.
    assert {about for _, about in counts[broad:]} == {len(turns)}


def test_nobody_is_asked_twice():
    turns = through(tapped(opened(), "adult", "full"), lambda question, keys: SKIP)
    names = [screen(turn)[1] for turn in turns]
    assert len(names) == len(set(names))


def test_the_deeper_questions_follow_a_first_look():
    turn = tapped(explored({"hug": "forgot"}, "quick"), "deeper")
    asked = [screen(turn)[1]]
    while screen(turn) != ("why", "result"):
        turn = answer(turn, SKIP)
        asked.append(screen(turn)[1])
    assert not {q.id for q in QUESTIONS.values() if q.short} & set(asked)
    assert {"laugh", "miss", "talk", "safe", "arm", "standin", "own"} <= set(asked)
