"""`closer run` as a program of its own: nudges leave, a kill at that moment loses some and doubles none."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Literal

from bot.nudges.schedule import fixed_zone
from storage.keys import KeySource
from storage.store import SqlStore, open_store
from tests.botapi.server import BotApi, Fault, bot_api
from tests.nudges.joining import joined
from tests.telegram.test_process import PATIENCE, running

# As many as the program has in flight at thirty messages a second, and more that wait behind them.
IN_FLIGHT, PEOPLE = 60, 100


def afternoon() -> dict[str, Any]:
    """A schedule for which it is after two in the afternoon, whatever the hour is here."""
    return {"at": time(14), "zone": fixed_zone((14 - datetime.now(UTC).hour) * 60)}


@asynccontextmanager
async def store_of(folder: Path, url: str = "") -> AsyncIterator[SqlStore]:
    url = url or f"sqlite:///{folder / 'closer.db'}"
    store = await open_store(url, KeySource(value=None, file=folder / "config" / "key"))
    try:
        yield store
    finally:
        await store.close()


async def people(folder: Path, number: int, url: str = "") -> None:
    async with store_of(folder, url) as store:
        for user in range(1, number + 1):
            await joined(store, str(user), datetime.now(UTC), schedule=afternoon(), seed=user)


async def states(folder: Path, url: str = "") -> dict[str, int]:
    async with store_of(folder, url) as store:
        counts = await store.counts(datetime.now(UTC), datetime(2020, 1, 1, tzinfo=UTC).date())
    return {state: count for state, count in counts.deliveries.items() if count}


class Gate(asyncio.Event):
    """What is sent arrives, and whoever watches is told; but its answer waits for this."""

    def __init__(self, api: BotApi) -> None:
        super().__init__()
        self.api = api
        api.faults.append(Fault(method="sendMessage", times=1000, gate=self))

    async def wait(self) -> Literal[True]:
        await self.api._notify()
        return await super().wait()


async def test_a_kill_in_the_midst_of_sending(tmp_path):
    await people(tmp_path, PEOPLE)
    async with bot_api() as api:
        gate = Gate(api)
        async with running(tmp_path, api) as program:
            await api.until(lambda: api.count("sendMessage") >= 20, PATIENCE)
            await program.end(signal.SIGKILL)
        gate.set()
        assert await states(tmp_path) == {"claimed": IN_FLIGHT}
        api.faults.clear()
        async with running(tmp_path, api) as program:
            others = set(range(1, PEOPLE + 1))
            await api.until(lambda: len(others & {m.chat for m in api.messages}) >= 20 + PEOPLE - IN_FLIGHT, PATIENCE)
            assert await program.end() == 0
        assert max(Counter(message.chat for message in api.messages).values()) == 1
    assert await states(tmp_path) == {"claimed": IN_FLIGHT, "sent": PEOPLE - IN_FLIGHT}


async def test_an_end_lets_what_is_in_flight_arrive_and_takes_nothing_new(tmp_path):
    await people(tmp_path, 10)
    async with bot_api() as api:
        gate = Gate(api)
        async with running(tmp_path, api) as program:
            await api.until(lambda: api.count("sendMessage") == 10, PATIENCE)
            ending = asyncio.create_task(program.end(signal.SIGTERM))
            await asyncio.sleep(0)
            gate.set()
            assert await ending == 0
        assert len(api.messages) == 10
        assert b"Traceback" not in program.heard
    assert await states(tmp_path) == {"sent": 10}
