"""A dialog that contradicts itself is refused when it is built, by an error that names dialog, step and remedy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation.book import Book, Command, Places
from bot.conversation.dialog import END, Branch, BrokenDialog, Dialog, One, Option, Several, Tell, Write


def one(name: str, *to: str, **more: object) -> One:
    return One(name=name, words=name, options=tuple(Option(f"o{n}", t) for n, t in enumerate(to)), **more)  # type: ignore[arg-type]


def tell(name: str, to: str) -> Tell:
    return Tell(name=name, words=name, to=to)


def branch(name: str, *to: str) -> Branch:
    return Branch(name=name, words="", decide=lambda view: to[0], targets=to)


BROKEN = {
    "two steps share a name": ([one("a", END), one("a", END)], {}, None, "rename one"),
    "a choice leads nowhere": ([one("a", "")], {}, "a", "give it a 'to'"),
    "a statement leads nowhere": ([tell("a", "")], {}, "a", "give it a 'to'"),
    "words lead nowhere": ([Write(name="a", words="a")], {}, "a", "give it a 'to'"),
    "a skip leads nowhere": ([one("a", END, skip=True)], {}, "a", "give it a 'to'"),
    "a choice leads to no step": ([one("a", "nowhere", END)], {}, "a", "correct the name"),
    "one of several leads to no step": (
        [Several(name="a", words="a", to=END, options=(Option("x", "nowhere"),))],
        {},
        "a",
        "correct the name",
    ),
    "a branch leads to no step": ([branch("a", "nowhere")], {}, "a", "correct the name"),
    "computed choices lead to no step": (
        [One(name="a", words="a", options=lambda view: (), targets=("nowhere", END))],
        {},
        "a",
        "correct the name",
    ),
    "review is no step": ([one("a", END)], {"review": "b"}, "b", "correct the name"),
    "anchor is no step": ([one("a", END)], {"anchor": "b"}, "b", "correct the name"),
    "an entry is no step": ([one("a", END)], {"entries": ("b",)}, "b", "correct the name"),
    "nothing leads to a step": ([one("a", END), one("b", END)], {}, "b", "link it or remove it"),
    "no way out": ([one("a", "b", END), one("b", "c"), one("c", "b")], {}, "b", f"lead to '{END}'"),
    "a ring that never asks": ([one("a", "b", END), tell("b", "c"), branch("c", "b", END)], {}, "b", "break it"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_is_refused(name):
    table, more, step, remedy = BROKEN[name]
    with pytest.raises(BrokenDialog) as caught:
        Dialog(name="walk", table=tuple(table), **more)
    message = str(caught.value)
    assert "dialog 'walk'" in message
    assert remedy in message
    if step:
        assert f"'{step}'" in message


def test_the_same_table_made_whole_is_taken():
    dialog = Dialog(
        name="walk",
        table=(one("a", "b", END), tell("b", "c"), branch("c", "a", END), one("d", END)),
        entries=("d",),
    )
    assert dialog.start == "a"
    assert set(dialog.steps) == {"a", "b", "c", "d"}


PLACES = Places(
    welcome="walk/a",
    home="walk/a",
    lost="walk/a",
    stopped="walk/a",
    minor="walk/a",
    sos="walk",
    trouble="walk/a",
    alarms={("urgent", ""): "walk/a"},
)


WHOLE = (one("a", END),)


def bound(*, table=WHOLE, command="walk/a", places=PLACES, **more):
    dialog = Dialog(name="walk", table=table, **more)
    return Book(dialogs={"walk": dialog}, commands={"go": Command(name="go", to=command)}, places=places)


@pytest.mark.parametrize(
    ("wrong", "who", "target"),
    [
        ({"command": "walk/nowhere"}, "command '/go'", "walk/nowhere"),
        ({"command": "elsewhere/a"}, "command '/go'", "elsewhere/a"),
        ({"table": (one("a", "walk/b"),)}, "dialog 'walk', step 'a'", "walk/b"),
        ({"resume": "resume/ask"}, "dialog 'walk'", "resume/ask"),
        ({"places": replace(PLACES, welcome="x/a")}, "places", "x/a"),
        ({"places": replace(PLACES, home="x/a")}, "places", "x/a"),
        ({"places": replace(PLACES, lost="x/a")}, "places", "x/a"),
        ({"places": replace(PLACES, stopped="walk/x")}, "places", "walk/x"),
        ({"places": replace(PLACES, minor="x/a")}, "places", "x/a"),
        ({"places": replace(PLACES, trouble="x/a")}, "places", "x/a"),
        ({"places": replace(PLACES, alarms={("ask", ""): "x/a"})}, "alarm", "x/a"),
    ],
)
def test_a_book_that_names_a_place_that_is_not_there_is_refused(wrong, who, target):
    assert bound().commands["go"].to == "walk/a"
    with pytest.raises(BrokenDialog) as caught:
        bound(**wrong)
    message = str(caught.value)
    assert who in message
    assert f"'{target}'" in message
    assert "correct the name" in message
