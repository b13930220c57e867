"""How an hour, days of the week and a place stand in a session: plain text that a dialog takes apart again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from bot.understanding.atlas import Place


def pack_hour(at: time) -> str:
    """20:15"""
    return at.isoformat("minutes")


def unpack_hour(value: str) -> time:
    """Raises ValueError."""
    return time.fromisoformat(value)


def pack_days(chosen: Sequence[int]) -> str:
    """0.2.4, Monday being 0."""
    return ".".join(map(str, chosen))


def unpack_days(value: str) -> tuple[int, ...]:
    """Raises ValueError."""
    return tuple(sorted({int(day) for day in value.split(".")}))


def pack_place(found: Place) -> str:
    """Europe/Berlin|Berlin|DE|, the last a state's letters."""
    return f"{found.zone}|{found.name}|{found.country}|{found.region}"


def unpack_place(value: str) -> Place:
    """What is missing is empty."""
    zone, name, country, region, *_ = (*value.split("|"), "", "", "")
    return Place(zone=zone, name=name, country=country, region=region)
