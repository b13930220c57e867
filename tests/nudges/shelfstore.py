"""The part of a store that nudges need, in memory and by the letter of the port; and what a test wants to see of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from bot.ports import Address, Claim, Conflict, Counts, Due, Nudging, State, StoreError


@dataclass
class ShelfStore:
    """`fails`: every call raises. `spoilt`: of these only the plan can be read. `meanwhile` is done, one after the other, as a
    record is about to be written.
    """

    rows: dict[bytes, tuple[Address, Nudging]] = field(default_factory=dict)
    deliveries: dict[tuple[bytes, int, int], State] = field(default_factory=dict)
    gone: set[bytes] = field(default_factory=set)
    spoilt: set[bytes] = field(default_factory=set)
    forgotten: list[date] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    fails: bool = False
    meanwhile: list[Callable[[], Any]] = field(default_factory=list)
    kept: dict[bytes, list[Mapping[str, Any]]] = field(default_factory=dict)

    def person(self, address: Address) -> bytes:
        return f"{address.platform}/{address.user}".encode()

    def keep(self, address: Address, plan: bytes, due: datetime | None, past: bytes = b"[]") -> bytes:
        """Somebody in a conversation chose this, whatever was stored before."""
        person = self.person(address)
        version = self.rows[person][1].version + 1 if person in self.rows else 1
        self._put(person, address, Nudging(plan=plan, past=past, due=due, version=version))
        self.gone.discard(person)
        return person

    def erase_now(self, person: bytes) -> None:
        self.rows.pop(person, None)
        self.deliveries = {key: state for key, state in self.deliveries.items() if key[0] != person}

    async def nudging(self, person: bytes) -> Nudging | None:
        self._called("nudging")
        return self.rows[person][1] if person in self.rows else None

    async def due(self, platform: str, now: datetime, most: int) -> Sequence[Due]:
        self._called("due")
        found = [
            Due(person=person, plan=nudging.plan, since=nudging.due, version=nudging.version)
            for person, (address, nudging) in self.rows.items()
            if address.platform == platform and nudging.due is not None and nudging.due <= now
        ]
        return sorted(found, key=lambda due: due.since)[:most]

    async def reach(self, person: bytes) -> tuple[Address, Nudging] | None:
        self._called("reach")
        return None if person in self.spoilt else self.rows.get(person)

    async def claim(self, claims: Sequence[Claim]) -> Sequence[bool]:
        self._called("claim")
        return [self._claimed(claim) for claim in claims]

    def _claimed(self, claim: Claim) -> bool:
        address, nudging = self.rows.get(claim.person, (None, None))
        if address is None or nudging is None or (nudging.due, nudging.version) != (claim.seen, claim.version):
            return False
        self._put(claim.person, address, replace(nudging, due=claim.next, version=nudging.version + 1))
        key = (claim.person, claim.day, claim.slot)
        if key in self.deliveries:
            return False
        self.deliveries[key] = claim.state
        return True

    async def record(self, person: bytes, nudging: Nudging, *, day: int, slot: int, state: State) -> None:
        self._called("record")
        if self.meanwhile and (waits := self.meanwhile.pop(0)()) is not None:
            await waits
        if person not in self.rows or nudging.version != self.rows[person][1].version + 1:
            raise Conflict("somebody else wrote this: load again")
        self._put(person, self.rows[person][0], nudging)
        self.deliveries[person, day, slot] = state

    async def away(self, person: bytes, *, day: int, slot: int) -> None:
        self._called("away")
        if person not in self.rows:
            return
        address, nudging = self.rows[person]
        self._put(person, address, replace(nudging, due=None, version=nudging.version + 1))
        self.deliveries[person, day, slot] = "failed"
        self.gone.add(person)

    async def counts(self, now: datetime, since: date) -> Counts:
        states: dict[str, int] = {}
        for (_, day, _), state in self.deliveries.items():
            if day >= since.toordinal():
                states[state] = states.get(state, 0) + 1
        return Counts(subscribers=self._standing(now), deliveries=states)

    def _standing(self, now: datetime) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for person, (_, nudging) in self.rows.items():
            due = nudging.due
            how = "away" if person in self.gone else "paused" if due is None else "overdue" if due <= now else "due"
            found[how] = found.get(how, 0) + 1
        return found

    async def entries(self, person: bytes) -> Sequence[Mapping[str, Any]]:
        self._called("entries")
        return self.kept.get(person, [])

    async def forget_deliveries(self, before: date) -> int:
        self.forgotten.append(before)
        old = [key for key in self.deliveries if key[1] < before.toordinal()]
        for key in old:
            del self.deliveries[key]
        return len(old)

    async def close(self) -> None:
        """Nothing to close."""

    def states(self) -> list[State]:
        return list(self.deliveries.values())

    def _put(self, person: bytes, address: Address, nudging: Nudging) -> None:
        self.rows[person] = (address, nudging)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.fails:
            raise StoreError("the disk is full: make room")

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nudges have no business with Store.{name}")
