"""A connection that breaks, of discord.py's own: what was sent meanwhile is answered, and nothing counts twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

import bot.app
from bot.platforms.core import ServiceError
from bot.platforms.discord.client import CloserClient
from bot.platforms.discord.service import Discord
from bot.runtime import Runtime
from bot.settings import Settings
from tests.discord.caller import Caller
from tests.discord.gateway import CUT, RECONNECT, TOKEN, FakeDiscord, fake_discord

BROKEN = pytest.mark.parametrize("how", [RECONNECT, 4000, CUT])


@pytest.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeDiscord]:
    async def at_once(*_: Any, **__: Any) -> None:
        """discord.py waits five seconds before it identifies anew."""

    async with fake_discord() as fake:
        monkeypatch.setattr(Route, "BASE", fake.base)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(fake.address))
        monkeypatch.setattr(CloserClient, "before_identify_hook", at_once)
        yield fake


@pytest.fixture
async def caller(discord: FakeDiscord, settings: Settings, runtime: Runtime) -> AsyncIterator[Caller]:
    """Somebody who is remembered, at the second question; the bot is served until the test ends."""
    service = Discord(lambda: bot.app.build_discord(settings, runtime=runtime), TOKEN)
    running = asyncio.create_task(service.run())
    await discord.until(discord.connected)
    someone = Caller(discord)
    await someone.remembered()
    yield someone
    await service.stop()
    await running


class Held:
    """Turns that are under way until they are let go."""

    def __init__(self, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        self._turn = runtime._once
        monkeypatch.setattr(runtime, "_once", self._once)

    async def _once(self, *given: Any) -> Any:
        self.begun.set()
        await self.go.wait()
        return await self._turn(*given)


async def test_it_logs_in_and_beats(discord: FakeDiscord, caller: Caller) -> None:
    (said,) = discord.identified
    assert said["intents"] == 1 << 0 | 1 << 12
    assert said["shard"] == [0, 1]
    assert discord.beats == [None]
    assert {command["name"] for command in discord.commands} >= {"why", "sos", "forget"}


@BROKEN
async def test_a_press_that_was_sent_before_a_drop_is_answered_after_it_and_counts_once(
    discord: FakeDiscord, caller: Caller, how: Any
) -> None:
    before, heard = caller.place, len(discord.session.events)
    socket = discord.lose()
    press = await caller.press("Skip")
    await discord.drop(how, socket)
    await caller.read(press)
    assert caller.place == before + 1
    assert discord.resumed == [(discord.session.name, heard)]
    assert len(discord.identified) == 1
    await caller.tap("Skip")
    assert caller.place == before + 2


@BROKEN
async def test_a_turn_that_is_under_way_at_a_drop_is_answered_and_counts_once(
    discord: FakeDiscord, caller: Caller, runtime: Runtime, monkeypatch: pytest.MonkeyPatch, how: Any
) -> None:
    before, held = caller.place, Held(runtime, monkeypatch)
    press = await caller.press("Skip")
    await held.begun.wait()
    await discord.drop(how)
    await discord.until(discord.connected)
    held.go.set()
    await caller.read(press)
    assert caller.place == before + 1
    await caller.tap("Skip")
    assert caller.place == before + 2
    assert len(discord.identified) == 1


@BROKEN
async def test_a_session_that_discord_has_forgotten_begins_anew_and_no_committed_turn_is_lost(
    discord: FakeDiscord, caller: Caller, how: Any
) -> None:
    await caller.tap("Skip")
    before, socket = caller.place, discord.lose()
    lost, old = await caller.press("Skip"), discord.session.name
    discord.forget()
    await discord.drop(how, socket)
    await discord.until(discord.connected)
    assert [name for name, _ in discord.resumed] == [old]
    assert len(discord.identified) == 2
    await caller.tap("Skip")
    assert caller.place == before + 1
    assert lost not in discord.answers


async def test_a_gateway_that_is_away_for_a_while_is_found_again(
    discord: FakeDiscord, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = caller.place
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda _: 0.01)
    discord.away = True
    await discord.drop(CUT)
    await discord.until(lambda: discord.turned_away >= 3)
    discord.away = False
    await discord.until(discord.connected)
    await caller.tap("Skip")
    assert caller.place == before + 1


async def test_a_press_that_is_told_twice_is_answered_as_before_and_counts_once(discord: FakeDiscord, caller: Caller) -> None:
    before = caller.place
    press = await caller.press("Skip")
    await caller.read(press)
    # As where the connection broke before the client could say what it had heard: other numbers, the same event.
    again = discord.session.events[-1]["d"]
    socket = discord.session.socket
    assert socket is not None
    await socket.send_json(discord.session.add("INTERACTION_CREATE", again))
    await discord.until(lambda: discord.violations)
    assert discord.violations == ["a second callback"]
    discord.violations.clear()
    await caller.tap("Skip")
    assert caller.place == before + 2


@pytest.mark.parametrize(("ids", "shards"), [((), [[0, 2], [1, 2]]), ((1,), [[1, 2]])])
async def test_each_shard_that_is_to_be_served_is_and_answers(
    discord: FakeDiscord, settings: Settings, runtime: Runtime, ids: tuple[int, ...], shards: list[list[int]]
) -> None:
    two = settings.model_copy(update={"discord_shard_count": 2, "discord_shard_ids": ids})
    service = Discord(lambda: bot.app.build_discord(two, runtime=runtime), TOKEN)
    running = asyncio.create_task(service.run())
    await discord.until(lambda: len(discord.sessions) == len(shards))
    assert [said["shard"] for said in discord.identified] == shards
    caller = Caller(discord)
    await caller.call("start")
    await caller.tap("18 or older")
    await service.stop()
    await running


async def test_a_refused_token_ends_it(discord: FakeDiscord, settings: Settings, runtime: Runtime) -> None:
    service = Discord(lambda: bot.app.build_discord(settings, runtime=runtime), "another")
    with pytest.raises(ServiceError, match="DISCORD_BOT_TOKEN"):
        await service.run()
