"""A world with one database in it, for every engine. Nothing here asserts; nothing leaves the test's own folder.

A test that asks for a `world` or a `store` runs on each engine, but for one that is marked by `only`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.conversation.facts import NUDGES, PROGRESS, Consent
from bot.ports import Address, Change, Nudging
from storage.keys import KeySource
from storage.store import SqlStore, open_store
from storage.tables import metadata
from tests.postgres import Postgres

Test = TypeVar("Test", bound=Callable[..., Any])
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
ENGINES = ("sqlite", "postgres")


def only(engine: str) -> Callable[[Test], Test]:
    """Marks a test of what one engine alone has: a file, say, or a server."""

    def mark(test: Test) -> Test:
        test.only = engine  # type: ignore[attr-defined]
        return test

    return mark


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        chosen = getattr(metafunc.function, "only", None)
        metafunc.parametrize("engine", (chosen,) if chosen else ENGINES, scope="session")


@dataclass(kw_only=True)
class World:
    """A database, its key, and the stores that a test opened on it."""

    folder: Path
    key_file: Path
    opened: list[SqlStore] = field(default_factory=list)
    clock: datetime = NOW
    warned: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        raise NotImplementedError

    def sql(self, text: str, *args: Any) -> list[tuple[Any, ...]]:
        """Run a statement as another program would, committed; its parameters stand as question marks."""
        raise NotImplementedError

    def traces(self, needles: list[bytes]) -> list[str]:
        """Where any of these bytes are left: which files, or which tables."""
        raise NotImplementedError

    def tables(self) -> list[str]:
        """What every table is called."""
        raise NotImplementedError

    def empty(self) -> None:
        """Have it without any table, as it is before it is opened for the first time."""
        raise NotImplementedError

    def hasten(self, store: SqlStore) -> Any:
        """Have this store no longer wait for the disk."""
        raise NotImplementedError

    @property
    def keys(self) -> KeySource:
        return KeySource(file=self.key_file)

    async def open(self, keys: KeySource | None = None) -> SqlStore:
        store = await open_store(self.url, keys or self.keys, now=lambda: self.clock, warn=self.warned.append)
        self.opened.append(store)
        return store

    async def close(self) -> None:
        while self.opened:
            await self.opened.pop().close()

    @staticmethod
    def address(name: str) -> Address:
        return Address(platform="terminal", user=name)

    @staticmethod
    def yes(*purposes: str) -> tuple[Consent, ...]:
        return tuple(Consent(purpose=purpose, version=1, at=NOW) for purpose in purposes)

    async def agree(self, store: SqlStore, name: str, session: bytes | None = b"{}", **more: Any) -> bytes:
        """Store a person who consents to progress and nudges; return their hash."""
        person = store.person(self.address(name))
        change = Change(session=session, version=1, consents=self.yes(PROGRESS, NUDGES), **more)
        await store.commit(person, self.address(name), change)
        return person

    async def turn(self, store: SqlStore, name: str, session: bytes | None, version: int, **more: Any) -> None:
        address = self.address(name)
        await store.commit(store.person(address), address, Change(session=session, version=version, **more))

    @staticmethod
    def nudging(version: int = 1, due: datetime | None = NOW, plan: bytes = b'{"at": "09:30"}', past: bytes = b"[]") -> Nudging:
        return Nudging(plan=plan, past=past, due=due, version=version)


class Files(World):
    """A database in a folder of its own."""

    @property
    def path(self) -> Path:
        return self.folder / "closer.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def sql(self, text: str, *args: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as link, link:
            return link.execute(text, args).fetchall()

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("closer.db*"))

    def traces(self, needles: list[bytes]) -> list[str]:
        return [file.name for file in self.files() if any(needle in file.read_bytes() for needle in needles)]

    def tables(self) -> list[str]:
        return [row[0] for row in self.sql("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def empty(self) -> None:
        assert not self.path.exists()

    async def hasten(self, store: SqlStore) -> None:
        await store._database.hop("PRAGMA synchronous=OFF")


@dataclass(kw_only=True)
class Server(World):
    """A database of its own on the server that all tests share."""

    server: Postgres
    name: str

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    def sql(self, text: str, *args: Any) -> list[tuple[Any, ...]]:
        first, *rest = text.split("?")
        counted = first + "".join(f"${number}{part}" for number, part in enumerate(rest, start=1))
        return self.server.run(self.name, counted, *args)

    def traces(self, needles: list[bytes]) -> list[str]:
        return [
            table
            for table in sorted(metadata.tables)
            for row in self.sql(f"SELECT * FROM {table}")
            if any(needle in plain(value) for needle in needles for value in row)
        ]

    def tables(self) -> list[str]:
        return [row[0] for row in self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]

    def empty(self) -> None:
        self.server.drop([self.name])
        self.name = self.server.empty()

    async def hasten(self, store: SqlStore) -> None:
        """The server does not wait for it anyway."""


def plain(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture
async def world(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    folder, key_file = tmp_path / "data", tmp_path / "keys" / "closer.key"
    if engine == "sqlite":
        files = Files(folder=folder, key_file=key_file)
        yield files
        await files.close()
        return
    server: Postgres = request.getfixturevalue("postgres")
    made = Server(folder=folder, key_file=key_file, server=server, name=server.migrated())
    yield made
    await made.close()
    server.drop([made.name])


@pytest.fixture
async def store(world: World) -> SqlStore:
    return await world.open()
