"""`closer run --check`: every fault is found and said with its remedy, and no secret with it; nothing is made or changed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from discord.http import Route
from pydantic import SecretStr

import bot.checkup
from bot.app import build
from bot.checkup import CHECKS, checkup
from bot.cli import main
from bot.settings import Settings
from storage.schema import HEAD, OLDER
from tests.botapi.server import TOKEN as TELEGRAM
from tests.botapi.server import BotApi, Fault, Refusal, bot_api
from tests.discord.gateway import TOKEN as DISCORD
from tests.discord.gateway import fake_discord

WRONG = "654321:" + "w" * 35


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """To walk through all dialogs takes many seconds, and is tested elsewhere."""
    monkeypatch.setattr(bot.checkup, "check", lambda *_: [])


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as api:
        yield api


@pytest.fixture
async def given(api: BotApi, settings: Settings, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> AsyncIterator[Any]:
    """Settings with which everything is well."""
    async with fake_discord() as discord:
        monkeypatch.setattr(Route, "BASE", discord.base)
        changes = {
            "telegram_bot_token": SecretStr(TELEGRAM),
            "telegram_api_base_url": api.base,
            "discord_bot_token": SecretStr(DISCORD),
            "web_port": unused_tcp_port,
        }
        yield settings.model_copy(update=changes)


async def looked(settings: Settings, **changes: Any) -> dict[str, str]:
    lines = await checkup(settings.model_copy(update=changes))
    assert [line.name for line in lines] == list(CHECKS)
    return {line.name: str(line) for line in lines}


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def faults(found: dict[str, str]) -> set[str]:
    assert all(line.startswith(("ok    ", "FAULT ")) for line in found.values())
    assert all("\n" not in line for line in found.values())
    return {name for name, line in found.items() if line.startswith("FAULT")}


async def test_before_the_first_start_all_is_well_and_nothing_is_made(given: Settings, tmp_path: Path) -> None:
    before = files(tmp_path)
    found = await looked(given)
    assert faults(found) == set()
    assert "none yet" in found["database"]
    assert "none yet" in found["key"]
    assert "@CloserBot" in found["telegram"]
    assert files(tmp_path) == before


async def test_what_is_hardly_meant_in_an_env_file_is_named_and_no_fault(
    given: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / "env"
    env.write_text("TELEGRAM_BOT_TOKN=1\nLOG_LEVEL=info\n", "utf-8")
    env.chmod(0o644)
    monkeypatch.setattr(bot.checkup, "ENV", env)
    found = await looked(given)
    assert faults(found) == set()
    assert f"in {env} and no settings: TELEGRAM_BOT_TOKN; {env} can be read by others: run chmod 600 {env}" in found["settings"]
    env.write_text("LOG_LEVEL=info\n", "utf-8")
    env.chmod(0o600)
    assert str(env) not in (await looked(given))["settings"]


async def test_help_lines_that_nobody_confirmed_are_counted_and_no_fault(
    given: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert re.search(r"ok +helplines: \d+ to confirm", (await looked(given))["helplines"])
    monkeypatch.setattr(bot.checkup, "unready", lambda *_: iter(()))
    assert "all confirmed" in (await looked(given))["helplines"]


async def test_a_database_that_is_in_use_is_well(given: Settings) -> None:
    runtime = await build(given)
    try:
        found = await looked(given)
    finally:
        await runtime.close()
    assert faults(found) == set()
    assert HEAD in found["database"]


async def test_a_database_that_holds_nobody_is_well_without_a_key_and_none_is_made(given: Settings, tmp_path: Path) -> None:
    await (await build(given)).close()
    key = given.key_file()
    assert key is not None
    key.unlink()
    before = files(tmp_path)
    found = await looked(given)
    assert faults(found) == set()
    assert "holds nobody; the first start makes its key" in found["database"]
    assert files(tmp_path) == before


async def test_an_older_database_is_left_as_it_is(given: Settings) -> None:
    await (await build(given)).close()
    file = Path(given.url().removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as disk:
        disk.execute("UPDATE alembic_version SET version_num = ?", (OLDER[-1],))
        disk.commit()
    found = await looked(given)
    assert faults(found) == set()
    assert f"{OLDER[-1]}; the next start brings it to {HEAD}" in found["database"]
    with closing(sqlite3.connect(file)) as disk:
        assert disk.execute("SELECT version_num FROM alembic_version").fetchall() == [(OLDER[-1],)]


async def test_what_is_not_set_is_no_fault(given: Settings) -> None:
    found = await looked(given, telegram_bot_token=None)
    assert faults(found) == set()
    assert "not set" in found["telegram"]


@pytest.mark.parametrize(
    ("changes", "where", "remedy"),
    [
        ({"telegram_bot_token": None, "discord_bot_token": None}, "settings", "TELEGRAM_BOT_TOKEN"),
        ({"telegram_webhook_url": "http://x.example/t"}, "settings", "https://"),
        ({"telegram_webhook_url": "https://x.example/metrics"}, "settings", "path"),
        ({"telegram_webhook_url": "https://x.example/t", "web": False}, "settings", "WEB"),
        ({"telegram_bot_token": SecretStr(WRONG)}, "telegram", "TELEGRAM_BOT_TOKEN"),
        ({"telegram_bot_token": SecretStr("x/../y")}, "telegram", "TELEGRAM_BOT_TOKEN"),
        ({"telegram_api_base_url": "http://127.0.0.1:9"}, "telegram", "TELEGRAM_API_BASE_URL"),
        ({"discord_bot_token": SecretStr("wrong" * 9)}, "discord", "DISCORD_BOT_TOKEN"),
        ({"discord_bot_token": SecretStr("wrong\n" * 9)}, "discord", "DISCORD_BOT_TOKEN"),
        ({"closer_key": SecretStr("wrong" * 9)}, "key", "CLOSER_KEY"),
        ({"database_url": "mysql://u:wrongwrong@h/d"}, "database", "DATABASE_URL"),
        ({"database_url": "postgresql://u:wrongwrong@127.0.0.1:9/d"}, "database", "DATABASE_URL"),
        ({"web_host": "192.0.2.1"}, "web server", "WEB_HOST"),
    ],
)
async def test_each_fault_is_found_alone_and_said_with_its_remedy(
    given: Settings, changes: dict[str, Any], where: str, remedy: str
) -> None:
    found = await looked(given, **changes)
    assert faults(found) == {where}
    assert remedy in found[where]
    for secret in (TELEGRAM, DISCORD, WRONG, "wrongwrong", "x/../y"):
        assert secret not in "".join(found.values())


async def test_a_key_file_that_others_can_read_is_a_fault(given: Settings) -> None:
    await (await build(given)).close()
    given.key_file().chmod(0o644)
    found = await looked(given)
    assert faults(found) == {"key", "database"}
    assert "chmod 600" in found["key"]


async def test_a_port_that_is_taken_is_a_fault(given: Settings) -> None:
    import asyncio

    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", given.web_port):
        assert faults(await looked(given)) == {"web server"}


async def test_content_with_problems_is_a_fault(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.checkup, "check", lambda *_: ["planted"])
    found = await looked(given)
    assert faults(found) == {"content"}
    assert "closer check" in found["content"]


async def test_a_machine_without_zones_is_a_fault(given: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.checkup, "ZONES", ("Europe/Berlin", "Nowhere/Planted"))
    found = await looked(given)
    assert faults(found) == {"time zones"}
    assert "tzdata" in found["time zones"]


async def test_a_platform_that_says_nothing_is_not_waited_for(given: Settings, api: BotApi, monkeypatch) -> None:
    import asyncio

    monkeypatch.setattr(bot.checkup, "PATIENCE", 0.01)
    gate = asyncio.Event()
    api.faults.append(Fault(method="getMe", gate=gate))
    found = await looked(given)
    gate.set()
    assert faults(found) == {"telegram"} | ({"discord"} if "discord" in faults(found) else set())
    assert "TimeoutError" in found["telegram"]


async def test_a_fault_of_telegram_s_own_is_told_by_its_kind(given: Settings, api: BotApi) -> None:
    api.faults.append(Fault(method="getMe", refusal=Refusal(502, "planted")))
    found = await looked(given)
    assert faults(found) == {"telegram"}
    assert "planted" not in found["telegram"]


async def test_what_nobody_thought_of_is_told_by_its_kind(given: Settings, monkeypatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("planted")

    monkeypatch.setattr(bot.checkup, "content", broken)
    found = await looked(given)
    assert faults(found) == {"content"}
    assert "RuntimeError" in found["content"]
    assert "planted" not in found["content"]


@pytest.mark.parametrize(("port", "code"), [("1", 1), ("free", 0), ("planted", 1)])
def test_the_command_ends_with_what_was_found(
    tmp_path: Path, monkeypatch, capsys, port: str, code: int, unused_tcp_port: int
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'closer.db'}")
    monkeypatch.setenv("CLOSER_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("WEB_PORT", str(unused_tcp_port) if port == "free" else port)
    monkeypatch.setenv("WEB_HOST", "127.0.0.1" if port == "free" else "192.0.2.1")
    monkeypatch.setattr(bot.checkup, "must_serve", lambda _: None)
    assert main(["run", "--check"]) == code
    told = capsys.readouterr()
    assert (told.out.count("FAULT"), told.err) == (code, "")
    assert "planted" not in told.out
