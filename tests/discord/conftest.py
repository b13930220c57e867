"""A Discord of its own for each test: simulated, with the real client in it. The words are read once for all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import pytest
from simcord.env import Env

import bot.app
from bot.settings import Settings
from tests.conftest import Clock
from tests.discord.somebody import World

_content = lru_cache(maxsize=8)(bot.app.content)


class Quick(Env):
    """Looks again after 1 ms, not 50, whether the bot has settled: thousands of acts wait for that."""

    async def _settle_internal(self, **how: Any) -> None:
        await super()._settle_internal(**{"idle": 0.001, **how})


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dialogs and words never change while they are used, and reading them takes longer than most stories."""
    monkeypatch.setattr(bot.app, "content", _content)


@asynccontextmanager
async def simulated(settings: Settings, clock: Clock) -> AsyncIterator[Env]:
    """The simulation, with a bot in it. Whatever the bot lets slip as an exception fails the test."""
    env = Quick(bot.app.build_discord(settings, clock=clock))
    try:
        await env.start()
        yield env
        await env.shutdown()
    finally:
        await env.bot.close()
    env.raise_errors()


@pytest.fixture
async def env(settings: Settings, clock: Clock) -> AsyncIterator[Env]:
    async with simulated(settings, clock) as env:
        yield env


@pytest.fixture
def world(env: Env, settings: Settings, clock: Clock) -> World:
    """A server with a channel, and the bot in it."""
    return World(env, settings, clock)
