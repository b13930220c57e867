"""What deleting alone leaves of people in a database's files, and removing it. Only where the files are this program's own.

The file is rebuilt, because pages keep copies of rows that moved; the write-ahead log, which holds older versions of pages,
is folded in and emptied. A rebuild of a large file would stop everybody's turns for seconds (9 s for a million people). There
the file is searched first, for the person's hash and for the ends of each of their ciphertexts, and rebuilt only where one is
found.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path

from bot.ports import StoreError
from storage.dialect import Rows
from storage.files import POSIX
from storage.sqlite import TRUNCATE_LOG, is_large, log_is_empty, rebuild

ATTEMPTS = 3
CHUNK = 4 * 1024 * 1024
# From here on a rebuild is quicker than the search (97 MiB: 0.5 s; a search for 10 traces 0.3 s, for 100 2.2 s).
MANY = 40
# No trace is longer.
LONGEST = 16


class Scrub:
    """Scrubs one database's files. `hop` runs a statement on the connection that writes."""

    def __init__(self, path: Path, hop: Callable[[str], Awaitable[Rows]]) -> None:
        self._path = path
        self._hop = hop
        self._file: int | None = None

    async def run(self, traces: Collection[bytes] | None) -> None:
        """Remove these traces, or, where nobody knows them, all. The caller holds the lock. Raises StoreError."""
        try:
            await self._empty_log()
            size = self._path.stat().st_size
            if not is_large(size) or traces is None or await self._holds(traces):
                for sql in rebuild(size):
                    await self._hop(sql)
                await self._empty_log()
        except StoreError as error:
            raise StoreError(
                f"The rows are erased, but traces of them may remain in the files of {self._path}. {error} Then erase again, "
                f"or restart Closer, which finishes the erasure."
            ) from error

    def close(self) -> None:
        """Let go of the file; only after the database's connections did (see `_holds`)."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def _empty_log(self) -> None:
        for _ in range(ATTEMPTS):
            # Each attempt waits for readers by itself, as long as the busy timeout says.
            if log_is_empty(await self._hop(TRUNCATE_LOG)):
                return
        raise StoreError(f"The database {self._path} is being read by another program: close that program.")

    async def _holds(self, traces: Collection[bytes]) -> bool:
        if not POSIX or len(traces) > MANY:
            return True
        # Kept open as long as the connections: closing any descriptor of a file drops all locks that this process
        # holds on it, those of the connections too.
        if self._file is None:
            self._file = os.open(self._path, os.O_RDONLY)
        return await asyncio.to_thread(holds, self._file, tuple(traces))


def holds(file: int, traces: Sequence[bytes]) -> bool:
    """Whether any of these byte strings, none longer than LONGEST, is in the open file."""
    offset, window = 0, b""
    while chunk := os.pread(file, CHUNK, offset):
        window = window[-LONGEST:] + chunk
        if any(trace in window for trace in traces):
            return True
        offset += len(chunk)
    return False
