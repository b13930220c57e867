"""Closer's whole Discord adapter without a network, and people who press the buttons that it shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.gateway import ASIDE, Wire, connected, hear, message, press
from bench.ours import closer
from bench.walk import IDS, Person, Stuck
from bot.app import core_of
from bot.content.render import Bubble
from bot.conversation.events import Event
from bot.platforms.core import Core
from bot.platforms.discord.client import CloserClient
from bot.platforms.discord.desk import Desk
from bot.platforms.discord.inbound import PREFIX, TICKS, address
from bot.ports import Address
from bot.runtime import Runtime


class Line:
    """The client, and the last screen of each person, read off what the runtime hands to it."""

    def __init__(self, runtime: Runtime) -> None:
        self.screens: dict[str, Bubble] = {}
        self._turn, self._core = runtime.turn, core_of(runtime)
        self.client = CloserClient(self._begin)
        self.wire: Wire

    async def open(self) -> None:
        """Ready for events."""
        self.wire = await connected(self.client)
        # What logging in would do, but for the menu.
        self.client._desk = Desk(await self._begin())

    async def _begin(self) -> Core:
        core = self._core
        return Core(turn=self._seen, store=core.store, library=core.library, commands=core.commands)

    async def _seen(self, whose: Address, event: Event) -> Sequence[Bubble]:
        bubbles = await self._turn(whose, event)
        self.screens[whose.user] = bubbles[-1]
        return bubbles


class Presser(Person):
    """Somebody with a hidden screen: an event as JSON goes in, an answer as bytes goes out."""

    __slots__ = ("_line", "_number", "_shown")

    def __init__(self, runtime: Runtime, line: Line, number: int) -> None:
        super().__init__(runtime, str(number))
        self.address = address(number)
        self._line, self._number, self._shown = line, number, message("", (), number)

    async def begin(self) -> None:
        """Come in, ask to be remembered, and stand at the first question; through the adapter from there on."""
        await self.meet()
        await self.remember()
        await super().turn()
        self._line.screens[self.address.user] = self.screen
        self._shown = message("A question that was asked before this one?", (), self._number)

    def turn(self) -> Awaitable[None]:
        """Answer what is on screen; what is pressed is chosen and sealed by the call itself."""
        with ASIDE:
            raw, token = self._event(self._key())
        return self._heard(raw, token)

    def leave(self) -> None:
        """Go, and leave nothing of one's own screen behind."""
        del self._line.screens[self.address.user]

    def _event(self, key: str) -> tuple[bytes, str]:
        screen, token = self._line.screens[self.address.user], str(next(IDS))
        seal = self._line.client.desk.seals(self._number)(screen.turn, False)
        several = screen.several and not key.startswith(":")
        control = PREFIX + seal(f"{TICKS}0" if several else key)
        values = [PREFIX + seal(key)] if several else None
        return press(token, self._number, control, self._shown, values), token

    async def _heard(self, raw: bytes, token: str) -> None:
        before = self.screen
        sent = await hear(self._line.client, self._line.wire, raw, token)
        self._shown = message(sent.get("content", ""), sent.get("components", ()), self._number)
        self.screen = self._line.screens[self.address.user]
        if self.screen.turn == before.turn:
            raise Stuck("the same screen came back")


@asynccontextmanager
async def pressers(folder: Path, numbers: Sequence[int]) -> AsyncIterator[list[Presser]]:
    """People with these ids, each at the first question."""
    async with closer(folder) as runtime:
        line = Line(runtime)
        await line.open()
        people = [Presser(runtime, line, number) for number in numbers]
        for person in people:
            await person.begin()
        yield people
