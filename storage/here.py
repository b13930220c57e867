"""A connection on the loop's own thread, for the moment when nobody else is waiting. Knows no table.

A hop to the driver's thread and back costs more than the commit itself. Where one turn is alone, its statement runs here
instead: the loop stands still for one commit (150 us on a common disk), and there is nobody whom that keeps waiting.
A disk that is slow once gets hops again for a while, so that it can never hold up the loop for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from storage.dialect import DriverError, Rows, connect_here, is_busy

SLOW_SECONDS = 0.005
PAUSE = 500  # statements that hop after a slow one


class Here:
    """Runs one statement at once, or says that it had better hop."""

    __slots__ = ("_connection", "_pause")

    def __init__(self, path: Path) -> None:
        self._connection = connect_here(path)
        self._pause = 0

    def run(self, sql: str, args: Sequence[Any]) -> Rows | None:
        """The rows of an autocommitted statement; None where it did not run and is to hop. Raises DriverError."""
        if self._pause:
            self._pause -= 1
            return None
        began = perf_counter()
        try:
            return self._connection.execute(sql, args).fetchall()
        except DriverError as error:
            if is_busy(error):
                return None
            raise
        finally:
            if perf_counter() - began > SLOW_SECONDS:
                self._pause = PAUSE

    def close(self) -> None:
        """Let go of the file. A second time does nothing."""
        self._connection.close()
