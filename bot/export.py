"""A person's copy of all that is held about them, as two files: JSON, and CSV with one value a row. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.content.render import File


def copies(stored: Mapping[str, Any] | None, remembered: Any, now: datetime) -> tuple[File, File]:
    """The two files. `stored` is what the store holds, decrypted; `remembered` the session in memory, as JSON values."""
    everything = {"exported_at": now.isoformat(timespec="seconds"), "stored": stored, "in_memory": remembered}
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(("where", "value"))
    writer.writerows((where, _unformula(value)) for where, value in _rows(everything, ""))
    return (
        File("closer-export.json", json.dumps(everything, ensure_ascii=False, indent=2).encode("utf-8", "replace")),
        # The byte-order mark lets spreadsheets know that this is UTF-8.
        File("closer-export.csv", table.getvalue().encode("utf-8-sig", "replace")),
    )


def _rows(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _rows(item, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list | tuple) and value:
        for place, item in enumerate(value):
            yield from _rows(item, f"{where}[{place}]")
    else:
        yield where, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _unformula(value: str) -> str:
    """A spreadsheet would run a cell that begins like this (OWASP: CSV injection); a quote before it makes it text."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
