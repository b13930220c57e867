"""The same questions in python-telegram-bot: a ConversationHandler whose PicklePersistence is flushed after each update."""

from __future__ import annotations

import json
import warnings
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, BaseHandler, CallbackQueryHandler, ContextTypes, ConversationHandler, PicklePersistence
from telegram.request import BaseRequest
from telegram.warnings import PTBUserWarning

from bench.peers.aiogram_fsm import TOKEN
from bench.peers.questions import Asked, questions
from bench.timing import Turn

App: TypeAlias = "Application[Any, Any, Any, Any, Any, Any]"
ME = {"id": 1, "is_bot": True, "first_name": "Bot", "username": "a_bot"}


class Instant(BaseRequest):
    """A network without any: each call succeeds at once."""

    @property
    def read_timeout(self) -> float | None:
        """Nothing is ever waited for."""
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(self, url: str, method: str, *_args: Any, **_named: Any) -> tuple[int, bytes]:
        """Succeed."""
        result: object = ME if url.endswith("getMe") else True
        return 200, json.dumps({"ok": True, "result": result}).encode()


class PtbBot:
    """An application with one conversation, and people who answer it."""

    def __init__(self, folder: Path) -> None:
        # Kept in memory until `flush`, so that a turn writes the file once. It is not synced to the disk.
        self._pickle = PicklePersistence(folder / "ptb.pickle", on_flush=True)
        builder = Application.builder().token(TOKEN).request(Instant()).get_updates_request(Instant())
        self._app: App = builder.persistence(self._pickle).updater(None).build()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PTBUserWarning)
            self._app.add_handler(_conversation(questions()))
        self._number = count(1)

    @classmethod
    async def open(cls, folder: Path, people: int) -> PtbBot:
        """A bot whose people (1 to `people`) stand at the first question."""
        made = cls(folder)
        await made._app.initialize()
        for person in range(1, people + 1):
            await made._feed(made._update(person))
        return made

    def turns(self, person: int, number: int) -> list[Turn]:
        """So many presses of this person, made beforehand."""
        return [self._turn(self._update(person)) for _ in range(number)]

    async def close(self) -> None:
        """Let go of the file."""
        await self._app.shutdown()

    def _turn(self, update: Update) -> Turn:
        async def turn() -> None:
            await self._feed(update)

        return turn

    async def _feed(self, update: Update) -> None:
        await self._app.process_update(update)
        await self._app.update_persistence()
        await self._pickle.flush()

    def _update(self, person: int) -> Update:
        user = {"id": person, "is_bot": False, "first_name": "Person"}
        chat = {"id": person, "type": "private"}
        message = {"message_id": 1, "date": 1_700_000_000, "chat": chat, "text": "?"}
        query = {"id": "1", "from": user, "chat_instance": "1", "data": "answer:some", "message": message}
        made = Update.de_json({"update_id": next(self._number), "callback_query": query}, self._app.bot)
        if made is None:
            raise RuntimeError("python-telegram-bot does not read this update: correct bench/peers/ptb.py")
        return made


def _conversation(asked: tuple[Asked, ...]) -> ConversationHandler[Any]:
    screens = [(question.text, _keyboard(question)) for question in asked]

    def handler(at: int) -> BaseHandler[Update, Any, object]:
        async def answered(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
            query, after = update.callback_query, (at + 1) % len(screens)
            if query is None or context.user_data is None:
                return at
            if after:
                context.user_data[at] = query.data
            else:
                context.user_data.clear()
            text, keyboard = screens[after]
            await query.edit_message_text(text, reply_markup=keyboard)
            return after

        return CallbackQueryHandler(answered, pattern="^answer:")

    return ConversationHandler(
        entry_points=[handler(-1)],
        states={at: [handler(at)] for at in range(len(screens))},
        fallbacks=[],
        name="exploration",
        persistent=True,
    )


def _keyboard(question: Asked) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(label, callback_data=f"answer:{key}")] for key, label in question.choices]
    return InlineKeyboardMarkup(rows)
