"""What people type at a question, and what the question hears."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.conversation.events import Chose, Event, Typed
from bot.conversation.replies import Prompt, Say, Shown
from bot.understanding.read import Label, Reading, normalise, read
from tests.kernel import parts

HOW_OFTEN = (
    Label(key="most", phrases=("Most days", "nearly every day")),
    Label(key="now", phrases=("Now and then", "sometimes")),
    Label(key="rare", phrases=("Hardly ever", "almost never")),
    Label(key="never", phrases=("Never", "not at all")),
    Label(key="unsure", phrases=("I don't know", "not sure")),
)
MISSED = (
    Label(key="hug", phrases=("Hugs",)),
    Label(key="hold", phrases=("Holding hands",)),
    Label(key="now", phrases=("Now and then",)),
    Label(key="kiss", phrases=("Kissing",)),
)
NAV = (Label(key="back", phrases=("back", "go back")), Label(key="skip", phrases=("skip",)))
NUMBERS = {"one": 1, "two": 2, "three": 3, "ten": 10}
JOINERS = ("and", "or")
NEGATORS = ("no", "not", "never", "don't", "hardly")
FILLERS = ("i", "think", "please", "um", "really", "it", "is")


def ask(text: str, *, several: bool = False, labels: tuple[Label, ...] = HOW_OFTEN) -> Reading:
    return read(text, labels, several=several, numbers=NUMBERS, joiners=JOINERS, nav=NAV, negators=NEGATORS, fillers=FILLERS)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Most days", "most"),
        ("  MOST   DAYS!!! ", "most"),
        ("móst dâys 😊", "most"),
        ("ｍｏｓｔ ｄａｙｓ", "most"),
        ("mo\u200bst days", "most"),
        ("i think most days really", "most"),
        ("most", "most"),
        ("most dyas", "most"),
        ("um, nearly evry day", "most"),
        ("some", "now"),
        ("now & then", "now"),
        ("nevr", "never"),
        ("not at all", "never"),
        ("almost never", "rare"),
        ("hardly", "rare"),
        ("i dont know", "unsure"),
        ("I DON’T KNOW", "unsure"),
        ("nto sure", "unsure"),
        ("now and then, not most days", "now"),
        ("back", "back"),
        ("Back!", "back"),
        ("most dayssss", "most"),
        ("hradly", "rare"),
        ("skip please", "skip"),
    ],
)
def test_words_are_read(text: str, key: str) -> None:
    assert ask(text) == Reading(keys=(key,))


@pytest.mark.parametrize("text", ["2", "2.", "#2", "(2)", " 2) ", "option 2", "Two", "２", "option two please", "٢"])
def test_a_number_is_a_place(text: str) -> None:
    assert ask(text) == Reading(keys=("now",))


@pytest.mark.parametrize("text", ["0", "6", "ten", "option 99", "999999999"])
def test_a_number_beyond_the_list_is_said_so(text: str) -> None:
    assert ask(text) == Reading(trouble="range")


@pytest.mark.parametrize(
    "text",
    [
        "not most days",
        "not really most days",
        "no, never that",
        "i do know",
        "sure",
        "not 2",
        "2 weeks",
        "banana",
        "😊",
        "?!",
        "9999999999999",
        "well that depends on what you mean since most days are long and i am at work until late",
        "back then it was better",
        "bakc",
        "skipp",
        "never in my life",
        "most days but not lately",
        "only now and then",
        "sometimes if it rains",
        "x" * 5000,
    ],
)
def test_what_is_not_clear_is_not_read(text: str) -> None:
    assert ask(text) == Reading(trouble="none")


@pytest.mark.parametrize("text", ["", "   ", "\n\t "])
def test_an_empty_line_is_empty(text: str) -> None:
    assert ask(text) == Reading(trouble="empty")


def test_two_answers_at_once_are_ambiguous() -> None:
    assert ask("most days or now and then") == Reading(trouble="ambiguous", near=("most", "now"))


def test_a_typo_between_two_labels_is_ambiguous() -> None:
    labels = (Label(key="a", phrases=("hand",)), Label(key="b", phrases=("band",)))
    assert ask("land", labels=labels) == Reading(trouble="ambiguous", near=("a", "b"))


def test_a_number_word_that_is_also_part_of_a_label_is_ambiguous() -> None:
    labels = (Label(key="none", phrases=("Nobody",)), Label(key="one", phrases=("One person",)))
    assert ask("one", labels=labels) == Reading(trouble="ambiguous", near=("none", "one"))
    assert ask("1", labels=labels) == Reading(keys=("none",))


def test_a_longer_label_hides_the_one_within_it() -> None:
    labels = (Label(key="safe", phrases=("safe",)), Label(key="mostly", phrases=("mostly safe",)))
    assert ask("mostly safe i think", labels=labels) == Reading(keys=("mostly",))


def test_navigation_has_no_numbers_and_gives_way_to_a_label() -> None:
    labels = (Label(key="later", phrases=("skip",)),)
    assert ask("skip", labels=labels).keys == ("later",)
    assert ask("2", labels=labels).trouble == "range"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("1 3", ("hug", "now")),
        ("1,3 and 4", ("hug", "now", "kiss")),
        ("kissing + hugs", ("hug", "kiss")),
        ("hugs and holding hands", ("hug", "hold")),
        ("hugs, now and then", ("hug", "now")),
        ("i think hugs and kising", ("hug", "kiss")),
        ("hugs but not kissing", ("hug",)),
        ("holding", ("hold",)),
        ("one, two", ("hug", "hold")),
        ("all", ("hug", "hold", "now", "kiss")),
        ("skip", ("skip",)),
    ],
)
def test_several_are_read_in_the_order_of_the_labels(text: str, keys: tuple[str, ...]) -> None:
    assert ask(text, several=True, labels=MISSED) == Reading(keys=keys)


@pytest.mark.parametrize(
    ("text", "trouble"), [("1 9", "range"), ("13", "range"), ("asdf", "none"), ("not hugs", "none"), ("2 weeks", "none")]
)
def test_several_that_cannot_be_read(text: str, trouble: str) -> None:
    assert ask(text, several=True, labels=MISSED).trouble == trouble


def test_normalise_keeps_the_signs_of_other_scripts() -> None:
    assert normalise("  Don’t — STOP!! ") == "dont stop"
    assert normalise("हिन्दी") == normalise(" हिन्दी! ") != ""
    assert normalise("👍") == ""


@given(text=st.text(), several=st.booleans())
def test_any_text_gets_a_reading_of_this_step(text: str, several: bool) -> None:
    reading = ask(text, several=several)
    assert set(reading.keys) | set(reading.near) <= {label.key for label in (*HOW_OFTEN, *NAV)}
    assert bool(reading.keys) == (reading.trouble == "")
    assert len(reading.keys) == len(set(reading.keys))
    assert several or len(reading.keys) <= 1


_KEYS = st.text(alphabet="abcdefgh", min_size=1, max_size=3)
_PHRASE = st.text(min_size=1, max_size=30).filter(lambda p: p.strip() != "")


@given(phrases=st.dictionaries(_KEYS, _PHRASE, min_size=1, max_size=5), several=st.booleans())
def test_a_label_typed_exactly_is_that_label(phrases: dict[str, str], several: bool) -> None:
    labels = tuple(Label(key=key, phrases=(phrase,)) for key, phrase in phrases.items())
    for key, phrase in phrases.items():
        same = {k for k, p in phrases.items() if p.strip().casefold() == phrase.strip().casefold()}
        reading = ask(phrase, several=several, labels=labels)
        assert len(reading.keys) == 1
        assert reading.keys[0] in same, key


@given(label=st.sampled_from(HOW_OFTEN), data=st.data())
def test_case_accents_spaces_and_signs_do_not_matter(label: Label, data: st.DataObject) -> None:
    phrase = data.draw(st.sampled_from(label.phrases))
    noise = [data.draw(st.sampled_from(("", "\u0301", "\u200b"))) for _ in phrase]
    cased = [c.upper() if data.draw(st.booleans()) else c for c in phrase]
    typed = "".join(c + n for c, n in zip(cased, noise, strict=True))
    typed = typed.replace(" ", data.draw(st.sampled_from((" ", "  ", "\t"))))
    assert ask(f"{data.draw(st.sampled_from(('', '  ', '«', '🙂 ')))}{typed}!").keys == (label.key,)


@given(label=st.sampled_from(HOW_OFTEN), data=st.data())
def test_one_slip_is_never_another_label(label: Label, data: st.DataObject) -> None:
    phrase = normalise(data.draw(st.sampled_from(label.phrases)))
    at = data.draw(st.integers(0, len(phrase) - 1))
    letter = data.draw(st.sampled_from("aeiourstln"))
    typed = data.draw(
        st.sampled_from([phrase[:at] + rest for rest in (phrase[at + 1 :], letter + phrase[at:], letter + phrase[at + 1 :])])
    )
    assert OSA.distance(typed, phrase) <= 1
    reading = ask(typed)
    assert reading.keys in ((label.key,), ())


# -- the real questions, read with the real words ---------------------------------------------------------------------

ANSWERS = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text("utf-8"))
CASES = [(question, typed, meant) for question, cases in ANSWERS.items() for typed, meant in cases.items()]
QUESTIONS = {question.id: question for question in parts().pack.questions if question.choices}
NAMED = [
    (question.id, choice.id, phrase)
    for question in QUESTIONS.values()
    for choice in question.choices
    for key in (f"options.{choice.id}", f"also.{choice.id}")
    for phrase in parts().library.phrases("en", f"intimacy.questions.{question.id}.{key}")
]


def event_of(question: str, typed: str) -> Event:
    """What the question hears."""
    asked, words = QUESTIONS[question], f"intimacy.questions.{question}"
    options = tuple(Shown(c.id, Say(f"{words}.options.{c.id}"), f"{words}.also.{c.id}", c.alone) for c in asked.choices)
    prompt = Prompt(says=(), options=options, several=asked.kind == "several")
    return parts().reader.event(Typed(id="1", text=typed), prompt, "en")


def heard(question: str, typed: str) -> tuple[str, ...] | str:
    """The choices understood, or why there are none."""
    event = event_of(question, typed)
    return event.keys if isinstance(event, Chose) else str(getattr(event, "why", ""))


@pytest.mark.parametrize(("question", "typed", "meant"), CASES)
def test_an_answer_means_what_a_person_would_take_it_for(question: str, typed: str, meant: Any) -> None:
    reading = heard(question, typed)
    if isinstance(meant, dict):
        left = tuple(c.id for c in QUESTIONS[question].choices if not c.alone and c.id != meant["not"])
        # "None of these" beside others is refused by the question itself.
        assert (
            reading == "none"
            or tuple(k for k in reading if not any(c.alone for c in QUESTIONS[question].choices if c.id == k)) == left
        )
    elif isinstance(meant, list):
        assert reading == tuple(meant)
    else:
        assert reading == (meant if meant in ("none", "ambiguous", "range") else (f":{meant}" if meant == "skip" else meant,))


@pytest.mark.parametrize(("question", "choice", "phrase"), NAMED)
def test_every_name_of_a_choice_is_that_choice(question: str, choice: str, phrase: str) -> None:
    typed = phrase.replace("####", "2017").replace("…", "something").removesuffix(".")
    assert heard(question, typed) == (choice,)
    assert heard(question, f"um, {typed.upper()} I think") in ((choice,), "ambiguous")
