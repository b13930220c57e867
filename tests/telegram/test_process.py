"""`closer run` as a program of its own in front of the server: started, asked to end, killed at any moment."""

from __future__ import annotations

import asyncio
import random
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest

from tests.botapi.server import TOKEN, BotApi, bot_api
from tests.botapi.someone import Someone
from tests.program import Program

PATIENCE = 30
KILLS = 4
PLACE = re.compile(r"(\d+) of about")


class OnTelegram(Program):
    """One in front of this Bot API."""

    patience = PATIENCE

    def __init__(self, folder: Path, base: str, **more: str) -> None:
        telegram = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE_URL": base}
        super().__init__(folder, "bot", "run", **{**telegram, **more})


@asynccontextmanager
async def running(folder: Path, api: BotApi, **more: str) -> AsyncIterator[OnTelegram]:
    program = OnTelegram(folder, api.base, **more)
    await program.start()
    try:
        await api.until(lambda: api.polls, PATIENCE)
        yield program
    finally:
        await program.end(signal.SIGKILL)


async def remembered(someone: Someone) -> None:
    """At the second question, and remembered."""
    await someone.say("/start")
    for label in ("18 or older", "About 5 minutes"):
        await someone.tap(label)
    await someone.tap(someone.labels[0])
    await someone.say("/privacy")
    for label in ("Remember my progress", "Yes"):
        await someone.tap(label)


def place(someone: Someone) -> int:
    found = PLACE.search(someone.screen.text)
    assert found, "no question is on screen"
    return int(found[1])


async def test_every_answer_counts_once_and_is_replied_to_whenever_it_is_killed(tmp_path: Path) -> None:
    dice = random.Random(20)
    async with bot_api() as api, running(tmp_path, api) as program:
        someone = Someone(api)
        await remembered(someone)
        for _ in range(KILLS):
            before = place(someone)
            press = someone.press(someone.data("Skip"))
            number = await api.push(press)
            await asyncio.sleep(dice.uniform(0, 0.03))
            await program.end(signal.SIGKILL)
            # Whatever it was in the middle of, the press may still wait for its answer.
            await program.start()
            await api.until(lambda: (api.polls[-1][1] or 0) > number, PATIENCE)  # noqa: B023
            assert place(someone) == before + 1
        await someone.tap("Skip")
        assert place(someone) == before + 2


async def test_a_signal_ends_it_in_order(tmp_path: Path) -> None:
    async with bot_api() as api, running(tmp_path, api) as program:
        someone = Someone(api)
        await someone.say("/start")
        begun = monotonic()
        assert await program.end() == 0
        assert monotonic() - begun < 10
        assert api.pending == [], "what was answered has been acknowledged"
        assert b"Traceback" not in program.heard
        assert TOKEN.encode() not in program.heard
        assert b"Somebody" not in program.heard
        assert str(someone.number).encode() not in program.heard.replace(b"timestamp", b"").split(b'"event"')[0]


async def test_what_was_said_while_it_was_away_is_answered(tmp_path: Path) -> None:
    async with bot_api() as api:
        someone = Someone(api)
        await api.push(someone.message(text="/start"))
        async with running(tmp_path, api):
            await api.until(lambda: api.shown(someone.number), PATIENCE)


async def test_a_wrong_token_is_told_without_showing_it(tmp_path: Path) -> None:
    wrong = "654321:" + "w" * 35
    async with bot_api() as api:
        program = OnTelegram(tmp_path, api.base, TELEGRAM_BOT_TOKEN=wrong)
        await program.start()
        assert await program.ended() == 2
    assert b"set TELEGRAM_BOT_TOKEN" in program.heard
    assert b"Traceback" not in program.heard
    assert b"w" * 35 not in program.heard


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"TELEGRAM_BOT_TOKEN": ""}, b"TELEGRAM_BOT_TOKEN"),
        ({"TELEGRAM_API_BASE_URL": "nowhere"}, b"TELEGRAM_API_BASE_URL"),
        ({"TELEGRAM_MESSAGES_PER_SECOND": "many"}, b"TELEGRAM_MESSAGES_PER_SECOND"),
        ({"TELEGRAM_UPDATES": "false", "NUDGES": "false"}, b"TELEGRAM_UPDATES"),
    ],
)
async def test_a_setting_that_is_missing_or_wrong_is_named(more: dict[str, str], told: bytes, tmp_path: Path) -> None:
    program = OnTelegram(tmp_path, "http://127.0.0.1:9", **more)
    await program.start()
    assert await program.ended() == 2
    assert told in program.heard
    assert b"Traceback" not in program.heard


async def test_a_port_that_is_taken_is_named(tmp_path: Path, unused_tcp_port: int) -> None:
    holder = await asyncio.start_server(lambda *_: None, "127.0.0.1", unused_tcp_port)
    async with holder:
        hook = {"TELEGRAM_WEBHOOK_URL": "https://bot.example.org/t", "WEB_PORT": str(unused_tcp_port)}
        program = OnTelegram(tmp_path, "http://127.0.0.1:9", **hook)
        await program.start()
        assert await program.ended() == 2
    assert b"WEB_PORT" in program.heard
