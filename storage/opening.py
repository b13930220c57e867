"""Making a database ready before anybody talks: its engine and schema, its key, and what a crash left undone."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import cast

from bot.ports import StoreError
from storage.database import Database, Transaction
from storage.dialect import engine_of
from storage.erasure import Erasure
from storage.keys import KeySource
from storage.people import KEY
from storage.rotation import note_key, rotate
from storage.sql import GET_META, HOLDS_PEOPLE
from storage.vault import Vault


async def open_database(url: str, keys: KeySource) -> tuple[Database, Vault]:
    """The database that `url` (DATABASE_URL) names, of this version's schema and under the first of the keys; and its vault.

    Raises StoreError with the remedy.
    """
    # Only this engine's driver is loaded: the other would cost every start its time and memory.
    engine = import_module(f"storage.{engine_of(url)}_database")
    database = cast(Database, await engine.open_database(url))
    try:
        vault = await unlock(database, keys)
        await Erasure(database).make_good()
    except BaseException:
        await database.close()
        raise
    return database, vault


async def unlock(database: Database, keys: KeySource) -> Vault:
    """The vault of this database, which is moved under the first key where that is new. Raises StoreError."""
    body = partial(_unlock, database=database, keys=keys)
    vault = await database.exclusive(body)
    # Seen to be due, it is done while nobody else writes; by then another process may have done it.
    return vault or cast(Vault, await database.exclusive(partial(body, alone=True), alone=True))


async def _unlock(transaction: Transaction, *, database: Database, keys: KeySource, alone: bool = False) -> Vault | None:
    # A writing transaction: of two processes that open a new database, one makes the key and the other reads it.
    holds_people = bool(await transaction.run(HOLDS_PEOPLE))
    vault = Vault(_keys(database.name, keys, holds_people=holds_people))
    rows = await transaction.run(GET_META, called=KEY)
    in_use = rows[0][0] if rows else None
    if _check(database.name, keys, vault, in_use, holds_people=holds_people):
        if not alone:
            return None
        await rotate(transaction, vault)
    elif in_use != vault.checks[0]:
        await note_key(transaction, vault)
    return vault


def _keys(name: str, keys: KeySource, *, holds_people: bool) -> tuple[bytes, ...]:
    found = keys.read()
    if found:
        return found
    if holds_people:
        where = f"the key file {keys.file} is missing" if keys.file else "neither CLOSER_KEY nor CLOSER_KEY_FILE is set"
        raise StoreError(
            f"The database {name} holds people, but {where}. Put the key back from its backup: nothing can be read "
            f"without it. To give up what is stored instead, move the database away."
        )
    return keys.create()


def _check(name: str, keys: KeySource, vault: Vault, in_use: bytes | None, *, holds_people: bool) -> bool:
    """Whether the database is to be moved to a new key. Raises StoreError for a key that is not its own."""
    if not holds_people or in_use == vault.checks[0]:
        return False
    if in_use in vault.checks:
        return True
    raise StoreError(
        f"The key in {keys} is not the one that {name} was written with. Put the right CLOSER_KEY or CLOSER_KEY_FILE "
        f"back from its backup; after a change of keys, keep the old one as the second."
    )
