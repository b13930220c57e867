"""Copies of a SQLite database as one file: made while others write, looked at, and put in place. Needs no key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

from bot.ports import StoreError
from storage.files import draft_of, exists, make_folder, move_aside, put_in_place
from storage.schema import NOTED, REVISION
from storage.sqlite import BESIDE, TABLES, DriverError, Sync, connect, explain

IN_USE = "SELECT value FROM meta WHERE name = 'key'"
SOMEBODY = "SELECT person, address FROM people LIMIT 1"
MADE_BY = "make copies with `closer backup`"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What a file holds, as far as it shows without the key: its schema's revision, the check value of its key, how many people
    are in it, and the hash and sealed address of one of them.
    """

    revision: str
    key: bytes | None = field(repr=False)
    people: int
    somebody: tuple[bytes, bytes] | None = field(repr=False)


def back_up(path: Path, copy: Path) -> None:
    """Write what the database at `path` holds at one moment to `copy`, a new private file. Others may write meanwhile.

    Whatever happens, there is a whole copy under that name or none. Raises StoreError.
    """
    if not exists(path):
        raise StoreError(f"There is no database at {path}: set DATABASE_URL as it is for `closer run`.")
    with draft_of(copy) as draft:
        with _told(path), closing(connect(path)) as connection:
            _require_ours(connection, path)
            _write(connection, draft, copy)
        put_in_place(draft, copy)


def _write(connection: Sync, draft: Path, copy: Path) -> None:
    try:
        connection.execute("VACUUM INTO ?", (str(draft),))
    except DriverError as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise StoreError(
            f"{copy} could not be written whole ({name}), so there is none: check that its disk has room for it, and that what "
            f"is copied is not damaged."
        ) from error


@contextmanager
def reading(copy: Path) -> Iterator[Sync]:
    """A connection that changes nothing, not even beside the file. Raises StoreError where it cannot be read."""
    try:
        name = f"file:{quote(str(copy.absolute()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(name, uri=True, isolation_level=None)) as connection:
            yield connection
    except DriverError as error:
        raise StoreError(f"{copy} is damaged, or no copy of a database: take one that `closer backup` made.") from error


def examine(copy: Path) -> Contents:
    """Look whether the file is a whole database of Closer. It is not changed. Raises StoreError where it is not."""
    if not exists(copy) or not copy.is_file():
        raise StoreError(f"There is no file {copy}: name one that `closer backup` made.")
    if any(exists(log) and log.stat().st_size for log in (copy.with_name(copy.name + suffix) for suffix in BESIDE)):
        raise StoreError(f"{copy} is in use, or was copied from one in use, and is not whole by itself: {MADE_BY}.")
    with reading(copy) as connection:
        _require_ours(connection, copy)
        if connection.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
            raise StoreError(f"{copy} is damaged: take another copy.")
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise StoreError(f"{copy} is not whole, rows are missing from it: take another copy.")
        return _contents(connection)


def extract(copy: Path, draft: Path) -> None:
    """Write what an examined copy holds to an empty file. Raises StoreError."""
    with reading(copy) as connection:
        _write(connection, draft, draft)


def _contents(connection: Sync) -> Contents:
    key = connection.execute(IN_USE).fetchone()
    return Contents(
        revision=connection.execute(REVISION).fetchone()[0],
        key=None if key is None else key[0],
        people=connection.execute("SELECT count(*) FROM people").fetchone()[0],
        somebody=connection.execute(SOMEBODY).fetchone(),
    )


def put_back(copy: Path, path: Path, *, replace: bool, today: date) -> Path | None:
    """Put a copy that was examined where the database is, or is to be; return where what was there has been moved to.

    Raises StoreError, with nothing changed: where people are there and not `replace`, and where somebody uses the database.
    """
    make_folder(path.parent, "DATABASE_URL")
    if not exists(path) or not path.stat().st_size:
        with draft_of(path) as draft:
            extract(copy, draft)
            path.unlink(missing_ok=True)
            put_in_place(draft, path, owner=path.parent)
        return None
    with alone(path) as connection, draft_of(path) as draft:
        if _holds_people(connection) and not replace:
            raise StoreError(f"The database {path} holds people: `--replace` moves it aside, and puts the copy in its place.")
        extract(copy, draft)
        fold(connection)
        return move_aside(path, draft, today)


def fold(connection: Sync) -> None:
    """Fold in the write-ahead log of a database that is this connection's alone: nothing of it stays beside the file."""
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def alone(path: Path) -> Iterator[Sync]:
    """A connection that has the database to itself, in a transaction. Raises StoreError where another process has it open."""
    with _told(path), closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
        # A database with a write-ahead log is locked by whoever has it open, not only by who reads or writes.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        yield connection


def revision_of(path: Path) -> str | None:
    """The revision of the database's schema; None where there is none yet. Raises StoreError."""
    if not exists(path) or not path.stat().st_size:
        return None
    with _told(path), closing(connect(path)) as connection:
        _require_ours(connection, path)
        row = connection.execute(REVISION).fetchone()
        return None if row is None else str(row[0])


def _holds_people(connection: Sync) -> bool:
    names = {row[0] for row in connection.execute(TABLES)}
    return "people" in names and connection.execute(SOMEBODY).fetchone() is not None


def _require_ours(connection: Sync, path: Path) -> None:
    if NOTED not in {row[0] for row in connection.execute(TABLES)}:
        raise StoreError(f"{path} is no database of Closer: name another file, or set DATABASE_URL.")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except DriverError as error:
        raise explain(error, path) from error
