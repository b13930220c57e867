"""Whose moment has come, taking it for one process alone, and how it went. What is in a plan is not looked at here.

At most once: a claim moves `due_at` where it still is what was seen, and notes the person's day and slot, in one transaction.
Of two processes one does, and the other is told that it was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import partial

from bot.ports import Address, Claim, Conflict, Counts, Due, Nudging, State
from storage.database import Database, Transaction
from storage.moments import maybe_micros, micros, moment_of
from storage.people import require_key
from storage.plans import ADDRESS, PLAN, STALE, opened, put_delivery, sealed
from storage.sql import (
    CLAIMING,
    COUNT_AWAY,
    COUNT_DELIVERIES,
    DELIVERING,
    DUE,
    FORGET_DELIVERIES,
    GO_AWAY,
    NUDGING,
    NUDGING_VERSION,
    REACH,
    REWRITE_NUDGING,
    STANDING,
    STOP_NUDGING,
)
from storage.vault import Vault, VaultError, unpack_address

SPOILT = "nudging_unreadable"
STATES: tuple[State, ...] = ("claimed", "sent", "failed", "skipped")
# Old records that are removed in one commit: turns wait for it, and there may be millions.
AT_ONCE = 500


class Nudges:
    """Reads, claims and records what is due. `warn` is told where something does not open."""

    def __init__(self, database: Database, vault: Vault, *, now: Callable[[], datetime], warn: Callable[[str], None]) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        self._warn = warn

    async def nudging(self, person: bytes) -> Nudging | None:
        """What is stored for this person's nudges, or None. Raises VaultError where it does not open."""
        rows = await self._database.ask(NUDGING, whose=person)
        return opened(self._vault, person, *rows[0]) if rows else None

    async def due(self, platform: str, now: datetime, most: int) -> Sequence[Due]:
        """Whose moment has come, the longest due first. What does not open is left out, and nothing more is due there."""
        rows = await self._database.ask(DUE, on_platform=platform, by=micros(now), most=most)
        found: list[Due] = []
        spoilt: list[tuple[bytes, int]] = []
        for person, version, due_at, plan in rows:
            try:
                opened_plan = self._vault.open(PLAN + person, plan)
                found.append(Due(person=person, plan=opened_plan, since=moment_of(due_at), version=version))
            except VaultError:
                spoilt.append((person, version))
        if spoilt:
            await self._database.exclusive(partial(self._stop, spoilt=spoilt))
        return found

    async def reach(self, person: bytes) -> tuple[Address, Nudging] | None:
        """Where and with what this person is written to (see `bot.ports.Store`). Who cannot be read is warned of."""
        rows = await self._database.ask(REACH, whose=person)
        if not rows:
            return None
        sealed_address, *stored = rows[0]
        try:
            address = unpack_address(self._vault.open(ADDRESS + person, sealed_address))
            return address, opened(self._vault, person, *stored)
        except VaultError:
            await self._database.exclusive(self._spoilt)
            return None

    async def claim(self, claims: Sequence[Claim]) -> Sequence[bool]:
        """Take these moments in one commit; which of them are ours (see `bot.ports.Store`)."""
        return await self._database.exclusive(partial(self._claim, claims=claims)) if claims else ()

    async def record(self, person: bytes, nudging: Nudging, *, day: int, slot: int, state: State) -> None:
        """Write how a claimed one went, and what follows from it. Raises Conflict where the version does not follow."""
        body = partial(self._record, person=person, nudging=nudging, day=day, slot=slot, state=state)
        await self._database.exclusive(body)

    async def away(self, person: bytes, *, day: int, slot: int) -> None:
        """Nothing is due for this person any more, that delivery failed, and their next turn is told."""
        await self._database.exclusive(partial(self._away, person=person, day=day, slot=slot))

    async def counts(self, now: datetime, since: date) -> Counts:
        """How the nudges stand. Every way of standing and every state is there, if only with a nought."""
        ((everybody, waiting, overdue),) = await self._database.ask(STANDING, by=micros(now))
        ((away,),) = await self._database.ask(COUNT_AWAY)
        rows = await self._database.ask(COUNT_DELIVERIES, since=since.toordinal())
        # Somebody may have gone away between the first two readings.
        paused = max(everybody - waiting - away, 0)
        return Counts(
            subscribers={"due": waiting - overdue, "overdue": overdue, "paused": paused, "away": away},
            deliveries={**dict.fromkeys(STATES, 0), **dict(rows)},
        )

    async def forget_deliveries(self, before: date) -> int:
        """Remove the records of deliveries before that day, some at a time; how many there were."""
        gone = 0
        while rows := await self._database.tell(FORGET_DELIVERIES, before=before.toordinal(), most=AT_ONCE):
            gone += len(rows)
        return gone

    async def _claim(self, transaction: Transaction, *, claims: Sequence[Claim]) -> list[bool]:
        # Of two claims of one person the second comes too late, as if it were another process's.
        first = {claim.person: place for place, claim in reversed(list(enumerate(claims)))}
        moves = [
            (claim.person, micros(claim.seen), claim.version, maybe_micros(claim.next))
            for claim in (claims[place] for place in first.values())
        ]
        # In the order of their index: each of its pages is gone to once.
        moved = {row[0] for row in await transaction.run_batch(CLAIMING, sorted(moves, key=lambda move: move[0]))}
        at = int(self._now().timestamp())
        taken = ((claim.person, claim.day, claim.slot, claim.state, at) for claim in (claims[i] for i in first.values()))
        rows = sorted((row for row in taken if row[0] in moved), key=lambda row: row[0])
        ours = {row[0] for row in await transaction.run_batch(DELIVERING, rows)}
        return [first[claim.person] == place and claim.person in ours for place, claim in enumerate(claims)]

    async def _record(
        self, transaction: Transaction, *, person: bytes, nudging: Nudging, day: int, slot: int, state: State
    ) -> None:
        await require_key(transaction, self._vault)
        new = {f"new_{name}": value for name, value in sealed(self._vault, person, nudging).items()}
        if not await transaction.run(REWRITE_NUDGING, whose=person, before=nudging.version - 1, **new):
            raise Conflict(STALE)
        await put_delivery(transaction, person, day=day, slot=slot, state=state, at=self._now())

    async def _away(self, transaction: Transaction, *, person: bytes, day: int, slot: int) -> None:
        # Nobody who took back the consent meanwhile is noted as away.
        if await transaction.run(STOP_NUDGING, whose=person):
            await transaction.run(GO_AWAY, whose=person)
            await put_delivery(transaction, person, day=day, slot=slot, state="failed", at=self._now())

    async def _stop(self, transaction: Transaction, *, spoilt: Iterable[tuple[bytes, int]]) -> None:
        for person, version in spoilt:
            # Somebody who chose anew meanwhile is not stopped.
            if await transaction.run(NUDGING_VERSION, whose=person) == [(version,)]:
                await transaction.run(STOP_NUDGING, whose=person)
        await self._spoilt(transaction)

    async def _spoilt(self, transaction: Transaction) -> None:
        # Under another key nothing opens, and nothing is damaged.
        await require_key(transaction, self._vault)
        transaction.afterwards(partial(self._warn, SPOILT))
