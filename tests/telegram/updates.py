"""The queue of updates as Telegram keeps it: what is not acknowledged is given again, and nothing else is acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiogram.enums import UpdateType

from tests.telegram.asked import Refused
from tests.telegram.faults import CONFLICT

ALL = frozenset(kind.value for kind in UpdateType)
# https://core.telegram.org/bots/api#getupdates: all but these, unless they are asked for.
DEFAULT = ALL - {"chat_member", "message_reaction", "message_reaction_count"}
WEBHOOK_ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
WEBHOOK_SET = "Conflict: terminated by setWebhook request"
FIRST, LONGEST_POLL, FAR = 700_000_001, 50, 10


class Pulse:
    """Beats whenever something has changed; whoever waits looks then, and only then."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def beat(self) -> None:
        """Something has changed."""
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:  # noqa: ASYNC109 - reads best so
        """Wait until this is true, and return what it is. Raises TimeoutError after so many seconds."""
        async with asyncio.timeout(timeout):
            while not (found := predicate()):
                await self._next.wait()
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """One update. `chat` is the one it is about; order is kept within it."""

    id: int
    chat: int | None
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """One getUpdates: when it came, in monotonic seconds, and what it asked for."""

    at: float
    offset: int | None
    limit: int
    timeout: int


class Updates:
    """All updates of one bot: those that wait, and those that were once given."""

    def __init__(self, pulse: Pulse) -> None:
        self.pulse = pulse
        self.allowed = DEFAULT
        self.waiting: dict[int, Update] = {}
        self.known: dict[int, Update] = {}
        self.polls: list[Poll] = []
        self.hooked = self.closed = False
        self._next = FIRST
        self._turn = 0
        # Given once more though acknowledged: acknowledged anew only by a poll after they were given.
        self._again: dict[int, bool] = {}

    def add(self, kind: str, content: dict[str, Any], chat: int | None) -> int | None:
        """A new update, and its id; None where the bot did not ask for such."""
        return self.push({kind: content}, chat) if kind in self.allowed else None

    def push(self, body: dict[str, Any], chat: int | None) -> int:
        """An update as it stands, with the next id unless it has one."""
        number = body.get("update_id", self._next)
        self._next = max(self._next, number + 1)
        update = Update(id=number, chat=chat, body={"update_id": number, **body})
        self.known[number] = self.waiting[number] = update
        self.pulse.beat()
        return number

    def redeliver(self, number: int) -> None:
        """Give an update once more, whether or not it was acknowledged."""
        self.waiting[number] = self.known[number]
        self._again[number] = False
        self.pulse.beat()

    def done(self, numbers: Iterable[int]) -> None:
        """These need not be given again."""
        for number in list(numbers):
            self.waiting.pop(number, None)
            self._again.pop(number, None)
        self.pulse.beat()

    def allow(self, kinds: list[str] | None) -> None:
        """Only such updates from now on; an empty list is the default, and None leaves it as it was."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or DEFAULT

    async def poll(self, offset: int | None, limit: int, timeout: int) -> list[dict[str, Any]]:  # noqa: ASYNC109 - its name in the Bot API
        """Telegram's getUpdates. Raises Refused where another poll or a webhook comes in between."""
        limit, timeout = min(max(limit, 1), 100), min(max(timeout, 0), LONGEST_POLL)
        self.polls.append(Poll(at=time.monotonic(), offset=offset, limit=limit, timeout=timeout))
        if self.hooked:
            raise Refused(409, WEBHOOK_ACTIVE)
        self._turn += 1
        turn = self._turn
        self._acknowledge(offset)
        with suppress(TimeoutError):
            if timeout:
                await self.pulse.until(lambda: self.waiting or turn != self._turn or self.hooked or self.closed, timeout)
        if turn != self._turn:
            raise Refused(409, CONFLICT)
        if self.hooked:
            raise Refused(409, WEBHOOK_SET)
        given = sorted(self.waiting)[:limit]
        self._again |= {number: True for number in given if number in self._again}
        return [self.waiting[number].body for number in given]

    def _acknowledge(self, offset: int | None) -> None:
        first = offset or 0
        if first < 0:
            # Counted from the end of the queue; all before is forgotten.
            first += self._next
        if first <= self._next + FAR:
            self.done(number for number in self.waiting if number < first and self._again.get(number, True))
        else:
            # As the real server: an offset from the far future acknowledges nothing.
            self.pulse.beat()
