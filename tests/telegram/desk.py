"""The real service in front of the server: built from settings as `closer run` builds it, and people who use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from bot.app import build, build_telegram
from bot.content.loader import Plural
from bot.content.markup import Style, written
from bot.content.render import Bubble
from bot.conversation.events import Called, Event, Opened, Sent, Tapped, Typed
from bot.platforms.telegram.service import Telegram
from bot.platforms.token import PURPOSE, Press, Tokens
from bot.ports import Address
from bot.settings import Settings
from tests.botapi.checks import text_of
from tests.botapi.server import TOKEN, BotApi
from tests.botapi.someone import Someone
from tests.person import _FIELD, Person

BARE = Style(text=str, bold=str, soft=str, link=lambda label, address: label)


class Desk:
    """One program: a runtime and its service, started, stopped and started again on the same files."""

    def __init__(self, api: BotApi, settings: Settings, clock: Callable[[], datetime]) -> None:
        quick = {"telegram_api_base_url": api.base, "telegram_messages_per_second": 10_000}
        self.settings = settings.model_copy(update={"telegram_bot_token": SecretStr(TOKEN), **quick})
        self.api, self.clock = api, clock
        self.bubbles: dict[str, Sequence[Bubble]] = {}

    async def start(self) -> None:
        self.runtime = await build(self.settings, self.clock)
        turn = self.runtime.turn

        async def seen(address: Address, event: Event) -> tuple[Bubble, ...]:
            bubbles = await turn(address, event)
            self.bubbles[address.user] = bubbles
            return bubbles

        self.runtime.turn = seen  # type: ignore[method-assign]
        self.service: Telegram = build_telegram(self.settings, self.runtime)
        self._running = asyncio.create_task(self.service.run())
        before = len(self.api.polls)
        await self.api.until(lambda: len(self.api.polls) > before or self.api.webhook)

    async def stop(self) -> None:
        await self.service.stop()
        await self._running
        await self.runtime.store.close()


@asynccontextmanager
async def desk(api: BotApi, settings: Settings, clock: Callable[[], datetime]) -> AsyncIterator[Desk]:
    made = Desk(api, settings, clock)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


class Reader(Person):
    """Somebody who plays the stories in Telegram: acts through the server, and sees what the server shows."""

    def __init__(self, desk: Desk, number: int = 77, language: str = "en") -> None:
        super().__init__(desk.runtime, str(number), language, platform="telegram")
        self.desk, self.someone = desk, Someone(desk.api, number, language)
        self.seen: list[str] = []

    async def does(self, event: Event) -> str:
        api, mark = self.desk.api, len(self.desk.api.calls)
        number = await api.push(self._update(event))
        await api.until(lambda: api.polls[-1][1] is not None and api.polls[-1][1] > number and not api.open_queries)
        self.bubbles = tuple(self.desk.bubbles[str(self.someone.number)])
        calls = [params for _, method, params in api.calls[mark:] if method in {"sendMessage", "editMessageText"}]
        self.seen = [text_of(params["text"]) for params in calls]
        return self.text

    def _update(self, event: Event) -> dict[str, Any]:
        if isinstance(event, Opened):
            return self.someone.message(text="/start")
        if isinstance(event, Called):
            return self.someone.message(text=f"/{event.command}")
        if isinstance(event, Typed):
            return self.someone.message(text=event.text)
        if isinstance(event, Sent):
            return self.someone.message(sticker={"emoji": "x"})
        assert isinstance(event, Tapped)
        if event.turn == self.last.turn:
            at = [button.key for button in self.buttons].index(event.key)
            return self.someone.press(list(self.someone.screen.buttons.values())[at])
        tokens = Tokens(self.desk.runtime.store.secret(PURPOSE))
        whose = self.desk.runtime.store.person(self.address)
        return self.someone.press(tokens.seal(whose, Press(turn=event.turn, key=event.key)))

    @property
    def text(self) -> str:
        return "\n\n".join(self.seen)

    def sees(self, key: str) -> bool:
        entry = self.desk.runtime.library.entry(self.language, key)
        texts = tuple(entry.forms.values()) if isinstance(entry, Plural) else (entry,) if isinstance(entry, str) else entry
        shown = " ".join(self.text.split())
        return any(
            all(" ".join(part.split()) in shown for part in _FIELD.split(written(text, BARE)) if part.strip()) for text in texts
        )
