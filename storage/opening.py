"""Making a database ready before anybody talks: its files, its schema, its key, and what a crash left undone.

Blocking, on one connection of its own; store.py runs it in a thread. Alembic and SQLAlchemy are imported only where the
schema differs.
"""

from __future__ import annotations

from pathlib import Path

from bot.ports import StoreError
from storage.dialect import (
    BEGIN,
    BESIDE,
    COMMIT,
    ROLLBACK,
    TABLES,
    TRUNCATE_LOG,
    DriverError,
    Sync,
    connect,
    engine,
    explain,
    log_is_empty,
    rebuild,
)
from storage.erasure import OWED
from storage.files import keep_private, make_file, make_folder, require_writable
from storage.keys import KeySource
from storage.people import KEY
from storage.rotation import note_key, rotate
from storage.sql import DROP_META, GET_META, HOLDS_PEOPLE
from storage.vault import Vault

HEAD = "0004"
# Revisions from which this version can migrate, oldest first.
OLDER: tuple[str, ...] = ("0001", "0002", "0003")
MIGRATIONS = Path(__file__).parent / "migrations"
REVISION = "SELECT version_num FROM alembic_version"


def prepare(path: Path, keys: KeySource) -> Vault:
    """Bring the database at `path` to this version and its key. Raises StoreError with the remedy."""
    make_folder(path.parent, "DATABASE_URL")
    make_file(path, "DATABASE_URL")
    for each in (path.parent, path, *(path.with_name(path.name + suffix) for suffix in BESIDE)):
        require_writable(each, "DATABASE_URL")
        if each != path.parent:
            keep_private(each)
    try:
        connection = connect(path)
        try:
            migrate(connection, path)
            vault = _unlock(connection, path, keys)
            _scrub(connection, path)
        finally:
            connection.close()
    except DriverError as error:
        raise explain(error, path) from error
    return vault


def migrate(connection: Sync, path: Path) -> bool:
    """Bring the schema to HEAD. True where anything was to be done. Raises StoreError for a schema it does not know."""
    tables = {row[0] for row in connection.execute(TABLES)}
    found = connection.execute(REVISION).fetchall() if "alembic_version" in tables else []
    if found == [(HEAD,)]:
        return False
    if not found and tables - {"alembic_version"}:
        raise StoreError(f"{path} belongs to another program: point DATABASE_URL at another file.")
    if len(found) > 1 or any(revision not in OLDER for (revision,) in found):
        raise StoreError(f"The database {path} was made by a newer Closer: upgrade Closer, or use another DATABASE_URL.")
    _upgrade(connection)
    return True


def _upgrade(connection: Sync) -> None:
    from alembic import command  # noqa: PLC0415 - costs a third of the start, and is needed once per release
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    config = Config()
    # A percent sign would be read as the start of a reference.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        with engine(connection).connect() as link:
            config.attributes["connection"] = link
            command.upgrade(config, HEAD)
    except DBAPIError as error:
        if isinstance(error.orig, DriverError):
            raise error.orig from error
        raise


def _unlock(connection: Sync, path: Path, keys: KeySource) -> Vault:
    # A writing transaction: of two processes that open a new database, one makes the key and the other reads it.
    connection.execute(BEGIN)
    try:
        holds_people = connection.execute(HOLDS_PEOPLE.sql, HOLDS_PEOPLE.args({})).fetchone() is not None
        vault = Vault(_keys(path, keys, holds_people=holds_people))
        in_use = connection.execute(GET_META.sql, GET_META.args({"called": KEY})).fetchone()
        if _check(path, keys, vault, None if in_use is None else in_use[0], holds_people=holds_people):
            rotate(connection, vault)
        elif in_use != (vault.checks[0],):
            note_key(connection, vault)
        connection.execute(COMMIT)
    except BaseException:
        if connection.in_transaction:
            connection.execute(ROLLBACK)
        raise
    return vault


def _keys(path: Path, keys: KeySource, *, holds_people: bool) -> tuple[bytes, ...]:
    found = keys.read()
    if found:
        return found
    if holds_people:
        where = f"the key file {keys.file} is missing" if keys.file else "neither CLOSER_KEY nor CLOSER_KEY_FILE is set"
        raise StoreError(
            f"The database {path} holds people, but {where}. Put the key back from its backup: nothing can be read "
            f"without it. To give up what is stored instead, move the database away."
        )
    return keys.create()


def _check(path: Path, keys: KeySource, vault: Vault, in_use: bytes | None, *, holds_people: bool) -> bool:
    """Whether the database is to be moved to a new key. Raises StoreError for a key that is not its own."""
    if not holds_people or in_use == vault.checks[0]:
        return False
    if in_use in vault.checks:
        return True
    raise StoreError(
        f"The key in {keys} is not the one that {path} was written with. Put the right CLOSER_KEY or CLOSER_KEY_FILE "
        f"back from its backup; after a change of keys, keep the old one as the second."
    )


def _scrub(connection: Sync, path: Path) -> None:
    owed = connection.execute(GET_META.sql, GET_META.args({"called": OWED})).fetchone() is not None
    if owed:
        for sql in rebuild(path.stat().st_size):
            connection.execute(sql)
    # Also after a crash: pages as they were before an erasure must not outlive it in the log.
    emptied = log_is_empty(connection.execute(TRUNCATE_LOG).fetchall())
    if owed and emptied:
        connection.execute(DROP_META.sql, DROP_META.args({"called": OWED}))
