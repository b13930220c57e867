"""What is kept of one person's nudges: address, plan and past sealed, when the next is due readable. No loop and no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.ports import Address, Conflict, Nudging, State
from storage.database import Transaction
from storage.moments import maybe_micros, moment_of
from storage.sql import NUDGING_VERSION, PUT_DELIVERY, PUT_NUDGING
from storage.vault import Vault, pack_address, place

ADDRESS = place("nudges", "address", b"")
PLAN = place("nudges", "plan", b"")
PAST = place("nudges", "past", b"")
STALE = "This person's nudges were written or erased by somebody else: load them again and redo it."


def opened(vault: Vault, person: bytes, version: int, due_at: int | None, plan: bytes, past: bytes) -> Nudging:
    """A stored row as the port has it. Raises VaultError where it does not open."""
    return Nudging(
        plan=vault.open(PLAN + person, plan),
        past=vault.open(PAST + person, past),
        due=None if due_at is None else moment_of(due_at),
        version=version,
    )


def sealed(vault: Vault, person: bytes, nudging: Nudging) -> Mapping[str, Any]:
    """The columns that change with every writing, by name."""
    return {
        "version": nudging.version,
        "due_at": maybe_micros(nudging.due),
        "plan": vault.seal(PLAN + person, nudging.plan),
        "past": vault.seal(PAST + person, nudging.past),
    }


async def put_nudging(transaction: Transaction, vault: Vault, person: bytes, address: Address, nudging: Nudging) -> None:
    """Store what a turn made of them. Raises Conflict where the version does not follow the stored one."""
    stored = await transaction.run(NUDGING_VERSION, whose=person)
    if nudging.version != (stored[0][0] if stored else 0) + 1:
        raise Conflict(STALE)
    where = {"platform": address.platform, "address": vault.seal(ADDRESS + person, pack_address(address))}
    await transaction.run(PUT_NUDGING, person=person, **where, **sealed(vault, person, nudging))


async def put_delivery(transaction: Transaction, person: bytes, *, day: int, slot: int, state: State, at: datetime) -> None:
    """Note how the delivery of that day and slot went."""
    await transaction.run(PUT_DELIVERY, person=person, day=day, slot=slot, state=state, at=int(at.timestamp()))
