"""`closer run` as a program of its own, connected to a Discord: asked to end in the middle of a turn, killed, refused."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from tests.botapi.server import TOKEN as TELEGRAM
from tests.botapi.server import bot_api
from tests.botapi.someone import Someone
from tests.discord.caller import Caller
from tests.discord.gateway import CUT, TOKEN, FakeDiscord, fake_discord
from tests.program import Program
from tests.talk import PATIENCE


class OnDiscord(Program):
    """One that is connected to this Discord."""

    def __init__(self, folder: Path, discord: FakeDiscord, **more: str) -> None:
        self.discord = discord
        where = ("tests.discord.elsewhere", discord.base, discord.address)
        super().__init__(folder, *where, **{"DISCORD_BOT_TOKEN": TOKEN, **more})

    async def again(self) -> None:
        """Killed without a word, and started once more."""
        await self.end(signal.SIGKILL)
        self.discord.forget()
        await self.start()
        await self.discord.until(self.discord.connected, PATIENCE)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[FakeDiscord, OnDiscord, Caller]]:
    """A program, and somebody who is remembered and at the second question."""
    async with fake_discord() as discord:
        program = OnDiscord(folder, discord)
        await program.start()
        try:
            await discord.until(discord.connected, PATIENCE)
            caller = Caller(discord)
            await caller.remembered()
            yield discord, program, caller
        finally:
            discord.open.set()
            await program.end(signal.SIGKILL)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nothing can be written to the database."""
    with closing(sqlite3.connect(folder / "closer.db", isolation_level=None)) as disk:
        disk.execute("BEGIN IMMEDIATE")
        yield
        disk.execute("ROLLBACK")


@pytest.mark.parametrize("gone", [False, True], ids=["connected", "cut off"])
async def test_a_signal_finishes_a_turn_that_waits_for_the_disk(tmp_path: Path, gone: bool) -> None:
    async with running(tmp_path) as (discord, program, caller):
        before = caller.place
        with locked(tmp_path):
            press = await caller.press("Skip")
            # That it takes longer is told from the middle of the turn.
            await discord.until(lambda: press in discord.promised)
            if gone:
                discord.away = True
                await discord.drop(CUT)
                await discord.until(lambda: discord.turned_away)
            program.send()
        assert await program.ended() == 0
        await caller.read(press)
        assert caller.place == before + 1
        discord.away = False
        await program.again()
        await caller.tap("Skip")
        assert caller.place == before + 2
        assert b"Traceback" not in program.heard


async def test_a_signal_waits_for_an_answer_that_has_to_be_tried_again(tmp_path: Path) -> None:
    async with running(tmp_path) as (discord, program, caller):
        before = caller.place
        discord.open.clear()
        discord.faults = 1
        press = await caller.press("Skip")
        await discord.until(lambda: press in discord.arrived)
        program.send()
        discord.open.set()
        assert await program.ended() == 0
        assert discord.arrived.count(press) == 2
        await caller.read(press)
        assert caller.place == before + 1


async def test_killed_after_the_commit_and_before_the_answer_arrived_nothing_is_lost(tmp_path: Path) -> None:
    async with running(tmp_path) as (discord, program, caller):
        screen, before = caller.screen, caller.place
        discord.open.clear()
        press = await caller.press("Skip")
        await discord.until(lambda: press in discord.arrived)
        await program.again()
        discord.open.set()
        # The person never saw the answer: the same button is still on screen, and shows where things are.
        caller.screen = screen
        await caller.tap("Skip")
        assert caller.place == before + 1


async def test_what_it_says_names_nobody(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, program, caller):
        assert await program.end() == 0
        for secret in (TOKEN, "token-", str(caller.who), "touch"):
            assert secret.encode() not in program.heard
        assert b"client_id=1&scope=bot+applications.commands&permissions=0&integration_type=0" in program.heard
        assert b"Traceback" not in program.heard


async def test_a_wrong_token_is_told_without_showing_it(tmp_path: Path) -> None:
    async with fake_discord() as discord:
        program = OnDiscord(tmp_path, discord, DISCORD_BOT_TOKEN="wrong" * 9)
        await program.start()
        assert await program.ended() == 2
    assert b"set DISCORD_BOT_TOKEN" in program.heard
    assert b"Traceback" not in program.heard
    assert b"wrong" * 2 not in program.heard


@pytest.mark.parametrize("token", [TOKEN, "wrong"], ids=["both served", "one refused"])
async def test_one_process_serves_both_platforms_and_a_fault_in_one_stops_not_the_other(tmp_path: Path, token: str) -> None:
    async with fake_discord() as discord, bot_api() as api:
        other = {"TELEGRAM_BOT_TOKEN": TELEGRAM, "TELEGRAM_API_BASE_URL": api.base}
        program = OnDiscord(tmp_path, discord, DISCORD_BOT_TOKEN=token, **other)
        await program.start()
        try:
            if token == TOKEN:
                await discord.until(discord.connected, PATIENCE)
                caller = Caller(discord)
                await caller.call("start")
                await caller.tap("18 or older")
            else:
                await discord.until(lambda: discord.refused, PATIENCE)
            someone = Someone(api)
            await someone.say("/start")
            await someone.tap("18 or older")
        finally:
            assert await program.end() == 0
    assert b"Traceback" not in program.heard
