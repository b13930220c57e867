"""Updates brought to a webhook: one after the other for each chat, chats side by side, again and again until it is taken."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.telegram.updates import Update
from tests.telegram.world import HookInfo, World

HEADER = "X-Telegram-Bot-Api-Secret-Token"
# Seconds: before it is tried again (the real server takes longer), and how long an answer may take.
PAUSE, PATIENCE = 0.05, 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """One attempt to bring an update; `status` 0 where nobody answered."""

    update: int
    status: int
    at: float


class Porter:
    """Brings what waits for as long as there is a webhook."""

    def __init__(self, world: World) -> None:
        self.pushes: list[Push] = []
        self._world = world
        self._busy: dict[int, int | None] = {}
        self._hook: HookInfo | None = None

    async def run(self) -> None:
        """Until cancelled. A webhook that is changed or taken away ends what was under way to the old one."""
        async with ClientSession(timeout=ClientTimeout(total=PATIENCE)) as session:
            while True:
                await self._world.pulse.until(lambda: self._world.hook)
                self._hook = self._world.hook
                serving = asyncio.create_task(self._serve(session, self._world.hook))
                try:
                    await self._world.pulse.until(lambda: self._world.hook is not self._hook)
                finally:
                    serving.cancel()
                    await asyncio.wait((serving,))
                    self._busy.clear()

    async def _serve(self, session: ClientSession, hook: HookInfo) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                update = await self._world.pulse.until(lambda: self._next(hook))
                self._busy[update.id] = update.chat
                group.create_task(self._bring(session, hook, update))

    def _next(self, hook: HookInfo) -> Update | None:
        if len(self._busy) >= hook.connections:
            return None
        taken = {chat for chat in self._busy.values() if chat is not None}
        waiting = sorted(self._world.updates.waiting.items())
        return next((each for number, each in waiting if number not in self._busy and each.chat not in taken), None)

    async def _bring(self, session: ClientSession, hook: HookInfo, update: Update) -> None:
        while not 200 <= await self._push(session, hook, update) < 300:
            await asyncio.sleep(PAUSE)
        self._busy.pop(update.id)
        self._world.updates.done([update.id])

    async def _push(self, session: ClientSession, hook: HookInfo, update: Update) -> int:
        headers = {HEADER: hook.secret} if hook.secret else {}
        try:
            async with session.post(hook.url, json=update.body, headers=headers) as response:
                status, fault = response.status, f"Wrong response from the webhook: {response.status} {response.reason}"
        except (ClientError, TimeoutError):
            status, fault = 0, "Connection refused or broken"
        self.pushes.append(Push(update=update.id, status=status, at=time.monotonic()))
        if not 200 <= status < 300:
            self._world.hook_fault = (self._world.date(), fault)
        self._world.pulse.beat()
        return status
