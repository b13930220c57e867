"""`closer run --check`: looks at everything that a start needs, one line each, with the remedy. Serves nobody, changes nothing.

No line holds a token, a key or an address with a password: of what a library raises only the kind is told.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from bot.app import content, found_database, keys_of, must_serve, open_the_store
from bot.content.check import check
from bot.content.helplines import unready
from bot.content.loader import ContentError
from bot.conversation.dialog import BrokenDialog
from bot.nudges.schedule import zone
from bot.platforms.core import ServiceError
from bot.ports import NoKey, StoreError
from bot.settings import Settings, SettingsError, unknown

# Seconds for a platform to answer.
PATIENCE = 10.0
# Far apart, with summer time and without, and by half hours.
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati")
# What the pages of the web server are called, and a webhook may not be.
PAGES = frozenset({"/healthz", "/readyz", "/metrics", "/privacy"})
NOT_SET = "not set"
ENV = Path(".env")
# What says what to do, in words that quote nothing.
TOLD = (SettingsError, ContentError, BrokenDialog, StoreError, ServiceError)


class Fault(Exception):
    """What is wrong and what to do about it, fit to be printed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What was found about one thing."""

    name: str
    well: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok   ' if self.well else 'FAULT'} {self.name}: {self.text}"


async def checkup(settings: Settings) -> tuple[Line, ...]:
    """Look at everything, one after the other: a fault in one hides no other."""
    return tuple([await _looked(name, work, settings) for name, work in CHECKS.items()])


async def _looked(name: str, work: Callable[[Settings], Awaitable[str]], settings: Settings) -> Line:
    try:
        return Line(name=name, well=True, text=await work(settings))
    except (Fault, *TOLD) as fault:
        return Line(name=name, well=False, text=str(fault))
    except Exception as error:  # noqa: BLE001 - its words may quote a secret: only its kind is told
        return Line(name=name, well=False, text=f"{type(error).__name__}: this should not happen; please report it.")


async def _settings(settings: Settings) -> str:
    must_serve(settings)
    hook = settings.telegram_webhook_url if settings.telegram_bot_token and settings.telegram_updates else None
    if hook and not hook.startswith("https://"):
        raise Fault("TELEGRAM_WEBHOOK_URL: Telegram posts to https addresses only; give one that begins with https://")
    if hook and (urlsplit(hook).path or "/") in PAGES:
        raise Fault("TELEGRAM_WEBHOOK_URL has the path of a page of the web server; give it one of its own, like /telegram")
    return "; ".join(("they fit together", f"webhook {'set' if hook else NOT_SET}", *_doubts(ENV)))


def _doubts(env: Path) -> Iterator[str]:
    """What is no fault, and yet hardly meant: a name that is mistyped, a file of secrets that everybody may read."""
    if not env.is_file():
        return
    if names := unknown(env):
        yield f"in {env} and no settings: {', '.join(names)}"
    if os.name == "posix" and env.stat().st_mode & 0o077:
        yield f"{env} can be read by others: run chmod 600 {env}"


async def _telegram(settings: Settings) -> str:
    if settings.telegram_bot_token is None:
        return f"TELEGRAM_BOT_TOKEN is {NOT_SET}"
    from telegram.error import InvalidToken, TelegramError  # noqa: PLC0415  # heavy, and needed only by those who serve it

    from bot.platforms.telegram.api import Api  # noqa: PLC0415  # likewise
    from bot.platforms.telegram.courier import refused  # noqa: PLC0415  # likewise

    try:
        api = Api(settings.telegram_bot_token.get_secret_value(), base=settings.telegram_api_base_url)
        try:
            async with asyncio.timeout(PATIENCE):
                me = await api.call("getMe")
        finally:
            await api.close_connections()
    except InvalidToken:
        raise refused() from None
    except (TelegramError, TimeoutError) as error:
        raise Fault(_away("Telegram", error, "look at the network and at TELEGRAM_API_BASE_URL")) from None
    return f"TELEGRAM_BOT_TOKEN is that of @{me.get('username', '')}"


async def _discord(settings: Settings) -> str:
    if settings.discord_bot_token is None:
        return f"DISCORD_BOT_TOKEN is {NOT_SET}"
    import aiohttp  # noqa: PLC0415  # heavy, and needed only by those who serve it
    from discord.http import Route  # noqa: PLC0415  # likewise

    headers = {"Authorization": f"Bot {settings.discord_bot_token.get_secret_value()}"}
    limit = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit, headers=headers) as session,
            session.get(f"{Route.BASE}/users/@me") as answer,
        ):
            status = answer.status
            me = await answer.json(content_type=None) if status == HTTPStatus.OK else {}
    except ValueError:
        raise Fault("DISCORD_BOT_TOKEN holds what no token holds: set it to the one on your app's Bot page") from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Fault(_away("Discord", error, "look at the network")) from None
    if status == HTTPStatus.UNAUTHORIZED:
        raise Fault("Discord refuses the token: set DISCORD_BOT_TOKEN to the one on your app's Bot page")
    if status != HTTPStatus.OK:
        raise Fault(f"Discord answered {status}: try again later")
    return f"DISCORD_BOT_TOKEN is that of {me.get('username', '')}"


def _away(name: str, error: Exception, remedy: str) -> str:
    return f"{name} cannot be reached ({type(error).__name__}): {remedy}"


async def _key(settings: Settings) -> str:
    keys = keys_of(settings)
    found = keys.read()
    return f"{keys} holds {len(found)}, the first in use" if found else f"none yet; the first start makes it in {keys}"


async def _database(settings: Settings) -> str:
    found = await asyncio.to_thread(found_database, settings)
    kind = found.engine
    if found.revision is None and kind == "sqlite":
        return f"{kind}, none yet; the first start makes it"
    if found.revision not in {None, found.current}:
        return f"{kind}, at revision {found.revision}; the next start brings it to {found.current}"
    try:
        store = await open_the_store(settings, anew=False)
    except NoKey:
        return f"{kind}, at revision {found.current}, holds nobody; the first start makes its key"
    try:
        await store.load(bytes(32))
        # Nothing is counted, but that is written.
        await store.tally(())
    finally:
        await store.close()
    return f"{kind}, at revision {found.current}, opens with the key"


async def _content(settings: Settings) -> str:
    root = settings.content_dir
    parts = content(root, settings.helplines_file)
    problems = len(check(root, parts.book, parts.library, parts.pack))
    if problems:
        raise Fault(f"{problems} problems; `closer check` lists them, with file and line")
    return f"{len(parts.library.languages)} language(s), no problems"


async def _helplines(settings: Settings) -> str:
    # Not a fault: the cards name no number that nobody confirmed. But whoever lets others in should know that they do not.
    open_ones = sum(1 for _ in unready(settings.content_dir, settings.helplines_file, datetime.now(UTC).date()))
    if not open_ones:
        return "all confirmed"
    return f"{open_ones} to confirm, numbers not shown until then: `closer check --release` lists them, see docs/safety.md"


async def _zones(_: Settings) -> str:
    missing = [name for name in ZONES if not _zone_well(name)]
    if missing:
        raise Fault(f"no time zone data for {', '.join(missing)}: install the package tzdata")
    return f"{len(ZONES)} looked up"


def _zone_well(name: str) -> bool:
    with suppress(Exception):
        return datetime.now(UTC).astimezone(zone(name)).utcoffset() is not None
    return False


async def _web(settings: Settings) -> str:
    if not settings.web:
        return "WEB is false; no health, no metrics, no page on privacy"
    host, port = settings.web_host, settings.web_port
    try:
        ways = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in ways:
            with socket.socket(family, kind, protocol) as door:
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                door.bind(address)
    except OSError as error:
        raise Fault(f"{host}:{port} cannot be used ({error.strerror}): free that port, or set WEB_HOST and WEB_PORT") from None
    return f"{host}:{port} is free"


CHECKS: Mapping[str, Callable[[Settings], Awaitable[str]]] = {
    "settings": _settings,
    "telegram": _telegram,
    "discord": _discord,
    "key": _key,
    "database": _database,
    "content": _content,
    "helplines": _helplines,
    "time zones": _zones,
    "web server": _web,
}
