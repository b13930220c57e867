"""What a platform is given to work with: the turn, the store, the words. No platform knows where they come from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.content.library import Library
from bot.content.render import Bubble
from bot.conversation.events import Event
from bot.ports import Address, Store

TakeTurn: TypeAlias = Callable[[Address, Event], Awaitable[Sequence[Bubble]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Core:
    """`turn` never raises for what a person may send. `commands` are the names of all commands, in the order to show them."""

    turn: TakeTurn
    store: Store
    library: Library
    commands: tuple[str, ...]


class ServiceError(Exception):
    """A platform cannot be served at all. The message says what to do about it, and holds no token and no personal data."""


class Service(Protocol):
    """One platform being served. `run` returns once `stop` has been called; it raises ServiceError where it cannot go on."""

    name: str

    async def run(self) -> None:
        """Serve, through every fault that passes."""

    async def stop(self) -> None:
        """Take nothing new; finish the turns under way within a few seconds."""
