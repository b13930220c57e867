"""From an act to its delivered reply: one queue a chat, so that order holds within a chat and none waits for another.

An act is settled, and its update may be forgotten by Telegram, once its turn is committed and its reply delivered or
recorded as owed; for people of whom nothing is kept, once the reply is delivered or given up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from bot.content.render import Bubble
from bot.log import log
from bot.platforms import parcel
from bot.platforms.core import Core, ServiceError
from bot.platforms.telegram.courier import Courier, Patience, Undelivered
from bot.platforms.telegram.inbound import Act
from bot.platforms.telegram.outbound import Seal, nod, typing
from bot.platforms.token import Press, Tokens
from bot.ports import Address, Owed, StoreError, Unreachable

PLATFORM = "telegram"
# Seconds: until a reply that is not through is recorded as owed; until "typing" is shown; until one is given up that
# nobody asked to keep, and one that is owed.
PROMPT, SLOW = 2.0, 1.0
PATIENCE, LONG_PATIENCE = 120.0, 24 * 3600.0
Result = TypeVar("Result")


class _Chat:
    """What is under way in one chat: acts not begun, the task that takes them, the delivery that is last in line."""

    __slots__ = ("acts", "tail", "worker")

    def __init__(self) -> None:
        self.acts: deque[tuple[Act, Callable[[], None], Callable[[], None]]] = deque()
        self.worker: asyncio.Task[None] | None = None
        self.tail: asyncio.Task[Any] | None = None


class Chats:
    """Takes acts in, and sees each through. `fatal` is told of a fault that ends the whole service."""

    def __init__(self, core: Core, courier: Courier, tokens: Tokens, fatal: Callable[[ServiceError], None]) -> None:
        self._core, self._courier, self._tokens, self._fatal = core, courier, tokens, fatal
        self._chats: dict[int, _Chat] = {}

    def __len__(self) -> int:
        return len(self._chats)

    def opens(self, chat: int, token: str) -> Press | None:
        """What a button's token means for the person of this chat."""
        return self._tokens.open(self._core.store.person(address(chat)), token)

    def seal(self, chat: int) -> Seal:
        """Seals the buttons of this chat."""
        return partial(self._tokens.seal, self._core.store.person(address(chat)))

    def take(self, act: Act, settled: Callable[[], None], late: Callable[[], None] = lambda: None) -> None:
        """See to this act after the earlier ones of its chat. `settled` is called once; `late` before, where it takes long."""
        chat = self._chats.setdefault(act.chat, _Chat())
        chat.acts.append((act, settled, late))
        if chat.worker is None:
            chat.worker = asyncio.create_task(self._work(act.chat, chat))

    def resume(self, owed: Iterable[Owed]) -> None:
        """Deliver what was owed when the program ended, before anything new to the same chat."""
        for each in owed:
            self._owes(1)
            number = int(each.address.user)
            chat = self._chats.setdefault(number, _Chat())
            try:
                bubbles = parcel.unpack(each.reply)
            except ValueError:
                log("warning", "owed_reply_unreadable")
                bubbles = ()
            chat.tail = self._sent(number, chat, bubbles, None, Patience(_now() + LONG_PATIENCE))
            chat.tail.add_done_callback(partial(self._paid, each.person, each.id))

    async def finish(self, seconds: float) -> None:
        """Wait until all is settled, so many seconds at most; what is not through by then is let go."""
        end = _now() + seconds
        while tasks := [t for chat in self._chats.values() for t in (chat.worker, chat.tail) if t and not t.done()]:
            if _now() >= end:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
                break
            await asyncio.wait(tasks, timeout=end - _now())
        await self._courier.asides.settled()

    async def quiet(self, number: int) -> None:
        """Wait until nothing is under way in this chat."""
        while (chat := self._chats.get(number)) and (busy := [t for t in (chat.worker, chat.tail) if t and not t.done()]):
            await asyncio.wait(busy)

    async def alone(self, number: int, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Have this done in a chat that is quiet; the replies to what comes meanwhile wait for it."""
        chat = self._chats.setdefault(number, _Chat())
        task = asyncio.create_task(work())
        chat.tail = task
        task.add_done_callback(lambda _: self._leave(number, chat))
        return await task

    # -- one chat -------------------------------------------------------------------------------------------------

    async def _work(self, number: int, chat: _Chat) -> None:
        try:
            while chat.acts:
                await self._see_to(number, chat, *chat.acts.popleft())
        finally:
            chat.worker = None
            self._leave(number, chat)

    async def _see_to(self, number: int, chat: _Chat, act: Act, settled: Callable[[], None], late: Callable[[], None]) -> None:
        if act.query is not None:
            self._courier.aside(nod(act.query))
        bubbles = await self._reply(act)
        patience = Patience(_now() + PATIENCE)
        delivery = chat.tail = self._sent(number, chat, bubbles, act, patience)
        await asyncio.wait((delivery,), timeout=PROMPT)
        if delivery.done():
            settled()
            return
        late()
        person = self._core.store.person(address(number))
        note = await self._owe(person, bubbles)
        if note is None:
            delivery.add_done_callback(lambda task: None if task.cancelled() else settled())
        else:
            patience.until += LONG_PATIENCE
            delivery.add_done_callback(partial(self._paid, person, note))
            settled()

    async def _reply(self, act: Act) -> Sequence[Bubble]:
        late = partial(self._courier.aside, typing(act.chat))
        return await self._core.answer(address(act.chat), act.event, slow=SLOW, late=late)

    # -- its deliveries -------------------------------------------------------------------------------------------

    def _sent(
        self, number: int, chat: _Chat, bubbles: Sequence[Bubble], act: Act | None, patience: Patience
    ) -> asyncio.Task[bool]:
        task = asyncio.create_task(self._deliver(number, chat.tail, bubbles, act, patience))
        task.add_done_callback(lambda _: self._leave(number, chat))
        return task

    async def _deliver(
        self, number: int, earlier: asyncio.Task[Any] | None, bubbles: Sequence[Bubble], act: Act | None, patience: Patience
    ) -> bool:
        """True once the reply is through, or never will be."""
        if earlier is not None and not earlier.done():
            await asyncio.wait((earlier,))
        try:
            pressed = act.pressed if act else None
            await self._courier.deliver(number, bubbles, self.seal(number), pressed=pressed, patience=patience)
        except Unreachable:
            self._core.count("deliveries", PLATFORM, "unreachable")
            log("info", "unreachable", platform=PLATFORM)
            self._courier.forget(number)
        except Undelivered as error:
            self._core.count("deliveries", PLATFORM, "given_up")
            log("warning", "reply_given_up", platform=PLATFORM, kind=str(error))
        except ServiceError as error:
            self._fatal(error)
            return False
        else:
            self._core.count("deliveries", PLATFORM, "delivered")
        return True

    async def _owe(self, person: bytes, bubbles: Sequence[Bubble]) -> bytes | None:
        try:
            note = await self._core.store.owe(person, parcel.pack(bubbles))
        except StoreError as error:
            self._core.count("store_failures")
            log("error", "store_failed", kind=type(error).__name__, remedy=str(error))
            return None
        if note is not None:
            self._owes(1)
        return note

    def _owes(self, more: int) -> None:
        if self._core.meter is not None:
            self._core.meter.owed += more

    def _paid(self, person: bytes, note: bytes, delivery: asyncio.Task[Any]) -> None:
        if not delivery.cancelled() and delivery.exception() is None and delivery.result():
            self._courier.asides.begin(self._settle(person, note))

    async def _settle(self, person: bytes, note: bytes) -> None:
        self._owes(-1)
        try:
            await self._core.store.settle(person, note)
        except StoreError as error:
            self._core.count("store_failures")
            log("error", "store_failed", kind=type(error).__name__, remedy=str(error))

    def _leave(self, number: int, chat: _Chat) -> None:
        """Forget a chat in which nothing is under way."""
        if chat.worker is None and not chat.acts and (chat.tail is None or chat.tail.done()):
            self._chats.pop(number, None)


def address(chat: int) -> Address:
    """The person of a private chat, whose id is the chat's."""
    return Address(platform=PLATFORM, user=str(chat))


def _now() -> float:
    return asyncio.get_running_loop().time()
