"""What stands where DATABASE_URL points, looked at without making, migrating or moving anything."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bot.ports import StoreError
from storage.dialect import engine_of
from storage.files import exists
from storage.schema import HEAD
from storage.sqlite import locate
from storage.sqlite_copies import revision_of

FILES = "sqlite"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """`engine`; `revision` of the schema, None where there is none yet or only opening tells; `current` is this version's."""

    engine: str
    revision: str | None
    current: str = HEAD


def found(url: str) -> Found:
    """Look. Blocking. Raises StoreError with the remedy where it cannot be used."""
    engine = engine_of(url)
    if engine != FILES:
        return Found(engine=engine, revision=None)
    path = locate(url)
    _require_room(path)
    return Found(engine=engine, revision=revision_of(path))


def _require_room(path: Path) -> None:
    """Refuse a place where nothing can be written."""
    place = path.absolute()
    while not exists(place) and place != place.parent:
        place = place.parent
    for each in {place, place.parent if place.is_file() else place}:
        if not os.access(each, os.W_OK):
            raise StoreError(f"{each} cannot be written to: give its user the right to, or point DATABASE_URL elsewhere.")
