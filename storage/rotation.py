"""Changing the key: everything is hashed and sealed anew under the first key, in one transaction, while nobody writes.

Runs when the database is opened with a new first key and its old one still listed. Afterwards the old key can go.
"""

from __future__ import annotations

from storage import entries as kept
from storage import owed, plans
from storage.database import Transaction
from storage.erasure import OWED
from storage.people import ADDRESS, KEY
from storage.sessions import PLACE
from storage.sql import (
    ADD_CONSENT,
    ADD_ENTRY,
    ADD_OWED,
    CONSENTS,
    DELIVERIES,
    ENTRIES,
    EVERYBODY,
    NUDGING_WHOLE,
    OWED_TO,
    PERSON,
    PUT_DELIVERY,
    PUT_META,
    PUT_NUDGING,
    PUT_PERSON,
    PUT_SESSION,
    REMOVE,
)
from storage.vault import Vault, VaultError, unpack_address


async def rotate(transaction: Transaction, vault: Vault) -> int:
    """Move everybody under the vault's first key; return how many. The caller holds the transaction."""
    everybody = await transaction.run(EVERYBODY)
    for (person,) in everybody:
        await _move(transaction, vault, person)
    await note_key(transaction, vault)
    # What stood under the old key must go from the files, too.
    await transaction.run(PUT_META, name=OWED, value=b"")
    return len(everybody)


async def note_key(transaction: Transaction, vault: Vault) -> None:
    """Note which key the database is under, as a check value that does not reveal it."""
    await transaction.run(PUT_META, name=KEY, value=vault.checks[0])


async def _move(transaction: Transaction, vault: Vault, old: bytes) -> None:
    sealed_address, version, sealed, away, month = (await transaction.run(PERSON, whose=old))[0]
    address = vault.open(ADDRESS + old, sealed_address)
    new = vault.person(unpack_address(address))
    agreements = await transaction.run(CONSENTS, whose=old)
    entries = await transaction.run(ENTRIES, whose=old)
    debts = await transaction.run(OWED_TO, whose=old)
    nudging = await transaction.run(NUDGING_WHOLE, whose=old)
    deliveries = await transaction.run(DELIVERIES, whose=old)
    # First out, then in: a rotation back to an earlier key may give the very same hash.
    await transaction.run(REMOVE, whose=old)
    await transaction.run(PUT_PERSON, person=new, address=vault.seal(ADDRESS + new, address))
    for purpose, number, at in agreements:
        await transaction.run(ADD_CONSENT, person=new, purpose=purpose, version=number, at=at)
    session = None if sealed is None else vault.seal(PLACE + new, vault.open(PLACE + old, sealed))
    await transaction.run(PUT_SESSION, person=new, version=version, session=session, away=away, month=month)
    for mark, content in entries:
        plain = vault.open(kept.PLACE + old + mark, content)
        await transaction.run(ADD_ENTRY, person=new, id=mark, content=vault.seal(kept.PLACE + new + mark, plain))
    for _, mark, reply in debts:
        moved = _moved(vault, owed.PLACE, old + mark, new + mark, reply)
        await transaction.run(ADD_OWED, person=new, id=mark, reply=moved)
    for platform, number, due_at, plan, past in nudging:
        columns = {
            "address": vault.seal(plans.ADDRESS + new, address),
            "plan": _moved(vault, plans.PLAN, old, new, plan),
            "past": _moved(vault, plans.PAST, old, new, past),
        }
        await transaction.run(PUT_NUDGING, person=new, platform=platform, version=number, due_at=due_at, **columns)
    for day, slot, state, at in deliveries:
        await transaction.run(PUT_DELIVERY, person=new, day=day, slot=slot, state=state, at=at)


def _moved(vault: Vault, place: bytes, old: bytes, new: bytes, sealed: bytes) -> bytes:
    try:
        return vault.seal(place + new, vault.open(place + old, sealed))
    except VaultError:
        # Nothing under the old key may stay. Sealed for nowhere, it is dropped, with a word, by who reads it next.
        return vault.seal(b"", b"")
