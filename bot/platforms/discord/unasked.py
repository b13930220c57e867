"""What is sent to somebody who has not asked just now: at most once, a few a second, direct messages opened one by one.

Discord's limits on opening them are not published, and it takes haste for spam. It is tried again only where it surely did
not arrive; discord.py itself does so with server errors, under a nonce by which Discord knows a message that it has.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import aiohttp
import discord

from bot.log import log
from bot.platforms.discord.courier import FAULTS, Meaning, meant, sent
from bot.platforms.discord.inbound import PLATFORM
from bot.platforms.discord.outbound import Message
from bot.ports import GivenUp, Unreachable

PER_SECOND = 4.0
# Seconds between attempts: doubling up to the longest.
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
Result = TypeVar("Result")


class Unasked:
    """Delivers direct messages, each in its turn."""

    def __init__(self) -> None:
        self._opening = asyncio.Lock()
        self._next = 0.0

    async def deliver(
        self, opens: Callable[[], Awaitable[discord.abc.Messageable]], shown: Sequence[Message], within: float
    ) -> None:
        """Send these to the channel that `opens` opens, within so many seconds. Raises Unreachable or GivenUp."""
        until = _now() + within
        channel = await _insist(partial(self._open, opens), until, perhaps=False)
        for message in shown:
            await _insist(partial(sent, channel, message, secrets.randbits(63)), until, perhaps=True)

    async def _open(self, opens: Callable[[], Awaitable[discord.abc.Messageable]]) -> discord.abc.Messageable:
        async with self._opening:
            await asyncio.sleep(max(self._next - _now(), 0.0))
            self._next = _now() + 1 / PER_SECOND
            return await opens()


async def _insist(work: Callable[[], Awaitable[Result]], until: float, *, perhaps: bool) -> Result:
    """Do this until it is done. `perhaps`: it may be done although its answer is lost, and then is not to be done again."""
    for wait in _waits():
        try:
            async with asyncio.timeout_at(until):
                return await work()
        except TimeoutError:
            raise GivenUp(perhaps=perhaps) from None
        except FAULTS as error:
            meaning = meant(error)
            if meaning is Meaning.UNREACHABLE:
                raise Unreachable from None
            known = isinstance(error, discord.HTTPException | aiohttp.ClientConnectorError)
            if meaning is not Meaning.AGAIN or (perhaps and not known):
                raise GivenUp(perhaps=not known) from None
            log("info", "nudge_delayed", platform=PLATFORM, kind=type(error).__name__)
        if _now() + wait > until:
            break
        await asyncio.sleep(wait)
    raise GivenUp(perhaps=False)


def _waits() -> Iterator[float]:
    wait = FIRST_WAIT
    while True:
        yield wait
        wait = min(wait * 2, LONGEST_WAIT)


def _now() -> float:
    return asyncio.get_running_loop().time()
