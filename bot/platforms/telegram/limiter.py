"""How fast Telegram is called: one bucket for the bot, one for each chat, conversations before nudges, and a 429 held
against the chat that it concerns, so that nobody else waits.

The limits are those of https://core.telegram.org/bots/faq: about 30 messages a second in all, and one a second to a chat
with short bursts. Both buckets are aiolimiter's; python-telegram-bot's own limiter has no bucket for a private chat,
stops everybody at one 429, and knows no priorities.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from datetime import timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

CONVERSATION, NUDGE = 0, 1
# What counts as a message; anything else (answers to callback queries, updates, settings) is not limited.
COUNTED = ("send", "edit")
UNCOUNTED = frozenset({"sendChatAction"})
# A chat may have a burst of this many seconds' worth of messages.
BURST = 20.0
REMEMBERED = 4_096


class Limiter(BaseRateLimiter[int]):
    """`per_second` messages in all; a thirtieth of that to one chat, but never less than one."""

    def __init__(self, per_second: float) -> None:
        self._gate = Gate(AsyncLimiter(max(per_second, 1.0), 1.0))
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
        if self._held:
            await self._released(chat)
        if endpoint.startswith(COUNTED) and endpoint not in UNCOUNTED:
            await self._chat(chat).acquire()
            await self._gate.enter(rate_limit_args or CONVERSATION)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._held[chat] = asyncio.get_running_loop().time() + seconds(error)
            raise

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
    """A bucket before which those of the lowest number go first, and among these who came first."""

    def __init__(self, bucket: AsyncLimiter) -> None:
        self._bucket = bucket
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._porter: asyncio.Task[None] | None = None

    async def enter(self, priority: int) -> None:
        """Wait until there is room in the bucket and nobody more urgent waits."""
        if not self._waiting and self._bucket.has_capacity():
            await self._bucket.acquire()
            return
        place = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (priority, next(self._numbers), place))
        if self._porter is None or self._porter.done():
            self._porter = asyncio.create_task(self._let_in())
        await place

    async def _let_in(self) -> None:
        while self._waiting:
            await self._bucket.acquire()
            place = heappop(self._waiting)[2]
            if not place.done():
                place.set_result(None)


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)
