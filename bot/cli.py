"""The command line: `closer chat | run | check | draw | safety-report | nudges`. Reads arguments, turns errors into words."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.content.loader import ContentError
from bot.conversation.dialog import BrokenDialog
from bot.log import configure
from bot.operating import register
from bot.platforms.core import ServiceError
from bot.ports import Address, Store, StoreError
from bot.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from bot.operating import Commands

FAULT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: done; 1: `check` found problems; 2: it could not run, and standard error says why."""
    options = _parser().parse_args(arguments)
    try:
        settings = read_settings()
        configure(settings.log_level)
        return int(options.run(options, settings))
    except (SettingsError, ContentError, BrokenDialog, StoreError, ServiceError) as error:
        if getattr(options, "run", None) is _run and options.check:
            print(f"FAULT settings: {error}")  # noqa: T201  # one line like the others; without settings there are no more
            return 1
        print(f"closer: {error}", file=sys.stderr)  # noqa: T201  # the command line speaks here
        return FAULT
    except KeyboardInterrupt:
        print(file=sys.stderr)  # noqa: T201
        return 0
    except BrokenPipeError:
        # Nobody reads any more; what is still to be flushed at the end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _chat(options: argparse.Namespace, settings: Settings) -> int:
    # A terminal shows no pictures: the words and bars say the same, and a file would tell others what was said here.
    drawn = settings.model_copy(update={"pictures": settings.pictures and options.pictures})
    asyncio.run(_talk(options, _with_database(drawn, options.db)))
    return 0


async def _talk(options: argparse.Namespace, settings: Settings) -> None:
    gc.disable()  # what is made now stays for good: looking through it again and again would slow the start
    from bot.app import build, warmed  # noqa: PLC0415  # each command imports what it needs, so that all start quickly
    from bot.platforms.terminal import Terminal, open_streams  # noqa: PLC0415

    source, sink = open_streams()
    runtime = await build(settings, options.now, warm=False)
    gc.freeze()
    gc.enable()
    try:
        language = _language(options.lang, runtime.library.languages)

        async def ready() -> None:
            # While the first words on screen are read there is time for what reading the first typed ones needs. Nobody else
            # waits for this thread, and another would have memory of its own for it.
            warmed(runtime.library.languages)

        terminal = Terminal(source, sink, folder=Path.cwd(), begun=ready)
        await terminal.run(Address(platform="terminal", user=options.user), language, runtime.turn)
    finally:
        await runtime.close()


def _language(wanted: str | None, spoken: Sequence[str]) -> str | None:
    if wanted is not None and wanted not in spoken:
        raise SettingsError(f"--lang {wanted}: no such language; spoken are: {', '.join(spoken)}")
    return wanted


def _run(options: argparse.Namespace, settings: Settings) -> int:
    # Libraries log what they are sent, ids and all; only Closer's own log is known to hold nothing personal.
    logging.getLogger().addHandler(logging.NullHandler())
    if options.check:
        return _check_up(settings)
    from bot.app import run  # noqa: PLC0415

    asyncio.run(run(settings, lambda line: print(line, flush=True)))  # noqa: T201  # the command line speaks here
    return 0


def _check_up(settings: Settings) -> int:
    from bot.checkup import checkup  # noqa: PLC0415

    lines = asyncio.run(checkup(settings))
    for line in lines:
        print(line)  # noqa: T201
    return 0 if all(line.well for line in lines) else 1


def _check(options: argparse.Namespace, settings: Settings) -> int:
    from bot.app import content  # noqa: PLC0415
    from bot.content.check import check  # noqa: PLC0415

    root = options.content or settings.content_dir
    parts = content(root, settings.helplines_file)
    today = datetime.now(UTC).date()
    problems = check(root, parts.book, parts.library, parts.pack, today)
    if options.release:
        from bot.content import helplines, therapy_check  # noqa: PLC0415
        from bot.content.therapy import PART  # noqa: PLC0415

        problems += helplines.unready(root, settings.helplines_file, today)
        problems += therapy_check.unready(root / "packs" / parts.pack.name / PART, today)
    for problem in problems:
        print(problem)  # noqa: T201
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    print(count if problems else "everything is in order")  # noqa: T201
    return 1 if problems else 0


def _draw(options: argparse.Namespace, settings: Settings) -> int:
    from bot.app import content  # noqa: PLC0415
    from bot.draw import drawings  # noqa: PLC0415

    print(drawings(content(options.content or settings.content_dir).book), end="")  # noqa: T201
    return 0


def _safety_report(options: argparse.Namespace, settings: Settings) -> int:
    from bot.safety_report import report  # noqa: PLC0415

    async def ask(store: Store) -> str:
        this_year = datetime.now(UTC).year
        year = options.year or this_year
        return report(await store.tallies(), year, this_year=this_year, protocol=settings.safety_protocol_url)

    return _told(settings, ask)


def _told(settings: Settings, ask: Callable[[Store], Awaitable[str]]) -> int:
    """Print what the store answers."""
    print(asyncio.run(_answered(settings, ask)), end="")  # noqa: T201
    return 0


async def _answered(settings: Settings, ask: Callable[[Store], Awaitable[str]]) -> str:
    from bot.app import open_the_store  # noqa: PLC0415

    store = await open_the_store(settings, anew=False)
    try:
        return await ask(store)
    finally:
        await store.close()


def _nudges(options: argparse.Namespace, settings: Settings) -> int:
    from bot import nudges_report  # noqa: PLC0415

    now = options.now() if options.now else datetime.now(UTC)
    return _told(settings, partial(getattr(nudges_report, options.tell), now=now))


def _with_database(settings: Settings, path: Path | None) -> Settings:
    if path is None:
        return settings
    return settings.model_copy(update={"database_url": f"sqlite:///{path}"})


def _moment(text: str) -> Callable[[], datetime]:
    """A fixed clock, from an ISO 8601 time; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no time like 2026-11-22T20:00") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return lambda: moment


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty name is nobody; leave --user out, or give one")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="closer", description="A scripted companion: why am I craving intimacy?")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    chat = commands.add_parser("chat", help="talk in this terminal, or by lines on standard input")
    chat.add_argument("--db", type=Path, metavar="PATH", help="keep what is to be remembered in this SQLite file")
    chat.add_argument(
        "--user", default="you", type=_name, metavar="NAME", help="who is talking; each name is a person of its own"
    )
    chat.add_argument("--lang", metavar="CODE", help="the language to speak")
    chat.add_argument("--now", type=_moment, metavar="TIME", help="a clock that stands still at this time, for testing")
    chat.add_argument("--pictures", action="store_true", help="write what a chat app shows as pictures into this folder")
    chat.set_defaults(run=_chat)

    run = commands.add_parser("run", help="serve Telegram, Discord or both, as the settings say, until stopped")
    run.add_argument("--check", action="store_true", help="serve nobody: look at what a start needs, one line each")
    run.set_defaults(run=_run)

    check = commands.add_parser("check", help="check dialogs, words and sources; errors name file and line")
    check.add_argument("--content", type=Path, metavar="DIR", help="a content folder other than the built-in one")
    check.add_argument("--release", action="store_true", help="also ask that every helpline was confirmed lately")
    check.set_defaults(run=_check)

    draw = commands.add_parser("draw", help="print the dialogs as Mermaid drawings")
    draw.add_argument("--content", type=Path, metavar="DIR", help="a content folder other than the built-in one")
    draw.set_defaults(run=_draw)

    safety = commands.add_parser("safety-report", help="print how often help was shown in a year, to publish")
    safety.add_argument("--year", type=int, metavar="N", help="another year than this one")
    safety.set_defaults(run=_safety_report)

    _add_nudges(commands)

    register(commands)
    return parser


def _add_nudges(commands: Commands) -> None:
    nudges = commands.add_parser("nudges", help="print numbers about the daily nudges: no texts, and nobody in them")
    which = nudges.add_mutually_exclusive_group(required=True)
    for flag, what, meaning in (
        ("--due", "due", "how many are due, by platform"),
        ("--dry-run", "dry_run", "what would be done about those that are due"),
        ("--stats", "stats", "how they stand, and what became of them lately"),
    ):
        which.add_argument(flag, action="store_const", dest="tell", const=what, help=meaning)
    nudges.add_argument("--now", type=_moment, metavar="TIME", help="look as if it were this time")
    nudges.set_defaults(run=_nudges)
