"""Nudges through the real Telegram service, to a Bot API server over HTTP; and what happens when they are pressed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time
from typing import Any

import pytest

from bot.app import _nudging, shelf_of
from bot.content.render import plain
from bot.nudges.loop import Loop
from tests.botapi.server import BotApi, Fault, Refusal, bot_api
from tests.botapi.someone import Someone
from tests.nudges.joining import joined
from tests.nudges.scene import stock
from tests.telegram.desk import Desk, desk

OPENINGS = stock().library.entry("en", "intimacy.nudges.first")
# Where it is afternoon by the tests' clock.
HERE = {"at": time(15), "zone": "America/New_York"}


@asynccontextmanager
async def serving(settings: Any, clock: Any) -> AsyncIterator[tuple[BotApi, Desk, Loop]]:
    async with bot_api() as api, desk(api, settings, clock) as made:
        yield api, made, _nudging(made.settings, made.runtime, shelf_of(made.settings.content_dir), made.service)


async def poll(loop: Loop) -> None:
    await loop._take()
    while loop._under_way:
        await asyncio.wait(loop._under_way)


async def states(made: Desk) -> dict[str, int]:
    counts = await made.runtime.store.counts(made.clock(), made.clock().date())
    return {name: count for name, count in counts.deliveries.items() if count}


async def test_it_arrives_and_its_button_opens_it(settings, clock):
    async with serving(settings, clock) as (api, made, loop):
        person = await joined(made.runtime.store, "77", clock.now, schedule=HERE)
        await poll(loop)
        (shown,) = api.shown(77)
        assert shown.text in OPENINGS
        assert await states(made) == {"sent": 1}
        stored = await made.runtime.store.nudging(person)
        ((nudge, *_),) = json.loads(stored.past)
        text = await Someone(api, 77).tap(stock().library.text("en", "nudging.letter.buttons.open"))
        assert plain(stock().library.text("en", f"intimacy.nudges.{nudge}.text")) in text
        await poll(loop)
        assert api.count("sendMessage") == 1


async def test_a_server_error_is_tried_again(settings, clock):
    async with serving(settings, clock) as (api, made, loop):
        await joined(made.runtime.store, "77", clock.now, schedule=HERE)
        api.faults.append(Fault(method="sendMessage", refusal=Refusal(500, "Internal Server Error")))
        await poll(loop)
        assert api.count("sendMessage") == 2
        assert len(api.shown(77)) == 1
        assert await states(made) == {"sent": 1}


@pytest.mark.parametrize(("drop", "arrived"), [("before", 0), ("after", 1)])
async def test_where_the_connection_breaks_it_is_not_sent_again(drop: str, arrived: int, settings, clock):
    async with serving(settings, clock) as (api, made, loop):
        await joined(made.runtime.store, "77", clock.now, schedule=HERE)
        api.faults.append(Fault(method="sendMessage", drop=drop))
        await poll(loop)
        await poll(loop)
        assert api.count("sendMessage") == 1
        assert len(api.shown(77)) == arrived
        assert await states(made) == {"failed": 1}


async def test_who_blocked_the_bot_is_away_and_nobody_else_is_held_up(settings, clock):
    async with serving(settings, clock) as (api, made, loop):
        store = made.runtime.store
        blocked = await joined(store, "77", clock.now, schedule=HERE)
        for number in range(100, 120):
            await joined(store, str(number), clock.now, schedule=HERE)
        api.blocked.add(77)
        await poll(loop)
        assert {message.chat for message in api.messages} == set(range(100, 120))
        assert await states(made) == {"sent": 20, "failed": 1}
        assert (await store.load(blocked)).away
        assert (await store.nudging(blocked)).due is None
        api.blocked.clear()
        await poll(loop)
        assert api.shown(77) == []


async def test_who_writes_again_after_that_gets_them_again(settings, clock):
    async with serving(settings, clock) as (api, made, loop):
        store = made.runtime.store
        person = await joined(store, "77", clock.now, schedule=HERE)
        api.blocked.add(77)
        await poll(loop)
        api.blocked.clear()
        await Someone(api, 77).say("/start")
        assert not (await store.load(person)).away
        due = (await store.nudging(person)).due
        assert due is not None
        shown = len(api.shown(77))
        clock.now = due
        await poll(loop)
        assert len(api.shown(77)) == shown + 1
        assert await states(made) == {"sent": 1}
