"""What each kind of update means. Updates as the Bot API sends them, with the fields that matter and some that do not."""

from __future__ import annotations

from typing import Any

import pytest

from bot.conversation.events import Called, Sent, Tapped, Typed
from bot.platforms.telegram.inbound import Act, Gone, Inbound, Pressed, Wish
from bot.platforms.token import Press

ME = {"id": 77, "is_bot": False, "first_name": "Somebody", "language_code": "pt-BR"}
PRIVATE = {"id": 77, "type": "private", "first_name": "Somebody"}
GROUP = {"id": -100, "type": "supergroup", "title": "A group"}
INBOUND = Inbound(
    commands=("start", "why", "sos"),
    opens=lambda chat, token: Press(turn=9, key="yes", kept=token == "kept") if chat == 77 and token else None,
    name="CloserBot",
)


def message(chat: dict[str, Any] = PRIVATE, **more: Any) -> dict[str, Any]:
    return {"update_id": 5, "message": {"message_id": 3, "date": 1, "chat": chat, "from": ME, **more}}


def press(data: str = "token", **more: Any) -> dict[str, Any]:
    shown = {"message_id": 3, "date": 1, "chat": PRIVATE, "text": "a question"}
    return {"update_id": 5, "callback_query": {"id": "q", "from": ME, "message": shown, "data": data, **more}}


def act(event: Any, **more: Any) -> Act:
    return Act(update=5, chat=77, event=event, **more)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/why", "why"),
        ("/WHY", "why"),
        ("/why@CloserBot", "why"),
        ("/why and more", "why"),
        ("/start", "start"),
        ("/start why", "why"),
        ("/start sos", "sos"),
        ("/start nonsense", "start"),
        ("/unheard", "unheard"),
        ("/?", "?"),
    ],
)
def test_commands(text: str, command: str) -> None:
    assert INBOUND.read(message(text=text)) == act(Called(id="5", language="pt-BR", command=command))


@pytest.mark.parametrize("text", ["hello", "/", "/ why", "1", "a /why b", "   "])
def test_words(text: str) -> None:
    assert INBOUND.read(message(text=text)) == act(Typed(id="5", language="pt-BR", text=text))


@pytest.mark.parametrize("kind", ["sticker", "voice", "photo", "video", "contact", "location", "poll", "dice", "document"])
def test_what_is_no_words(kind: str) -> None:
    assert INBOUND.read(message(**{kind: {}})) == act(Sent(id="5", language="pt-BR"))


def test_words_below_a_picture_are_for_the_safety_check() -> None:
    assert INBOUND.read(message(photo=[], caption="words")) == act(Sent(id="5", language="pt-BR", text="words"))


def test_an_edited_message_is_no_answer() -> None:
    edited = {"update_id": 5, "edited_message": message(text="/why")["message"]}
    assert INBOUND.read(edited) == act(Sent(id="5", language="pt-BR", what="edited", text="/why"))


def test_a_press_is_bound_to_its_message() -> None:
    event = Tapped(id="5", language="pt-BR", turn=9, key="yes")
    assert INBOUND.read(press()) == act(event, query="q", pressed=Pressed(message=3, kept=False))
    assert INBOUND.read(press("kept")) == act(event, query="q", pressed=Pressed(message=3, kept=True))


def test_a_button_that_opens_for_nobody_is_still_answered() -> None:
    event = Tapped(id="5", language="pt-BR", turn=0, key="")
    assert INBOUND.read(press("")) == act(event, query="q", pressed=Pressed(message=3, kept=False))


@pytest.mark.parametrize("shown", [None, {"message_id": 3, "date": 0, "chat": PRIVATE}])
def test_a_press_on_a_message_that_is_gone_has_no_place_to_edit(shown: Any) -> None:
    event = Tapped(id="5", language="pt-BR", turn=9, key="yes")
    assert INBOUND.read(press(message=shown)) == act(event, query="q")


@pytest.mark.parametrize("text", ["/why", "/why@closerbot", "/sos"])
def test_a_command_in_a_group_is_a_wish(text: str) -> None:
    assert INBOUND.read(message(GROUP, text=text)) == Wish(update=5, chat=-100, language="pt-BR")


def test_a_topic_of_a_group_is_answered_there() -> None:
    update = message(GROUP, text="/why", message_thread_id=8, is_topic_message=True)
    assert INBOUND.read(update) == Wish(update=5, chat=-100, language="pt-BR", thread=8)


@pytest.mark.parametrize("text", ["hello", "/why@otherbot", "/unheard", "why", ""])
def test_anything_else_in_a_group_is_nothing(text: str) -> None:
    assert INBOUND.read(message(GROUP, text=text)) is None
    assert INBOUND.read(message(GROUP, photo=[])) is None
    assert INBOUND.read({"update_id": 5, "edited_message": message(GROUP, text="/why")["message"]}) is None


def test_a_press_in_a_group_is_nobodys() -> None:
    assert INBOUND.read(press(message={"message_id": 3, "date": 1, "chat": GROUP})) is None


@pytest.mark.parametrize(("status", "gone"), [("kicked", True), ("left", True), ("member", False)])
def test_who_blocks_the_bot_is_gone(status: str, gone: bool) -> None:
    update = {"update_id": 5, "my_chat_member": {"chat": PRIVATE, "from": ME, "new_chat_member": {"status": status}}}
    assert INBOUND.read(update) == (Gone(update=5, chat=77) if gone else None)


def test_other_updates_are_nothing() -> None:
    assert INBOUND.read({"update_id": 5, "channel_post": {}}) is None
    assert INBOUND.read({"update_id": 5}) is None
