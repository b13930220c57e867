"""The store that the runtime sees: hands each call to the part that does it. No SQL and no cryptography here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from bot.ports import Address, Change
from storage.database import Database
from storage.entries import Entries
from storage.erasure import Erasure
from storage.export import export
from storage.keys import KeySource
from storage.nudges import Nudges
from storage.opening import open_database
from storage.owed import Debts
from storage.people import People
from storage.retention import Retention
from storage.sessions import Sessions
from storage.tallies import Tallies
from storage.vault import Vault

KNOWN = 2_048  # persons whose hash is remembered
LOGGER = logging.getLogger("storage")


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def open_store(
    url: str,
    keys: KeySource,
    *,
    now: Callable[[], datetime] = _utc_now,
    warn: Callable[[str], None] = LOGGER.warning,
) -> SqlStore:
    """Open the database that `url` (DATABASE_URL) names, making or migrating it first where needed.

    `now` returns an aware datetime; it dates exports, replies that are owed, deliveries, and turns by their month. `warn` is
    told the name of what went wrong where the store could help itself. Raises StoreError with the remedy.
    """
    database, vault = await open_database(url, keys)
    return SqlStore(database=database, vault=vault, now=now, warn=warn)


class SqlStore:
    """`bot.ports.Store` on a SQL database. Made by `open_store`; must be closed."""

    def __init__(self, *, database: Database, vault: Vault, now: Callable[[], datetime], warn: Callable[[str], None]) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        self._sessions = Sessions(database, vault, now=now)
        self._erasure = Erasure(database)
        self._people = People(database, vault, self._erasure, now=now)
        self.forget_idle = Retention(database, self._erasure).forget
        self._debts = Debts(database, vault, now=now, warn=warn)
        self._entries = Entries(database, vault, warn=warn)
        # Those who write just now are asked for again and again; the hash itself takes a fiftieth of a turn.
        self.person = lru_cache(maxsize=KNOWN)(vault.person)
        self.secret = vault.secret
        self.load = self._sessions.load
        self.batches = self._sessions.batches
        self.entries = self._entries.of
        self.owe = self._debts.owe
        self.owed = self._debts.owed
        self.settle = self._debts.settle
        self._nudges = Nudges(database, vault, now=now, warn=warn)
        self.nudging = self._nudges.nudging
        self.due = self._nudges.due
        self.reach = self._nudges.reach
        self.claim = self._nudges.claim
        self.record = self._nudges.record
        self.away = self._nudges.away
        self.counts = self._nudges.counts
        self.forget_deliveries = self._nudges.forget_deliveries
        self._tallies = Tallies(database)
        self.tally = self._tallies.add
        self.tallies = self._tallies.all

    async def commit(self, person: bytes, address: Address, change: Change) -> None:
        """Make one turn durable, with its consents, entries and nudges. Raises Conflict, StoreError."""
        rare = change.consents is not None or change.entries or change.dropped or change.nudging is not None or change.silent
        if not rare:
            await self._sessions.save(person, change)
        else:
            await self._people.commit(person, address, change)

    async def erase(self, person: bytes) -> bool:
        """Remove every byte about this person, in all files. True if there was anything."""
        return await self._erasure.erase(person)

    async def export(self, person: bytes) -> Mapping[str, Any] | None:
        """All that is stored of this person, or None."""
        body = partial(export, vault=self._vault, debts=self._debts, person=person, at=self._now())
        return await self._database.exclusive(body)

    async def holds_people(self) -> bool:
        """Whether anybody is stored."""
        return await self._people.hold_any()

    async def close(self) -> None:
        """Finish what is under way and let go of the database. A second time does nothing."""
        await self._sessions.close()
        await self._database.close()
