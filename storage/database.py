"""An open database, whichever engine it is: what reads, what writes, one lock, and one transaction at a time.

Knows no table, no key and no engine: how it is done stands in the file called after each engine.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from storage.dialect import Rows, Statement, fitting

Result = TypeVar("Result")
CLOSED = "The store is closed: open it again."


class Transaction:
    """Runs statements inside one exclusive transaction. Its body may be run again from the start (see `exclusive`)."""

    __slots__ = ("_afterwards", "_database")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._afterwards: list[Callable[[], None]] = []

    async def run(self, statement: Statement, **values: Any) -> Rows:
        """Run a compiled statement with these values and return its rows."""
        own = self._database.own(statement)
        return await self._database.hop(own.sql, own.args(values))

    async def run_batch(self, statements: Mapping[int, Statement], rows: Sequence[Sequence[Any]]) -> Rows:
        """Run a statement of several sizes on these rows, however many, and return all that it returns."""
        most, found = max(statements), []
        for begin in range(0, len(rows), most):
            batch = rows[begin : begin + most]
            own = self._database.own(fitting(statements, len(batch)))
            found += await self._database.hop(own.sql, own.batch(batch))
        return found

    def afterwards(self, call: Callable[[], None]) -> None:
        """Have this called once all of it is committed, and not where it is rolled back."""
        self._afterwards.append(call)

    def committed(self) -> None:
        """Call what was to be called."""
        for call in self._afterwards:
            call()


class Database(ABC):
    """Turns write through `write` and `exclusive`, which share a lock, and read through `read`, which needs none.

    `name` is what errors call it. Every method may raise StoreError.
    """

    # Whether `at_once` never runs anything.
    always_hops = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = asyncio.Lock()
        self._open = True
        self._under_way: set[asyncio.Task[Any]] = set()

    def own(self, statement: Statement) -> Statement:
        """A statement of sql.py as this engine has it."""
        return statement

    def own_sizes(self, statements: Mapping[int, Statement]) -> Mapping[int, Statement]:
        """The same for one of several sizes."""
        return {size: self.own(each) for size, each in statements.items()}

    async def ask(self, statement: Statement, **values: Any) -> Rows:
        """One reading statement of sql.py, beside whatever is being written."""
        own = self.own(statement)
        return await self.read(own.sql, own.args(values))

    async def tell(self, statement: Statement, **values: Any) -> Rows:
        """One writing statement of sql.py, in a commit of its own, even if the caller is cancelled."""
        own = self.own(statement)
        return await self.finish(self.write(own.sql, own.args(values)))

    @abstractmethod
    async def read(self, sql: str, args: Sequence[Any]) -> Rows:
        """One reading statement of the engine's own, in one hop, beside whatever is being written."""

    @abstractmethod
    async def write(self, sql: str, args: Sequence[Any]) -> Rows:
        """One writing statement of the engine's own, in one hop and one commit: all of it is durable, or none."""

    def at_once(self, sql: str, args: Sequence[Any]) -> Rows | None:
        """The rows of one statement without a hop; None where it did not run and is to hop."""
        return None

    def change_at_once(self, sql: str, args: Sequence[Any]) -> int | None:
        """How many rows one statement changed, without a hop; None as above."""
        return None

    @abstractmethod
    async def hop(self, sql: str, args: Sequence[Any] = ()) -> Rows:
        """One statement for those who hold the lock already."""

    @abstractmethod
    async def scrub(self, traces: Collection[bytes] | None, note: Statement, **values: Any) -> None:
        """Remove from the files what deleted rows left there; then run `note`, which says that nothing is owed any more.

        `traces` are what to look for; None where nobody knows.
        """

    async def exclusive(self, body: Callable[[Transaction], Awaitable[Result]], *, alone: bool = False) -> Result:
        """Run `body` as one transaction: committed as a whole, or rolled back where anything is raised.

        Where another process got in the way, the body is run again, on what is stored by then: it may change nothing but
        the database, and leaves the rest to `Transaction.afterwards`. `alone`: no other process writes meanwhile.
        Cancelling the caller leaves the transaction to finish by itself.
        """
        return await self.finish(self._transact(body, alone=alone))

    async def finish(self, work: Awaitable[Result]) -> Result:
        """Wait for work that must not be cut in half, even if the caller is cancelled or the store is closing."""
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Wait for what is under way, then let go of all connections. A second time does nothing."""
        if not self._open:
            return
        self._open = False
        while self._under_way:
            await asyncio.wait(self._under_way)
        async with self.lock:
            await self._let_go()

    @abstractmethod
    async def _transact(self, body: Callable[[Transaction], Awaitable[Result]], *, alone: bool) -> Result:
        """`exclusive`, in a task of its own."""

    @abstractmethod
    async def _let_go(self) -> None:
        """Close the connections."""

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            # Looked at, so that asyncio does not report it once more where the caller was cancelled.
            task.exception()
