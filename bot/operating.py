"""The operator's commands on what is stored: copies, keys, moves, written requests. Reads arguments and prints, no more.

Nothing is printed that tells a person, but the copy that `closer export` is asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.ports import Address, Store
from bot.settings import Settings, SettingsError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse gives it no other name

Result = TypeVar("Result")
# How a person is known there, as far as it can be checked before looking.
NUMBERED = frozenset({"telegram", "discord"})
PLATFORMS = (*sorted(NUMBERED), "terminal")
NOBODY = 1


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """`closer backup FILE`."""
    from bot.app import operations  # noqa: PLC0415 - each command imports what it needs, so that all start quickly

    asyncio.run(operations(settings).backup(options.file))
    _say(f"{options.file} holds all that is stored. The key is NOT in it: keep that too, in another place.")
    return 0


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """`closer restore FILE`."""
    from bot.app import operations  # noqa: PLC0415

    today = datetime.now(UTC).date()
    done = asyncio.run(operations(settings).restore(options.file, replace=options.replace, today=today))
    if done.aside is not None:
        _say(f"The database that was there is {done.aside} now. Delete it when you need it no more.")
    _say(
        f"People put back: {done.people}. Whoever erased themselves after the copy was made is among them again: erase them "
        f"with `closer forget`."
    )
    return 0


def rotate_key(options: argparse.Namespace, settings: Settings) -> int:
    """`closer rotate-key`."""
    from bot.app import operations  # noqa: PLC0415

    dropped = asyncio.run(operations(settings).rotate(drop_old=options.drop_old))
    gone = f"{dropped} old removed" if options.drop_old else "the old one is below it"
    _say(f"Everything is under a new key: the first line of {settings.key_file()}, {gone}. Keep a copy, apart from the data.")
    _say("Backups made before this open with the old key only: keep that as long as you keep them.")
    return 0


def migrate(options: argparse.Namespace, settings: Settings) -> int:
    """`closer migrate`, and `closer migrate --from URL --to URL`."""
    from bot.app import operations  # noqa: PLC0415

    if bool(options.source) != bool(options.target):
        raise SettingsError("--from and --to belong together: name both databases, or neither")
    work = operations(settings)
    if not options.source:
        before, after = asyncio.run(work.migrate())
        _print(f"schema {after}, as it was" if before == after else f"schema {before or 'none'} -> {after}")
        return 0
    moved = asyncio.run(work.move(options.source, options.target))
    width = max(len(each.table) for each in moved)
    _print(f"{'table':<{width}}  {'rows':>10}  digest")
    for each in moved:
        _print(f"{each.table:<{width}}  {each.rows:>10}  {each.digest}")
    _say("Everything has arrived, and was compared. Set DATABASE_URL to the new database before you start Closer again.")
    return 0


def forget(options: argparse.Namespace, settings: Settings) -> int:
    """`closer forget`: 0 also where there was nothing."""
    address = _address(options)

    async def ask(store: Store) -> bool:
        person = store.person(address)
        if await store.load(person) is None:
            return False
        if not options.yes and not await asyncio.to_thread(_confirmed):
            raise SettingsError("nothing was erased: it takes a 'yes'")
        return await store.erase(person)

    if not options.yes and not _by_hand():
        raise SettingsError("this erases somebody for good: say --yes, or run it in a terminal, which asks")
    _print("Erased." if _asked(settings, ask) else "Nothing is stored under that id.")
    return 0


def export(options: argparse.Namespace, settings: Settings) -> int:
    """`closer export`: 1 where there is nothing."""
    address = _address(options)

    async def ask(store: Store) -> dict[str, Any] | None:
        person = store.person(address)
        record, stored = await store.load(person), await store.export(person)
        if stored is None:
            return None
        session = record.session if record is not None else None
        return dict(stored) if session is None else {**stored, "session": _readable(session, settings)}

    found = _asked(settings, ask)
    if found is None:
        _say("Nothing is stored under that id.")
        return NOBODY
    _print(json.dumps(found, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode())
    return 0


def _readable(packed: bytes, settings: Settings) -> Any:
    """The conversation as its person would get it by /export: every answer beside its question."""
    from bot.app import content  # noqa: PLC0415
    from bot.content.library import DEFAULT  # noqa: PLC0415
    from bot.export import described  # noqa: PLC0415
    from bot.packing import decode  # noqa: PLC0415

    parts, session = content(settings.content_dir, settings.helplines_file), decode(packed)
    language = session.marks.get("language") or DEFAULT
    return described(session, parts.book, parts.library, language if language in parts.library.languages else DEFAULT)


def _asked(settings: Settings, ask: Callable[[Store], Awaitable[Result]]) -> Result:
    from bot.app import open_the_store, operations  # noqa: PLC0415

    # Somebody is told that nothing is stored of them: not because a new database was made and looked at.
    operations(settings).require_there()

    async def work() -> Result:
        store = await open_the_store(settings)
        try:
            return await ask(store)
        finally:
            await store.close()

    return asyncio.run(work())


def _address(options: argparse.Namespace) -> Address:
    """Whom it is about. The id is in no message."""
    if options.user == "-" and sys.stdin.isatty():
        print("The id, then Enter:", end=" ", file=sys.stderr, flush=True)  # noqa: T201
    user = sys.stdin.readline().strip() if options.user == "-" else options.user.strip()
    if not user:
        raise SettingsError("--user is empty: give the id by which the platform knows them, or '-' and the id as a line")
    if options.platform in NUMBERED and not (user.isascii() and user.isdigit()):
        raise SettingsError(f"--user: {options.platform} knows people by a number, not by a name; ask them to look it up")
    return Address(platform=options.platform, user=user)


def _by_hand() -> bool:
    return sys.stdin.isatty()


def _confirmed() -> bool:
    print("This erases all that is stored of this person, for good. Type yes: ", end="", file=sys.stderr, flush=True)  # noqa: T201
    return sys.stdin.readline().strip().lower() == "yes"


def _print(line: str) -> None:
    print(line)  # noqa: T201 - the command line speaks here


def _say(line: str) -> None:
    """Beside what is printed: it is no part of an answer that goes on to a file."""
    print(line, file=sys.stderr)  # noqa: T201


def register(commands: Commands) -> None:
    """Add these commands to the command line's."""
    copy = commands.add_parser("backup", help="write all that is stored to a new file, while Closer runs; without the key")
    copy.add_argument("file", type=Path, metavar="FILE", help="a name that is not taken")
    copy.set_defaults(run=backup)

    back = commands.add_parser("restore", help="put a copy back that `closer backup` made, with Closer stopped")
    back.add_argument("file", type=Path, metavar="FILE", help="the copy")
    back.add_argument("--replace", action="store_true", help="move a database that holds people aside, under another name")
    back.set_defaults(run=restore)

    renew = commands.add_parser("rotate-key", help="make a new key and move everything under it, with Closer stopped")
    renew.add_argument("--drop-old", action="store_true", help="take the old key out of the file once all is under the new one")
    renew.set_defaults(run=rotate_key)

    bring = commands.add_parser("migrate", help="bring the schema up to date; or move everything to another database")
    bring.add_argument("--from", dest="source", metavar="URL", help="the database that everything is in, with Closer stopped")
    bring.add_argument("--to", dest="target", metavar="URL", help="an empty one, of whichever engine")
    bring.set_defaults(run=migrate)

    erase = commands.add_parser("forget", help="erase somebody, as /forget does, for a written request")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    erase.set_defaults(run=forget)
    tell = commands.add_parser("export", help="print all that is stored of somebody as JSON, for a written request")
    tell.set_defaults(run=export)
    for each in (erase, tell):
        each.add_argument("--platform", choices=PLATFORMS, required=True, help="where they write")
        each.add_argument("--user", required=True, metavar="ID", help="the platform's id of them; '-' reads it as a line")
