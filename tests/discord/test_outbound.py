"""How replies look: within every limit of Discord's, unmarked where it is somebody's own words, sealed where it is an id."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simcord.components import validate_components

from bot.content.markup import written
from bot.content.render import Bubble, Button, File, escape
from bot.platforms.discord.inbound import MAIL, ONE, PREFIX, TICKS, TYPE, How
from bot.platforms.discord.outbound import STYLE, Call, Message, Verb, calls, messages
from bot.platforms.discord.words import Labels
from bot.platforms.token import Press, Tokens

TOKENS = Tokens(b"k" * 32)
LABELS = Labels(language="en", write="Type it", pick="Pick", choose="Choose", mail="Send it")
NAV = tuple(Button(f":{name}", name) for name in ("skip", "back", "change", "stop", "help", "sos"))


def seals(turn: int, kept: bool) -> Callable[[str], str]:
    return lambda key: TOKENS.seal(b"me", Press(turn=turn, key=key, kept=kept))


def sealed(custom: str) -> Press:
    press = TOKENS.open(b"me", custom.removeprefix(PREFIX))
    assert press is not None
    return press


def shown(*bubbles: Bubble, hidden: bool = True) -> tuple[Message, ...]:
    found = messages(bubbles, seals, LABELS, hidden=hidden)
    for message in found:
        assert message.text
        assert len(message.text.encode("utf-16-le")) // 2 <= 2_000
        validate_components([dict(row) for row in message.rows])
    return found


def controls(message: Message) -> list[dict[str, Any]]:
    return [control for row in message.rows for control in row["components"]]


def keys(message: Message) -> list[str]:
    found = [sealed(control["custom_id"]).key for control in controls(message)]
    return [key.removesuffix(".en") if key.startswith((TYPE, MAIL)) else key for key in found]


def choices(number: int, label: str = "choice") -> tuple[Button, ...]:
    return tuple(Button(f"k{n}", f"{label} {n}") for n in range(number))


# -- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("**bold** and _soft_", "**bold** and *soft*"),
        ("[help](https://a.org/x)", "[help](<https://a.org/x>)"),
        ("[a.org](https://a.org)", "<https://a.org>"),
        ("see https://a.org/b_c, and go", "see <https://a.org/b_c>, and go"),
        ("# no heading", "\\# no heading"),
        ("-# nothing small", "\\-# nothing small"),
        ("one\n- two\n1. three", "one\n\\- two\n1\\. three"),
        ("a - b, 3. May", "a - b, 3. May"),
        ("> no quote", "\\> no quote"),
        ("@everyone", "@\u200beveryone"),
    ],
)
def test_the_contents_markdown_in_discords(text: str, looks: str) -> None:
    assert written(text, STYLE) == looks


@pytest.mark.parametrize(
    "words", ["**x**", "_x_", "<@123>", "<#1>", "<t:1:R>", "||x||", "~~x~~", "`x`", "[x](y)", "*x*", "__x__"]
)
def test_somebodys_own_words_are_no_markup(words: str) -> None:
    looks = written(escape(words), STYLE)
    assert re.sub(r"\\(\W|_)", r"\1", looks) == words
    assert not re.search(r"(?<!\\)[*_<~`|\[]", looks)


@given(st.text(max_size=300))
def test_any_words_come_out_as_they_are(words: str) -> None:
    looks = written(escape(words), STYLE)
    plain = re.sub(r"\\([\\*_~`|<>\[\]#.+-])", r"\1", re.sub(r"@\u200b(?=everyone|here)", "@", looks))
    # The only thing that is added is a pair of brackets around an address.
    assert re.sub(r"<(https?://[^<>]*)>", r"\1", plain) == re.sub(r"<(https?://[^<>]*)>", r"\1", words)


def test_a_long_text_comes_in_pieces_with_the_buttons_below_the_last() -> None:
    *first, last = shown(Bubble(text="word. " * 900, choices=choices(2), nav=NAV, turn=1))
    assert len(first) >= 2
    assert not any(message.rows for message in first)
    assert keys(last)[:2] == ["k0", "k1"]


def test_escapes_count_too() -> None:
    assert len(shown(Bubble(text=escape("*" * 1_500)))) == 2
    assert shown(Bubble(text="a" * 2_000)) == (Message(text="a" * 2_000),)


def test_what_fits_one_message_is_one_but_what_is_kept_stays_apart() -> None:
    bubbles = [Bubble(text="a" * 900), Bubble(text="b" * 900), Bubble(text="k", keep=True), Bubble(text="c", nav=NAV, turn=3)]
    together, kept, last = shown(*bubbles, hidden=False)
    assert together.text == "a" * 900 + "\n\n" + "b" * 900
    assert (kept.text, kept.rows) == ("k", ())
    assert last.text == "c"


def test_an_empty_text_is_still_a_message() -> None:
    assert shown(Bubble(text="", nav=NAV))[0].text == "\u200b"


# -- controls ---------------------------------------------------------------------------------------------------------


def test_choices_are_buttons_then_what_works_everywhere() -> None:
    (message,) = shown(Bubble(text="?", choices=choices(4), nav=NAV, turn=9))
    assert keys(message) == ["k0", "k1", "k2", "k3", ":skip", ":back", ":change", ":stop", ":help", ":sos", TYPE]
    assert {sealed(control["custom_id"]).turn for control in controls(message)} == {9}
    (direct,) = shown(Bubble(text="?", choices=choices(4), nav=NAV, turn=9), hidden=False)
    assert TYPE not in keys(direct)


def test_where_words_are_wanted_the_button_to_type_comes_first() -> None:
    (message,) = shown(Bubble(text="?", nav=NAV, writes=True))
    assert keys(message)[0] == TYPE


@pytest.mark.parametrize("number", [0, 1, 5, 14, 15, 16, 25, 26, 75, 80])
@pytest.mark.parametrize("label", ["x", "a label of some forty characters in all", "y" * 120])
@pytest.mark.parametrize("several", [True, False])
@pytest.mark.parametrize("keep", [True, False])
def test_any_number_of_choices_fits(number: int, label: str, several: bool, keep: bool) -> None:
    (message,) = shown(Bubble(text="?", choices=choices(number, label), nav=NAV, several=several, keep=keep, turn=1))
    assert len(message.rows) <= 5
    offered = [sealed(option["value"]).key for control in controls(message) for option in control.get("options", ())]
    offered += [key for key in keys(message) if key.startswith("k")]
    room = 2 if keep else 3
    assert offered == [f"k{n}" for n in range(min(number, 25 * room))]
    assert {":sos", TYPE} <= set(keys(message))
    assert (MAIL in keys(message)) == keep


def test_ticks_are_the_defaults_of_a_select() -> None:
    bubble = Bubble(text="?", choices=(Button("a", "A"), Button("b", "B", picked=True)), nav=NAV, several=True, turn=2)
    (message,) = shown(bubble)
    select = controls(message)[0]
    assert sealed(select["custom_id"]).key == f"{TICKS}0"
    assert (select["min_values"], select["max_values"]) == (0, 2)
    assert [option.get("default", False) for option in select["options"]] == [False, True]


def test_too_many_for_buttons_is_a_select_of_one() -> None:
    (message,) = shown(Bubble(text="?", choices=choices(20), nav=NAV))
    select = controls(message)[0]
    assert sealed(select["custom_id"]).key == f"{ONE}0"
    assert (select["min_values"], select["max_values"]) == (1, 1)


def test_labels_are_cut_at_the_edge() -> None:
    (message,) = shown(Bubble(text="?", choices=(Button("a", "x" * 80), Button("b", "x" * 81)), nav=()))
    assert [control["label"] for control in controls(message)[:2]] == ["x" * 80, "x" * 79 + "…"]
    (message,) = shown(Bubble(text="?", choices=(Button("a", "x" * 100), Button("b", "x" * 101)), several=True))
    assert [option["label"] for option in controls(message)[0]["options"]] == ["x" * 100, "x" * 99 + "…"]


def test_files_stay_with_their_message() -> None:
    (message,) = shown(Bubble(text="?", nav=NAV, files=(File("a.json", b"{}"),)))
    assert message.files == (File("a.json", b"{}"),)
    assert all(sealed(control["custom_id"]).kept for control in controls(message))
    assert "{}" not in repr(message)


# -- calls ------------------------------------------------------------------------------------------------------------

A, B = Message(text="a"), Message(text="b")


@pytest.mark.parametrize(
    ("how", "deferred", "verbs"),
    [
        (How.NEW, False, [Verb.RESPOND, Verb.FOLLOW]),
        (How.NEW, True, [Verb.COMPLETE, Verb.FOLLOW]),
        (How.EDIT, False, [Verb.UPDATE, Verb.FOLLOW]),
        (How.EDIT, True, [Verb.COMPLETE, Verb.FOLLOW]),
        (How.KEPT, False, [Verb.UPDATE, Verb.FOLLOW, Verb.FOLLOW]),
        (How.KEPT, True, [Verb.COMPLETE, Verb.FOLLOW, Verb.FOLLOW]),
    ],
)
def test_the_first_call_answers_the_interaction(how: How, deferred: bool, verbs: list[Verb]) -> None:
    made = calls(how, (A, B), left=({"type": 1},), deferred=deferred)
    assert [call.verb for call in made] == verbs
    assert made[-2:] == (Call(verb=verbs[-2], message=A), Call(verb=Verb.FOLLOW, message=B))
    if how is How.KEPT:
        assert made[0].message == Message(text=None, rows=({"type": 1},))
