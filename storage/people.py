"""The rare turns: somebody agrees to something, takes it back, keeps or deletes an entry, or changes their nudges.

One exclusive transaction each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from bot.conversation.effects import purpose_of
from bot.conversation.facts import CHECKINS, NUDGES, PROGRESS, Consent
from bot.ports import Address, Change, Conflict, StoreError
from storage.database import Database, Transaction
from storage.entries import add_entries, drop_entries, kept_for
from storage.erasure import Erasure, ends, kept, owe_scrub, remove
from storage.moments import month_of
from storage.plans import put_nudging
from storage.sessions import PLACE, STALE
from storage.sql import (
    ADD_CONSENT,
    DROP_CONSENTS,
    DROP_NUDGING,
    DROP_OWED,
    GET_META,
    HOLDS_PEOPLE,
    PURPOSES,
    PUT_PERSON,
    PUT_SESSION,
    VERSION,
)
from storage.vault import Vault, pack_address, place

# Purposes for which something may be sent by itself: nudges, reminders of check-ins, looks back on what was kept.
SENT_FOR = frozenset({NUDGES, CHECKINS, PROGRESS})
KEY = "key"
ADDRESS = place("people", "address", b"")


class People:
    """Commits turns that change more than a session. `now` (aware) says of which month they are."""

    def __init__(self, database: Database, vault: Vault, erasure: Erasure, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._erasure = erasure
        self._now = now

    async def hold_any(self) -> bool:
        """Whether anybody is stored."""
        return bool(await self._database.ask(HOLDS_PEOPLE))

    async def commit(self, person: bytes, address: Address, change: Change) -> None:
        """Make the whole change durable or none of it; after a withdrawal also blank what it left in the files."""
        await self._database.finish(self._commit(person, address, change))

    async def _commit(self, person: bytes, address: Address, change: Change) -> None:
        body = partial(self._apply, person=person, address=address, change=change)
        traces = await self._database.exclusive(body)
        if traces:
            await self._erasure.scrub(traces)

    async def _apply(self, transaction: Transaction, *, person: bytes, address: Address, change: Change) -> list[bytes]:
        """Apply the change; return what to look for in the files where something was withdrawn."""
        away = await self._follow(transaction, person, change)
        before = {row[0] for row in await transaction.run(PURPOSES, whose=person)}
        after = before if change.consents is None else {consent.purpose for consent in change.consents}
        if not after:
            return await remove(transaction, person)
        gone = before - after
        marks = [*map(bytes.fromhex, change.dropped), *await kept_for(transaction, self._vault, person, gone)]
        entries = await drop_entries(transaction, person, marks)
        silent = change.silent or after.isdisjoint(SENT_FOR) or (NUDGES in gone and change.nudging is None)
        # What is sent by itself is written anew without a part that was taken back: the old writing is looked for, too.
        sent = {NUDGES} if silent or (gone and change.nudging is not None) else set()
        traces = [*ends(entries), *await kept(transaction, person, gone | sent)]
        if traces:
            await owe_scrub(transaction)
        if change.consents is not None:
            await self._agree(transaction, person, address, change.consents)
        # Whoever changes their nudges was reached, and has seen that they stood still.
        away = away and not silent and change.nudging is None
        await self._keep(transaction, person, change, keeps=PROGRESS in after, away=away)
        fit = (entry for entry in change.entries if purpose_of(entry.kind) in after)
        await add_entries(transaction, self._vault, person, fit)
        if silent:
            await transaction.run(DROP_NUDGING, whose=person)
        elif change.nudging is not None:
            await put_nudging(transaction, self._vault, person, address, change.nudging)
        return traces

    async def _follow(self, transaction: Transaction, person: bytes, change: Change) -> bool:
        """Raise Conflict unless the change follows what is stored; whether the person was away."""
        await require_key(transaction, self._vault)
        stored = await transaction.run(VERSION, whose=person)
        known, away = stored[0] if stored else (0, False)
        if change.version != known + 1 or (not stored and change.consents is None):
            raise Conflict(STALE)
        return bool(away)

    async def _agree(self, transaction: Transaction, person: bytes, address: Address, agreements: Iterable[Consent]) -> None:
        sealed = self._vault.seal(ADDRESS + person, pack_address(address))
        await transaction.run(PUT_PERSON, person=person, address=sealed)
        await transaction.run(DROP_CONSENTS, whose=person)
        for consent in {each.purpose: each for each in agreements}.values():
            at = consent.at.astimezone(UTC).isoformat()
            await transaction.run(ADD_CONSENT, person=person, purpose=consent.purpose, version=consent.version, at=at)

    async def _keep(self, transaction: Transaction, person: bytes, change: Change, *, keeps: bool, away: bool) -> None:
        sealed = None
        if keeps and change.session is not None:
            sealed = self._vault.seal(PLACE + person, change.session)
        month = month_of(self._now())
        await transaction.run(PUT_SESSION, person=person, version=change.version, session=sealed, away=away, month=month)
        if not keeps:
            await transaction.run(DROP_OWED, whose=person)


async def require_key(transaction: Transaction, vault: Vault) -> None:
    """Raises StoreError where the database is under another key by now: what does not open then is not damaged."""
    in_use = await transaction.run(GET_META, called=KEY)
    if not in_use or in_use[0][0] != vault.checks[0]:
        raise StoreError("Another process changed the database's key: restart Closer with the new key.")
