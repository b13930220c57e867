"""Filling a database with people who asked for nudges: valid rows as in crowd.py, plans that the clock can read, a past."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from bench.crowd import Columns, pour
from bot.conversation.facts import NUDGES
from bot.nudges.clock import next_due
from bot.nudges.compose import Sent
from bot.nudges.plan import Plan, pack_past, pack_plan
from bot.nudges.schedule import Schedule
from bot.packing import dumps
from bot.ports import Address
from storage import plans
from storage.moments import micros, month_of
from storage.people import ADDRESS
from storage.tables import consents, nudges, people, sessions
from storage.vault import Vault, pack_address

PLATFORM = "telegram"
# Nobody is due before; from here on, every minute has its share.
BEGIN = datetime(2026, 11, 23, 8, tzinfo=UTC)
ZONES = (
    *("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "Europe/London", "America/Sao_Paulo"),
    *("Asia/Tokyo", "UTC+05:30", "Africa/Lagos", "America/Los_Angeles"),
)
HOURS = tuple(time(hour, minute) for hour in range(9, 21) for minute in (0, 30))
SENT = tuple(Sent(nudge=f"touch.number-{n}", day=739_500 + n, answer="done") for n in range(30))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """What somebody chose, packed, and when theirs is due."""

    plan: bytes
    due_at: int


def fill(folder: Path, number: int) -> None:
    """A database with `number` subscribers, due around the day that begins with BEGIN."""
    pour(folder, (people, consents, sessions, nudges), lambda vault: _rows(vault, number))


def _rows(vault: Vault, number: int) -> Iterator[Columns]:
    """For each person, in the order of the index, the row of each table in the order of its columns."""
    samples, agreed = _samples(), BEGIN.isoformat()
    past = dumps(pack_past(SENT))
    addresses = (Address(platform=PLATFORM, user=str(700_000_000 + n)) for n in range(number))
    for place, (person, user) in enumerate(sorted((vault.person(a), a.user) for a in addresses)):
        packed, sample = pack_address(Address(platform=PLATFORM, user=user)), samples[place * 7919 % len(samples)]
        yield (
            (person, vault.seal(ADDRESS + person, packed)),
            (person, NUDGES, 1, agreed),
            (person, 1, None, False, month_of(BEGIN)),
            (
                person,
                PLATFORM,
                sample.due_at,
                1,
                vault.seal(plans.ADDRESS + person, packed),
                vault.seal(plans.PLAN + person, sample.plan),
                vault.seal(plans.PAST + person, past),
            ),
        )


def _samples() -> list[Sample]:
    """One for each zone, hour and second of the minute over which people are spread."""
    found = []
    for zone in ZONES:
        for at in HOURS:
            plan = Plan(schedule=Schedule(at=at, zone=zone), needs=("touch",), last_day=date(2026, 11, 21))
            slot = next_due(plan.schedule, BEGIN) or BEGIN
            packed = dumps(pack_plan(plan)).decode()
            for second in range(60):
                own = packed.replace('"seed":0', f'"seed":{3_000_000_000 + second}').encode()
                found.append(Sample(plan=own, due_at=micros(slot + timedelta(seconds=second))))
    return found
