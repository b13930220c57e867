"""Nudges on their way to Telegram: how much of the allowed rate they use, and how often they are told that they are too many.

On time of its own: where nothing is to be done it leaps to the next timer, so five minutes of sending take a second.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import RequestData

from bench.leaping import Leaping
from bench.peers.aiogram_fsm import TOKEN
from bench.plan import Plan
from bench.report import Row
from bench.wire import Wire
from bot.content.render import Bubble, Button
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.chats import Chats
from bot.platforms.telegram.courier import Courier
from bot.platforms.telegram.unasked import Unasked
from bot.platforms.token import Tokens

RATE, NUDGES, IN_FLIGHT = 30, 9_000, 60
ROUND_TRIP = 0.05
WINDOW = 7_200.0
GOAL = 0.99
NOTE = (Bubble(text="Today's note is here.", choices=(Button("open.739000", "Open it"),)),)


class Strict(Wire):
    """Takes no more than the allowed messages in any one second, however they are spread; the next ones get a 429."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[float] = []
        self.refused = 0
        self._lately: deque[float] = deque()

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **named: Any
    ) -> tuple[int, bytes]:
        """Succeed, or not."""
        now = asyncio.get_running_loop().time()
        while self._lately and self._lately[0] <= now - 1.0:
            self._lately.popleft()
        await asyncio.sleep(ROUND_TRIP)
        if len(self._lately) >= RATE:
            self.refused += 1
            body = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}}
            return 429, json.dumps(body).encode()
        self._lately.append(now)
        self.taken.append(now)
        return await super().do_request(url, method, request_data, *args, **named)

    def share(self) -> float:
        """How much of the allowed rate was used, from the first message to the last."""
        return (len(self.taken) - 1) / (self.taken[-1] - self.taken[0]) / RATE


async def measure(_: Plan) -> list[Row]:
    """Ours beside the library's own limiter, in front of the same network."""
    ours, theirs = await asyncio.to_thread(_simulated, _ours), await asyncio.to_thread(_simulated, _theirs)
    return [
        Row(
            measure=f"Telegram, {NUDGES:,} nudges at {RATE} a second: share of the allowed rate (simulated time)",
            ours=f"{ours.share():.1%}, {ours.refused} x 429",
            peer=f"python-telegram-bot's AIORateLimiter: {theirs.share():.1%}, {theirs.refused} x 429",
            result=f"{ours.share():.1%}",
            goal=f"at least {GOAL:.0%}, no 429",
            met=ours.share() >= GOAL and not ours.refused,
        )
    ]


def _simulated(work: Callable[[Strict], Awaitable[Callable[[int], Awaitable[object]]]]) -> Strict:
    wire = Strict()

    async def all_of_them() -> None:
        send, places = await work(wire), asyncio.Semaphore(IN_FLIGHT)

        async def one(chat: int) -> None:
            async with places:
                await send(chat)

        await asyncio.gather(*(one(chat) for chat in range(1, NUDGES + 1)))

    with asyncio.Runner(loop_factory=Leaping) as runner:
        runner.run(all_of_them())
    return wire


async def _ours(wire: Strict) -> Callable[[int], Awaitable[object]]:
    api = Api(TOKEN, per_second=RATE, request=wire, polling=wire)
    core: Any = _Core()
    unasked = Unasked(api, Chats(core, Courier(api), Tokens(bytes(32)), print), print)
    unasked.open()
    return lambda chat: unasked.deliver(chat, NOTE, WINDOW)


class _Core:
    """As much of a core as a delivery asks for."""

    store = property(lambda self: self)

    def person(self, _: object) -> bytes:
        """Everybody is the same here."""
        return bytes(16)


async def _theirs(wire: Strict) -> Callable[[int], Awaitable[object]]:
    limiter = AIORateLimiter(overall_max_rate=RATE, overall_time_period=1, max_retries=1_000)
    bot: ExtBot[Any] = ExtBot(TOKEN, request=wire, get_updates_request=wire, rate_limiter=limiter)
    await limiter.initialize()
    return lambda chat: bot.send_message(chat, NOTE[0].text)
