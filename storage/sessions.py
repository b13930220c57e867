"""The turn's path: load one person's record, save one person's session. Both share hops with whoever comes meanwhile.

Its statements exist for a few batch sizes and run on the driver itself. A save never inserts: the row is made with the
first consent (people.py), so nobody who was erased meanwhile can come back by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from bot.conversation.facts import Consent
from bot.ports import Change, Conflict, Record
from storage.database import Database
from storage.dialect import Rows, Statement, fitting
from storage.group import Group
from storage.moments import month_of
from storage.sql import LOADING, SAVE_ONE, SAVING
from storage.vault import Vault, place

MOST = max(SAVING)
PLACE = place("sessions", "session", b"")
STALE = "This person's session was written or erased by somebody else: load it again and redo the turn."
# What the parts of a single row are called.
ONE = ("person0", "version0", "session0", "month0")
# (person, version, sealed session, month)
Row = tuple[bytes, int, bytes | None, int]


def saving(rows: int) -> Statement:
    """What writes up to `rows` sessions: each row's person, version, session and month in turn, then the fixed values."""
    return fitting(SAVING, rows)


def loading(rows: int) -> Statement:
    """What reads up to `rows` persons."""
    return fitting(LOADING, rows)


class Sessions:
    """Loads and saves, many at a time. `now` (aware) says of which month a turn is."""

    def __init__(self, database: Database, vault: Vault, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        # As the database's engine has them.
        self._save_one = database.own(SAVE_ONE)
        self._saving = database.own_sizes(SAVING)
        self._loading = database.own_sizes(LOADING)
        # How many turns were written together, and how often.
        self.batches: Counter[int] = Counter()
        self._saves: Group[Row, None] = Group(self._save, most=MOST, at_once=self._save_at_once)
        self._loads: Group[bytes, Record | None] = Group(self._load, most=MOST, at_once=self._load_at_once)

    async def load(self, person: bytes) -> Record | None:
        """What is kept of this person. Raises VaultError where it does not open."""
        return await self._loads.submit(person, person)

    async def save(self, person: bytes, change: Change) -> None:
        """Make an ordinary turn durable: no change of consents, no entries. Raises Conflict."""
        session = change.session
        sealed = None if session is None else self._vault.seal(PLACE + person, session)
        await self._saves.submit(person, (person, change.version, sealed, month_of(self._now())))

    async def close(self) -> None:
        """Finish what was asked for; take nothing new."""
        await self._loads.close()
        await self._saves.close()

    async def _save(self, batch: Sequence[Row]) -> list[Exception | None]:
        written = await self._database.write(*self._saved(batch))
        self.batches[len(batch)] += 1
        return _told(batch, written)

    def _save_at_once(self, batch: Sequence[Row]) -> list[Exception | None] | None:
        if self._database.always_hops:
            return None
        if len(batch) == 1:
            one = self._save_one
            changed = self._database.change_at_once(one.sql, one.args(dict(zip(ONE, batch[0], strict=True))))
            written = None if changed is None else [batch[0]] * changed
        else:
            written = self._database.at_once(*self._saved(batch))
        if written is None:
            return None
        self.batches[len(batch)] += 1
        return _told(batch, written)

    async def _load(self, batch: Sequence[bytes]) -> list[Record | Exception | None]:
        return self._records(batch, await self._database.read(*self._loaded(batch)))

    def _load_at_once(self, batch: Sequence[bytes]) -> list[Record | Exception | None] | None:
        if self._database.always_hops:
            return None
        rows = self._database.at_once(*self._loaded(batch))
        return None if rows is None else self._records(batch, rows)

    def _saved(self, batch: Sequence[Row]) -> tuple[str, list[Any]]:
        """The text that saves these rows, and its parameters."""
        statement = fitting(self._saving, len(batch))
        return statement.sql, statement.batch(batch)

    def _loaded(self, batch: Sequence[bytes]) -> tuple[str, list[Any]]:
        """The text that loads these persons, and its parameters."""
        statement = fitting(self._loading, len(batch))
        return statement.sql, [*batch, *[None] * (len(statement.names) - len(batch))]

    def _records(self, batch: Sequence[bytes], rows: Rows) -> list[Record | Exception | None]:
        found: dict[bytes, Rows] = {}
        for row in rows:
            found.setdefault(row[0], []).append(row)
        return [_caught(partial(self._record, person, found.get(person))) for person in batch]

    def _record(self, person: bytes, rows: Rows | None) -> Record | None:
        if rows is None:
            return None
        _, version, sealed, away, *_ = rows[0]
        return Record(
            session=None if sealed is None else self._vault.open(PLACE + person, sealed),
            version=version,
            consents=tuple(agreed(*row[4:]) for row in rows if row[4] is not None),
            away=bool(away),
        )


def _told(batch: Sequence[Row], written: Iterable[Sequence[Any]]) -> list[Exception | None]:
    """What to tell each of a batch, given the persons that were written."""
    persons = {row[0] for row in written}
    return [None if row[0] in persons else Conflict(STALE) for row in batch]


def agreed(purpose: str, version: int, at: str) -> Consent:
    """A stored consent as the conversation knows it."""
    return Consent(purpose=purpose, version=version, at=datetime.fromisoformat(at))


def _caught(make: Callable[[], Record | None]) -> Record | Exception | None:
    # One record that does not open is one person's trouble, not the batch's.
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - handed to the one caller whom it concerns
        return error
