"""Which messages a reply edits, sends or frees of their buttons."""

from __future__ import annotations

from bot.content.render import Bubble, Button, File
from bot.platforms.telegram.inbound import Pressed
from bot.platforms.telegram.outbound import LONGEST, Call, Plan, keyboard, plan
from bot.platforms.token import Press

QUESTION = Bubble(text="**A** question", choices=(Button("a", "Yes"), Button("b", "No")), nav=(Button(":sos", "Help"),), turn=7)
RESULT = Bubble(text="a result", keep=True)
CARD = Bubble(text="a card", keep=True, nav=(Button(":sos", "Help"),), turn=7)
WALK, KEPT, OTHER = Pressed(message=3, kept=False), Pressed(message=3, kept=True), Pressed(message=9, kept=False)


def seal(press: Press) -> str:
    return f"{press.turn}/{press.key}/{press.kept}"


def planned(*bubbles: Bubble, pressed: Pressed | None = None, screen: Pressed | None = None) -> Plan:
    return plan(77, bubbles, seal, pressed=pressed, screen=screen)


def steps(made: Plan) -> list[tuple[str, int | None, bool]]:
    """For each call: its method, the message it changes, whether there are buttons."""
    calls: tuple[Call, ...] = (*made.shows, *made.asides)
    return [(call.method, call.params.get("message_id"), call.buttons) for call in calls]


def test_a_press_changes_its_message() -> None:
    for screen in (WALK, None):
        made = planned(QUESTION, pressed=WALK, screen=screen)
        assert steps(made) == [("editMessageText", 3, True)]
        assert made.shows[0].params["text"] == "<b>A</b> question"
        assert made.shows[0].params["parse_mode"] == "HTML"
        assert made.shows[0].params["link_preview_options"] == {"is_disabled": True}


def test_what_was_typed_is_answered_below_and_the_old_buttons_go() -> None:
    assert steps(planned(QUESTION)) == [("sendMessage", None, True)]
    assert steps(planned(QUESTION, screen=WALK)) == [("sendMessage", None, True), ("editMessageReplyMarkup", 3, False)]


def test_what_is_worth_keeping_stays() -> None:
    assert steps(planned(RESULT, QUESTION, pressed=WALK, screen=WALK)) == [
        ("editMessageText", 3, False),
        ("sendMessage", None, True),
    ]
    assert steps(planned(QUESTION, pressed=KEPT, screen=KEPT)) == [
        ("sendMessage", None, True),
        ("editMessageReplyMarkup", 3, False),
    ]


def test_the_buttons_of_a_kept_message_say_so() -> None:
    assert keyboard(CARD, seal) == [[{"text": "Help", "callback_data": "7/:sos/True"}]]
    assert planned(CARD).shows[0].kept


def test_a_press_on_an_old_message_is_answered_at_the_end() -> None:
    assert steps(planned(QUESTION, pressed=WALK, screen=OTHER)) == [
        ("sendMessage", None, True),
        ("editMessageReplyMarkup", 3, False),
        ("editMessageReplyMarkup", 9, False),
    ]


def test_files_come_before_the_buttons_unless_these_are_there_already() -> None:
    with_file = Bubble(text="your copy", files=(File("copy.json", b"{}"),), nav=QUESTION.nav, turn=7)
    assert [call.method for call in planned(with_file).shows] == ["sendDocument", "sendMessage"]
    assert [call.method for call in planned(with_file, pressed=WALK).shows] == ["editMessageText", "sendDocument"]
    assert planned(with_file).shows[0].file == File("copy.json", b"{}")


def test_a_picture_stands_above_its_words_which_tell_what_is_on_it() -> None:
    picture = File("chart.png", b"png", alt="Touch 3 of 5 (a_b)", picture=True)
    bubbles = Bubble(text="look", files=(picture,), nav=QUESTION.nav, turn=7)
    for pressed in (None, WALK):
        made = planned(bubbles, pressed=pressed)
        assert [call.method for call in made.shows] == ["sendPhoto", "sendMessage"]
        assert made.shows[0].file == picture
        assert made.shows[1].params["text"] == "<i>Touch 3 of 5 (a_b)</i>\n\nlook"
    assert [call.method for call in made.asides] == ["editMessageReplyMarkup"]


def test_a_long_text_is_sent_in_pieces_with_the_buttons_below_the_last() -> None:
    long = Bubble(text="A paragraph. " * 20 + "\n\n" + "Another one. " * (LONGEST // 13), nav=QUESTION.nav, turn=7)
    made = planned(long, pressed=WALK)
    assert steps(made) == [("editMessageText", 3, False), ("sendMessage", None, True)]


def test_ticks_are_shown() -> None:
    several = Bubble(
        text="which",
        several=True,
        choices=(Button("a", "One", True), Button("b", "Two")),
        nav=(Button(":done", "Done"),),
        turn=7,
    )
    labels = [[button["text"] for button in row] for row in keyboard(several, seal)]
    assert labels == [["☑ One", "☐ Two"], ["Done"]]


def test_long_labels_have_a_row_each() -> None:
    choices = tuple(Button(str(n), label) for n, label in enumerate(("Yes", "No", "Something longer than that")))
    assert [len(row) for row in keyboard(Bubble(text="", choices=choices, turn=7), seal)] == [1, 1, 1]
