"""Serving: a fault that passes is waited out, one that does not is said once, and an end finishes what was begun."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.webhook.async_ import async_context

import bot.app
from bot.conversation.events import Event
from bot.platforms.core import Core, ServiceError
from bot.platforms.discord.client import LAST_ORDERS, CloserClient
from bot.platforms.discord.quiet import hush
from bot.platforms.discord.service import Discord
from bot.ports import Address, StoreError, Unreachable
from bot.settings import Settings, SettingsError, read_settings
from tests.discord.raw import event
from tests.leaping import leap
from tests.person import at_first_question


class Fake:
    """A client whose connection ends as told: an error, or None for one that lasts."""

    def __init__(self, fault: BaseException | None, begun: list[float]) -> None:
        self.fault, self.begun, self.closed = fault, begun, 0
        self._end = asyncio.Event()

    async def start(self, token: str) -> None:
        assert token == "token"
        self.begun.append(asyncio.get_running_loop().time())
        if self.fault is not None:
            raise self.fault
        await self._end.wait()

    async def close(self) -> None:
        self.closed += 1
        self._end.set()

    def is_ready(self) -> bool:
        return self.fault is None


def served(*faults: BaseException | None) -> tuple[list[Fake], list[float]]:
    """Clients that were made, and when each was started; stopped two minutes after the first that lasts."""
    made: list[Fake] = []
    begun: list[float] = []

    async def work() -> None:
        left = iter(faults)
        service = Discord(lambda: made.append(Fake(next(left), begun)) or made[-1], "token")  # type: ignore[func-returns-value,return-value]
        running = asyncio.create_task(service.run())
        await asyncio.sleep(120)
        await service.stop()
        await running

    leap(work)
    return made, begun


def closed(code: int) -> discord.ConnectionClosed:
    return discord.ConnectionClosed(SimpleNamespace(close_code=code), shard_id=0, code=code)  # type: ignore[arg-type]


def test_it_serves_until_it_is_stopped() -> None:
    made, begun = served(None)
    assert (len(made), made[0].closed, begun) == (1, 1, [0])


def test_what_may_pass_is_tried_again_more_and_more_slowly() -> None:
    fault = discord.HTTPException(SimpleNamespace(status=500, reason=""), "")  # type: ignore[arg-type]
    made, begun = served(OSError(), fault, closed(4000), discord.GatewayNotFound(), None)
    assert begun == [0, 0.5, 1.5, 3.5, 7.5]
    assert all(client.closed == 1 for client in made)


@pytest.mark.parametrize("fault", [discord.LoginFailure("somebody's token"), closed(4004)])
def test_a_refused_token_ends_it_with_a_remedy(fault: Exception) -> None:
    with pytest.raises(ServiceError, match="DISCORD_BOT_TOKEN") as caught:
        served(fault)
    assert "somebody's token" not in str(caught.value)


def test_refused_shards_end_it_with_a_remedy() -> None:
    with pytest.raises(ServiceError, match="DISCORD_SHARD_COUNT"):
        served(closed(4011))


def test_a_store_that_cannot_be_opened_ends_it() -> None:
    with pytest.raises(StoreError, match="disk"):
        served(StoreError("the disk is full: make room"))


# -- the client -------------------------------------------------------------------------------------------------------


async def test_nothing_is_opened_before_it_logs_in_and_it_can_be_closed_all_the_same(settings: Settings) -> None:
    client = bot.app.build_discord(settings)
    assert isinstance(client, discord.Client)
    with pytest.raises(RuntimeError, match="log in"):
        client.desk  # noqa: B018
    client._arrive({})
    await client.close()
    assert not (settings.key_file()).exists()


async def test_from_the_environment_each_call_gives_a_fresh_one(monkeypatch: Any, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCORD_SHARD_COUNT", "4")
    monkeypatch.setenv("DISCORD_SHARD_IDS", "1, 3")
    one, other = bot.app.discord_from_env(), bot.app.discord_from_env()
    assert one is not other
    assert (one.shard_count, one.shard_ids) == (4, [1, 3])
    assert one.intents == discord.Intents(guilds=True, dm_messages=True)
    assert one.allowed_mentions is not None
    assert one.allowed_mentions.to_dict() == {"parse": []}


@pytest.mark.parametrize("ids", ["4", "0,4", "-1"])
def test_shards_that_do_not_exist_are_refused(settings: Settings, ids: str) -> None:
    numbers = tuple(int(number) for number in ids.split(","))
    with pytest.raises(SettingsError, match="DISCORD_SHARD_IDS"):
        bot.app.build_discord(settings.model_copy(update={"discord_shard_count": 4, "discord_shard_ids": numbers}))


def test_numbers_that_are_none_are_refused(monkeypatch: Any) -> None:
    monkeypatch.setenv("DISCORD_SHARD_IDS", "one")
    with pytest.raises(SettingsError, match="DISCORD_SHARD_IDS"):
        read_settings(None)


def test_the_token_does_not_show(monkeypatch: Any) -> None:
    monkeypatch.setenv("DISCORD_BOT_TOKEN", "a-secret-token")
    assert "a-secret-token" not in repr(read_settings(None))


async def test_the_links_to_install_it_ask_for_no_permissions(world) -> None:
    told: list[str] = []
    await world.client.close()
    await world.env.restart_bot(bot.app.build_discord(world.settings, clock=world.clock, tell=told.append))
    (text,) = told
    asks = f"https://discord.com/oauth2/authorize?client_id={world.client.application_id}&scope="
    server, account = text.splitlines()
    assert server.endswith(f" {asks}bot+applications.commands&permissions=0&integration_type=0")
    assert account.endswith(f" {asks}applications.commands&integration_type=1")


async def test_a_runtime_that_was_given_is_not_closed(settings: Settings, runtime: Any, world) -> None:
    await world.client.close()
    await world.env.restart_bot(bot.app.build_discord(settings, runtime=runtime))
    person = world.person()
    await at_first_question(person)
    await world.client.close()
    assert await runtime.store.load(b"nobody-at-all-16") is None


async def test_one_of_its_own_is_closed_with_it_once_the_last_count_is_written(world, again, monkeypatch) -> None:
    person = await at_first_question(world.person())
    store = world.client.desk.core.store

    async def fails(_: Any) -> None:
        raise StoreError("the disk is full: make room")

    with monkeypatch.context() as full:
        full.setattr(store, "tally", fails)
        await person.call("sos")
    await world.client.close()
    with pytest.raises(StoreError):
        await store.load(b"nobody-at-all-16")
    counts = await (await again()).store.tallies()
    assert sorted((row.category, row.count) for row in counts) == [("asked", 1), ("asked", 1)]


class Slow:
    """A core whose turns take as long as told."""

    def __init__(self, core: Core, seconds: float) -> None:
        self.core, self.seconds, self.done = core, seconds, 0

    async def turn(self, address: Address, what: Event) -> Any:
        await asyncio.sleep(self.seconds)
        self.done += 1
        return await self.core.turn(address, what)


def ended(real: Core, seconds: float) -> tuple[Slow, float, list[str]]:
    """A client that is closed while a turn of so many seconds is under way, and another event comes after that."""
    from dataclasses import replace

    slow, calls, took = Slow(real, seconds), [], []

    async def begin() -> Core:
        return replace(real, turn=slow.turn)

    async def work() -> None:
        client = CloserClient(begin)
        client._desk = _desk(await begin())
        hear: Callable[[Any], Any] = lambda number: client._count(client._see, _answered(number, calls))  # noqa: E731
        first = asyncio.create_task(hear(1))
        await asyncio.sleep(0)
        closing = asyncio.create_task(client.close())
        await asyncio.sleep(0)
        await hear(2)
        await closing
        took.append(asyncio.get_running_loop().time())
        first.cancel()

    leap(work)
    return slow, took[0], calls


def _desk(core: Core) -> Any:
    from bot.platforms.discord.desk import Desk

    return Desk(core)


def _answered(number: int, calls: list[str]) -> Any:
    async def call(*_: Any, **__: Any) -> None:
        calls.append("called")

    async_context.set(SimpleNamespace(request=call))  # type: ignore[arg-type]
    return event(2, {"id": "1", "name": "why", "type": 1}, id=str(number))


def test_an_end_finishes_the_turns_under_way_and_takes_no_new_ones(plain_core: Core) -> None:
    slow, took, calls = ended(plain_core, 1.0)
    assert (slow.done, took, calls) == (1, 1.0, ["called"])


def test_an_end_does_not_wait_for_ever(plain_core: Core) -> None:
    slow, took, _ = ended(plain_core, 60.0)
    assert (slow.done, took) == (0, LAST_ORDERS)


@pytest.fixture
def plain_core() -> Core:
    """Real words, and turns that say one thing."""
    from bot.content.render import Bubble

    async def turn(address: Address, what: Event) -> Any:
        return (Bubble(text="said", turn=1),)

    store = SimpleNamespace(person=lambda address: address.user.encode(), secret=lambda _: b"k" * 32)
    return Core(turn=turn, store=store, library=bot.app.content(Settings(_env_file=None).content_dir).library, commands=())  # type: ignore[arg-type]


async def test_writing_to_somebody_who_asked_for_it(world) -> None:
    from bot.content.render import Bubble
    from bot.platforms.discord.inbound import address

    person = world.person()
    note = (Bubble(text="A small step, if you like."),)
    await world.client.deliver(address(person.user.id), note, 60)
    assert [message.content for message in person.user.dm_channel.history()] == ["A small step, if you like."]
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
    with pytest.raises(Unreachable):
        await world.client.deliver(address(person.user.id), note, 60)
    await world.client.deliver(address(person.user.id), note, 60)
    assert len(person.user.dm_channel.history()) == 2


# -- logs -------------------------------------------------------------------------------------------------------------


def test_what_discord_py_logs_is_passed_on_without_its_words(monkeypatch: Any) -> None:
    logged: list[Any] = []
    monkeypatch.setattr("bot.platforms.discord.quiet.log", lambda *line, **values: logged.append((*line, values)))
    hush()
    hush()
    logger = logging.getLogger("discord.http")
    logger.warning("We are being rate limited. POST %s", "https://discord.com/api/v10/interactions/1/token/callback")
    try:
        raise ValueError("somebody's words")
    except ValueError:
        logger.exception("Ignoring exception")
    assert logged == [
        ("warning", "discord_library", {"part": "discord.http", "kind": ""}),
        ("error", "discord_library", {"part": "discord.http", "kind": "ValueError"}),
    ]
    assert logger.parent is not None
    assert not logger.parent.propagate, "nobody else's handlers see it"


async def test_no_line_of_the_log_tells_who_or_what(world, monkeypatch, capfd) -> None:
    from bot.log import configure

    configure("DEBUG")
    person = await at_first_question(world.person())
    world.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    await person.tap(person.choices[0])
    await world.client.on_error("on_message", person)
    configure("WARNING")
    told = capfd.readouterr().err
    assert "reply_lost" in told
    assert "event_failed" in told
    for secret in (str(person.user.id), person.user.name, str(world.channel.id), "simcord_interaction"):
        assert secret not in told
