"""The therapy guide: what may fit and why, two kinds side by side, public lists, a first message."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from bot.content.fitting import comes_first, format_of, ranked
from bot.content.grade import WORDS, grade, words_in
from bot.content.render import LONGEST, attached, plain, render, speak
from bot.conversation.charts import Ring
from bot.conversation.dialog import Several
from bot.conversation.effects import Attach, Draw, Put
from bot.conversation.events import Called, Chose
from bot.conversation.facts import NUDGES, Consent
from bot.conversation.replies import Lines, Say, Words
from bot.conversation.walk import Turn
from bot.runtime import Runtime
from tests.kernel import START, book, by_numbers, new_id, opened, parts, screen, tapped, then, through
from tests.person import Person

FOLDER = Path("packs", "intimacy", "therapy")
GUIDE = parts().guide
FIT = GUIDE.fit
BASE = "intimacy.therapy"
QUESTIONS = {question.id: question for question in FIT.questions}


def outcomes(
    answers: dict[str, str | tuple[str, ...]], alive: tuple[str, ...] = (), barred: frozenset[str] = frozenset()
) -> list[str]:
    return [suggestion.outcome for suggestion in ranked(FIT, answers, alive, barred)]


def in_the_guide(*keys: str) -> Turn:
    return tapped(then(tapped(opened(), "adult"), Called(id=new_id(), command="therapy")), *keys)


def fitted(**answers: str | tuple[str, ...]) -> Turn:
    """Every question answered like this, the others skipped; at the suggestion."""
    turn = in_the_guide("fit", "begin")
    while (step := screen(turn)[1]) != "result":
        if step in ("dark_help", "safe_help"):
            turn = tapped(turn, "on")
            continue
        given = answers.get(step, (":skip",))
        turn = then(turn, Chose(id=new_id(), keys=(given,) if isinstance(given, str) else given))
    return turn


def words_of(turn: Turn) -> str:
    return "\n\n".join(bubble.text for bubble in render(turn, parts().library, "en"))


def said(key: str) -> str:
    return speak(Say(f"{BASE}.{key}"), parts().library, "en")


# -- which fits ------------------------------------------------------------------------------------------------------

# What somebody answers, and what is suggested, best first: the table's intentions, one by one.
PEOPLE = {
    "new in a city, nothing tried": (
        {"sits": "around", "days": "hardly", "tried": "nothing", "signs": ("none",), "safe": "safe", "room": "unsure"},
        ["steps"],
    ),
    "shy, on guard, stuck": (
        {"sits": "me", "days": "most", "tried": "cannot", "signs": ("fear",), "safe": "nobody", "room": "alone"},
        ["individual"],
    ),
    "lonely in a marriage": (
        {"sits": "one", "days": "some", "tried": "stays", "signs": ("none",), "safe": "safe", "room": "two"},
        ["couples", "individual"],
    ),
    "a hurt that all of them share": (
        {"sits": "many", "days": "some", "tried": "stays", "safe": "safe", "room": "more"},
        ["family", "individual"],
    ),
    "desire that has changed": ({"sits": "desire", "days": "some", "tried": "before", "safe": "safe"}, ["sex", "individual"]),
    "nearly nothing said": ({"sits": "unsure"}, ["individual"]),
    "nothing said": ({}, []),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_what_is_suggested_to_people(name):
    answers, expected = PEOPLE[name]
    assert outcomes(answers) == expected


def test_a_share_is_what_was_given_of_the_most_that_could_have_been():
    one, *_ = ranked(FIT, {"sits": "one", "room": "two"}, (), ())
    assert (one.outcome, one.share) == ("couples", 1.0)
    half, *_ = ranked(FIT, {"sits": "desire", "days": "some", "signs": ("body",)}, ("desire",), ())
    # 4 of 4, 1 of 1 in a pick-several, and 2 of 2 for the need.
    assert (half.outcome, half.share, half.needs) == ("sex", 1.0, ("desire",))
    unlike, *_ = ranked(FIT, {"sits": "me", "days": "some"}, (), {"steps"})
    assert unlike.share == pytest.approx((3 + 1) / (3 + 4))


def test_the_needs_alive_count_and_are_named():
    answers: dict[str, str | tuple[str, ...]] = {"sits": "unsure", "days": "some"}
    without, *_ = ranked(FIT, answers, (), ())
    one, *_ = ranked(FIT, answers, ("validation", "touch"), ())
    both, *_ = ranked(FIT, answers, ("emotional", "validation"), ())
    assert [s.outcome for s in (without, one, both)] == ["individual"] * 3
    assert [s.share for s in (without, one, both)] == pytest.approx([2 / 7, 3 / 9, 4 / 9])
    assert [s.needs for s in (without, one, both)] == [(), ("validation",), ("emotional", "validation")]
    turn = tapped(
        then(through(tapped(opened(), "adult", "full"), by_numbers([3]))[-1], Called(id=new_id(), command="therapy")),
        "fit",
        "begin",
    )
    while screen(turn)[1] != "result":
        key = {"sits": "me", "days": "most"}.get(screen(turn)[1], ":skip")
        turn = then(turn, Chose(id=new_id(), keys=(key,)))
    assert f"{BASE}.fit.found" in {say.key for say in turn.says}


def test_nothing_near_is_ever_suggested_to_who_did_not_say_that_it_is_safe():
    """All answers that weigh on couples or family work, with every answer to the question about safety, through the dialog."""
    told = [{"safe": safe} for safe in ("mixed", "unsafe", "nobody", "unsaid", ":skip")]
    for sits, room, safe in itertools.product(("one", "many"), ("two", "more"), told):
        turn = fitted(sits=sits, days="hardly", room=room, **safe)
        keys = {value.key for say in turn.says for value in say.values.values() if isinstance(value, Words)}
        assert not {f"{BASE}.fit.maybe.couples", f"{BASE}.fit.maybe.family"} & keys
        assert not {"read_couples", "read_family"} & {option.key for option in turn.prompt.options}
    turn = fitted(sits="one", room="two", safe="safe")
    assert "read_couples" in {option.key for option in turn.prompt.options}


def test_whatever_is_answered_the_barred_are_left_out_and_few_are_named():
    several = [(), ("fear",), ("none",), ("body", "loss")]
    choices = [[None, *(choice.id for choice in QUESTIONS[name].choices)] for name in ("sits", "days", "tried", "room")]
    for sits, days, tried, room in itertools.product(*choices):
        for signs in several:
            pairs = {"sits": sits, "days": days, "tried": tried, "room": room, "signs": signs or None}
            answers = {name: answer for name, answer in pairs.items() if answer}
            found = outcomes(answers, barred=GUIDE.near)
            assert not GUIDE.near & set(found)
            assert len(found) <= FIT.most
            assert "steps" not in outcomes(answers, barred=frozenset({"steps"}))


def test_reasons_are_the_persons_own_answers_and_no_others():
    turn = fitted(sits="me", days="most", tried="stays", signs=("fear",))
    text = words_of(turn)
    for pair in ("sits.said.me", "days.said.most", "tried.said.stays"):
        assert said(f"fit.questions.{pair}") in text
    others = (f"{q.id}.said.{c.id}" for q in FIT.questions for c in q.choices if c.counts)
    given = {"sits.said.me", "days.said.most", "tried.said.stays", "signs.said.fear"}
    assert not [other for other in others if other not in given and said(f"fit.questions.{other}") in text]


@pytest.mark.parametrize(
    ("answers", "first"),
    [
        ({"days": "stuck"}, {"doctor"}),
        ({"signs": ("dark",)}, {"crisis"}),
        ({"signs": ("sleep", "drink", "dark"), "days": "stuck"}, {"crisis", "doctor"}),
        ({"signs": ("none",)}, set()),
    ],
)
def test_a_doctor_or_a_crisis_line_comes_first_and_nobody_is_told_that_nothing_is_needed(answers, first):
    assert comes_first(FIT, answers).keys() == first
    turn = fitted(**{"tried": "nothing", "sits": "around", **answers})
    keys = [say.key for say in turn.says if say.key.startswith(BASE)]
    assert [key.rpartition(".")[2] for key in keys[: len(first)]] == sorted(first)
    assert (said("fit.maybe.steps") in words_of(turn)) is (not first)
    assert ("now" in {option.key for option in turn.prompt.options}) is ("crisis" in first)


def test_the_loop_is_drawn_beside_its_words_and_told_in_words_too():
    page = in_the_guide("kinds", "individual", "next")
    (drawn,) = [effect for effect in page.effects if isinstance(effect, Draw)]
    assert isinstance(drawn.chart, Ring)
    links = [said(link.key.removeprefix(f"{BASE}.")) for link in drawn.chart.links]
    assert len(set(links)) == 4
    alt = speak(drawn.alt, parts().library, "en")
    assert all(link in alt for link in links)
    assert "The loop of loneliness" in words_of(page)
    # One picture for one page: none comes along with the others.
    assert not any(isinstance(effect, Draw) for effect in tapped(page, "next").effects)


def test_thoughts_of_not_living_bring_help_at_once_and_let_nudges_rest():
    turn = tapped(opened((Consent(purpose=NUDGES, version=1, at=START),)), "adult")
    turn = tapped(then(turn, Called(id=new_id(), command="therapy")), "fit", "begin", ":skip", ":skip", ":skip")
    turn = then(turn, Chose(id=new_id(), keys=("dark", "sleep")))
    assert screen(turn) == ("fit", "dark_help")
    assert "findahelpline.com" in words_of(turn)
    assert [effect.paper for effect in turn.effects if isinstance(effect, Put)] == [NUDGES]
    # Asked once: the way goes on behind it, and `back` leads to the question.
    assert screen(tapped(turn, "on")) == ("fit", "safe")
    assert screen(tapped(turn, ":back")) == ("fit", "signs")


def test_remote_or_in_person_only_where_the_answers_lean():
    assert format_of(FIT, {"reach": ("stay", "evening")}).outcome == "remote"
    assert format_of(FIT, {"reach": ("out",)}).outcome == "in_person"
    assert format_of(FIT, {"reach": ("money",)}) is None
    assert format_of(FIT, {}) is None


def test_what_was_answered_in_the_exploration_is_not_asked_again():
    done = through(tapped(opened(), "adult", "full"), by_numbers([1]))[-1]
    turn = tapped(then(done, Called(id=new_id(), command="therapy")), "fit", "begin")
    asked = []
    while screen(turn)[1] != "result":
        asked.append(screen(turn)[1])
        turn = tapped(turn, ":skip")
    assert "safe" not in asked
    assert 5 <= len(asked) <= 7
    everything = in_the_guide("fit", "begin")
    number = next(say.values for say in everything.prompt.says if say.key == "why.progress")
    assert number == {"number": 1, "about": len(FIT.questions)}


def test_a_changed_answer_changes_the_suggestion_and_keeps_the_rest():
    turn = tapped(fitted(sits="one", days="most", room="two", safe="safe"), ":change", "sits", "me")
    assert screen(turn) == ("fit", "result")
    frame = turn.session.frames["fit"]
    assert frame.answers["sits"] == "me"
    assert frame.answers["room"] == "two"
    assert said("fit.questions.sits.said.me") in words_of(turn)


@pytest.mark.parametrize("name", PEOPLE)
def test_what_is_said_is_short_and_plain(name):
    turn = fitted(**PEOPLE[name][0])
    bubbles = render(turn, parts().library, "en")
    assert all(len(plain(bubble.text)) <= LONGEST for bubble in bubbles)
    text = plain(" ".join(bubble.text for bubble in bubbles))
    assert words_in(text) < WORDS or grade(text) <= 8


# -- two kinds side by side ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", list(itertools.permutations((side.id for side in GUIDE.compare.sides), 2)))
def test_any_two_stand_side_by_side_in_one_message(pair):
    one, other = pair
    bubbles = render(in_the_guide("compare", one, other), parts().library, "en")
    assert len(bubbles) == 1
    text = plain(bubbles[0].text)
    assert len(text) <= LONGEST
    for row in GUIDE.compare.rows:
        assert f"{said(f'sides.{one}.name')}: {said(f'sides.{one}.{row}')}\n" in text
        assert f"{said(f'sides.{other}.name')}: {said(f'sides.{other}.{row}')}" in text


# -- public lists ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", GUIDE.directories)
def test_each_list_names_who_runs_it_and_that_nobody_confirmed_it(code):
    text = words_of(in_the_guide("find", "country", code))
    for each in GUIDE.directories[code]:
        assert each.source_url in text
        assert each.by in text
        assert each.source_url.startswith("https://")
    unsure = any(each.status == "unconfirmed" for each in GUIDE.directories[code])
    assert (said("found.unconfirmed") in text) is unsure


def test_no_country_is_assumed_and_none_is_kept():
    turn = in_the_guide("find", "country", "world")
    assert said("found.world") in words_of(turn)
    assert "http" not in words_of(turn)
    turn = in_the_guide("find", "country", "FR")
    assert "country" not in turn.session.marks
    assert not turn.effects


# -- getting ready ---------------------------------------------------------------------------------------------------


def drafted(**picked: tuple[str, ...]) -> Turn:
    turn = in_the_guide("prepare", "draft")
    while (step := screen(turn)[1]) != "ready":
        turn = then(turn, Chose(id=new_id(), keys=picked.get(step, (":skip",))))
    return turn


def test_the_draft_holds_what_was_picked_and_nothing_else():
    text = words_of(drafted(brings=("lonely", "heard"), asks=("cost",), reply=("quiet",)))
    chosen = {"brings.line.lonely", "brings.line.heard", "asks.line.cost", "reply.line.quiet"}
    for asked in GUIDE.prepare:
        for choice in asked.choices:
            name = f"{asked.id}.line.{choice}"
            assert (said(f"prepare.questions.{name}") in text) is (name in chosen), name
    assert "{" not in text


def test_with_everything_picked_each_message_is_short_enough():
    everything = {asked.id: asked.choices if asked.kind == "several" else asked.choices[-1:] for asked in GUIDE.prepare}
    for bubble in render(drafted(**everything), parts().library, "en"):
        assert len(plain(bubble.text)) <= LONGEST


def test_the_draft_is_a_message_of_its_own():
    bubbles = render(drafted(brings=("lonely",)), parts().library, "en")
    assert [bubble.keep for bubble in bubbles] == [False, True, False]


async def test_the_file_holds_the_draft_the_questions_and_the_list_and_is_kept_nowhere(runtime: Runtime):
    person = Person(runtime)
    await person.open()
    await person.tap("adult")
    await person.call("therapy")
    for key in ("prepare", "draft", "lonely", ":done", ":skip", ":skip", "mail", "file"):
        await person.tap(key)
    (file,) = person.last.files
    assert re.fullmatch(r"closer-notes-\d{8}-\d{6}\.txt", file.name)
    text = file.data.decode()
    for key in ("prepare.file.title", "prepare.questions.brings.line.lonely", "prepare.questions.reply.line.mail"):
        assert said(key) in text
    assert plain(said("prepare.ask.text")) in text
    assert plain(said("prepare.first.text")) in text
    assert "**" not in text
    await person.tap("ask")
    assert person.last.files == ()


def test_an_attached_file_has_a_paragraph_for_each_text_and_no_markup():
    rows = Lines((Say("help.about.limits"), Say("help.about.limits")))
    effects = (Attach("one", (Say(f"{BASE}.menu.text"), Say(f"{BASE}.prepare.draft.hopes", {"rows": rows}))), Put("x", {}))
    (file,) = attached(effects, parts().library, "en")
    assert file.name == "one.txt"
    text = file.data.decode("utf-8")
    assert text.startswith(plain(said("menu.text")) + "\n\n")
    assert text.endswith("\n")
    assert "*" not in text


# -- the tables ------------------------------------------------------------------------------------------------------


def test_what_is_scored_is_offered_and_asks_can_be_skipped():
    for name, question in QUESTIONS.items():
        step = book().dialogs["fit"].steps[name]
        assert step.skip
        assert isinstance(step, Several) is (question.kind == "several")
        assert [shown.key for shown in book().dialogs["fit"].shown[name]] == [choice.id for choice in question.choices]
