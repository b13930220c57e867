"""The least that python-telegram-bot can do with a press: a CallbackQueryHandler that answers it and edits the message.

No storage at all: the next question follows from the button.
"""

from __future__ import annotations

import json
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

from bench.peers.aiogram_fsm import TOKEN
from bench.peers.ptb import App
from bench.peers.questions import Asked, questions
from bench.timing import Turn
from bench.walk import IDS
from bench.wire import Wire, press


class PtbBare:
    """An application with one handler."""

    def __init__(self) -> None:
        wire = Wire()
        self._app: App = Application.builder().token(TOKEN).request(wire).get_updates_request(wire).updater(None).build()
        asked = questions()
        screens = [(question.text, _keyboard(question, (at + 1) % len(asked))) for at, question in enumerate(asked)]

        async def pressed(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
            query = update.callback_query
            if query is None or query.data is None:
                return
            await query.answer()
            text, keyboard = screens[int(query.data.split(":")[1])]
            await query.edit_message_text(text, reply_markup=keyboard)

        self._app.add_handler(CallbackQueryHandler(pressed, pattern="^answer:"))
        self._screens = len(screens)

    @classmethod
    async def open(cls) -> PtbBare:
        """A bot, ready."""
        made = cls()
        await made._app.initialize()
        return made

    def turns(self, person: int, number: int) -> list[Turn]:
        """So many presses of this person: JSON in, bytes out."""
        return [self._turn(press(next(IDS), person, f"answer:{at % self._screens}:some")) for at in range(number)]

    async def close(self) -> None:
        """Let go of nothing."""
        await self._app.shutdown()

    def _turn(self, raw: bytes) -> Turn:
        async def turn() -> None:
            update: dict[str, Any] = json.loads(raw)
            await self._app.process_update(Update.de_json(update, self._app.bot))

        return turn


def _keyboard(question: Asked, after: int) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(label, callback_data=f"answer:{after}:{key}")] for key, label in question.choices]
    return InlineKeyboardMarkup(rows)
