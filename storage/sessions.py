"""The turn's path: load one person's record, save one person's session. Both share hops with whoever comes meanwhile.

Statements are described in SQLAlchemy, compiled once for a few batch sizes, and run on the driver itself. A save never
inserts: the row is made with the first consent (people.py), so nobody who was erased meanwhile can come back by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, bindparam, case, column, exists, select, update, values

from bot.conversation.facts import PROGRESS, Consent
from bot.ports import Change, Conflict, Record
from storage.database import Database
from storage.dialect import Rows, Statement, compiled
from storage.group import Group
from storage.tables import consents, sessions
from storage.vault import Vault, place

MOST = 64
PLACE = place("sessions", "session", b"")
STALE = "This person's session was written or erased by somebody else: load it again and redo the turn."
# (person, version, sealed session)
Row = tuple[bytes, int, bytes | None]


@cache
def saving(rows: int) -> Statement:
    """Write `rows` sessions whose version follows the stored one, and return those persons.

    The parameters are each row's person, version and session in turn, then the fixed ones.
    A session is kept only beside a consent to keep it: elsewhere the version moves on alone.
    """
    turns = (
        values(column("person", LargeBinary), column("version", BigInteger), column("session", LargeBinary))
        .data(
            [
                (
                    bindparam(f"person{row}", type_=LargeBinary),
                    bindparam(f"version{row}", type_=BigInteger),
                    bindparam(f"session{row}", type_=LargeBinary),
                )
                for row in range(rows)
            ]
        )
        .cte("turns")
    )
    agreed = exists().where(consents.c.person == turns.c.person, consents.c.purpose == PROGRESS).correlate(turns)
    return compiled(
        update(sessions)
        .values(version=turns.c.version, session=case((agreed, turns.c.session)))
        .where(sessions.c.person == turns.c.person, sessions.c.version == turns.c.version - 1)
        .returning(sessions.c.person)
    )


@cache
def loading(rows: int) -> Statement:
    """Read the sessions and consents of `rows` persons: one row for each consent, in the order of their purposes."""
    return compiled(
        select(
            sessions.c.person,
            sessions.c.version,
            sessions.c.session,
            consents.c.purpose,
            consents.c.version,
            consents.c.at,
        )
        .join_from(sessions, consents, sessions.c.person == consents.c.person, isouter=True)
        .where(sessions.c.person.in_([bindparam(f"person{row}", type_=LargeBinary) for row in range(rows)]))
        .order_by(sessions.c.person, consents.c.purpose)
    )


class Sessions:
    """Loads and saves, many at a time."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._saves: Group[Row, None] = Group(self._save, most=MOST)
        self._loads: Group[bytes, Record | None] = Group(self._load, most=MOST)

    async def load(self, person: bytes) -> Record | None:
        """What is kept of this person. Raises VaultError where it does not open."""
        return await self._loads.submit(person, person)

    async def save(self, person: bytes, change: Change) -> None:
        """Make an ordinary turn durable: no change of consents, no entries. Raises Conflict."""
        session = change.session
        sealed = None if session is None else self._vault.seal(PLACE + person, session)
        await self._saves.submit(person, (person, change.version, sealed))

    async def close(self) -> None:
        """Finish what was asked for; take nothing new."""
        await self._loads.close()
        await self._saves.close()

    async def _save(self, batch: Sequence[Row]) -> list[Exception | None]:
        statement, fixed = _sized(saving, len(batch))
        args: list[Any] = [part for row in batch for part in row]
        args += [None] * (len(statement.names) - len(fixed) - len(args))
        written = {row[0] for row in await self._database.write(statement.sql, args + fixed)}
        return [None if row[0] in written else Conflict(STALE) for row in batch]

    async def _load(self, batch: Sequence[bytes]) -> list[Record | Exception | None]:
        statement, _ = _sized(loading, len(batch))
        args = [*batch, *[None] * (len(statement.names) - len(batch))]
        found: dict[bytes, Rows] = {}
        for row in await self._database.read(statement.sql, args):
            found.setdefault(row[0], []).append(row)
        return [_caught(partial(self._record, person, found.get(person))) for person in batch]

    def _record(self, person: bytes, rows: Rows | None) -> Record | None:
        if rows is None:
            return None
        _, version, sealed, *_ = rows[0]
        return Record(
            session=None if sealed is None else self._vault.open(PLACE + person, sealed),
            version=version,
            consents=tuple(agreed(*row[3:]) for row in rows if row[3] is not None),
        )


def agreed(purpose: str, version: int, at: str) -> Consent:
    """A stored consent as the conversation knows it."""
    return Consent(purpose=purpose, version=version, at=datetime.fromisoformat(at))


@cache
def _sized(build: Callable[[int], Statement], rows: int) -> tuple[Statement, list[Any]]:
    # Only powers of two are compiled; the rows left over are NULL, and match nobody.
    statement = build(1 << (rows - 1).bit_length())
    return statement, [value for value in statement.fixed.values() if value is not None]


def _caught(make: Callable[[], Record | None]) -> Record | Exception | None:
    # One record that does not open is one person's trouble, not the batch's.
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - handed to the one caller whom it concerns
        return error
