"""Once somebody near is not safe to be with, help comes first, and nothing ever points to them, nor to couple or family work.

Proved by visiting every screen that can be reached from there, in English, and reading all of it. Exempt are only the
questions themselves (all keys under `intimacy.questions.`, shown or quoted back) and the person's own words (Quote).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import pytest

from bot.content.model import NEAR
from bot.content.render import plain, render, speak
from bot.content.therapy_check import near_keys
from bot.conversation.effects import Attach, Erase
from bot.conversation.events import Alarmed, Called, Opened, Tapped, Typed
from bot.conversation.replies import Lines, Quote, Say, Value, Words
from bot.conversation.walk import Turn
from bot.runtime import alarmed
from tests.kernel import QUESTIONS, answer, book, by_numbers, new_id, opened, parts, screen, tapped, then, through, typed

EXEMPT = "intimacy.questions."
POINTING = re.compile(
    r"\b(partners?|husbands?|wife|wives|spouses?|girlfriends?|boyfriends?|lovers?|famil\w+|relatives?|parents?|mothers?|fathers?"
    r"|mums?|moms?|dads?|siblings?|brothers?|sisters?|sons?|daughters?|couples?|marriages?|married|households?|homes?)\b",
    re.IGNORECASE,
)
PACK = parts().pack
NEAR_STEPS = {f"{need.id}.{step.id}" for need in PACK.needs for step in need.steps if step.toward in NEAR}
# Of the therapy guide: kinds, sides and suggestions that take along people who are close.
NEAR_GUIDE = tuple(f"intimacy.therapy.{key}." for key in near_keys(parts().guide))
NEAR_PAGES = {f"intimacy.needs.{n.id}.pages.{p.id}.text" for n in PACK.needs for p in n.pages if p.near}
# Answers that make every need alive, so that the result offers all it has.
LONGING = {"place": "new", "hug": "forgot", "tell": "nobody", "laugh": "outside", "heard": "misread", "talk": "forgot"}
LONGING |= {"desire": "big", "centre": "bodily", "sits": "restless", "after": "alone", "arm": "most", "free": "feelit"}


# -- visiting everything ---------------------------------------------------------------------------------------------


def crawl(seeds: Iterable[Turn], most: int = 6000) -> Iterator[Turn]:
    """Every screen that leads on from these, by every choice, every word that works everywhere, and every command."""
    seen: set[object] = set()
    todo = list(seeds)
    while todo:
        turn = todo.pop()
        yield turn
        if _look(turn) in seen:
            continue
        seen.add(_look(turn))
        assert len(seen) < most, "the crawl does not end: what is on screen varies without bound"
        for event in _events(turn):
            after = then(turn, event)
            # Whoever erases everything has erased this too.
            if not any(isinstance(effect, Erase) for effect in after.effects):
                todo.append(after)


def _events(turn: Turn) -> Iterator[Tapped | Called | Opened]:
    # The question that raises the flag is the one that takes it back: here its answer stays.
    keys = [o.key for o in turn.prompt.options if (screen(turn)[1], o.key) != ("safe", "safe")]
    for key in (*keys, *turn.prompt.nav, ":restart"):
        yield Tapped(id=new_id(), turn=turn.session.turn, key=key)
    for command in book().commands:
        yield Called(id=new_id(), command=command)
    yield Opened(id=new_id())


def _look(turn: Turn) -> object:
    """What makes a screen another one: for questions the question, elsewhere all that is said and offered."""
    dialog, step = screen(turn)
    exploration = turn.session.frames.get("why")
    said_safe = exploration is not None and exploration.answers.get("safe") == "safe"
    if dialog == "why" and (step in QUESTIONS or step in ("review", "adjust")):
        return said_safe, step, "unsafe" in turn.session.marks
    said = tuple(key for say in turn.prompt.says for key in keys_in(say))
    return said_safe, dialog, step, said, frozenset(o.key for o in turn.prompt.options), turn.session.marks.get("unsafe")


def keys_in(say: Say) -> Iterator[str]:
    """The keys of all words in this, those inside of others too."""
    yield say.key
    for value in say.values.values():
        yield from _keys(value)


def _keys(value: Value) -> Iterator[str]:
    if isinstance(value, Words):
        yield value.key
    elif isinstance(value, Lines):
        for say in value.says:
            yield from keys_in(say)
    elif isinstance(value, tuple):
        for item in value:
            yield from _keys(item)


def suggested(say: Say) -> str:
    """What this says of its own: without questions, and without the person's own words."""
    if say.key.startswith(EXEMPT):
        return ""
    values = {name: _without_quotes(value) for name, value in say.values.items()}
    return plain(speak(replace(say, values=values), parts().library, "en"))


def _without_quotes(value: Value) -> Value:
    if isinstance(value, Quote) or (isinstance(value, Words) and value.key.startswith(EXEMPT)):
        return "…"
    if isinstance(value, tuple):
        return tuple(_without_quotes(item) for item in value)
    return value


_POINTS: dict[str, list[str]] = {}


def pointing(say: Say) -> list[str]:
    """Words in it that point to somebody near. The same few hundred are said again and again."""
    name = repr(say)
    if name not in _POINTS:
        match = POINTING.search(suggested(say))
        _POINTS[name] = [f"'{match[0]}' in {say.key}"] if match else []
    return _POINTS[name]


def shown(turn: Turn) -> tuple[Say, ...]:
    files = (say for effect in turn.effects if isinstance(effect, Attach) for say in effect.says)
    return (*turn.says, *turn.prompt.says, *(option.label for option in turn.prompt.options), *files)


def faults(turn: Turn) -> list[str]:
    """What in this turn points to somebody near."""
    found = [f"page {key}" for say in shown(turn) for key in keys_in(say) if key in NEAR_PAGES]
    found += [f"guide {key}" for say in shown(turn) for key in keys_in(say) if f"{key}.".startswith(NEAR_GUIDE)]
    dialog, step = screen(turn)
    if dialog == "needs" and step.endswith("_steps"):
        need = step.removesuffix("_steps")
        found += [f"step {need}.{o.key}" for o in turn.prompt.options if f"{need}.{o.key}" in NEAR_STEPS]
    found += [fault for say in shown(turn) for fault in pointing(say)]
    return [f"{dialog}/{step}: {fault}" for fault in found]


def all_faults(seed: Turn) -> list[str]:
    return sorted({fault for turn in crawl([seed]) for fault in faults(turn)})


# -- the ways to get there -------------------------------------------------------------------------------------------


def pick(safe: str):
    """Answers that make everything alive, and this one to the question about safety."""
    rest = by_numbers([255])

    def chosen(question: str, keys: tuple[str, ...]) -> tuple[str, ...]:
        if question == "safe":
            return (safe,)
        return (LONGING[question],) if question in LONGING else rest(question, keys)

    return chosen


def at_the_question() -> Turn:
    turn = tapped(opened(), "adult", "full")
    while screen(turn) != ("why", "safe"):
        question = screen(turn)[1]
        turn = answer(turn, pick("safe")(question, tuple(o.key for o in turn.prompt.options)))
    return turn


def at_the_result(safe: str) -> Turn:
    return through(tapped(opened(), "adult", "full"), pick(safe))[-1]


def told(turn: Turn, words: str = "my husband hits me") -> Turn:
    """Written freely, anywhere: the safety check is the first to read it."""
    event = alarmed(Typed(id=new_id(), text=words), "en")
    assert isinstance(event, Alarmed)
    assert event.category == "abuse"
    return then(turn, event)


def over(turn: Turn, safe: str) -> Turn:
    """The exploration from the start, once more, with this answer to the question about safety."""
    return through(tapped(then(turn, Called(id=new_id(), command="why")), "over", "full"), pick(safe))[-1]


def reading(*keys: str) -> Turn:
    """In the therapy guide, with everything alive and nobody said to be unsafe."""
    return tapped(then(at_the_result("safe"), Called(id=new_id(), command="therapy")), *keys)


def asked_in_the_guide() -> Turn:
    """At the question about safety that somebody is asked who goes to the guide first."""
    turn = tapped(then(tapped(opened(), "adult"), Called(id=new_id(), command="therapy")), "fit", "begin")
    return tapped(turn, "one", "most", "stays", ":skip")


def suggested_couples() -> Turn:
    """With couples therapy suggested, family therapy after it."""
    turn = tapped(asked_in_the_guide(), "safe", "two", ":skip")
    assert "read_couples" in {option.key for option in turn.prompt.options}
    return turn


WAYS = {
    "tapped unsafe in the therapy guide": lambda: tapped(asked_in_the_guide(), "unsafe"),
    "tapped mixed in the therapy guide": lambda: tapped(asked_in_the_guide(), "mixed"),
    "typed in the therapy guide": lambda: typed(asked_in_the_guide(), "not always"),
    "told while reading about couples therapy": lambda: told(reading("kinds", "couples")),
    "told while reading about family therapy": lambda: told(reading("kinds", "family", "next", "next")),
    "told while reading about sex therapy": lambda: told(reading("kinds", "sex")),
    "told while comparing": lambda: told(reading("compare", "individual", "couples")),
    "told between the two of a comparison": lambda: told(reading("compare", "family")),
    "told at the suggestion": lambda: told(suggested_couples()),
    "told who would be in the room": lambda: told(tapped(asked_in_the_guide(), "safe")),
    "tapped mixed": lambda: tapped(at_the_question(), "mixed"),
    "tapped unsafe": lambda: tapped(at_the_question(), "unsafe"),
    "typed mixed": lambda: typed(at_the_question(), "not always"),
    "typed unsafe": lambda: typed(at_the_question(), "No"),
    "typed in their own words": lambda: typed(at_the_question(), "i'm scared"),
    "changed to mixed": lambda: tapped(at_the_result("safe"), ":change", "safe", "mixed"),
    "changed to unsafe": lambda: tapped(at_the_result("nobody"), ":change", "safe", "unsafe"),
    "told before the first question": lambda: told(opened()),
    "told in the middle": lambda: told(at_the_question()),
    "told at the result": lambda: told(at_the_result("safe")),
}
LATER = {
    "started over, and would rather not say": lambda: over(tapped(at_the_question(), "unsafe", "on"), "unsaid"),
    "started over, and nobody is close": lambda: over(told(at_the_result("safe")), "nobody"),
    "stopped, and came back": lambda: tapped(then(at_the_result("mixed"), Called(id=new_id(), command="stop")), "menu"),
    "result with everything alive": lambda: at_the_result("unsafe"),
}


@cache
def reached(name: str) -> Turn:
    return {**WAYS, **LATER}[name]()


@cache
def visited(name: str) -> tuple[set[tuple[str, str]], list[str]]:
    """The screens that lead on from there, and what on them points to somebody near."""
    turns = list(crawl([reached(name)]))
    return {screen(turn) for turn in turns}, sorted({fault for turn in turns for fault in faults(turn)})


# -- the proof -------------------------------------------------------------------------------------------------------


def test_without_the_flag_the_same_crawl_finds_all_of_it():
    found = all_faults(at_the_result("safe"))
    assert {fault.partition(": ")[2] for fault in found} >= {f"step {step}" for step in NEAR_STEPS}
    assert {fault.partition(": page ")[2] for fault in found} >= NEAR_PAGES
    assert any("'partner' in" in fault for fault in found)
    assert any("'relative' in" in fault for fault in found)
    assert any("'family' in" in fault for fault in found)
    guide = {fault.partition(": guide ")[2] for fault in found}
    missed = {
        key
        for key in NEAR_GUIDE
        if not key.startswith("intimacy.therapy.fit.") and not any(f"{k}.".startswith(key) for k in guide)
    }
    assert not missed


@pytest.mark.parametrize("name", [*WAYS, *LATER])
def test_nothing_that_can_be_reached_points_to_somebody_near(name):
    turn = reached(name)
    assert turn.session.marks["unsafe"]
    assert visited(name)[1] == []


@pytest.mark.parametrize("name", WAYS)
def test_help_comes_before_anything_else(name):
    turn = reached(name)
    assert screen(turn)[1] not in QUESTIONS
    text = "\n".join(bubble.text for bubble in render(turn, parts().library, "en"))
    assert "findahelpline.com" in text
    assert "emergency number" in text
    assert "not your fault" in text


@pytest.mark.parametrize("name", WAYS)
def test_the_crawl_reaches_every_part(name):
    screens, _ = visited(name)
    steps = {("needs", f"{need.id}_{part}") for need in PACK.needs for part in ("what", "why", "grow", "steps", "try", "read")}
    assert not steps - screens
    assert {("why", "result"), ("why", "lonely"), ("why", "farewell"), ("needs", "taken"), ("home", "menu")} <= screens
    guide = parts().guide
    pages = {("therapy", f"{kind.id}_{page.id}") for kind in guide.kinds for page in kind.pages if not kind.near}
    pages |= {("therapy", page) for page in (*guide.pages, "kinds", "compare", "with", "sides", "find", "found", "read")}
    assert not pages - screens
    assert {("fit", "result"), ("prepare", "ready"), ("prepare", "ask"), ("prepare", "first")} <= screens


@pytest.mark.parametrize("step", sorted(NEAR_STEPS))
def test_a_step_chosen_before_is_not_held_up_to_them_any_more(step):
    need, _, name = step.partition(".")
    chosen = tapped(then(at_the_result("safe"), Called(id=new_id(), command="needs")), need, "steps", name, "take")
    assert chosen.session.marks["step"] == step
    assert all_faults(told(chosen)) == []


@pytest.mark.parametrize("step", sorted(NEAR_STEPS))
def test_a_step_that_was_being_read_is_not_shown_again(step):
    need, _, name = step.partition(".")
    reading = tapped(then(at_the_result("safe"), Called(id=new_id(), command="needs")), need, "steps", name)
    assert all_faults(told(reading)) == []


def test_taking_the_answer_back_brings_everything_back():
    turn = tapped(at_the_result("mixed"), ":change", "safe", "safe")
    assert "unsafe" not in turn.session.marks
    assert all_faults(turn)


def test_what_was_told_in_words_outlasts_a_yes_to_the_question():
    turn = then(told(at_the_question()), Tapped(id=new_id(), turn=0, key=":help"))
    turn = tapped(turn, "done", "on")
    assert screen(turn) == ("why", "safe")
    assert tapped(turn, "safe").session.marks.get("unsafe")
