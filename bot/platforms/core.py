"""What a platform is given to work with: the turn, the store, the words. No platform knows where they come from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.content.library import Library
from bot.content.render import Bubble, plain
from bot.conversation.events import Event
from bot.log import log
from bot.meter import Meter
from bot.ports import Address, Store

TakeTurn: TypeAlias = Callable[[Address, Event], Awaitable[Sequence[Bubble]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Core:
    """`turn` never raises for what a person may send. `commands` are the names of all commands, in the order to show them.
    `meter` None: nothing is measured.
    """

    turn: TakeTurn
    store: Store
    library: Library
    commands: tuple[str, ...]
    meter: Meter | None = None

    def count(self, *key: str) -> None:
        """One more of what is counted (see `bot.meter`), where anything is."""
        if self.meter is not None:
            self.meter.add(*key)

    async def answer(self, to: Address, event: Event, *, slow: float, late: Callable[[], None]) -> Sequence[Bubble]:
        """The reply to an event, whatever happens. `late` is called where the turn takes longer than `slow` seconds."""
        timer = asyncio.get_running_loop().call_later(slow, late)
        try:
            return await self.turn(to, event)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person gets an answer and nobody else notices
            log("error", "turn_failed", platform=to.platform, kind=type(error).__name__)
            return (self._trouble(event.language),)
        finally:
            timer.cancel()

    def _trouble(self, hint: str | None) -> Bubble:
        language = self.library.spoken(hint) or self.library.languages[0]
        lines = self.library.entry(language, "lines.trouble")
        return Bubble(text=plain(str(lines[0] if isinstance(lines, tuple) else lines)), language=language)


class ServiceError(Exception):
    """A platform cannot be served at all. The message says what to do about it, and holds no token and no personal data."""


class Service(Protocol):
    """One platform being served, which is also a `bot.ports.Courier`. `run` returns once `stop` has been called; it raises
    ServiceError where it cannot go on.
    """

    name: str

    @property
    def connected(self) -> bool:
        """Whether the platform can be heard and written to just now."""

    async def run(self) -> None:
        """Serve, through every fault that passes."""

    async def stop(self) -> None:
        """Take nothing new; finish the turns and deliveries under way within a few seconds."""

    async def deliver(self, to: Address, bubbles: Sequence[Bubble], within: float) -> None:
        """Show these to somebody who has not asked just now: at most once, within so many seconds, conversations first.

        Raises Unreachable or GivenUp.
        """
