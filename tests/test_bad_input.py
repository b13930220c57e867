"""Whatever somebody types, at a question or where words are asked for: a useful answer, and nothing lost."""

from __future__ import annotations

import pytest

from bot.content.render import plain
from bot.packing import decode
from tests.conftest import Clock
from tests.person import Person, at_first_question, write_own_words

MARKUP = r"*_[](`~<>\*bold* _soft_ [link](http://x) **b** \ {number} {}"
ODD = {
    "spaces": "   \t ",
    "five thousand characters": "word " * 1000,
    "six thousand characters": "x" * 6000,
    "emoji": "🫂🫂🫂",
    "family emoji": "👨‍👩‍👧‍👦",
    "right to left": "אין לי מושג",
    "turned around": "\u202eabc\u202c",
    "control characters": "\x00\x07\x1b[31mred\x1b[0m",
    "invisible": "\u200b\u200d\ufeff",
    "markup": MARKUP,
    "too high": "99",
    "zero": "0",
    "other digits": "٩٩",
    "a huge number": "9" * 400,
    "a command inside": "please /forget me",
    "only a slash": "/",
    "quotes": '"; DROP TABLE people; --',
    "lone surrogate": "\ud83d",
}


async def session(person: Person):
    return decode(person.runtime.memory.get(person.runtime.store.person(person.address), 0))


async def answers(person: Person):
    return (await session(person)).frames["why"].answers


# -- at a question ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD)
async def test_at_a_question_it_is_asked_again(name, runtime):
    person = await at_first_question(Person(runtime))
    before = await answers(person)
    await person.say(ODD[name])
    assert person.sees("intimacy.questions.place.text")
    assert len(person.bubbles[0].text) > 20
    assert [b.key for b in person.last.choices] == ["few", "one", "face", "new", "notnow"]
    assert await answers(person) == before
    await person.tap("new")
    assert person.sees("intimacy.questions.hug.text")


@pytest.mark.parametrize("name", ODD)
async def test_somebody_new_is_not_taken_to_have_answered(name, runtime):
    person = Person(runtime)
    await person.say(ODD[name])
    assert person.sees("welcome.lost.text") or person.sees("safety.help")


@pytest.mark.parametrize(
    ("words", "line"),
    [("", "empty"), ("  ", "empty"), ("99", "range"), ("0", "range"), ("qwxyz blorp", "none")],
)
async def test_what_could_not_be_read_is_said(words, line, runtime):
    person = await at_first_question(Person(runtime))
    await person.say(words)
    assert person.sees(f"lines.{line}"), person.text


async def test_two_choices_where_one_is_asked_for(runtime):
    person = await at_first_question(Person(runtime))
    await person.say("1 3")
    assert person.sees("intimacy.questions.place.text")
    assert (await session(person)).frames["why"].step == "place"


async def test_an_unknown_command(runtime):
    person = await at_first_question(Person(runtime))
    for command in ("dance", "", "x" * 500, "why_not", "ünïcode"):
        await person.call(command)
        assert person.sees("lines.command")
        assert person.sees("intimacy.questions.place.text")


@pytest.mark.parametrize(
    ("command", "sees", "back"),
    [
        ("about", "help.about.limits", "done"),
        ("help", "help.help.row", "done"),
        ("privacy", "privacy.page.text", "done"),
        ("forget", "privacy.forget.text", "no"),
        ("sos", "safety.help", "on"),
        ("needs", "needs.menu.row", "done"),
        ("why", "resume.ask.question", "on"),
    ],
)
async def test_a_command_in_the_middle_of_a_question_comes_back_to_it(command, sees, back, runtime):
    person = await at_first_question(Person(runtime))
    await person.tap("new")
    await person.call(command)
    assert person.sees(sees), person.text
    await person.tap(back)
    assert person.sees("intimacy.questions.hug.text")
    assert await answers(person) == {"start": "full", "place": "new"}


async def test_a_picture(runtime):
    person = await at_first_question(Person(runtime))
    await person.send()
    assert person.sees("lines.media")
    assert person.sees("intimacy.questions.place.text")


async def test_words_of_danger_in_the_middle_and_then_on(runtime):
    person = await at_first_question(Person(runtime))
    await person.tap("new")
    await person.say("i want to kill myself")
    assert person.sees("safety.help")
    await person.tap("on")
    assert person.sees("intimacy.questions.hug.text")


# -- where words are asked for ---------------------------------------------------------------------------------------

KEPT_AS_WORDS = set(ODD) - {"spaces", "six thousand characters", "invisible", "lone surrogate"}


@pytest.mark.parametrize("name", sorted(KEPT_AS_WORDS))
async def test_own_words_are_kept_as_they_are_and_quoted_unharmed(name, runtime):
    person = await at_first_question(Person(runtime))
    await write_own_words(person, ODD[name])
    assert (await answers(person))["own"] == ODD[name].strip()
    assert person.sees("why.result.limits")
    quoted = next(bubble.text for bubble in person.bubbles if "In your words" in bubble.text)
    assert ODD[name].strip()[:200].strip() in plain(quoted)


async def test_markup_in_own_words_is_never_markup(runtime):
    person = await at_first_question(Person(runtime))
    await write_own_words(person, MARKUP)
    raw = "\n".join(bubble.text for bubble in person.bubbles)
    assert "[link](" not in raw
    assert r"\[link\]\(http://x\)" in raw
    assert r"\*\*b\*\*" in raw


async def test_too_many_words_are_not_taken_and_can_be_said_shorter(runtime):
    person = await at_first_question(Person(runtime))
    await write_own_words(person, "x" * 5001)
    assert person.sees("lines.long")
    assert "5,000" in person.text
    assert "own" not in await answers(person)
    await person.say("x" * 5000)
    assert len((await answers(person))["own"]) == 5000


async def test_an_empty_line_is_no_answer_in_own_words(runtime):
    person = await at_first_question(Person(runtime))
    await write_own_words(person, "   ")
    assert person.sees("lines.empty")
    assert "own" not in await answers(person)


async def test_half_a_character_survives_being_copied(runtime):
    person = await at_first_question(Person(runtime))
    await write_own_words(person, "half \ud83d a character")
    await person.call("privacy")
    await person.tap("remember")
    await person.tap("yes")
    await person.call("export")
    assert len(person.last.files) == 2


# -- other languages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("hola, me siento muy sola y no tengo a nadie con quien hablar", "findahelpline.com encontrarás ayuda"),
        ("мне очень одиноко и не с кем поговорить", "findahelpline.com"),
    ],
)
async def test_another_language_is_answered_in_that_language(words, sentence, runtime):
    person = await at_first_question(Person(runtime))
    await person.say(words)
    assert person.sees("lines.foreign"), person.text
    assert sentence in person.text
    assert person.sees("intimacy.questions.place.text")


# -- lines that come back --------------------------------------------------------------------------------------------

RECURRING = {
    "none": lambda person: person.say("qwxyz blorp"),
    "empty": lambda person: person.say(""),
    "range": lambda person: person.say("99"),
    "command": lambda person: person.call("dance"),
    "media": lambda person: person.send(),
    "stale": lambda person: person.tap("few", turn=1),
    "no_change": lambda person: person.say("change"),
    "hello_again": lambda person: person.open(),
}


@pytest.mark.parametrize("name", RECURRING)
async def test_every_wording_is_used_before_one_comes_back(name, runtime):
    person = Person(runtime)
    await person.open()
    await person.tap("adult")
    wordings = runtime.library.entry("en", f"lines.{name}")
    heard = []
    for _ in range(2 * len(wordings)):
        await RECURRING[name](person)
        heard.append(next(wording for wording in wordings if plain(wording) in person.text))
    assert len(set(wordings)) >= 3
    assert sorted(heard[: len(wordings)]) == sorted(wordings)
    assert heard[len(wordings) :] == heard[: len(wordings)]


# -- that this is a program ------------------------------------------------------------------------------------------


async def test_after_a_day_it_says_again_that_it_is_a_program(again, clock: Clock):
    person = await at_first_question(Person(await again(session_hours=72)))
    clock.pass_(hours=23, minutes=59)
    await person.tap("new")
    assert not person.sees("lines.notice")
    clock.pass_(minutes=1)
    await person.tap("weeks")
    assert person.sees("lines.notice")
    assert person.sees("intimacy.questions.tell.text")
    await person.tap("someone")
    assert not person.sees("lines.notice")


async def test_after_three_hours_of_use_it_says_so_too(runtime, clock: Clock):
    person = await at_first_question(Person(runtime))
    for minutes in (29, 29, 29, 29, 29, 29):
        clock.pass_(minutes=minutes)
        await person.say("")
        assert not person.sees("lines.notice")
    clock.pass_(minutes=6)
    await person.say("")
    assert person.sees("lines.notice")


async def test_time_away_is_no_use(runtime, clock: Clock):
    person = await at_first_question(Person(runtime))
    for _ in range(10):
        clock.pass_(hours=2)
        await person.say("")
        assert not person.sees("lines.notice")
