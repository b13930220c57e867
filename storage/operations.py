"""What an operator does with a database as a whole: copies, moves, a new key. Each opens what it needs, and closes it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.ports import StoreError
from storage.dialect import engine_of
from storage.files import draft_of, exists, put_in_place
from storage.keys import KeySource
from storage.opening import open_database
from storage.people import ADDRESS
from storage.renewal import begin, file_of, finish
from storage.schema import HEAD, OLDER
from storage.sqlite import locate
from storage.sqlite_copies import Contents, alone, back_up, examine, extract, fold, put_back, revision_of
from storage.vault import Vault, VaultError

if TYPE_CHECKING:
    from storage.moving import Moved, Side

FILES = "sqlite"  # the engine whose databases are files, as copies are


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """How many people were put back, and where the database went that was there before, if one was."""

    people: int
    aside: Path | None


class Operations:
    """On the database that `url` names, and its keys. Every method raises StoreError with the remedy."""

    def __init__(self, *, url: str, keys: KeySource) -> None:
        self._url, self._keys = url, keys

    def require_there(self) -> None:
        """Refuse where there is no database, as far as that can be known without opening it."""
        _require_there(self._url)

    async def backup(self, copy: Path) -> None:
        """Write all that is stored at one moment to a new private file, whatever is written meanwhile."""
        if engine_of(self._url) == FILES:
            await asyncio.to_thread(back_up, locate(self._url), copy)
            return
        with draft_of(copy) as draft:
            await _moved(self._url, _url_of(draft), self._keys)
            with alone(draft) as connection:
                fold(connection)
            put_in_place(draft, copy)

    async def restore(self, copy: Path, *, replace: bool, today: date) -> Restored:
        """Put a copy where the database is to be, after it was found to be whole, known and readable with the key."""
        contents = await asyncio.to_thread(examine, copy)
        _require_known(contents, copy)
        _require_key(contents, copy, self._keys)
        if engine_of(self._url) == FILES:
            aside = await asyncio.to_thread(put_back, copy, locate(self._url), replace=replace, today=today)
            return Restored(people=contents.people, aside=aside)
        if replace:
            raise StoreError("`--replace` is for files: let DATABASE_URL name an empty database of that server.")
        with TemporaryDirectory() as folder:
            draft = Path(folder) / "copy.db"
            await asyncio.to_thread(extract, copy, draft)
            await _moved(_url_of(draft), self._url, self._keys)
        return Restored(people=contents.people, aside=None)

    async def rotate(self, *, drop_old: bool) -> int:
        """Move everything under a new key, the first line of the key file from now on; how many old ones went from the file."""
        file = file_of(self._keys)
        _require_alone(self._url)
        new = begin(file)
        try:
            # The first opening moves everybody; the second shows that the new key is enough.
            for keys in (self._keys, new):
                async with _open(self._url, keys):
                    pass
        except StoreError as error:
            raise StoreError(
                f"{error} The new key is the first line of {file} already, and the old one is below it: leave both there. "
                f"Whoever opens the database next, such as `closer run`, finishes it."
            ) from error
        return finish(file) if drop_old else 0

    async def migrate(self) -> tuple[str | None, str]:
        """Bring the schema to this version; from which revision (None where there was none), and to which."""
        before = await _revision(self._url)
        async with _open(self._url, self._keys):
            return before, HEAD

    async def move(self, source: str, target: str) -> tuple[Moved, ...]:
        """Move everything from one database to an empty one; the same keys open both."""
        if source == target:
            raise StoreError("Both are the same database: name an empty one to move to.")
        _require_alone(source)
        return await _moved(source, target, self._keys)


async def _moved(source: str, target: str, keys: KeySource) -> tuple[Moved, ...]:
    from storage.moving import move  # noqa: PLC0415 - needs SQLAlchemy, which the others here do without

    async with _open(source, keys) as one, _open(target, keys) as other:
        return await move(one, other)


@asynccontextmanager
async def _open(url: str, keys: KeySource) -> AsyncIterator[Side]:
    from storage.moving import Side  # noqa: PLC0415 - likewise

    database, _ = await open_database(url, keys)
    try:
        yield Side(database=database, compile=import_module(f"storage.{engine_of(url)}").compiled)
    finally:
        await database.close()


async def _revision(url: str) -> str | None:
    if engine_of(url) == FILES:
        return await asyncio.to_thread(revision_of, locate(url))
    from storage import postgres_database  # noqa: PLC0415 - only where it is the engine

    return await postgres_database.revision_of(url)


def _url_of(path: Path) -> str:
    return f"{FILES}:///{path.absolute()}"


def _require_alone(url: str) -> None:
    """Where that can be known, refuse a database that does not exist or that another process uses."""
    _require_there(url)
    if engine_of(url) == FILES:
        with alone(locate(url)):
            pass


def _require_there(url: str) -> None:
    if engine_of(url) == FILES:
        path = locate(url)
        if not exists(path) or not path.stat().st_size:
            raise StoreError(f"There is no database at {path}: name the one that `closer run` uses.")


def _require_known(contents: Contents, copy: Path) -> None:
    if contents.revision not in {HEAD, *OLDER}:
        raise StoreError(f"{copy} was made by a newer Closer: upgrade Closer, then try again.")


def _require_key(contents: Contents, copy: Path, keys: KeySource) -> None:
    if contents.somebody is None:
        return
    found = keys.read()
    vault = Vault(found) if found else None
    if vault is None or contents.key not in vault.checks:
        raise StoreError(
            f"{copy} does not open with {keys}: put the key back that was in use when the copy was made, as a later line of "
            f"CLOSER_KEY_FILE where there is a newer one."
        )
    person, address = contents.somebody
    try:
        vault.open(ADDRESS + person, address)
    except VaultError as error:
        raise StoreError(f"{copy} was changed since it was made: take another copy.") from error
