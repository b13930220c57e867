"""Closer's whole Telegram adapter without a network, and people who press the buttons that it shows them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.ours import closer
from bench.peers.aiogram_fsm import TOKEN
from bench.walk import IDS, Person
from bench.wire import Wire, press
from bot.app import core_of
from bot.content.render import Bubble
from bot.conversation.events import Event
from bot.platforms.core import Core
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.chats import PLATFORM
from bot.platforms.telegram.service import Telegram
from bot.platforms.token import PURPOSE, Press, Tokens
from bot.ports import Address
from bot.runtime import Runtime

UNLIMITED = 1e9


class Line:
    """The service, and the last screen of each person, read off what the runtime hands to it."""

    def __init__(self, runtime: Runtime) -> None:
        self.screens: dict[str, Bubble] = {}
        self._turn = runtime.turn
        core = core_of(runtime)
        wire = Wire()
        api = Api(TOKEN, per_second=UNLIMITED, request=wire, polling=wire)
        self.service = Telegram(
            Core(turn=self._seen, store=core.store, library=core.library, commands=core.commands), api, hook="https://x/"
        )
        self.tokens = Tokens(runtime.store.secret(PURPOSE))

    async def _seen(self, address: Address, event: Event) -> Sequence[Bubble]:
        bubbles = await self._turn(address, event)
        self.screens[address.user] = bubbles[-1]
        return bubbles


class Presser(Person):
    """Somebody in a private chat: an update as JSON goes in, calls as bytes go out."""

    __slots__ = ("_line", "_number", "_whose")

    def __init__(self, runtime: Runtime, line: Line, number: int) -> None:
        super().__init__(runtime, str(number))
        self.address = Address(platform=PLATFORM, user=str(number))
        self._line, self._number = line, number
        self._whose = runtime.store.person(self.address)

    async def begin(self) -> None:
        """Come in, ask to be remembered, and stand at the first question."""
        await self.meet()
        await self.remember()
        await super().press(self._key())
        self._line.screens[self.address.user] = self.screen

    async def press(self, key: str) -> None:
        """Press one button of the screen."""
        shown = self._line.screens.get(self.address.user)
        if shown is None:
            await super().press(key)
            return
        data = self._line.tokens.seal(self._whose, Press(turn=shown.turn, key=key))
        await self._line.service.handed(json.loads(press(next(IDS), self._number, data)))
        self.screen = self._line.screens[self.address.user]


@asynccontextmanager
async def pressers(folder: Path, numbers: Sequence[int]) -> AsyncIterator[list[Presser]]:
    """People with these ids, each at the first question."""
    async with closer(folder) as runtime:
        line = Line(runtime)
        people = [Presser(runtime, line, number) for number in numbers]
        for person in people:
            await person.begin()
        yield people
