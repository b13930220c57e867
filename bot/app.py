"""The composition root: the only file that knows everyone. Nothing is built on import."""

from __future__ import annotations

import asyncio
import gc
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bot.content.helplines import loaded
from bot.content.library import Library, load
from bot.content.loader import ContentError, read_pack, read_yaml
from bot.content.model import Pack
from bot.content.needed import require
from bot.content.nudges import STRUCTURE as NUDGES
from bot.content.nudges import load as read_nudges
from bot.content.therapy import PART as THERAPY
from bot.content.therapy import STRUCTURE as GUIDE
from bot.content.therapy import Guide
from bot.content.therapy import load as read_guide
from bot.conversation.book import Book
from bot.handlers import book
from bot.log import log
from bot.memory import Memory
from bot.meter import Meter
from bot.nudges.compose import Shelf
from bot.pictures.studio import Studio
from bot.platforms.core import Core
from bot.ports import Store
from bot.reading import Reader
from bot.runtime import Parts, Runtime
from bot.settings import Settings, SettingsError, networks, read_settings
from bot.understanding import crisis
from bot.understanding.foreign import foreign_words
from bot.understanding.lexicon import LexiconError

if TYPE_CHECKING:
    from bot.nudges.loop import Loop
    from bot.platforms.core import Service
    from bot.platforms.discord.client import CloserClient
    from bot.platforms.telegram.service import Telegram
    from bot.platforms.web import Route, Web
    from bot.serving import Beside
    from storage.found import Found
    from storage.keys import KeySource
    from storage.operations import Operations

Connected: TypeAlias = "Callable[[], Mapping[str, bool]]"
PACK = "intimacy"
# Where people can be written to first.
REACHING = frozenset({"telegram", "discord"})
WEBHOOK = "webhook"
# How many nudges may be in flight on a platform, whatever its rate: a connection for each.
MOST_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """A content folder, read and put together."""

    book: Book
    library: Library
    pack: Pack
    guide: Guide
    reader: Reader
    shelf: Callable[[], Shelf]


def content(root: Path, helplines: Path | None = None) -> Content:
    """Dialogs, words and the reader of a content folder, with an operator's helplines. Raises ContentError, BrokenDialog.

    Calling the `shelf` of nudges raises ContentError, too.
    """
    if not root.is_dir():
        raise ContentError(f"{root}: no such folder; set CONTENT_DIR to a folder with core/ and packs/, or leave it out")
    library = load(root)
    pack = read_pack(root / "packs" / PACK)
    guide = read_guide(root / "packs" / PACK / THERAPY / GUIDE)
    foreign = foreign_words(read_yaml(root / "foreign.yaml"))
    lines = loaded(root, helplines)
    shelf = partial(shelf_of, root)
    return Content(
        book=book(pack, library.languages, lines, shelf, guide),
        library=library,
        pack=pack,
        guide=guide,
        reader=Reader(library, foreign, root),
        shelf=shelf,
    )


@lru_cache(maxsize=8)
def shelf_of(root: Path) -> Shelf:
    """All nudges of a content folder, read when the first is chosen: most conversations never come to one.

    Raises ContentError.
    """
    return Shelf(read_nudges(root / "packs" / PACK / "nudges" / NUDGES))


async def open_the_store(settings: Settings, *, anew: bool = True) -> Store:
    """The store that the settings name, made where there is none, unless not `anew`. Raises StoreError with the remedy."""
    from storage.store import open_store  # noqa: PLC0415  # the driver and cryptography: `check` and `draw` do without

    if not anew:
        operations(settings).require_there()
    return await open_store(settings.url(), replace(keys_of(settings), made=anew), warn=partial(log, "warning"))


def found_database(settings: Settings) -> Found:
    """What is there already, left as it is. Blocking. Raises StoreError."""
    from storage.found import found  # noqa: PLC0415  # likewise

    return found(settings.url())


def operations(settings: Settings) -> Operations:
    """What an operator can do with the database that the settings name, as a whole."""
    from storage.operations import Operations  # noqa: PLC0415  # likewise

    return Operations(url=settings.url(), keys=keys_of(settings))


def keys_of(settings: Settings) -> KeySource:
    """Where the settings say that the key is."""
    from storage.keys import KeySource  # noqa: PLC0415  # likewise

    secret = settings.closer_key.get_secret_value() if settings.closer_key else None
    return KeySource(value=secret, file=settings.key_file(), handed_over=settings.key_is_handed_over())


async def build(
    settings: Settings, clock: Callable[[], datetime] | None = None, *, warm: bool = True, meter: Meter | None = None
) -> Runtime:
    """A runtime, ready for turns. Not `warm`, the safety check reads its lexicon at the first text, or when `warmed`.
    Without a `meter` nothing is measured.

    Raises ContentError, BrokenDialog or StoreError.
    """
    clock = clock or (lambda: datetime.now(UTC))
    parts = content(settings.content_dir, settings.helplines_file)
    require(parts.book, parts.library, parts.pack)
    if warm:
        warmed(parts.library.languages)
    store = await open_the_store(settings)
    memory = Memory(hours=settings.session_hours, most=settings.memory_sessions)
    return Runtime(
        Parts(
            book=parts.book,
            library=parts.library,
            reader=parts.reader,
            store=store,
            memory=memory,
            studio=Studio(parts.library) if settings.pictures else None,
            cached=settings.cached_sessions,
            reaching=REACHING,
            keeps=settings.retention_months,
            meter=meter,
            clock=clock,
        )
    )


def warmed(languages: Iterable[str]) -> None:
    """Have the safety check read its lexicons now. Raises ContentError."""
    for language in languages:
        try:
            crisis.warm(language)
        except LexiconError as error:
            raise ContentError(f"crisis/{language}.yaml: {error}") from error


def core_of(runtime: Runtime) -> Core:
    """What a platform needs of a runtime."""
    return Core(
        turn=runtime.turn,
        store=runtime.store,
        library=runtime.library,
        commands=tuple(runtime.book.commands),
        meter=runtime.meter,
    )


def build_telegram(settings: Settings, runtime: Runtime, *, tell: Callable[[str], None] = lambda _: None) -> Telegram:
    """The service for the bot whose token is set. `tell` is told where it can be found. Raises SettingsError."""
    from bot.platforms.telegram.api import Api  # noqa: PLC0415  # heavy, and needed only by those who serve Telegram
    from bot.platforms.telegram.service import Telegram  # noqa: PLC0415

    if settings.telegram_bot_token is None:
        raise SettingsError("TELEGRAM_BOT_TOKEN is not set: put the token that BotFather gave you there")
    given = settings.telegram_webhook_secret
    core = core_of(runtime)
    return Telegram(
        core,
        Api(
            settings.telegram_bot_token.get_secret_value(),
            base=settings.telegram_api_base_url,
            per_second=settings.telegram_messages_per_second,
            refused=partial(core.count, "too_many_requests", "telegram"),
        ),
        hook=settings.telegram_webhook_url,
        hears=settings.telegram_updates,
        secret=given.get_secret_value() if given else runtime.store.secret(WEBHOOK).hex(),
        tell=tell,
    )


def build_discord(
    settings: Settings,
    *,
    runtime: Runtime | None = None,
    clock: Callable[[], datetime] | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> CloserClient:
    """A client that is not connected yet. Without a `runtime` it opens its own when it logs in, and closes that with itself.

    `tell` is told the install link. Raises SettingsError; logging in raises as `build`.
    """
    from bot.platforms.discord.client import CloserClient  # noqa: PLC0415  # heavy, and needed only by those who serve Discord
    from bot.platforms.discord.trace import counting_refusals  # noqa: PLC0415  # likewise

    count, ids = settings.discord_shard_count, settings.discord_shard_ids
    if not all(0 <= number < count for number in ids):
        raise SettingsError(f"DISCORD_SHARD_IDS: shards are numbered from 0 to {count - 1}, by DISCORD_SHARD_COUNT")

    opened = runtime

    async def begin() -> Core:
        nonlocal opened
        opened = opened or await build(settings, clock)
        return core_of(opened)

    async def end() -> None:
        if opened is not None:
            await opened.close()

    trace = counting_refusals(runtime.meter) if runtime and runtime.meter else None
    return CloserClient(begin, end=None if runtime else end, tell=tell, shard_count=count, shard_ids=ids, trace=trace)


def discord_from_env() -> CloserClient:
    """The same from the environment and `.env`; a fresh one at each call. Raises SettingsError."""
    return build_discord(read_settings())


def _discord(settings: Settings, runtime: Runtime, tell: Callable[[str], None]) -> Service:
    from bot.platforms.discord.service import Discord  # noqa: PLC0415  # heavy, and needed only by those who serve Discord

    assert settings.discord_bot_token is not None  # noqa: S101  # run() looked
    token = settings.discord_bot_token.get_secret_value()
    return Discord(lambda: build_discord(settings, runtime=runtime, tell=tell), token)


def _nudging(settings: Settings, runtime: Runtime, shelf: Shelf, service: Service) -> Loop:
    """The loop that sends a platform's nudges."""
    from bot.nudges.loop import Loop, Means  # noqa: PLC0415  # only where platforms are served
    from bot.nudges.moment import Stock  # noqa: PLC0415  # likewise

    # Some two seconds of sending each; Discord takes four a second.
    many = int(2 * settings.telegram_messages_per_second) if service.name == "telegram" else 8
    stock = Stock(shelf=shelf, library=runtime.library, pack=PACK)
    means = Means(store=runtime.store, stock=stock, clock=runtime.clock, meter=runtime.meter)
    return Loop(service, means, at_once=min(many, MOST_AT_ONCE))


def _web(settings: Settings, runtime: Runtime, meter: Meter, connected: Connected, routes: Sequence[Route]) -> Web:
    """The web server, with the pages about the process and about privacy, and these routes."""
    from bot.metrics import Exposition, Sources  # noqa: PLC0415  # only where platforms are served
    from bot.pages import Pages, Parts  # noqa: PLC0415  # likewise
    from bot.platforms.web import Web  # noqa: PLC0415  # likewise
    from bot.privacy_page import Operator  # noqa: PLC0415  # likewise

    sources = Sources(
        meter=meter,
        sessions=lambda: runtime.held,
        batches=lambda: runtime.store.batches,
        connected=connected,
        version=version_of(),
    )
    parts = Parts(
        book=runtime.book,
        library=runtime.library,
        operator=Operator(name=settings.operator_name, contact=settings.operator_contact, keeps=settings.retention_months),
        exposition=Exposition(sources),
        scrapers=networks(settings.metrics_from),
        # Nobody has this hash.
        reads=partial(runtime.store.load, bytes(32)),
        connected=connected,
        clock=runtime.clock,
    )
    return Web(settings.web_host, settings.web_port, (*Pages(parts).routes(), *routes))


def version_of() -> str:
    """Closer's version, as it is installed."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  # only where it is told

    try:
        return version("closer-companion")
    except PackageNotFoundError:
        return "unknown"


def must_serve(settings: Settings) -> None:
    """See that these settings leave something to do, and contradict each other in nothing. Raises SettingsError."""
    if not (settings.telegram_bot_token or settings.discord_bot_token):
        raise SettingsError("there is nothing to serve: set TELEGRAM_BOT_TOKEN or DISCORD_BOT_TOKEN (see .env.example)")
    if not (settings.discord_bot_token or settings.telegram_updates or settings.nudges):
        raise SettingsError("there is nothing to do: set TELEGRAM_UPDATES or NUDGES to true")
    if settings.telegram_bot_token and settings.telegram_updates and settings.telegram_webhook_url and not settings.web:
        raise SettingsError("TELEGRAM_WEBHOOK_URL needs the web server: set WEB to true, or leave the webhook out")


async def run(settings: Settings, tell: Callable[[str], None] = lambda _: None) -> None:
    """Serve every platform whose token is set, until a signal comes. Raises SettingsError, ServiceError and as `build`.

    `tell` is told, in a line each, where the bots can be found.
    """
    from bot.retention import Retention  # noqa: PLC0415
    from bot.serving import serve  # noqa: PLC0415
    from bot.watch import Watch  # noqa: PLC0415

    begun = asyncio.get_running_loop().time()
    must_serve(settings)
    _tell_start(settings)
    meter = Meter()
    runtime = await build(settings, meter=meter)
    try:
        loops = partial(_nudging, settings, runtime, shelf_of(settings.content_dir))
        # What stands now stays for good: the collector need not look through it again and again.
        gc.collect()
        gc.freeze()
        services: list[Service] = []
        routes: list[Route] = []
        if settings.telegram_bot_token:
            telegram = build_telegram(settings, runtime, tell=tell)
            services.append(telegram)
            routes += telegram.routes()
        if settings.discord_bot_token:
            services.append(_discord(settings, runtime, tell))

        def connected() -> dict[str, bool]:
            return {service.name: service.connected for service in services}

        web = _web(settings, runtime, meter, connected, routes) if settings.web else None
        beside: list[Beside] = [Watch(connected, meter, begun=begun)]
        beside += [loops(service) for service in services] if settings.nudges else []
        if settings.retention_months:
            beside.append(Retention(runtime.forget_idle, months=settings.retention_months, clock=runtime.clock))
        await serve(services, web, beside)
    finally:
        await runtime.close()
        log("info", "stopped")


def _tell_start(settings: Settings) -> None:
    tokens = {"telegram": settings.telegram_bot_token, "discord": settings.discord_bot_token}
    log(
        "info",
        "started",
        version=version_of(),
        python=platform.python_version(),
        platforms=",".join(name for name, token in tokens.items() if token),
        # The rest of the address may hold a password.
        database=settings.url().partition(":")[0].partition("+")[0],
        nudges=settings.nudges,
        web=settings.web,
    )
