"""What is sent to somebody who has not asked just now: at most once, after all conversations, never amid a reply.

It is tried again only where it surely did not arrive; the message that has a chat's buttons stays the one that has them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import httpx
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.content.render import Bubble
from bot.log import log
from bot.platforms.asides import UnderWay
from bot.platforms.core import ServiceError
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.chats import PLATFORM, Chats
from bot.platforms.telegram.courier import Undelivered, otherwise, waits
from bot.platforms.telegram.outbound import Call, plan
from bot.ports import GivenUp

# Faults of the network before anything was sent. After that it may have arrived, whatever became of the answer.
_BEFORE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Unasked:
    """Delivers to chats. `fatal` is told of a fault that ends the whole service. Nothing leaves before `open`."""

    def __init__(self, api: Api, chats: Chats, fatal: Callable[[ServiceError], None]) -> None:
        self._api, self._chats, self._fatal = api, chats, fatal
        self._opened = asyncio.Event()
        self._under_way = UnderWay()

    def open(self) -> None:
        """Telegram can be reached, and what was owed from before is on its way."""
        self._opened.set()

    async def deliver(self, chat: int, bubbles: Sequence[Bubble], within: float) -> None:
        """As `bot.ports.Courier` has it."""
        until = asyncio.get_running_loop().time() + within
        with self._under_way.one():
            for call in plan(chat, bubbles, self._chats.seal(chat), pressed=None, screen=None).shows:
                await self._through(chat, call, until)

    async def finish(self, seconds: float) -> None:
        """Wait until nothing is under way, so many seconds at most."""
        await self._under_way.over(seconds)

    async def _through(self, chat: int, call: Call, until: float) -> None:
        for wait in waits():
            try:
                async with asyncio.timeout_at(until):
                    await self._opened.wait()
                    await self._api.enter(chat)
                    await self._chats.quiet(chat)
                left = await self._chats.alone(chat, partial(self._tried, call))
            except (TimeoutError, Undelivered):
                raise GivenUp(perhaps=False) from None
            except ServiceError as error:
                self._fatal(error)
                raise GivenUp(perhaps=False) from None
            if left is None:
                return
            call = left
            await asyncio.sleep(min(wait, max(until - asyncio.get_running_loop().time(), 0.0)))

    async def _tried(self, call: Call) -> Call | None:
        """Make a call once. What is to be called later; None where it is through. Raises what cannot be helped."""
        try:
            await self._api.send(call)
        except RetryAfter as error:
            log("info", "nudge_delayed", platform=PLATFORM, kind=type(error).__name__)
            return call  # the limiter knows how long
        except (Forbidden, InvalidToken, BadRequest) as error:
            return otherwise(call, error)
        except NetworkError as error:
            if not _answered(error) and not isinstance(error.__cause__, _BEFORE):
                raise GivenUp(perhaps=True) from None
            log("info", "nudge_delayed", platform=PLATFORM, kind=type(error.__cause__ or error).__name__)
            return call
        except TelegramError:
            raise GivenUp(perhaps=True) from None
        return None


def _answered(error: NetworkError) -> bool:
    """Whether this is Telegram's own answer (5xx): then nothing else caused it, but for words in it that make no sense."""
    return error.__cause__ is None or isinstance(error.__cause__, TelegramError)
