"""A whole conversation through the real program, on both platforms at once, at its most talkative: nothing of anybody leaks.

What is planted is shown to have passed through the program, so that its absence in what the program says means something.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession

from storage.keys import KeySource
from storage.store import open_store
from tests.botapi.server import TOKEN as TELEGRAM
from tests.botapi.server import BotApi, Fault, Refusal, bot_api
from tests.botapi.someone import Someone
from tests.discord.caller import Caller
from tests.discord.gateway import TOKEN as DISCORD
from tests.discord.gateway import FakeDiscord, fake_discord
from tests.discord.test_process import OnDiscord, locked
from tests.kernel import parts
from tests.nudges.joining import joined
from tests.nudges.test_loop_process import afternoon
from tests.program import Program

NAME, WORDS, DANGER = "Xanthippe", "zwetschgenknoedel at the window", "I want to kill myself, zwiebelkuchen"
NUMBER, CALLER, NUDGED = 7_463_528_190, 918_273_645_546_372_819, 6_352_417_098
REFUSED, PASSWORD = "refused-because-of-quitte", "mirabelle-password"
SECRET, OPERATOR = "hagebutte-webhook-secret", "Ann Operator"


def key_of(folder: Path) -> str:
    return (folder / "config" / "key").read_text("utf-8").split()[-1]


def planted(folder: Path) -> Iterator[str]:
    """All that may be neither said nor shown."""
    yield from (TELEGRAM, DISCORD, SECRET, REFUSED, "token-")
    yield from (NAME, str(NUMBER), str(CALLER), str(NUDGED))
    yield from (word for text in (WORDS, DANGER) for word in text.split() if len(word) > 5)
    yield key_of(folder)


async def asked_for_nudges(folder: Path) -> None:
    store = await open_store(f"sqlite:///{folder / 'closer.db'}", KeySource(value=None, file=folder / "config" / "key"))
    try:
        await joined(store, str(NUDGED), datetime.now(UTC) - timedelta(seconds=1), schedule=afternoon(), seed=1)
    finally:
        await store.close()


@asynccontextmanager
async def running(folder: Path, port: int) -> AsyncIterator[tuple[OnDiscord, BotApi, FakeDiscord]]:
    await asked_for_nudges(folder)
    async with fake_discord() as discord, bot_api() as api:
        telegram = {"TELEGRAM_BOT_TOKEN": TELEGRAM, "TELEGRAM_API_BASE_URL": api.base, "TELEGRAM_WEBHOOK_SECRET": SECRET}
        program = OnDiscord(folder, discord, **telegram, WEB_PORT=str(port), OPERATOR_NAME=OPERATOR)
        await program.start()
        try:
            await discord.until(discord.connected, program.patience)
            await api.until(lambda: api.polls, program.patience)
            yield program, api, discord
        finally:
            program.send()


async def talk(api: BotApi, folder: Path) -> Someone:
    """Remembered, with words of one's own among the answers; an alarm; a name, a place; and things that go wrong."""
    someone = Someone(api, NUMBER)
    someone.me["first_name"] = NAME
    question = parts().library.text("en", "intimacy.questions.own.text")
    await someone.say("/start")
    for label in ("18 or older", "About 5 minutes"):
        await someone.tap(label)
    await someone.tap(someone.labels[0])
    await someone.say("/privacy")
    for label in ("Remember my progress", "Yes"):
        await someone.tap(label)
    while question.split("\n")[0] not in someone.screen.text:
        await someone.tap("Skip")
    await someone.say(WORDS)
    await someone.say(NAME)
    await someone.say(DANGER)
    await someone.say("/export")
    api.faults.append(Fault(method="sendMessage", chat=NUMBER, refusal=Refusal(500, REFUSED)))
    await someone.say(WORDS)
    api.faults.append(Fault(method="sendMessage", chat=NUMBER, refusal=Refusal(429, REFUSED, retry_after=1)))
    await someone.say(WORDS)
    await api.push({"message": {"message_id": WORDS, "from": NAME, "chat": {"id": NUMBER, "type": "private"}}})
    return someone


async def pages(port: int) -> dict[str, str]:
    found = {}
    async with ClientSession() as session:
        for path in ("/healthz", "/readyz", "/metrics", "/privacy"):
            async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                assert answer.status == 200
                found[path] = await answer.text()
    return found


async def test_nothing_of_anybody_is_in_what_the_program_says(tmp_path: Path, unused_tcp_port: int) -> None:
    async with running(tmp_path, unused_tcp_port) as (program, api, discord):
        someone = await talk(api, tmp_path)
        caller = Caller(discord, CALLER)
        await caller.remembered()
        await api.until(lambda: api.shown(NUDGED))
        with locked(tmp_path):
            # The store fails in the midst of this turn, or takes its time.
            press = await caller.press("Skip")
            await discord.until(lambda: press in discord.promised)
        await caller.read(press)
        shown = await pages(unused_tcp_port)
        assert await program.end() == 0
    said = program.heard.decode()
    for place, text in (("output", said), *shown.items()):
        leaked = [number for number, secret in enumerate(planted(tmp_path)) if secret in text]
        assert leaked == [], place
    # It did pass through, and the log was not silent.
    copies = b"".join(message.data for message in api.shown(NUMBER) if message.file)
    assert WORDS.encode() in copies
    assert someone.screen.text
    events = {json.loads(line)["event"] for line in said.splitlines() if line.startswith("{")}
    assert {"started", "ready", "nudges_taken", "update_unreadable", "stopping", "stopped"} <= events
    assert "Traceback" not in said
    turns = [line.split() for line in shown["/metrics"].splitlines() if line.startswith("closer_turn_seconds_count")]
    assert sum(float(count) for _, count in turns) > 15
    assert 'closer_nudges_total{platform="telegram",state="sent"} 1.0' in shown["/metrics"]
    assert 'closer_too_many_requests_total{platform="telegram"} 1.0' in shown["/metrics"]
    assert OPERATOR in shown["/privacy"]


async def test_the_address_of_a_database_keeps_its_password(tmp_path: Path) -> None:
    address = f"postgresql://closer:{PASSWORD}@127.0.0.1:9/closer"
    program = Program(
        tmp_path, "bot", "run", DATABASE_URL=address, TELEGRAM_BOT_TOKEN=TELEGRAM, TELEGRAM_API_BASE_URL="http://127.0.0.1:9"
    )
    await program.start()
    assert await program.ended() != 0
    assert b"DATABASE_URL" in program.heard
    assert PASSWORD.encode() not in program.heard
    assert TELEGRAM.encode() not in program.heard
    assert b"Traceback" not in program.heard


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "key").write_text("# Closer's key.\nabcdef\n")
    secrets = list(planted(tmp_path))
    assert "abcdef" in secrets
    assert len(secrets) == len(set(secrets)) > 12
    assert all(len(secret) > 5 for secret in secrets)
