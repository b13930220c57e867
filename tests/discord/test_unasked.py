"""Nudges through the real Discord client: at most once, a few a second, and only where it surely did not arrive again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import time
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.app import shelf_of
from bot.content.render import Bubble
from bot.nudges.loop import Loop, Means
from bot.nudges.moment import Stock
from bot.platforms.discord.inbound import address
from bot.platforms.discord.outbound import Message
from bot.platforms.discord.service import Discord
from bot.platforms.discord.unasked import PER_SECOND, Unasked
from bot.ports import GivenUp, Unreachable
from tests.leaping import leap
from tests.nudges.joining import joined

NOTE = (Message(text="Today's note is here."),)
HOUR = 3600.0


def fault(status: int, code: int = 0) -> discord.HTTPException:
    kind = discord.Forbidden if status == 403 else discord.HTTPException
    return kind(SimpleNamespace(status=status, reason=""), {"code": code, "message": ""})  # type: ignore[arg-type]


CLOSED = aiohttp.ClientConnectorError(SimpleNamespace(), OSError())  # type: ignore[arg-type]
CUT = aiohttp.ServerDisconnectedError()


class Channel:
    """Direct messages with one person; `ends` says how each call ends, one after the other."""

    def __init__(self, *ends: Exception) -> None:
        self.ends, self.times, self.nonces = list(ends), [], []
        self.opened: list[float] = []
        self.unopened: list[Exception] = []

    async def open(self) -> Any:
        self.opened.append(asyncio.get_running_loop().time())
        if self.unopened:
            raise self.unopened.pop(0)
        return self

    async def send(self, text: str, **more: Any) -> None:
        self.times.append(asyncio.get_running_loop().time())
        self.nonces.append(more["nonce"])
        if self.ends:
            raise self.ends.pop(0)


def tried(work: Callable[[], Any]) -> None:
    leap(work)


@pytest.mark.parametrize("end", [fault(500), fault(503), fault(429), CLOSED])
def test_what_surely_did_not_arrive_is_tried_again_under_the_same_nonce(end: Exception) -> None:
    async def work() -> None:
        channel = Channel(end, end, end)
        await Unasked().deliver(channel.open, NOTE, HOUR)
        assert channel.times == [0, 1, 3, 7]
        assert len(set(channel.nonces)) == 1

    tried(work)


@pytest.mark.parametrize("end", [CUT, aiohttp.ClientOSError(104, "reset"), TimeoutError()])
def test_what_may_have_arrived_is_not(end: Exception) -> None:
    async def work() -> None:
        channel = Channel(end)
        with pytest.raises(GivenUp) as ended:
            await Unasked().deliver(channel.open, NOTE, HOUR)
        assert (len(channel.times), ended.value.perhaps) == (1, True)

    tried(work)


@pytest.mark.parametrize("code", [50007, 50278, 10013])
@pytest.mark.parametrize("opening", [True, False])
def test_who_takes_no_direct_messages_is_told_of(code: int, opening: bool) -> None:
    async def work() -> None:
        end = fault(403, code)
        channel = Channel(*([] if opening else [end]))
        channel.unopened = [end] if opening else []
        with pytest.raises(Unreachable):
            await Unasked().deliver(channel.open, NOTE, HOUR)
        assert len(channel.times) == (not opening)

    tried(work)


def test_after_its_window_it_is_given_up() -> None:
    async def work() -> None:
        channel = Channel(*[fault(500)] * 1000)
        with pytest.raises(GivenUp) as ended:
            await Unasked().deliver(channel.open, NOTE, 600)
        assert not ended.value.perhaps
        assert 500 < channel.times[-1] <= 600

    tried(work)


def test_a_channel_that_does_not_open_is_tried_again_whatever_became_of_the_answer() -> None:
    async def work() -> None:
        channel = Channel()
        channel.unopened = [CUT, CLOSED, fault(400, 40003)]
        await Unasked().deliver(channel.open, NOTE, HOUR)
        assert (len(channel.opened), len(channel.times)) == (4, 1)

    tried(work)


def test_what_discord_does_not_take_is_given_up_at_once() -> None:
    async def work() -> None:
        channel = Channel(fault(400, 50035))
        with pytest.raises(GivenUp):
            await Unasked().deliver(channel.open, NOTE, HOUR)
        assert len(channel.times) == 1

    tried(work)


def test_a_few_a_second_and_no_burst() -> None:
    async def work() -> None:
        unasked, channels = Unasked(), [Channel() for _ in range(40)]
        await asyncio.gather(*(unasked.deliver(channel.open, NOTE, HOUR) for channel in channels))
        times = sorted(channel.times[0] for channel in channels)
        gaps = [later - sooner for sooner, later in pairwise(times)]
        assert min(gaps) == pytest.approx(1 / PER_SECOND)
        assert times[-1] == pytest.approx(39 / PER_SECOND)

    tried(work)


def test_it_waits_for_a_client_that_is_ready_and_not_for_ever() -> None:
    async def work() -> None:
        given: list[Any] = []

        async def deliver(*what: Any) -> None:
            given.append(what)

        service = Discord(lambda: None, "token")  # type: ignore[arg-type,return-value]
        with pytest.raises(GivenUp) as ended:
            await service.deliver(address(1), (), 60)
        assert not ended.value.perhaps
        service._client = client = SimpleNamespace(is_ready=lambda: False, deliver=deliver)  # type: ignore[assignment]
        asyncio.get_running_loop().call_later(10, setattr, client, "is_ready", lambda: True)
        await service.deliver(address(1), (), 60)
        ((_, _, within),) = given
        assert 49 <= within <= 50

    tried(work)


# -- through the simulation ---------------------------------------------------------------------------------------------


async def test_the_loop_delivers_through_the_client(world):
    core = world.client.desk.core
    stock = Stock(shelf=shelf_of(world.settings.content_dir), library=core.library, pack="intimacy")
    courier = SimpleNamespace(name="discord", deliver=world.client.deliver)
    loop = Loop(courier, Means(store=core.store, stock=stock, clock=world.clock))
    person, other = world.person(), world.person()
    here = {"at": time(15), "zone": "America/New_York"}
    for each in (person, other):
        await joined(core.store, str(each.user.id), world.clock.now, platform="discord", schedule=here)
    await loop._take()
    while loop._under_way:
        await asyncio.wait(loop._under_way)
    (message,) = person.user.dm_channel.history()
    assert message.content.replace("\\", "") in core.library.entry("en", "intimacy.nudges.first")
    assert len(list(other.user.dm_channel.history())) == 1
    counts = await core.store.counts(world.clock.now, world.clock.now.date())
    assert counts.deliveries["sent"] == 2
    person.seen = [message]
    assert [key.partition(".")[0] for key in person.keys] == ["open", "stop"]


async def test_a_server_error_and_a_closed_door_in_the_simulation(world, monkeypatch):
    monkeypatch.setattr("bot.platforms.discord.unasked.FIRST_WAIT", 0.0)
    note = (Bubble(text="A small step, if you like."),)
    person = world.person()
    world.env.inject_error("POST", "/channels/*/messages", status=503)
    await world.client.deliver(address(person.user.id), note, 60)
    assert [message.content for message in person.user.dm_channel.history()] == [note[0].text]
    world.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    with pytest.raises(Unreachable):
        await world.client.deliver(address(world.person().user.id), note, 60)
