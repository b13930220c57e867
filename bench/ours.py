"""Closer as an operator runs it, on a database and a key file of its own in a temporary folder."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from bot.app import build
from bot.runtime import Runtime
from bot.settings import Settings


def database(folder: Path) -> Path:
    """The database of this folder."""
    return folder / "closer.db"


def key_file(folder: Path) -> Path:
    """The key file of this folder."""
    return folder / "key"


def settings(folder: Path, cached: int, *, pictures: bool = False) -> Settings:
    """Settings that depend on nothing but the folder: what is given outranks the environment.

    Pictures are left out, where not asked for: each takes longer than hundreds of turns, and they are measured by themselves.
    """
    return Settings(
        _env_file=None,
        database_url=f"sqlite:///{database(folder)}",
        closer_key=None,
        closer_key_file=key_file(folder),
        cached_sessions=cached,
        memory_sessions=1_000_000,
        pictures=pictures,
    )


@asynccontextmanager
async def closer(folder: Path, *, cached: int = 2_000, pictures: bool = False) -> AsyncIterator[Runtime]:
    """A runtime, closed at the end. `cached` is how many sessions of people who are stored stay in memory."""
    runtime = await build(settings(folder, cached, pictures=pictures))
    # As `closer run` does: what stands now stays for good.
    gc.collect()
    gc.freeze()
    try:
        yield runtime
    finally:
        await runtime.close()


def row_bytes(folder: Path) -> int:
    """How long a stored session is in the middle, sealed."""
    with closing(sqlite3.connect(database(folder))) as connection:
        lengths = sorted(n for (n,) in connection.execute("SELECT length(session) FROM sessions WHERE session IS NOT NULL"))
    return int(lengths[len(lengths) // 2])
