"""What people chose to keep: results and the like. Kind and date are inside the ciphertext, beside the content."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from bot.ports import Entry
from storage.database import Transaction
from storage.sql import ADD_ENTRY, DROP_ENTRIES, ENTRIES
from storage.vault import Vault, place

ID_BYTES = 16
PLACE = place("entries", "content", b"")


async def add_entries(transaction: Transaction, vault: Vault, person: bytes, new: Iterable[Entry]) -> None:
    """Store these entries. Raises TypeError or ValueError for content that is not plain JSON or a naive datetime."""
    for entry in new:
        mark = os.urandom(ID_BYTES)
        sealed = vault.seal(PLACE + person + mark, _pack(entry))
        await transaction.run(ADD_ENTRY, person=person, id=mark, content=sealed)


async def drop_entries(transaction: Transaction, person: bytes) -> None:
    """Remove all entries of this person."""
    await transaction.run(DROP_ENTRIES, whose=person)


async def read_entries(transaction: Transaction, vault: Vault, person: bytes) -> list[dict[str, Any]]:
    """All entries of this person as JSON-ready values (kind, at, content), the oldest first."""
    rows = await transaction.run(ENTRIES, whose=person)
    opened: list[dict[str, Any]] = [json.loads(vault.open(PLACE + person + mark, sealed)) for mark, sealed in rows]
    return sorted(opened, key=lambda entry: (entry["at"], entry["kind"]))


def _pack(entry: Entry) -> bytes:
    if entry.at.tzinfo is None:
        raise ValueError("an entry needs an aware datetime: pass one with tzinfo")
    at = entry.at.astimezone(UTC).isoformat()
    fields = {"kind": entry.kind, "at": at, "content": dict(entry.content)}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "surrogatepass")
