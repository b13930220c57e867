"""The Bot API over HTTP, by python-telegram-bot's client: calls by name with plain values, answers as plain JSON.

The typed methods would parse each message that Telegram echoes (0.3 ms a call) only to throw it away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from telegram import InputFile
from telegram.ext import ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot.platforms.telegram.limiter import CONVERSATION, ENTERED, NUDGE, Limiter
from bot.platforms.telegram.outbound import Call

DEFAULT_BASE = "https://api.telegram.org"
# Seconds that a poll waits for something to happen; then seconds more before its silence is taken for a fault.
POLL, GRACE = 25, 10


class Api(ExtBot[int]):
    """One bot. Never part of a log or an error: its repr would show the token. `refused` is told of each 429."""

    def __init__(
        self,
        token: str,
        *,
        base: str = DEFAULT_BASE,
        per_second: float = 30,
        request: BaseRequest | None = None,
        polling: BaseRequest | None = None,
        refused: Callable[[], None] = lambda: None,
    ) -> None:
        limiter = Limiter(per_second, refused)
        requests = (polling or HTTPXRequest(connection_pool_size=2), request or HTTPXRequest(connection_pool_size=128))
        super().__init__(
            token,
            base_url=f"{base.rstrip('/')}/bot",
            base_file_url=f"{base.rstrip('/')}/file/bot",
            get_updates_request=requests[0],
            request=requests[1],
            rate_limiter=limiter,
        )
        self._requests, self._limiter = requests, limiter

    def __repr__(self) -> str:
        return "Api(…)"

    async def call(self, method: str, params: Mapping[str, Any] | None = None, priority: int = CONVERSATION) -> Any:
        """Call one method. Raises telegram.error.TelegramError."""
        return await self._post(method, dict(params or {}), api_kwargs=self._merge_api_rl_kwargs(None, priority))

    async def make(self, call: Call, priority: int = CONVERSATION) -> Any:
        """Make a planned call, with its file if it has one."""
        params = dict(call.params)
        if call.file is not None:
            params["photo" if call.file.picture else "document"] = InputFile(call.file.data, filename=call.file.name)
        return await self.call(call.method, params, priority)

    async def enter(self, chat: int) -> None:
        """Wait until a nudge may be sent to this chat: after all conversations. Then call `send`."""
        await self._limiter.enter(chat, NUDGE)

    async def send(self, call: Call) -> Any:
        """Make a call that has waited by `enter`, at once."""
        return await self.make(call, ENTERED)

    async def updates(self, offset: int | None, wanted: tuple[str, ...], *, wait: bool) -> list[dict[str, Any]]:
        """What has happened from `offset` on, which also tells Telegram to forget all before it."""
        timeout = POLL if wait else 0
        params = {"offset": offset, "timeout": timeout, "allowed_updates": list(wanted)}
        answer: list[dict[str, Any]] = await self._post("getUpdates", params, read_timeout=timeout + GRACE)
        return answer

    async def close_connections(self) -> None:
        """Let go of the network."""
        for request in self._requests:
            await request.shutdown()
