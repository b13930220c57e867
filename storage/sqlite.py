"""What is SQLite's own: URLs, connections, pragmas, compiling, upkeep, and what its errors mean. Knows no table.

SQLAlchemy is imported where it is used, by the migrations and by generate.py: turns run on the driver itself.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aiosqlite

from bot.ports import StoreError
from storage.dialect import FORMS, Rows, Statement

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table
    from sqlalchemy.sql.base import Executable

Sync = sqlite3.Connection
Line = aiosqlite.Connection
DriverError = sqlite3.Error

# Files that stand beside a database while it is open.
BESIDE = ("-wal", "-shm", "-journal")
BEGIN, COMMIT, ROLLBACK = "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"
# Copies the write-ahead log into the database and empties its file, unless somebody is reading from it.
TRUNCATE_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
# Rewrites every page. `secure_delete` blanks what is deleted, but not the copies of rows that a page split leaves in
# the gaps of pages: measured, 1 erased person in 100 could still be found.
REBUILD = "VACUUM"
# Up to here a rebuild (0.3 s for 54 MiB, some 80,000 people, on a small machine) is done in memory.
IN_MEMORY_BYTES = 64 * 1024 * 1024
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"

WAL = "PRAGMA journal_mode=WAL"
PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    # KiB: room for the indexes of a million people; a small database never fills it. No mmap: a file that shrinks or a
    # failing disk would end the process instead of raising an error.
    "PRAGMA cache_size=-32768",
    # Grouped turns use a temporary table in each statement: 9 us in memory, 83 in a file.
    "PRAGMA temp_store=MEMORY",
)

REMEDIES = {
    sqlite3.SQLITE_READONLY: "cannot be written to: make the file, those beside it and its folder writable for this user",
    sqlite3.SQLITE_PERM: "cannot be written to: make the file, those beside it and its folder writable for this user",
    sqlite3.SQLITE_FULL: "has no room left: free some space on its disk; nothing of this turn was written",
    sqlite3.SQLITE_CORRUPT: "is damaged: stop Closer and put a backup in its place",
    sqlite3.SQLITE_NOTADB: "is not a Closer database, or is damaged: point DATABASE_URL at another file or put a "
    "backup in its place",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check that its folder exists and is writable for this user",
    sqlite3.SQLITE_BUSY: "is locked by another program: close that program, then try again",
    sqlite3.SQLITE_LOCKED: "is locked by another program: close that program, then try again",
    sqlite3.SQLITE_IOERR: "cannot be read or written reliably: check its disk, then put a backup in its place if needed",
}


def locate(url: str) -> Path:
    """The file that DATABASE_URL names. A leading `~` is part of the name. Raises StoreError for any other URL."""
    scheme, _, rest = url.partition("://")
    name = rest.removeprefix("/")
    if scheme != "sqlite" or not rest.startswith("/") or not name:
        raise StoreError(f"DATABASE_URL is not understood: write {FORMS}")
    if name == ":memory:" or "?" in name or "\0" in name:
        raise StoreError(f"DATABASE_URL takes a file, without options: write {FORMS}")
    return Path(name)


def compiled(statement: Executable) -> Statement:
    """Compile a Core statement for the driver."""
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - see the top
    from sqlalchemy.sql.compiler import SQLCompiler  # noqa: PLC0415
    from sqlalchemy.sql.elements import ClauseElement  # noqa: PLC0415

    dialect = sqlite.dialect(paramstyle="qmark")
    done = statement.compile(dialect=dialect) if isinstance(statement, ClauseElement) else None
    if not isinstance(done, SQLCompiler):
        raise TypeError("only statements of SQLAlchemy Core compile: pass a select, insert, update or delete")
    names = tuple(done.positiontup or ())
    # None stands for a value that is yet to come: left out, so that forgetting it is an error and not a NULL.
    fixed = {name: done.params[name] for name in names if done.params[name] is not None}
    return Statement(sql=str(done), names=names, fixed=fixed)


def upsert(table: Table) -> Executable:
    """Insert a row, or replace the rest of the row with the same primary key."""
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - see the top

    insert = sqlite.insert(table)
    rest = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=rest)


def connect(path: Path) -> Sync:
    """A blocking connection without implicit transactions, for opening and upkeep. Raises StoreError, DriverError."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(PRAGMAS[0])
        mode = connection.execute(WAL).fetchone()[0]
        if mode != "wal":
            raise StoreError(f"{path} stands on a disk without shared memory: point DATABASE_URL at a local disk.")
        for pragma in PRAGMAS[1:]:
            connection.execute(pragma)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_here(path: Path) -> Sync:
    """A blocking connection that never waits for another's lock. Raises StoreError, DriverError."""
    connection = connect(path)
    connection.execute("PRAGMA busy_timeout=0")
    return connection


def is_busy(error: Exception) -> bool:
    """Whether somebody else is writing just now."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_large(size: int) -> bool:
    """Whether a database of `size` bytes takes too long, and too much memory, to be rebuilt without need."""
    return size > IN_MEMORY_BYTES


def rebuild(size: int) -> tuple[str, ...]:
    """What rewrites a database of `size` bytes, so that nothing remains but the rows that are there."""
    if not is_large(size):
        return (REBUILD,)
    return ("PRAGMA temp_store=FILE", REBUILD, "PRAGMA temp_store=MEMORY")


def log_is_empty(rows: Rows) -> bool:
    """Whether TRUNCATE_LOG, which returned these rows, got everybody's pages into the database."""
    return not rows[0][0]


async def connect_line(path: Path) -> Line:
    """A connection on its own thread, for turns; made ready there, in one hop. Raises StoreError, DriverError."""
    return await aiosqlite.Connection(partial(connect, path), iter_chunk_size=1)  # nobody iterates


def engine(connection: Sync) -> Engine:
    """An engine around one blocking connection, for the migrations, each of which runs in one transaction."""
    from sqlalchemy import StaticPool, create_engine, event  # noqa: PLC0415 - see the top

    made = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(made, "begin", lambda link: link.exec_driver_sql(BEGIN))
    return made


def explain(error: Exception, path: Path) -> StoreError:
    """What an error of the driver means for the owner of the file. Never quotes the error: it may hold content."""
    code = getattr(error, "sqlite_errorcode", None)
    remedy = None if code is None else REMEDIES.get(code & 0xFF)
    if remedy is None:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        remedy = f"failed ({name}): restart Closer; if it fails again, put a backup in its place"
    return StoreError(f"The database {path} {remedy}.")
