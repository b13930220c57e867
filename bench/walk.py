"""People who answer: each knows only what is on its screen, and presses one of the buttons there, as a platform would."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from itertools import count
from random import Random

from bot.content.render import Bubble
from bot.conversation.events import Called, Event, Opened, Tapped
from bot.ports import Address
from bot.runtime import Runtime

PLATFORM = "terminal"
# Where one of these stands among the choices, it is pressed; anywhere else any choice will do.
WAYS = ("over", "on", "full", "done", "why")
# Ids as Telegram's: nine digits, and never twice.
IDS: Iterator[int] = count(700_000_001)


class Stuck(RuntimeError):
    """A press that led nowhere: the walk no longer fits the dialogs. Correct bench/walk.py."""


class Person:
    """One person. With `keeps` it leaves by the door when an exploration ends, so that its result is stored too."""

    __slots__ = ("_chance", "_keeps", "_runtime", "address", "screen")

    def __init__(self, runtime: Runtime, name: str, *, screen: Bubble | None = None, keeps: bool = False) -> None:
        self._runtime = runtime
        self._chance = Random(name)
        self._keeps = keeps
        self.address = Address(platform=PLATFORM, user=name)
        self.screen = screen or Bubble(text="")

    async def meet(self) -> None:
        """Come in, and say that one is an adult."""
        await self._do(Opened(id=_id()))
        await self.press("adult")

    async def remember(self) -> None:
        """Ask to be remembered."""
        await self._do(Called(id=_id(), command="privacy"))
        await self.press("remember")
        await self.press("yes")

    def turn(self) -> Awaitable[None]:
        """Answer what is on screen. What to press is chosen by the call itself: it takes the person's time, not the bot's."""
        return self._answered(self._tapped(self._key()))

    async def press(self, key: str) -> None:
        """Press one button of the screen."""
        await self._do(self._tapped(key))

    def _tapped(self, key: str) -> Tapped:
        return Tapped(id=_id(), turn=self.screen.turn, key=key)

    async def _answered(self, event: Event) -> None:
        before = self.screen
        await self._do(event)
        if self.screen.turn == before.turn:
            raise Stuck("the same screen came back")

    def _key(self) -> str:
        screen = self.screen
        if screen.writes:
            return ":skip"
        if screen.several and any(choice.picked for choice in screen.choices):
            return ":done"
        keys = [choice.key for choice in screen.choices]
        if "leave" in keys:
            return "leave" if self._keeps else ":restart"
        return next((way for way in WAYS if way in keys), None) or self._chance.choice(keys)

    async def _do(self, event: Event) -> None:
        self.screen = (await self._runtime.turn(self.address, event))[-1]


async def settled(runtime: Runtime, names: Iterator[str] | list[str], *, keeps: bool = False) -> list[Person]:
    """People who asked to be remembered and stand at the first question."""
    people = [Person(runtime, name, keeps=keeps) for name in names]
    for person in people:
        await person.meet()
        await person.remember()
        await person.turn()
    return people


async def halfway(runtime: Runtime, name: str, answers: int) -> Person:
    """Somebody who asked for nothing to be kept, this many presses into the exploration."""
    person = Person(runtime, name)
    await person.meet()
    for _ in range(1 + answers):
        await person.turn()
    return person


def _id() -> str:
    return str(next(IDS))
