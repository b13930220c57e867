"""The loop that sends one platform's nudges: due -> claim -> note -> deliver -> record. Thin: what is decided is `moment`'s.

At most once. A moment is claimed, then what leaves is noted as sent in the person's own records, and only then does it leave;
how it went is recorded last. So a crash at any point loses what was in flight, leaves it visible as "claimed", and sends
nothing twice: neither that moment, nor, on another day, the same text; and the buttons of what has arrived always find what
they are about. Where it surely did not arrive, the note is taken back.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.log import log
from bot.meter import LATE, Meter
from bot.nudges.moment import Moment, Outgoing, Stock, lately, moment, outgoing
from bot.nudges.plan import UnreadablePlan
from bot.ports import Address, Conflict, Courier, GivenUp, Nudging, State, Store, StoreError, Unreachable

# Seconds: between polls; until room is looked for again; to finish what is in flight at the end; and after a fault of the
# store, doubling.
POLL, SOON, LAST_ORDERS = 15.0, 1.0, 4.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0
# How many may be in flight: what a kill can lose at most, and some two seconds of sending.
AT_ONCE = 64
# How often something is written anew where the person writes at the same time.
ATTEMPTS = 4
KEPT = timedelta(days=35)


@dataclass(frozen=True, kw_only=True)
class Means:
    """What every loop of the process works with. `chance` gives numbers from 0 to 1; `meter` None: nothing is measured."""

    store: Store
    stock: Stock
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    meter: Meter | None = None


class Loop:
    """Sends what is due on the platform of this courier, `at_once` at the same time at most. Whatever else is due waits in the
    store, the longest due first; what has become too late there is skipped.
    """

    def __init__(self, courier: Courier, means: Means, *, at_once: int = AT_ONCE) -> None:
        self.name = courier.name
        self._courier, self._means, self._at_once = courier, means, at_once
        self._store = means.store
        self._under_way: set[asyncio.Task[None]] = set()
        self._stopping, self._room = asyncio.Event(), asyncio.Event()
        self._pause = 0.0
        self._forgot: date | None = None

    async def run(self) -> None:
        """Send until `stop`. No fault ends it."""
        while not self._stopping.is_set():
            await self._round()
        await self._finish()

    async def stop(self) -> None:
        """Take nothing new; `run` returns within seconds. What has not left by then stays "claimed"."""
        self._stopping.set()

    # -- taking ---------------------------------------------------------------------------------------------------

    async def _round(self) -> None:
        """One poll, and the rest after it."""
        try:
            full = await self._take()
            await self._forget()
        except Exception as error:  # noqa: BLE001 - whatever it is, it may pass; conversations go on meanwhile
            self._pause = min(max(FIRST_PAUSE, self._pause * 2), LONGEST_PAUSE)
            self._failed(error, "nudges_not_taken")
            await self._rest(self._pause)
            return
        self._pause = 0.0
        if full and len(self._under_way) > self._at_once // 2:
            await self._rest(SOON, self._room)
        elif full:
            await asyncio.sleep(0)  # what was skipped makes no work: thousands are gone through in a second
        else:
            await self._rest(POLL * (0.8 + 0.4 * self._means.chance()))

    async def _take(self) -> bool:
        """Claim what is due, as far as there is room. True where more may be waiting."""
        now, most = self._means.clock(), self._at_once - len(self._under_way)
        if most <= 0:
            return True
        found = [moment(due, now) for due in await self._store.due(self.name, now, most)]
        if found:
            won = await self._store.claim([here.claim for here in found])
            for here, ours in zip(found, won, strict=True):
                if ours and here.claim.state == "claimed":
                    self._begin(here)
            skipped = sum(here.claim.state == "skipped" for here in found)
            self._count("due", sum(won))
            self._count("skipped", sum(ours and here.claim.state == "skipped" for here, ours in zip(found, won, strict=True)))
            log("info", "nudges_taken", platform=self.name, due=len(found), ours=sum(won), skipped=skipped)
        return len(found) == most

    def _begin(self, here: Moment) -> None:
        task = asyncio.create_task(self._see_to(here))
        self._under_way.add(task)
        self._room.clear()
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if len(self._under_way) <= self._at_once // 2:
            self._room.set()

    async def _rest(self, seconds: float, early: asyncio.Event | None = None) -> None:
        """Wait so long, or until the end, or until there is room."""
        waits = [asyncio.ensure_future(self._means.sleep(seconds)), asyncio.ensure_future(self._stopping.wait())]
        if early is not None:
            waits.append(asyncio.ensure_future(early.wait()))
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)

    async def _forget(self) -> None:
        """Once a day: what became of nudges is kept for five weeks."""
        today = self._means.clock().date()
        if self._forgot != today:
            await self._store.forget_deliveries(today - KEPT)
            self._forgot = today

    async def _finish(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LAST_ORDERS)
        left = tuple(self._under_way)
        for task in left:
            task.cancel()
        if left:
            log("warning", "nudges_unfinished", platform=self.name, count=len(left))
            await asyncio.gather(*left, return_exceptions=True)

    # -- one of them ----------------------------------------------------------------------------------------------

    async def _see_to(self, here: Moment) -> None:
        try:
            noted = await self._note(here)
            if noted is not None:
                await self._deliver(here, *noted)
        except Exception as error:  # noqa: BLE001 - it stays "claimed", and nobody else's waits for it
            self._failed(error, "nudge_lost")

    async def _note(self, here: Moment) -> tuple[Address, Outgoing] | None:
        """Write what is going to be sent before it is, and where to; None where nothing is to be sent any more."""
        happened = here.kind != "week" or lately(await self._store.entries(here.due.person), self._means.clock())
        for _ in range(ATTEMPTS):
            found = await self._store.reach(here.due.person)
            if found is None:
                await self._away(here)
                return None
            address, stored = found
            try:
                leaving = outgoing(here, stored, self._means.clock(), self._means.stock, happened=happened)
                await self._write(here, leaving.noted, "claimed" if leaving.bubbles else "skipped")
            except UnreadablePlan:
                log("error", "nudge_plan_unreadable", platform=self.name)
                await self._record(here, replace(_kept(stored), due=None), "failed")
                return None
            except Conflict:
                continue
            if leaving.bubbles:
                return address, leaving
            self._count("skipped")
            return None
        raise Conflict("this person writes all the time")

    async def _deliver(self, here: Moment, address: Address, leaving: Outgoing) -> None:
        try:
            await self._courier.deliver(address, leaving.bubbles, leaving.within)
        except Unreachable:
            await self._away(here)
        except GivenUp as error:
            self._count("failed")
            log("info", "nudge_failed", platform=self.name, perhaps=error.perhaps)
            await self._record(here, _kept(leaving.noted) if error.perhaps else leaving.unsent, "failed")
        else:
            self._count("sent")
            if (self._means.clock() - here.claim.seen).total_seconds() > LATE:
                self._count("late")
            await self._record(here, _kept(leaving.noted), "sent")

    async def _away(self, here: Moment) -> None:
        self._count("failed")
        await self._store.away(here.due.person, day=here.claim.day, slot=here.claim.slot)

    async def _record(self, here: Moment, nudging: Nudging, state: State) -> None:
        """Write how it went. Where the person has changed something since, that stays as it is."""
        for _ in range(ATTEMPTS):
            with contextlib.suppress(Conflict):
                await self._write(here, nudging, state)
                return
            stored = await self._store.nudging(here.due.person)
            if stored is None:
                return
            nudging = _kept(stored)
        raise Conflict("this person writes all the time")

    async def _write(self, here: Moment, nudging: Nudging, state: State) -> None:
        await self._store.record(here.due.person, nudging, day=here.claim.day, slot=here.claim.slot, state=state)

    def _count(self, state: str, many: int = 1) -> None:
        if self._means.meter is not None:
            self._means.meter.add("nudges", self.name, state, by=many)

    def _failed(self, error: Exception, event: str) -> None:
        if self._means.meter is not None and isinstance(error, StoreError):
            self._means.meter.add("store_failures")
        remedy = str(error) if isinstance(error, StoreError) else ""
        log("error", event, platform=self.name, kind=type(error).__name__, remedy=remedy)


def _kept(stored: Nudging) -> Nudging:
    """The same, written once more."""
    return replace(stored, version=stored.version + 1)
