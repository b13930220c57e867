"""All that is stored of one person, decrypted, as JSON-ready values: nothing left out, nothing added but the date.

Since when a reply is owed shows in its place among the others.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from storage.database import Transaction
from storage.entries import read_entries
from storage.owed import Debts
from storage.people import ADDRESS
from storage.plans import opened
from storage.sessions import PLACE
from storage.sql import CONSENTS, DELIVERIES, NUDGING, PERSON
from storage.vault import Vault, unpack_address


async def export(
    transaction: Transaction, *, vault: Vault, debts: Debts, person: bytes, at: datetime
) -> Mapping[str, Any] | None:
    """The person's data as of one moment; None if there are none. Raises VaultError where something does not open.

    Only a reply that is owed and does not open is left out, and dropped.
    """
    rows = await transaction.run(PERSON, whose=person)
    if not rows:
        return None
    sealed_address, version, sealed, away, month = rows[0]
    address = unpack_address(vault.open(ADDRESS + person, sealed_address))
    agreements = await transaction.run(CONSENTS, whose=person)
    return {
        "exported_at": at.isoformat(),
        "address": {"platform": address.platform, "user": address.user},
        "consents": [{"purpose": purpose, "version": number, "at": when} for purpose, number, when in agreements],
        "turns": version,
        "last_month": f"{month // 12:04}-{month % 12 + 1:02}",
        "session": None if sealed is None else _readable(vault.open(PLACE + person, sealed)),
        "entries": await read_entries(transaction, vault, person),
        "owed": [_readable(debt.reply) for debt in await debts.of(transaction, person)],
        "nudges": await _nudges(transaction, vault, person, away=bool(away)),
    }


async def _nudges(transaction: Transaction, vault: Vault, person: bytes, *, away: bool) -> Mapping[str, Any] | None:
    rows = await transaction.run(NUDGING, whose=person)
    if not rows:
        return None
    nudging = opened(vault, person, *rows[0])
    return {
        "due": None if nudging.due is None else nudging.due.isoformat(),
        "changes": nudging.version,
        "away": away,
        "plan": _readable(nudging.plan),
        "past": _readable(nudging.past),
        "deliveries": [
            {
                "day": date.fromordinal(day).isoformat(),
                "slot": slot,
                "state": state,
                "at": datetime.fromtimestamp(at, UTC).isoformat(),
            }
            for day, slot, state, at in await transaction.run(DELIVERIES, whose=person)
        ],
    }


def _readable(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return {"base64": base64.b64encode(content).decode("ascii")}
