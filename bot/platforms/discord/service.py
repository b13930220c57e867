"""Discord being served: a client is started, and another one where a fault ended it, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import aiohttp
import discord

from bot.content.render import Bubble
from bot.log import log
from bot.platforms.core import ServiceError
from bot.platforms.discord.client import CloserClient
from bot.platforms.discord.inbound import PLATFORM
from bot.ports import Address, GivenUp

# Seconds between attempts after a fault: doubling up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
# Seconds after which it is looked again whether a client is ready to deliver.
LOOK = 0.5
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
BAD_TOKEN, BAD_SHARDS = 4004, frozenset({4010, 4011})
FAULTS = (discord.DiscordException, aiohttp.ClientError, OSError)


class Discord:
    """Serves one bot. `make` makes a client that is not connected yet."""

    name = PLATFORM

    def __init__(self, make: Callable[[], CloserClient], token: str) -> None:
        self._make, self._token = make, token
        self._stopping = asyncio.Event()
        self._client: CloserClient | None = None

    @property
    def connected(self) -> bool:
        """Whether Discord is being heard just now."""
        return self._client is not None and self._client.connected

    async def run(self) -> None:
        """Serve until `stop`. Raises ServiceError where the token or the shards are refused, and what opening raises."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            if await self._serve():
                pause = FIRST_PAUSE
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def stop(self) -> None:
        """Take nothing new; `run` returns once the turns under way are finished."""
        self._stopping.set()

    async def deliver(self, to: Address, bubbles: Sequence[Bubble], within: float) -> None:
        """Show these to somebody who has not asked just now, once a client is ready. See `bot.ports.Courier`."""
        until = asyncio.get_running_loop().time() + within
        try:
            async with asyncio.timeout_at(until):
                client = await self._ready()
        except TimeoutError:
            raise GivenUp(perhaps=False) from None
        await client.deliver(to, bubbles, until - asyncio.get_running_loop().time())

    async def _ready(self) -> CloserClient:
        # A client tells that it is ready only to those who knew it before, and there may be another one by then.
        while (client := self._client) is None or not client.is_ready():  # noqa: ASYNC110  # see above
            await asyncio.sleep(LOOK)
        return client

    async def _serve(self) -> bool:
        """One client, from its start to its end. True where it had been ready."""
        client = self._client = self._make()
        serving = asyncio.create_task(client.start(self._token))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready = client.is_ready()
            self._client = None
            await client.close()
            stopping.cancel()
            serving.cancel()
            (ended, _) = await asyncio.gather(serving, stopping, return_exceptions=True)
        if isinstance(ended, Exception) and not self._stopping.is_set():
            _consider(ended)
        return ready


def _consider(fault: Exception) -> None:
    """Log a fault that may pass. Raises what will not."""
    code = fault.code if isinstance(fault, discord.ConnectionClosed) else None
    if isinstance(fault, discord.LoginFailure) or code == BAD_TOKEN:
        raise ServiceError("Discord refuses the token: set DISCORD_BOT_TOKEN to the one on your app's Bot page.") from None
    if code in BAD_SHARDS:
        raise ServiceError("Discord refuses these shards: correct DISCORD_SHARD_COUNT and DISCORD_SHARD_IDS.") from None
    if not isinstance(fault, FAULTS):
        raise fault
    log("warning", "discord_unavailable", kind=type(fault).__name__)
