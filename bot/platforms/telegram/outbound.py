"""How a reply looks in Telegram: which messages are edited, sent or freed of their buttons. Pure: decides, calls nothing.

The walk is one quiet message that changes: a press edits it. What is worth keeping stays as it is and only loses its
buttons; what was typed is answered below.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.content.markup import Style, written
from bot.content.render import Bubble, Button, File, escape
from bot.platforms import fit
from bot.platforms.telegram.inbound import Pressed
from bot.platforms.token import Press

# Limits of the Bot API: 4096 UTF-16 units of text (messages), fewer here, as their HTML must fit a request too.
LONGEST = 3_500
# How many units of label share a row, and how many buttons at most: what a narrow phone still shows whole.
ROOM, MOST_IN_ROW = 30, 4
SHORT = 9
TICKED, UNTICKED = "☑ ", "☐ "
NO_PREVIEW = {"is_disabled": True}

Seal: TypeAlias = Callable[[Press], str]
Params: TypeAlias = Mapping[str, Any]
HTML = Style(
    text=lambda text: html.escape(text, quote=False),
    bold=lambda inside: f"<b>{inside}</b>",
    soft=lambda inside: f"<i>{inside}</i>",
    link=lambda inside, address: f'<a href="{html.escape(address)}">{inside}</a>',
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of the Bot API. `file` is sent along with it; `kept` says of what kind the message is."""

    method: str
    params: Params
    file: File | None = field(default=None, repr=False)
    kept: bool = False

    @property
    def buttons(self) -> bool:
        """Whether the message has buttons that lead on."""
        return "reply_markup" in self.params


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`shows` in this order, one after the other; `asides` whenever, and whether or not they succeed."""

    shows: tuple[Call, ...]
    asides: tuple[Call, ...] = ()


def plan(chat: int, bubbles: Sequence[Bubble], seal: Seal, *, pressed: Pressed | None, screen: Pressed | None) -> Plan:
    """What to call for this reply. `screen` is the message whose buttons are the chat's latest, where that is known."""
    pictured = any(file.picture for bubble in bubbles for file in bubble.files)
    # A picture stands above its words and buttons, so these cannot stay in a message further up.
    place = pressed if pressed and not pressed.kept and not pictured and screen in {None, pressed} else None
    old = {each.message for each in (pressed, screen) if each and each != place}
    shows: list[Call] = []
    for bubble in bubbles:
        texts = fit.pieces(_described(bubble), LONGEST)
        documents = [_sent(chat, file) for file in bubble.files]
        # The buttons come last, unless they stand in a message that was there before.
        before, after = ([], documents) if place else (documents, [])
        shows += before
        for number, text in enumerate(texts, start=1):
            shows.append(_message(chat, text, bubble, seal if number == len(texts) else None, place))
            place = None
        shows += after
    return Plan(shows=tuple(shows), asides=tuple(freed(chat, message) for message in sorted(old)))


def freed(chat: int, message: int) -> Call:
    """The call that takes a message's buttons away."""
    return Call(method="editMessageReplyMarkup", params={"chat_id": chat, "message_id": message})


def nod(query: str) -> Call:
    """The call that tells a pressed button that it was heard."""
    return Call(method="answerCallbackQuery", params={"callback_query_id": query})


def typing(chat: int) -> Call:
    """The call that shows that an answer is on its way."""
    return Call(method="sendChatAction", params={"chat_id": chat, "action": "typing"})


def instead(call: Call) -> Call:
    """The same message sent anew, where the one to edit is gone."""
    params = {name: value for name, value in call.params.items() if name != "message_id"}
    return Call(method="sendMessage", params=params, kept=call.kept)


def invitation(chat: int, text: str, label: str, address: str, thread: int | None) -> Call:
    """One line in a group, with a button to the private chat."""
    params = {
        "chat_id": chat,
        "text": written(text, HTML),
        "parse_mode": "HTML",
        "link_preview_options": NO_PREVIEW,
        "reply_markup": {"inline_keyboard": [[{"text": label, "url": address}]]},
    }
    return Call(method="sendMessage", params=params if thread is None else {**params, "message_thread_id": thread})


def _message(chat: int, text: str, bubble: Bubble, seal: Seal | None, place: Pressed | None) -> Call:
    params: dict[str, Any] = {
        "chat_id": chat,
        "text": written(text, HTML),
        "parse_mode": "HTML",
        "link_preview_options": NO_PREVIEW,
    }
    if place is not None:
        params["message_id"] = place.message
    if seal is not None and (bubble.choices or bubble.nav):
        params["reply_markup"] = {"inline_keyboard": keyboard(bubble, seal)}
    return Call(method="sendMessage" if place is None else "editMessageText", params=params, kept=bubble.keep)


def keyboard(bubble: Bubble, seal: Seal) -> list[list[dict[str, str]]]:
    """The rows of buttons: choices, short ones together, then what works everywhere."""

    def button(shown: Button) -> dict[str, str]:
        tick = (TICKED if shown.picked else UNTICKED) if bubble.several and not shown.key.startswith(":") else ""
        return {
            "text": tick + shown.label,
            "callback_data": seal(Press(turn=bubble.turn, key=shown.key, kept=bubble.keep)),
        }

    # One long label, and each choice has a row of its own: a list is easier to read than a puzzle.
    short = all(len(choice.label) <= SHORT for choice in bubble.choices)
    choices = fit.rows(bubble.choices, lambda b: len(b.label), room=ROOM, most=MOST_IN_ROW if short else 1)
    nav = fit.rows(bubble.nav, lambda b: len(b.label), room=ROOM, most=MOST_IN_ROW)
    return [[button(shown) for shown in row] for row in (*choices, *nav)]


def _described(bubble: Bubble) -> str:
    """The text of a bubble, and what is on its pictures: Telegram has no words of its own for who cannot see them."""
    return "\n\n".join([*(f"_{escape(file.alt)}_" for file in bubble.files if file.picture and file.alt), bubble.text])


def _sent(chat: int, file: File) -> Call:
    return Call(method="sendPhoto" if file.picture else "sendDocument", params={"chat_id": chat}, file=file)
