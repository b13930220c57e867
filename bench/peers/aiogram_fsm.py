"""The same questions in aiogram 3: its states, its callback queries, and a network that answers at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from itertools import count
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.base import BaseSession
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update

from bench.peers.aiogram_storage import Opening
from bench.peers.questions import Asked, questions
from bench.timing import Turn

# Shaped like a token, and nobody's.
TOKEN = "1:" + "a" * 35


class Exploration(StatesGroup):
    """One state for each question."""

    q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, q11, q12 = (State() for _ in range(12))


STATES = tuple(state.state for state in Exploration.__states__)


class Instant(BaseSession):
    """A network without any: each call succeeds at once."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - the signature is aiogram's
    ) -> TelegramType:
        """Succeed."""
        return True  # type: ignore[return-value]  # Telegram's own answer to an edit may be True

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109 - the signature is aiogram's
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """Nothing is ever downloaded."""
        yield b""

    async def close(self) -> None:
        """Nothing is open."""


class AiogramBot:
    """A dispatcher with one router, and people who answer it."""

    def __init__(self, storage: BaseStorage) -> None:
        self._storage = storage
        self._bot = Bot(TOKEN, session=Instant())
        self._dispatcher = Dispatcher(storage=storage)
        self._dispatcher.include_router(_router(questions()))
        self._number = count(1)

    @classmethod
    async def open(cls, folder: Path, people: int, storage: Opening) -> AiogramBot:
        """A bot whose people (1 to `people`) stand at the first question."""
        made = cls(await storage(folder / "aiogram.db"))
        for person in range(1, people + 1):
            key = StorageKey(bot_id=made._bot.id, chat_id=person, user_id=person)
            await made._storage.set_data(key, {})
            await made._storage.set_state(key, Exploration.q1)
        return made

    def turns(self, person: int, number: int) -> list[Turn]:
        """So many presses of this person. The updates are made beforehand, as polling has validated them already."""
        return [self._turn(self._update(person)) for _ in range(number)]

    async def close(self) -> None:
        """Let go of the file."""
        await self._storage.close()

    def _turn(self, update: Update) -> Turn:
        async def turn() -> None:
            await self._dispatcher.feed_update(self._bot, update)

        return turn

    def _update(self, person: int) -> Update:
        user = {"id": person, "is_bot": False, "first_name": "Person"}
        chat = {"id": person, "type": "private"}
        message = {"message_id": 1, "date": 1_700_000_000, "chat": chat, "text": "?"}
        query = {"id": "1", "from": user, "chat_instance": "1", "data": "answer:some", "message": message}
        raw = {"update_id": next(self._number), "callback_query": query}
        return Update.model_validate(raw, context={"bot": self._bot})


def _router(asked: tuple[Asked, ...]) -> Router:
    router = Router()
    screens = [(question.text, _keyboard(question)) for question in asked]

    @router.callback_query(StateFilter(Exploration), F.data.startswith("answer:"))
    async def answered(query: CallbackQuery, state: FSMContext, raw_state: str) -> None:
        at = STATES.index(raw_state)
        after = (at + 1) % len(STATES)
        if after:
            await state.update_data({raw_state: query.data})
        else:
            await state.set_data({})
        await state.set_state(STATES[after])
        if isinstance(query.message, Message):
            text, keyboard = screens[after]
            await query.message.edit_text(text, reply_markup=keyboard)

    return router


def _keyboard(question: Asked) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text=label, callback_data=f"answer:{key}")] for key, label in question.choices]
    return InlineKeyboardMarkup(inline_keyboard=rows)
