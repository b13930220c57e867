"""Filling a database with people quickly: valid rows, sealed by the store's own vault, in big transactions without safety."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Table, insert

from bench.ours import closer, database, key_file
from bench.walk import PLATFORM, halfway
from bot.content.render import Bubble
from bot.conversation.facts import PROGRESS
from bot.ports import Address
from storage.keys import KeySource
from storage.moments import month_of
from storage.opening import open_database
from storage.people import ADDRESS
from storage.sessions import PLACE
from storage.sqlite import compiled
from storage.tables import consents, people, sessions
from storage.vault import Vault, pack_address

AT_ONCE = 20_000
ANSWERS = 9
# The file is thrown away afterwards: it need not survive a crash while it is filled.
HASTE = ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-262144", "PRAGMA foreign_keys=OFF")
Columns = tuple[tuple[object, ...], ...]


async def halfway_session(folder: Path) -> tuple[bytes, Bubble]:
    """A session from the middle of a real walk, encoded, and what is on its screen."""
    async with closer(folder) as runtime:
        person = await halfway(runtime, "model", ANSWERS)
        packed = runtime.memory.get(runtime.store.person(person.address), int(datetime.now(UTC).timestamp()))
    if packed is None:
        raise RuntimeError("the walk left no session in memory: correct bench/crowd.py")
    return packed, person.screen


def name(number: int) -> str:
    """What the person with this number is called."""
    return f"crowd-{number}"


def fill(folder: Path, number: int, session: bytes) -> None:
    """A database with `number` people, each of whom agreed to be remembered and stands where `session` stands."""
    pour(folder, (people, consents, sessions), lambda vault: rows_of(vault, number, session))


def pour(folder: Path, tables: Sequence[Table], rows_of: Callable[[Vault], Iterator[Columns]]) -> None:
    """A new database with these rows: for each person, those of each table in the order of its columns."""
    vault = asyncio.run(_made(folder))
    with closing(sqlite3.connect(database(folder), isolation_level=None)) as line:
        for pragma in HASTE:
            line.execute(pragma).fetchall()
        rows = rows_of(vault)
        statements = [compiled(insert(table)) for table in tables]
        while batch := list(islice(rows, AT_ONCE)):
            line.execute("BEGIN")
            for place, statement in enumerate(statements):
                line.executemany(statement.sql, [row[place] for row in batch])
            line.execute("COMMIT")
        line.execute("PRAGMA journal_mode=WAL").fetchall()


async def _made(folder: Path) -> Vault:
    """The vault of a new database, which is closed again."""
    made, vault = await open_database(f"sqlite:///{database(folder)}", KeySource(file=key_file(folder)))
    await made.close()
    return vault


def rows_of(vault: Vault, number: int, session: bytes) -> Iterator[Columns]:
    """For each person, in the order of the index, the row of each table in the order of its columns."""
    now = datetime.now(UTC)
    agreed, month = now.isoformat(), month_of(now)
    addresses = (Address(platform=PLATFORM, user=name(n)) for n in range(number))
    for person, address in sorted((vault.person(a), a.user) for a in addresses):
        packed = pack_address(Address(platform=PLATFORM, user=address))
        yield (
            (person, vault.seal(ADDRESS + person, packed)),
            (person, PROGRESS, 1, agreed),
            (person, 1, vault.seal(PLACE + person, session), False, month),
        )
