"""What is PostgreSQL's own: URLs, connections, compiling, and what its errors mean. Knows no table.

SQLAlchemy is imported where it is used, by generate.py: turns run on the driver itself. No text of the driver and no part of
the URL is ever quoted: a password may stand in either.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg  # type: ignore[import-untyped]

from bot.ports import StoreError
from storage.dialect import PLACE, Statement

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.sql.base import Executable

# The driver ships no types.
Link: TypeAlias = Any
# Whatever a driver call may raise because of the server, the network between, or the connection itself.
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
NAME = "The PostgreSQL database of DATABASE_URL"
SCHEME = re.compile(r"^(postgresql\+asyncpg|postgres)(?=://)")

# Seconds until a server that does not answer is given up: to connect, and for a statement of a turn.
CONNECT_SECONDS, STATEMENT_SECONDS = 10.0, 30.0
SETTINGS: Mapping[str, str] = {
    "application_name": "closer",
    # What a turn's statement is written for, whatever the server or the role defaults to.
    "default_transaction_isolation": "read committed",
}
# More than there are statements, in all their sizes, of any length, for good: each is parsed once for each connection.
CACHE: Mapping[str, int] = {
    "statement_cache_size": 256,
    "max_cached_statement_lifetime": 0,
    "max_cacheable_statement_size": 0,
}

BEGIN, COMMIT, ROLLBACK = "BEGIN ISOLATION LEVEL SERIALIZABLE", "COMMIT", "ROLLBACK"
TABLES = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
# Any number does that no other program in this database is likely to choose.
MIGRATING = int.from_bytes(b"closer", "big")
LOCK, UNLOCK = f"SELECT pg_advisory_lock({MIGRATING})", f"SELECT pg_advisory_unlock({MIGRATING})"

UNREACHED = "cannot be reached: check that its server runs, and host and port in DATABASE_URL"
ENDED = "ended the connection: once its server is back, Closer goes on by itself; the turn under way may have to be repeated"
REFUSED = "refuses this user or password: correct them in DATABASE_URL, or let the user in (pg_hba.conf)"
BUSY = "is written by others at the same time, again and again: try again"
# By SQLSTATE (PostgreSQL's documentation, appendix A); a class, its first two characters, where a state is not there itself.
REMEDIES: Mapping[str, str] = {
    "08": ENDED,
    "28": REFUSED,
    "25006": "can only be read: point DATABASE_URL at the primary server, or end its read-only mode",
    "3D000": "does not exist: make it (CREATE DATABASE), or correct its name in DATABASE_URL",
    "3F000": "has no schema to make tables in: make one for this user (CREATE SCHEMA)",
    "40": BUSY,
    "42501": "does not let this user do that: make the user owner of the database and of its tables",
    "42704": "does not know an option of DATABASE_URL: remove what follows its question mark, or correct it",
    "53100": "has no room left: free some space on its server's disk; nothing of this turn was written",
    "53200": "has no memory left: give its server more; nothing of this turn was written",
    "53300": "has no connection left: raise max_connections on its server, or run fewer programs on it",
    "55P03": "is locked by another program: wait for that program, then try again",
    "57014": "did not answer in time: see what keeps its server busy, then try again",
    "57P": ENDED,
    "58": "cannot be read or written reliably: check its server's disk and log",
    "XX": "is damaged or its server failed: see its server's log; put a backup in its place if needed",
}
# Another transaction was in the way, or what it changed meanwhile: rolled back, and to be run again. A row that is there
# already, or one that is missing to refer to, was written or removed since this one began, or it would not have gone there.
CLASHES = frozenset({"40001", "40P01", "23505", "23503"})


class Clash(StoreError):
    """Another process was in the way: nothing was changed, and it can be run again."""


class Lost(StoreError):
    """The connection went while a statement was under way: nobody knows whether it was done."""


def locate(url: str) -> str:
    """The URL as the driver takes it."""
    return SCHEME.sub("postgresql", url)


async def connect(url: str, *, patience: float | None = STATEMENT_SECONDS) -> Link:
    """A connection of its own. `patience`: seconds for a statement, None for any number. Raises StoreError."""
    try:
        return await asyncpg.connect(
            locate(url), timeout=CONNECT_SECONDS, command_timeout=patience, server_settings=dict(SETTINGS), **CACHE
        )
    except (OSError, TimeoutError) as error:
        raise StoreError(f"{NAME} {UNREACHED}.") from error
    except DRIVER_ERRORS as error:
        told = explain(error)
        # Before there is a connection, nothing can be under way.
        raise StoreError(*told.args) from error
    except ValueError as error:
        raise StoreError("DATABASE_URL is not understood: write postgresql://user:password@host/database.") from error


def explain(error: BaseException) -> StoreError:
    """What an error of the driver means for the owner of the database. Never quotes the error: it may hold content."""
    state = getattr(error, "sqlstate", None) or ""
    kind: type[StoreError] = StoreError
    if state in CLASHES:
        kind = Clash
    elif is_lost(error):
        kind, state = Lost, state or "08"
    remedy = next((REMEDIES[part] for part in (state, state[:3], state[:2]) if part in REMEDIES), None)
    if remedy is None:
        remedy = f"failed ({state or type(error).__name__}): see its server's log; restart Closer if it fails again"
    return kind(f"{NAME} {remedy}.")


def is_lost(error: BaseException) -> bool:
    """Whether the connection went, or may never answer."""
    state = getattr(error, "sqlstate", None) or ""
    if isinstance(error, asyncpg.PostgresError):
        return state[:2] == "08" or state[:3] == "57P"
    return isinstance(error, (OSError, TimeoutError, asyncio.TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError))


def compiled(statement: Executable) -> Statement:
    """Compile a Core statement for the driver. Each place of a parameter counts for itself, as in the other engine."""
    from sqlalchemy.dialects.postgresql import asyncpg as dialects  # noqa: PLC0415 - see the top
    from sqlalchemy.sql.compiler import SQLCompiler  # noqa: PLC0415
    from sqlalchemy.sql.elements import ClauseElement  # noqa: PLC0415

    dialect = dialects.dialect()  # type: ignore[no-untyped-call]
    done = statement.compile(dialect=dialect) if isinstance(statement, ClauseElement) else None
    if not isinstance(done, SQLCompiler):
        raise TypeError("only statements of SQLAlchemy Core compile: pass a select, insert, update or delete")
    counts, text = (done.positiontup or []), str(done)
    names = tuple(counts[int(number) - 1] for number in re.findall(r"\$(\d+)", text))
    fixed = {name: done.params[name] for name in names if done.params[name] is not None}
    return Statement(sql=re.sub(r"\$\d+", PLACE, text), names=names, fixed=fixed)


def upsert(table: Table) -> Executable:
    """Insert a row, or replace the rest of the row with the same primary key."""
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - see the top

    insert = postgresql.insert(table)
    rest: dict[str, Any] = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=rest)
