"""Serving several platforms, and what goes on beside each: a fault in one stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.platforms.core import ServiceError
from bot.serving import _until_stopped
from tests.leaping import leap


class Part:
    """A service, or something beside one: ends by `fault` after so many seconds, or `slow` seconds after it was asked to."""

    def __init__(self, name: str, fault: Exception | None = None, after: float = 10, slow: float = 0) -> None:
        self.name, self.fault, self.after, self.slow = name, fault, after, slow
        self.asked = asyncio.Event()
        self.ended = -1.0

    async def run(self) -> None:
        try:
            if self.fault is not None:
                await asyncio.sleep(self.after)
                raise self.fault
            await self.asked.wait()
            await asyncio.sleep(self.slow)
        finally:
            self.ended = asyncio.get_running_loop().time()

    async def stop(self) -> None:
        self.asked.set()

    async def deliver(self, *_: Any) -> None:
        raise AssertionError("nobody asked")


def served(services: list[Part], beside: list[Part], at: float = 100) -> None:
    async def work() -> None:
        stopping = asyncio.Event()
        asyncio.get_running_loop().call_later(at, stopping.set)
        await _until_stopped(services, beside, stopping)

    leap(work)


@pytest.mark.parametrize("fault", [RuntimeError, lambda: ServiceError("the token is refused")])
def test_what_goes_on_beside_a_platform_ends_with_it_and_the_other_goes_on(fault: Callable[[], Exception]) -> None:
    one, other = Part("one", fault()), Part("other")
    loops = Part("one"), Part("other")
    served([one, other], list(loops))
    assert [loop.ended for loop in loops] == [10, 100]
    assert other.ended == 100


def test_a_fault_beside_stops_no_platform() -> None:
    one, loop = Part("one"), Part("one", RuntimeError())
    served([one], [loop])
    assert (loop.ended, one.ended) == (10, 100)


def test_the_end_waits_for_all_of_them_at_the_same_time() -> None:
    one, loop = Part("one", slow=8), Part("one", slow=4)
    served([one], [loop])
    assert (loop.ended, one.ended) == (104, 108)


def test_where_no_platform_is_left_it_says_why() -> None:
    with pytest.raises(ServiceError, match="refused"):
        served([Part("one", ServiceError("the token is refused"))], [Part("one")])
