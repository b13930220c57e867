"""A connection on the loop's own thread. Knows no table.

A hop to the driver's thread and back costs more than the commit itself. So one turn's statement, or one for all the turns
that came together, runs here instead: the loop stands still for one commit (150 us on a common disk, 600 for 64 turns),
which is less than the hop would take from it. A disk that is slow once gets hops again for a while, so that it can never
hold up the loop for long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from storage.dialect import Rows
from storage.sqlite import DriverError, connect_here, is_busy

Result = TypeVar("Result")

_ROWS: Callable[[sqlite3.Cursor], Rows] = sqlite3.Cursor.fetchall
_CHANGED: Callable[[sqlite3.Cursor], int] = attrgetter("rowcount")

SLOW_SECONDS = 0.005
# How many statements hop after a slow one: few after the first, as it may have been a checkpoint; twice as many each time
# that the next one is slow again.
SHORT, LONG = 8, 512


class Here:
    """Runs one statement at once, or says that it had better hop."""

    __slots__ = ("_connection", "_next", "_pause")

    def __init__(self, path: Path) -> None:
        self._connection = connect_here(path)
        self._pause = 0
        self._next = SHORT

    def rows(self, sql: str, args: Sequence[Any]) -> Rows | None:
        """The rows of an autocommitted statement; None where it did not run and is to hop. Raises DriverError."""
        return self._run(sql, args, _ROWS)

    def changed(self, sql: str, args: Sequence[Any]) -> int | None:
        """How many rows an autocommitted statement changed, which returns none; None and errors as above."""
        return self._run(sql, args, _CHANGED)

    def _run(self, sql: str, args: Sequence[Any], outcome: Callable[[sqlite3.Cursor], Result]) -> Result | None:
        if self._pause:
            self._pause -= 1
            return None
        began = perf_counter()
        try:
            # What returns rows is committed with the last of them.
            return outcome(self._connection.execute(sql, args))
        except DriverError as error:
            if is_busy(error):
                return None
            raise
        finally:
            self._took(perf_counter() - began)

    def _took(self, seconds: float) -> None:
        if seconds > SLOW_SECONDS:
            self._pause, self._next = self._next, min(2 * self._next, LONG)
        else:
            self._next = SHORT

    def close(self) -> None:
        """Let go of the file. A second time does nothing."""
        self._connection.close()
