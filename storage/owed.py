"""Replies that are not delivered yet, of people who agreed to be remembered. Since when is inside the ciphertext."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.conversation.facts import PROGRESS
from bot.ports import Address, Owed
from storage.database import Database, Transaction
from storage.moments import micros
from storage.people import ADDRESS, require_key
from storage.sql import ADD_OWED, OWED_TO, OWED_TO_ALL, PURPOSES, SETTLE
from storage.vault import Vault, VaultError, place, unpack_address

ID_BYTES = 16
MOMENT_BYTES = 8
# For each person: more than anybody writes while a platform is away, and little to write again.
MOST = 32
PLACE = place("owed", "reply", b"")
SPOILT = "owed_reply_unreadable"
# Whose, and which of theirs.
Which = tuple[bytes, bytes]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Debt:
    """One reply that is owed. `moment`: when it was noted, in microseconds; of one person's, no two are the same."""

    moment: int
    person: bytes
    id: bytes
    reply: bytes


class Debts:
    """Notes, reads and settles what is owed. `warn` is told where something does not open."""

    def __init__(self, database: Database, vault: Vault, *, now: Callable[[], datetime], warn: Callable[[str], None]) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        self._warn = warn

    async def owe(self, person: bytes, reply: bytes) -> bytes | None:
        """Note the reply and return its id; None where the person does not agree to that (see `bot.ports.Store`)."""
        return await self._database.exclusive(partial(self._owe, person=person, reply=reply))

    async def owed(self, platform: str) -> tuple[Owed, ...]:
        """All that is owed on this platform, the oldest first. What does not open is dropped."""
        found: list[tuple[Address, Debt]] = []
        spoilt: list[Which] = []
        rows = await self._database.ask(OWED_TO_ALL)
        for person, mark, sealed, sealed_address in rows:
            try:
                address = unpack_address(self._vault.open(ADDRESS + person, sealed_address))
                found.append((address, self._open(person, mark, sealed)))
            except VaultError:
                spoilt.append((person, mark))
        if spoilt:
            await self._database.exclusive(partial(self._drop, spoilt=spoilt))
        return tuple(
            Owed(address=address, person=debt.person, id=debt.id, reply=debt.reply)
            for address, debt in sorted(found, key=lambda each: each[1].moment)
            if address.platform == platform
        )

    async def settle(self, person: bytes, id: bytes) -> None:  # noqa: A002 - as the port has it
        """Forget this reply; nothing where it is not known."""
        await self._database.tell(SETTLE, whose=person, which=id)

    async def of(self, transaction: Transaction, person: bytes) -> list[Debt]:
        """What this person is owed, the oldest first. What does not open is dropped."""
        found: list[Debt] = []
        spoilt: list[Which] = []
        for whose, mark, sealed in await transaction.run(OWED_TO, whose=person):
            try:
                found.append(self._open(whose, mark, sealed))
            except VaultError:
                spoilt.append((whose, mark))
        if spoilt:
            await self._drop(transaction, spoilt=spoilt)
        return sorted(found, key=lambda debt: debt.moment)

    async def _owe(self, transaction: Transaction, *, person: bytes, reply: bytes) -> bytes | None:
        await require_key(transaction, self._vault)
        if (PROGRESS,) not in await transaction.run(PURPOSES, whose=person):
            return None
        before = await self.of(transaction, person)
        for oldest in before[: 1 - MOST]:
            await transaction.run(SETTLE, whose=person, which=oldest.id)
        # A clock that was set back must not turn their order around.
        last = before[-1].moment if before else 0
        moment = max(micros(self._now()), last + 1)
        mark = os.urandom(ID_BYTES)
        sealed = self._vault.seal(PLACE + person + mark, moment.to_bytes(MOMENT_BYTES, "big") + reply)
        await transaction.run(ADD_OWED, person=person, id=mark, reply=sealed)
        return mark

    async def _drop(self, transaction: Transaction, *, spoilt: Iterable[Which]) -> None:
        await require_key(transaction, self._vault)
        for person, mark in spoilt:
            await transaction.run(SETTLE, whose=person, which=mark)
        transaction.afterwards(partial(self._warn, SPOILT))

    def _open(self, person: bytes, mark: bytes, sealed: bytes) -> Debt:
        plain = self._vault.open(PLACE + person + mark, sealed)
        moment = int.from_bytes(plain[:MOMENT_BYTES], "big")
        return Debt(moment=moment, person=person, id=mark, reply=plain[MOMENT_BYTES:])
