"""How fast Telegram is called, on a loop whose time is the test's own."""

from __future__ import annotations

import asyncio

import pytest
from telegram.error import RetryAfter

from bot.platforms.telegram.limiter import BURST, CONVERSATION, NUDGE, Limiter
from tests.leaping import leap


class Calls:
    """Calls through a limiter: which, and when."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self.made: list[tuple[float, object]] = []
        self.fault: Exception | None = None

    async def call(self, chat: object, endpoint: str = "sendMessage", priority: int | None = None, name: object = None) -> None:
        async def callback() -> bool:
            self.made.append((asyncio.get_running_loop().time(), name if name is not None else chat))
            if self.fault is not None:
                fault, self.fault = self.fault, None
                raise fault
            return True

        assert await self.limiter.process_request(callback, (), {}, endpoint, {"chat_id": chat}, priority) is True

    def times(self, name: object) -> list[float]:
        return [at for at, called in self.made if called == name]


def test_a_chat_may_burst_and_then_has_one_message_a_second() -> None:
    async def work() -> None:
        calls = Calls(Limiter(30))
        for _ in range(int(BURST) + 5):
            await calls.call("me")
        times = calls.times("me")
        assert times[int(BURST) - 1] == 0
        assert times[-1] == pytest.approx(5, abs=0.01)

    leap(work)


def test_another_chat_does_not_wait_for_it() -> None:
    async def work() -> None:
        calls = Calls(Limiter(30))
        busy = [asyncio.create_task(calls.call("busy")) for _ in range(40)]
        await calls.call("other")
        assert calls.times("other") == [0]
        for task in busy:
            task.cancel()

    leap(work)


def test_all_chats_together_stay_below_the_whole() -> None:
    async def work() -> None:
        calls = Calls(Limiter(30))
        await asyncio.gather(*(calls.call(chat) for chat in range(90)))
        times = sorted(at for at, _ in calls.made)
        assert times[29] == 0
        assert times[-1] == pytest.approx(2, abs=0.05)

    leap(work)


def test_conversations_go_before_nudges() -> None:
    async def work() -> None:
        calls = Calls(Limiter(30))
        await asyncio.gather(*(calls.call(chat, name="first") for chat in range(30)))
        nudges = [calls.call(100 + chat, priority=NUDGE, name="nudge") for chat in range(20)]
        talk = [calls.call(200 + chat, priority=CONVERSATION, name="talk") for chat in range(20)]
        await asyncio.gather(*nudges, *talk)
        # One nudge was at the door before anybody else had come.
        assert sum(at < max(calls.times("talk")) for at in calls.times("nudge")) <= 1

    leap(work)


def test_what_is_no_message_is_not_counted() -> None:
    async def work() -> None:
        calls = Calls(Limiter(1))
        for endpoint in ("answerCallbackQuery", "sendChatAction", "getMe"):
            for _ in range(50):
                await calls.call("me", endpoint)
        assert calls.times("me")[-1] == 0

    leap(work)


def test_a_429_holds_its_own_chat_and_no_other() -> None:
    async def work() -> None:
        calls = Calls(Limiter(30))
        calls.fault = RetryAfter(7)
        with pytest.raises(RetryAfter):
            await calls.call("hasty")
        await asyncio.gather(calls.call("hasty", name="again"), calls.call("other"))
        assert calls.times("other") == [0]
        assert calls.times("again") == [pytest.approx(7)]

    leap(work)


def test_a_higher_allowance_is_used() -> None:
    async def work() -> None:
        calls = Calls(Limiter(3000))
        for _ in range(1000):
            await calls.call("me")
        assert calls.times("me")[-1] == 0

    leap(work)


def test_somebody_who_stops_waiting_takes_no_place() -> None:
    async def work() -> None:
        calls = Calls(Limiter(1))
        await calls.call("a")
        waiting = asyncio.create_task(calls.call("b"))
        await asyncio.sleep(0)
        waiting.cancel()
        await calls.call("c")
        assert calls.times("b") == []
        assert len(calls.times("c")) == 1

    leap(work)
