"""Programs that send nudges of one database: Discord's asked to end in their midst, two for one bot of Telegram's."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.botapi.server import bot_api
from tests.botapi.someone import Someone
from tests.discord.gateway import fake_discord
from tests.discord.test_process import OnDiscord
from tests.nudges.joining import joined
from tests.nudges.test_loop_process import PATIENCE, Gate, afternoon, people, states, store_of
from tests.postgres import Postgres
from tests.telegram.test_process import OnTelegram, running

PEOPLE = 150
IN_FLIGHT = 3


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the programs keep what they know."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'closer.db'}"
        return
    server = Postgres()
    try:
        yield server.url(server.empty())
    finally:
        server.stop()


async def on_discord(folder: Path, number: int) -> None:
    async with store_of(folder) as store:
        for user in range(1, number + 1):
            await joined(store, str(user), datetime.now(UTC), platform="discord", schedule=afternoon(), seed=user)


async def test_an_end_lets_what_is_in_flight_in_discord_arrive(tmp_path: Path) -> None:
    await on_discord(tmp_path, IN_FLIGHT)
    async with fake_discord() as discord, AsyncExitStack() as ends:
        discord.open.clear()
        program = OnDiscord(tmp_path, discord)
        await program.start()
        ends.push_async_callback(program.end)
        ends.callback(discord.open.set)
        await discord.until(lambda: discord.letters, PATIENCE)
        ending = asyncio.create_task(program.end())
        await asyncio.sleep(0)
        discord.open.set()
        assert await ending == 0
    assert b"Traceback" not in program.heard
    arrived = Counter({who: len(letters) for who, letters in discord.letters.items()})
    assert set(arrived.values()) == {1}
    # What had not left by then is either with the person, or still to be seen as claimed: never both, never lost from sight.
    counted = await states(tmp_path)
    assert counted["sent"] == len(arrived) >= 1
    assert sum(counted.values()) == IN_FLIGHT


async def test_two_programs_send_each_of_them_once_and_one_of_them_hears(tmp_path: Path, url: str) -> None:
    await people(tmp_path, PEOPLE, url)
    async with bot_api(violations=True) as api, AsyncExitStack() as ends:
        gate = Gate(api)
        sender = OnTelegram(tmp_path, api.base, TELEGRAM_UPDATES="false", DATABASE_URL=url)
        await sender.start()
        ends.push_async_callback(sender.end)
        await api.until(lambda: api.count("sendMessage") >= 20, PATIENCE)
        async with running(tmp_path, api, DATABASE_URL=url) as hearer:
            # The first cannot take more than it has in flight: what the second takes is what that has left.
            await api.until(lambda: api.count("sendMessage") >= 100, PATIENCE)
            gate.set()
            api.faults.clear()
            await api.until(lambda: len({m.chat for m in api.messages} & set(range(1, PEOPLE + 1))) == PEOPLE, PATIENCE)
            someone = Someone(api, 9000)
            await someone.say("/start")
            await someone.tap("18 or older")
            assert await hearer.end() == 0
        assert await sender.end() == 0
        assert {chat: n for chat, n in Counter(m.chat for m in api.messages).items() if chat <= PEOPLE and n > 1} == {}
        assert b"sending_only" in sender.heard
        assert b"second_instance" not in hearer.heard, "only one of them fetches"
        assert b"Traceback" not in sender.heard + hearer.heard
    assert await states(tmp_path, url) == {"sent": PEOPLE}
