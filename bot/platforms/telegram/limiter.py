"""How fast Telegram is called: one bucket for the bot, one for each chat, conversations before nudges, and a 429 held
against the chat that it concerns, so that nobody else waits.

The limits are those of https://core.telegram.org/bots/faq: about 30 messages a second in all, and one a second to a chat
with short bursts. Both buckets are aiolimiter's; python-telegram-bot's own limiter has no bucket for a private chat,
stops everybody at one 429, and knows no priorities. Nudges take no part in bursts: they go one by one, as fast as the bucket
empties and only while it is empty, so that in no second there are more of them than allowed.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

CONVERSATION, NUDGE = 0, 1
# For `process_request`: one that has waited already, by `enter`.
ENTERED = 2
# How much of the allowed rate nudges use, and how many seconds of delay (of a machine that wakes up late) they make up for.
# In no second there are more of them than allowed, as SHARE * (1 + LAG) < 1.
SHARE, LAG = 0.993, 0.007
# What counts as a message; anything else (answers to callback queries, updates, settings) is not limited.
COUNTED = ("send", "edit")
UNCOUNTED = frozenset({"sendChatAction"})
# A chat may have a burst of this many seconds' worth of messages.
BURST = 20.0
REMEMBERED = 4_096


class Limiter(BaseRateLimiter[int]):
    """`per_second` messages in all; a thirtieth of that to one chat, but never less than one. `refused` is told of each 429."""

    def __init__(self, per_second: float, refused: Callable[[], None] = lambda: None) -> None:
        self._refused = refused
        self._gate = Gate(max(per_second, 1.0))
        self._chat_rate = max(1.0, per_second / 30)
        self._chats: OrderedDict[object, AsyncLimiter] = OrderedDict()
        self._held: dict[object, float] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to let go of."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Make the call when its turn comes. A 429 is raised to the caller, and holds later calls to the same chat."""
        chat = data.get("chat_id")
        if rate_limit_args == ENTERED:
            pass
        elif endpoint.startswith(COUNTED) and endpoint not in UNCOUNTED:
            await self.enter(chat, rate_limit_args or CONVERSATION)
        elif self._held:
            await self._released(chat)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._refused()
            self._held[chat] = asyncio.get_running_loop().time() + seconds(error)
            if rate_limit_args == ENTERED:
                self._gate.hold(self._held[chat])
            raise

    async def enter(self, chat: object, priority: int) -> None:
        """Wait until a message to this chat may be sent."""
        if self._held:
            await self._released(chat)
        await self._chat(chat).acquire()
        await self._gate.enter(priority)

    async def _released(self, chat: object) -> None:
        now = asyncio.get_running_loop().time
        # Until a time and not an event, and the time may be put off meanwhile.
        while (wait := self._held.get(chat, 0.0) - now()) > 0:  # noqa: ASYNC110  # see above
            await asyncio.sleep(wait)
        self._held.pop(chat, None)

    def _chat(self, chat: object) -> AsyncLimiter:
        bucket = self._chats.get(chat)
        if bucket is None:
            bucket = self._chats[chat] = AsyncLimiter(BURST * self._chat_rate, BURST)
            if len(self._chats) > REMEMBERED:
                self._chats.popitem(last=False)
        else:
            self._chats.move_to_end(chat)
        return bucket


class Gate:
    """A bucket of so many a second. Conversations go in by turns; a nudge only once nobody waits and the bucket is empty."""

    def __init__(self, per_second: float) -> None:
        self._bucket = AsyncLimiter(per_second, 1.0)
        self._beat = 1 / (per_second * SHARE)
        self._quiet = 0.0  # when all that has gone in is through, at one a beat
        self._waiting = 0
        self._nudges = asyncio.Lock()

    async def enter(self, priority: int) -> None:
        """Wait for one's turn."""
        if priority == CONVERSATION:
            self._waiting += 1
            try:
                await self._pass()
            finally:
                self._waiting -= 1
            return
        async with self._nudges:
            # Until a time and not an event, and the time is put off by every conversation that goes before.
            while (wait := self._wait()) > 0:  # noqa: ASYNC110  # see above
                await asyncio.sleep(wait)
            await self._pass()

    def hold(self, until: float) -> None:
        """Let no nudge in before this (loop time): Telegram said that there were too many."""
        self._quiet = max(self._quiet, until)

    def _wait(self) -> float:
        """How long, at least, until a nudge may go in."""
        left = self._quiet - _now()
        return max(left, self._beat) if self._waiting else left

    async def _pass(self) -> None:
        await self._bucket.acquire()
        self._quiet = max(self._quiet, _now() - LAG) + self._beat


def _now() -> float:
    return asyncio.get_running_loop().time()


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)
