"""What is sent by itself, as it is first seen: a line that a locked screen may show, and buttons. Pure.

What it is about stands behind the first button, never in the message that arrives.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.content.library import Library
from bot.content.render import Bubble, Button, speak
from bot.conversation.replies import Say
from bot.nudges.plan import Kind

# The buttons of each kind, by the name of the label and of where it leads (`bot.handlers.nudge.MAIL`).
BUTTONS: dict[Kind, tuple[str, ...]] = {
    "nudge": ("open", "stop"),
    "later": ("open", "stop"),
    "care": ("care", "stop"),
    "resting": ("wake", "stop"),
    "reminder": ("begin", "not_now", "stop_reminders"),
    "reminder_end": ("remind_again", "stop_reminders"),
    "week": ("look", "stop_weeks"),
}
OPENING = "{pack}.nudges.first"


def letter(kind: Kind, *, day: int, nth: int, slower: bool, pack: str, library: Library, language: str) -> tuple[Bubble, ...]:
    """The message. `day` (an ordinal) goes with its buttons; `nth` picks the wording; `slower`: say that fewer come now."""
    opening = OPENING.format(pack=pack) if kind == "nudge" else f"nudging.letter.{kind}"
    says: Sequence[Say] = (Say(opening, nth=nth), *((Say("nudging.letter.slow"),) if slower else ()))
    text = "\n\n".join(speak(say, library, language) for say in says)
    buttons = (Button(f"{name}.{day}", library.text(language, f"nudging.letter.buttons.{name}")) for name in BUTTONS[kind])
    return (Bubble(text=text, choices=tuple(buttons), language=language),)
