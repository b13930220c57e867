"""A world with one database in it, for every backend. Nothing here asserts; nothing leaves the test's own folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.facts import NUDGES, PROGRESS, Consent
from bot.ports import Address, Change, Nudging
from storage.keys import KeySource
from storage.store import SqlStore, open_store

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
# PostgreSQL joins here, with a way to make an empty database of its own.
BACKENDS = ("sqlite",)


@dataclass(kw_only=True)
class World:
    """A database's folder, its key, and the stores that a test opened on it."""

    folder: Path
    key_file: Path
    opened: list[SqlStore] = field(default_factory=list)
    clock: datetime = NOW
    warned: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.folder / "closer.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

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

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("closer.db*"))

    def traces(self, needles: list[bytes]) -> list[str]:
        """The database's files that hold any of these bytes."""
        return [file.name for file in self.files() if any(needle in file.read_bytes() for needle in needles)]


@pytest.fixture(params=BACKENDS)
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(folder=tmp_path / "data", key_file=tmp_path / "keys" / "closer.key")
    yield made
    await made.close()


@pytest.fixture
async def store(world: World) -> SqlStore:
    return await world.open()
