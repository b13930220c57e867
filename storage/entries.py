"""What people chose to keep: results and the like. Kind and date are inside the ciphertext, beside the content."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC
from typing import Any

from bot.conversation.effects import purpose_of
from bot.ports import Entry
from storage.database import Database, Transaction
from storage.dialect import Rows
from storage.sql import ADD_ENTRY, DROP_ENTRY, ENTRIES
from storage.vault import Vault, VaultError, place

ID_BYTES = 16
SPOILT = "entry_unreadable"
# So many are opened within a millisecond.
FEW = 100
PLACE = place("entries", "content", b"")


async def add_entries(transaction: Transaction, vault: Vault, person: bytes, new: Iterable[Entry]) -> None:
    """Store these entries. Raises TypeError or ValueError for content that is not plain JSON or a naive datetime."""
    for entry in new:
        mark = os.urandom(ID_BYTES)
        sealed = vault.seal(PLACE + person + mark, _pack(entry))
        await transaction.run(ADD_ENTRY, person=person, id=mark, content=sealed)


async def drop_entries(transaction: Transaction, person: bytes, marks: Iterable[bytes]) -> list[bytes]:
    """Remove the entries of these ids; return what was sealed in them."""
    return [sealed for mark in marks for (sealed,) in await transaction.run(DROP_ENTRY, whose=person, which=mark)]


async def kept_for(transaction: Transaction, vault: Vault, person: bytes, purposes: Collection[str]) -> list[bytes]:
    """The ids of what was kept for these purposes. What does not open is among them: nobody can tell what it was for."""
    rows = await transaction.run(ENTRIES, whose=person) if purposes else []
    return [mark for mark, sealed in rows if _purpose(vault, person, mark, sealed) in {*purposes, None}]


async def read_entries(transaction: Transaction, vault: Vault, person: bytes) -> list[dict[str, Any]]:
    """All entries of this person as JSON-ready values (kind, at, content), the oldest first."""
    rows = await transaction.run(ENTRIES, whose=person)
    opened: list[dict[str, Any]] = [json.loads(vault.open(PLACE + person + mark, sealed)) for mark, sealed in rows]
    return _in_order(opened)


class Entries:
    """Reads what people kept, beside whatever is being written."""

    def __init__(self, database: Database, vault: Vault, *, warn: Callable[[str], None]) -> None:
        self._database, self._vault, self._warn = database, vault, warn

    async def of(self, person: bytes) -> Sequence[dict[str, Any]]:
        """All entries of this person with their ids, the oldest first. One that does not open is left out."""
        rows = await self._database.ask(ENTRIES, whose=person)
        # Years of them take a while to open: nobody else waits for that.
        opened = await asyncio.to_thread(self._opened, person, rows) if len(rows) > FEW else self._opened(person, rows)
        if len(opened) < len(rows):
            self._warn(SPOILT)
        return opened

    def _opened(self, person: bytes, rows: Rows) -> list[dict[str, Any]]:
        found = []
        for mark, sealed in rows:
            with contextlib.suppress(VaultError, ValueError):
                found.append({"id": mark.hex(), **json.loads(self._vault.open(PLACE + person + mark, sealed))})
        return _in_order(found)


def _in_order(opened: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(opened, key=lambda entry: (entry["at"], entry["kind"]))


def _purpose(vault: Vault, person: bytes, mark: bytes, sealed: bytes) -> str | None:
    try:
        return purpose_of(json.loads(vault.open(PLACE + person + mark, sealed))["kind"])
    except (VaultError, ValueError):
        return None


def _pack(entry: Entry) -> bytes:
    if entry.at.tzinfo is None:
        raise ValueError("an entry needs an aware datetime: pass one with tzinfo")
    at = entry.at.astimezone(UTC).isoformat()
    fields = {"kind": entry.kind, "at": at, "content": dict(entry.content)}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "surrogatepass")
